/** The data keys of one workspace, made and opened with the key providers. Storing the text is the vault's. */

import { equalBytes } from '../bytes.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { createDataKey, type DataKey } from './data-key.ts'
import {
  type KeyEntry,
  type KeyringContent,
  type KeySlot,
  keyringMac,
  readKeyringBody,
  writeKeyringBody,
} from './keyring-body.ts'
import { unknownKeys, unreadableKeyring } from './keyring-faults.ts'
import { type OnFailedProvider, unwrapEntry, wrapDataKeyBy } from './provider-calls.ts'

/** The opened data keys of a workspace. Printed or serialised it shows ids only. */
export interface Keyring {
  /** 1 for the first, and one more with every change. */
  readonly sequence: number
  /** The ids of the data keys that could be opened, the active one first. */
  readonly ids: readonly string[]
  /** The data key that seals. */
  readonly active: DataKey
  /** What is stored of it: every data key with its state and slots, and the withdrawn providers. */
  readonly content: KeyringContent
  /** The data key of an id, or undefined where it is unknown, destroyed, or no given provider has a slot for it. */
  key(id: string): DataKey | undefined
  /** Why a retired data key did not open although a given provider has a slot for it; undefined for every other id. */
  failureOf(id: string): unknown
}

/**
 * A new keyring with one data key, wrapped by every one of the providers: whoever gives a second key does so for the day on
 * which the first is lost.
 *
 * @param providers at least one, each with a valid id of its own: `readKeys` sees to it
 * @param sequence more than 1 where it takes the place of one that opens with no key any more. @default 1
 * @returns the opened keyring, and the text to store
 * @throws ERR_INVALID_KEY when a provider refuses or breaks its port
 * @throws ERR_STORAGE_UNAVAILABLE when a provider fails in another way
 */
export async function createKeyring(
  workspace: string,
  providers: readonly KeyProvider[],
  sequence = 1,
): Promise<{ keyring: Keyring; body: string }> {
  const active = createDataKey()
  const slots: KeySlot[] = []
  try {
    // one after the other: a passphrase takes 128 MiB for each
    for (const provider of providers) slots.push(await wrapDataKeyBy(provider, active, workspace))
  } catch (error) {
    active.wipe()
    throw error
  }
  const keys: KeyEntry[] = [{ id: active.id, state: 'active', slots }]
  const content = { sequence, keys, withdrawn: [] }
  const body = writeKeyringBody({ ...content, mac: keyringMac(workspace, content, active) })
  return { keyring: new OpenedKeyring(content, [active]), body }
}

/** The text of a new keyring. It is opened anew from what is stored, so that there is one copy of each data key. */
export async function newKeyringBody(...given: Parameters<typeof createKeyring>): Promise<string> {
  const { keyring, body } = await createKeyring(...given)
  wipe(keyring)
  return body
}

/**
 * Opens a keyring. For each data key one given provider that has a slot and unwraps it is enough: they are asked in their
 * order, the next one also when one does not answer at once. A retired data key that does not open keeps nobody from the
 * others: what was wrong is remembered for the records that need it.
 *
 * @param known of the same workspace, opened before: its data keys are taken over and not unwrapped again, so that there
 *   is one copy of each
 * @param onFailed told of each provider that did not unwrap what another one did
 * @throws ERR_RECORD_CORRUPT when the text is not a keyring; ERR_NEWER_FORMAT when a newer release has made it
 * @throws ERR_RECORD_UNREADABLE with `reason`: `key-unknown` (no provider has a slot), `key-corrupt` (what was
 *   unwrapped does not match the key id), `moved` (a slot does not unwrap: edited, or of another workspace), `tampered`
 *   (the HMAC over all entries, states and the sequence does not match)
 * @throws ERR_INVALID_KEY when a passphrase is wrong
 * @throws ERR_STORAGE_UNAVAILABLE when a provider fails in another way at the active data key
 */
export async function openKeyring(
  body: string,
  workspace: string,
  providers: readonly KeyProvider[],
  known?: Keyring,
  onFailed?: OnFailedProvider,
): Promise<Keyring> {
  const given = providers.map(({ id }) => id)
  const { mac, ...content } = readKeyringBody(body)
  const entry = content.keys.find(({ state }) => state === 'active')!
  const wanted = entry.slots.map(({ provider }) => provider)
  // also where its data keys are known: a key that was withdrawn must not go on writing
  if (!given.some((id) => wanted.includes(id))) throw unknownKeys(wanted, given, content.withdrawn)
  const unwrapped: DataKey[] = []
  let asked = providers
  const keyOf = async (one: KeyEntry): Promise<DataKey | undefined> => {
    const found = known?.key(one.id)
    if (found !== undefined) return found
    const answer = await unwrapEntry(one, workspace, asked, onFailed)
    if (answer === undefined) return undefined
    unwrapped.push(answer.key)
    // the one that answered first, so that an outage is waited for once and not for each data key
    asked = [answer.provider, ...providers.filter((provider) => provider !== answer.provider)]
    return answer.key
  }
  try {
    const opened = [(await keyOf(entry))!]
    // before any other slot is looked at: what is not authenticated is not worked on
    if (!equalBytes(keyringMac(workspace, content, opened[0]!), mac)) throw unreadableKeyring('tampered')
    const failures = new Map<string, unknown>()
    // one after the other: a passphrase takes 128 MiB for each
    for (const one of content.keys) {
      if (one.state !== 'retired') continue
      // a version of a key that is gone at its service, say, while no record needs that data key any longer
      const key = await keyOf(one).catch((error: unknown) => void failures.set(one.id, error))
      if (key !== undefined) opened.push(key)
    }
    return new OpenedKeyring(content, opened, failures)
  } catch (error) {
    for (const key of unwrapped) key.wipe()
    throw error
  }
}

/** Wipes every data key; nothing can be sealed or opened with them afterwards. */
export function wipe(keyring: Keyring): void {
  for (const id of keyring.ids) keyring.key(id)!.wipe()
}

// private fields: printing or serialising a keyring shows sequence and ids
class OpenedKeyring implements Keyring {
  readonly sequence: number
  readonly ids: readonly string[]
  readonly #content: KeyringContent
  readonly #active: DataKey
  readonly #keys: ReadonlyMap<string, DataKey>
  readonly #failures: ReadonlyMap<string, unknown>

  constructor(content: KeyringContent, keys: readonly DataKey[], failures: ReadonlyMap<string, unknown> = new Map()) {
    this.sequence = content.sequence
    this.ids = keys.map(({ id }) => id)
    this.#content = content
    this.#active = keys[0]!
    this.#keys = new Map(keys.map((key) => [key.id, key]))
    this.#failures = failures
  }

  get active(): DataKey {
    return this.#active
  }

  get content(): KeyringContent {
    return this.#content
  }

  key(id: string): DataKey | undefined {
    return this.#keys.get(id)
  }

  failureOf(id: string): unknown {
    return this.#failures.get(id)
  }
}
