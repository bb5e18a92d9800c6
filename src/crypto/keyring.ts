/** The data keys of one workspace, made and opened with the key providers. Storing the text is the vault's. */

import { equalBytes } from '../bytes.ts'
import { codeOf, GuillemetError, type UnreadableReason } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { KeyProvider, WrappedKey } from '../ports/key-provider.ts'
import { wrapAad } from './aad.ts'
import { KEY_BYTES } from './box.ts'
import { createDataKey, type DataKey, dataKey, keyIdBytes } from './data-key.ts'
import {
  type KeyEntry,
  type KeySlot,
  keyringMac,
  MAX_WRAPPED_BYTES,
  readKeyringBody,
  writeKeyringBody,
} from './keyring-body.ts'
import { isKeyVersion, isProviderId } from './provider-id.ts'

/** The opened data keys of a workspace. Printed or serialised it shows ids only. */
export interface Keyring {
  /** 1 for the first, and one more with every change. */
  readonly sequence: number
  /** The ids of the data keys that could be opened, the active one first. */
  readonly ids: readonly string[]
  /** The data key that seals. */
  readonly active: DataKey
  /** The data key of an id, or undefined where it is unknown, destroyed, or no given provider has a slot for it. */
  key(id: string): DataKey | undefined
}

/**
 * A new keyring with one data key, wrapped by the first provider.
 *
 * @returns the opened keyring, and the text to store
 * @throws ERR_INVALID_KEY when there is no provider, an id is not valid or used twice, or the provider refuses or breaks its
 *   port
 * @throws ERR_STORAGE_UNAVAILABLE when the provider fails in another way
 */
export async function createKeyring(
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<{ keyring: Keyring; body: string }> {
  const first = requireProviders(providers)[0]!
  const active = createDataKey()
  const keys: KeyEntry[] = [{ id: active.id, state: 'active', slots: [await wrap(active, workspace, first)] }]
  const content = { sequence: 1, keys, withdrawn: [] }
  const body = writeKeyringBody({ ...content, mac: keyringMac(workspace, content, active) })
  return { keyring: new OpenedKeyring(1, [active]), body }
}

/**
 * Opens a keyring. For each data key the first given provider that has a slot and unwraps it is enough.
 *
 * @throws ERR_RECORD_CORRUPT when the text is not a keyring; ERR_NEWER_FORMAT when a newer release has made it
 * @throws ERR_RECORD_UNREADABLE with `reason`: `key-unknown` (no provider has a slot), `key-corrupt` (what was
 *   unwrapped does not match the key id), `moved` (a slot does not unwrap: edited, or of another workspace), `tampered`
 *   (the HMAC over all entries, states and the sequence does not match)
 * @throws ERR_INVALID_KEY when there is no provider, an id is not valid or used twice, or a passphrase is wrong
 * @throws ERR_STORAGE_UNAVAILABLE when a provider fails in another way
 */
export async function openKeyring(
  body: string,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<Keyring> {
  requireProviders(providers)
  const content = readKeyringBody(body)
  const { sequence, keys, mac } = content
  const opened: DataKey[] = []
  try {
    const active = await unwrap(keys.find(({ state }) => state === 'active')!, workspace, providers)
    if (active === undefined) throw unreadableKeyring('key-unknown')
    opened.push(active)
    // before any other slot is looked at: what is not authenticated is not worked on
    if (!equalBytes(keyringMac(workspace, content, active), mac)) throw unreadableKeyring('tampered')
    // one after the other: a passphrase takes 128 MiB for each
    for (const entry of keys) {
      const key = entry.state === 'retired' ? await unwrap(entry, workspace, providers) : undefined
      if (key !== undefined) opened.push(key)
    }
    return new OpenedKeyring(sequence, opened)
  } catch (error) {
    for (const key of opened) key.bytes.fill(0)
    throw error
  }
}

/** Zeroes the bytes of every data key; nothing can be sealed or opened with them afterwards. */
export function wipe(keyring: Keyring): void {
  for (const id of keyring.ids) keyring.key(id)!.bytes.fill(0)
}

// private fields: printing or serialising a keyring shows sequence and ids
class OpenedKeyring implements Keyring {
  readonly sequence: number
  readonly ids: readonly string[]
  readonly #active: DataKey
  readonly #keys: ReadonlyMap<string, DataKey>

  constructor(sequence: number, keys: readonly DataKey[]) {
    this.sequence = sequence
    this.ids = keys.map(({ id }) => id)
    this.#active = keys[0]!
    this.#keys = new Map(keys.map((key) => [key.id, key]))
  }

  get active(): DataKey {
    return this.#active
  }

  key(id: string): DataKey | undefined {
    return this.#keys.get(id)
  }
}

function requireProviders(providers: readonly KeyProvider[]): readonly KeyProvider[] {
  const ids = providers.map(({ id }) => id)
  if (ids.length === 0)
    throw invalidProvider('There is no key provider; give a key, for example one from generateKey().')
  if (!ids.every(isProviderId)) {
    throw invalidProvider(
      'The id of a key provider must be 1 to 128 characters of printable ASCII; give it another id.',
    )
  }
  if (new Set(ids).size !== ids.length) {
    throw invalidProvider(
      'Two key providers have the same id; give each key once, and each passphrase an id of its own.',
    )
  }
  return providers
}

async function wrap(key: DataKey, workspace: string, provider: KeyProvider): Promise<KeySlot> {
  const handed = key.bytes.slice() // a provider may wipe what it is given
  try {
    const wrapped = await provider.wrap(handed, wrapAad(workspace, keyIdBytes(key.id)!, provider.id))
    const slot = slotOf(provider.id, wrapped)
    if (slot !== undefined) return slot
  } catch (error) {
    throw providerFailure(error)
  } finally {
    handed.fill(0)
  }
  throw invalidProvider(
    'A key provider did not wrap a data key into { bytes, keyVersion? } with 1 to 4096 bytes and a version of 1 to 256 characters of printable ASCII; see its documentation.',
  )
}

/** What a provider answered, by own key and copied; undefined where it breaks its port. */
function slotOf(provider: string, answer: unknown): KeySlot | undefined {
  if (typeof answer !== 'object') return undefined
  const bytes = ownValue(answer, 'bytes')
  const keyVersion = ownValue(answer, 'keyVersion')
  if (!(bytes instanceof Uint8Array) || bytes.length === 0 || bytes.length > MAX_WRAPPED_BYTES) return undefined
  const wrapped = Uint8Array.from(bytes)
  return keyVersion === undefined || isKeyVersion(keyVersion) ? { provider, keyVersion, wrapped } : undefined
}

/** A slot as its provider gave it: a copy, and without a prototype, so that an absent version is absent. */
function wrappedOf({ wrapped, keyVersion }: KeySlot): WrappedKey {
  return withoutPrototype(
    keyVersion === undefined ? { bytes: wrapped.slice() } : { bytes: wrapped.slice(), keyVersion },
  )
}

/** The data key of an entry; undefined where no provider has a slot. The first failure is thrown if none unwraps. */
async function unwrap(
  { id, slots }: KeyEntry,
  workspace: string,
  providers: readonly KeyProvider[],
): Promise<DataKey | undefined> {
  let failure: GuillemetError | undefined
  for (const provider of providers) {
    const slot = slots.find((one) => one.provider === provider.id)
    if (slot === undefined) continue
    try {
      const bytes = await provider.unwrap(wrappedOf(slot), wrapAad(workspace, keyIdBytes(id)!, provider.id))
      const key = bytes instanceof Uint8Array && bytes.length === KEY_BYTES ? dataKey(bytes) : undefined
      if (key?.id === id) return key
      key?.bytes.fill(0)
      failure ??= unreadableKeyring('key-corrupt')
    } catch (error) {
      failure ??= providerFailure(error)
    }
  }
  if (failure !== undefined) throw failure
  return undefined
}

/** What a provider threw, as an error that holds nothing of a foreign one: its message may repeat what it was given. */
function providerFailure(error: unknown): GuillemetError {
  const code = codeOf(error)
  if (code === 'ERR_RECORD_UNREADABLE') return unreadableKeyring('moved')
  if (code === 'ERR_INVALID_KEY') {
    return error instanceof GuillemetError
      ? error
      : invalidProvider('A key provider says that its key is not the right one; give the key that wrapped the keyring.')
  }
  // a provider of this library says which service, device or keychain has failed, and why that usually is
  if (code === 'ERR_STORAGE_UNAVAILABLE' && error instanceof GuillemetError) return error
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    'A key provider failed; check that its service can be reached and permits the use of its key, then try again.',
  )
}

function invalidProvider(message: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', message)
}

const KEYRING_FAULTS = {
  'key-unknown': 'was sealed with another key than the one given; give the key that it was made with.',
  'key-corrupt': 'holds a data key that does not match its id; check that the key provider works, or restore a backup.',
  moved: 'holds a slot that does not unwrap; it was edited, or belongs to another workspace. Restore it from a backup.',
  tampered: 'was edited: its HMAC does not match. Restore it from a backup.',
} satisfies Partial<Record<UnreadableReason, string>>

function unreadableKeyring(reason: keyof typeof KEYRING_FAULTS): GuillemetError {
  return new GuillemetError('ERR_RECORD_UNREADABLE', `The keyring ${KEYRING_FAULTS[reason]}`, { reason })
}
