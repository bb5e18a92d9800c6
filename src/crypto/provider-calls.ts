/**
 * Calls of key providers: each has a deadline, is checked, and fails in words that quote nothing of a foreign error.
 *
 * Several providers are asked in their order; one that fails or takes long does not keep the next from being asked.
 */

import { equalBytes } from '../bytes.ts'
import { codeOf, GuillemetError } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { KeyProvider, WrappedKey } from '../ports/key-provider.ts'
import { wrapAad } from './aad.ts'
import { KEY_BYTES } from './box.ts'
import { type DataKey, dataKey, keyIdBytes } from './data-key.ts'
import { type KeyEntry, type KeySlot, MAX_WRAPPED_BYTES } from './keyring-body.ts'
import { invalidProvider, unreadableKeyring } from './keyring-faults.ts'
import { isKeyVersion } from './provider-id.ts'

/** How long one call of a provider may take, in milliseconds. */
export const PROVIDER_DEADLINE = 30_000
/** How long a provider is waited for before the next one is asked as well, in milliseconds. */
export const PROVIDER_PATIENCE = 1_000

/** A data key, and the provider that unwrapped it. */
export interface Unwrapped {
  readonly key: DataKey
  readonly provider: KeyProvider
}

/** Told of a provider that did not unwrap what another one has unwrapped, also where it fails long after. */
export type OnFailedProvider = (provider: string, error: unknown) => void

/**
 * The data key wrapped by the provider, and unwrapped once to prove it: a service that lets a program wrap and not unwrap
 * must be found out before the slot is relied on.
 *
 * @throws ERR_INVALID_KEY when the provider refuses, breaks its port, or gives another key back
 * @throws ERR_STORAGE_UNAVAILABLE when it fails in another way, or does not answer in time
 */
export async function wrapDataKeyBy(provider: KeyProvider, key: DataKey, workspace: string): Promise<KeySlot> {
  const handed = key.bytes.slice() // a provider may wipe what it is given
  const aad = wrapAad(workspace, keyIdBytes(key.id)!, provider.id)
  const answer = await callProvider(provider, () => provider.wrap(handed, aad)).finally(() => handed.fill(0))
  const slot = slotFrom(provider.id, answer)
  if (slot === undefined) {
    throw invalidProvider(
      'A key provider did not wrap a data key into { bytes, keyVersion? } with 1 to 4096 bytes and a version of 1 to 256 characters of printable ASCII.',
    )
  }
  const { key: again } = await unwrapBy(provider, slot, key.id, workspace)
  const isSame = equalBytes(again.bytes, key.bytes)
  again.wipe()
  if (isSame) return slot
  throw unreadableKeyring('key-corrupt', provider.id)
}

/**
 * The data key of an entry, from the first provider that unwraps it; undefined where none has a slot.
 *
 * @throws what the first provider in order has failed with, if none unwraps
 */
export async function unwrapEntry(
  { id, slots }: KeyEntry,
  workspace: string,
  providers: readonly KeyProvider[],
  onFailed: OnFailedProvider = () => undefined,
): Promise<Unwrapped | undefined> {
  const slotOf = (holder: KeyProvider) => slots.find(({ provider }) => provider === holder.id)
  const holders = providers.filter((provider) => slotOf(provider) !== undefined)
  const unwrap = (holder: KeyProvider) => unwrapBy(holder, slotOf(holder)!, id, workspace)
  return holders.length === 0 ? undefined : firstUnwrapped(holders, unwrap, onFailed)
}

/** Starts one after the other, the next when one fails or is slow; what comes after the first success is wiped. */
function firstUnwrapped(
  holders: readonly KeyProvider[],
  unwrap: (holder: KeyProvider) => Promise<Unwrapped>,
  onFailed: OnFailedProvider,
): Promise<Unwrapped> {
  return new Promise((resolve, reject) => {
    const failures = new Map<number, unknown>()
    let started = 0
    let isDone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const finish = (end: () => void) => {
      isDone = true
      clearTimeout(timer)
      end()
    }
    const startNext = () => {
      clearTimeout(timer)
      if (isDone || started === holders.length) return
      const index = started++
      const holder = holders[index]!
      unwrap(holder).then(
        (unwrapped) => {
          if (isDone) return void unwrapped.key.wipe()
          finish(() => resolve(unwrapped))
          for (const [failed, error] of failures) onFailed(holders[failed]!.id, error)
        },
        (error: unknown) => {
          if (isDone) return onFailed(holder.id, error)
          failures.set(index, error)
          if (failures.size === holders.length) finish(() => reject(failures.get(0)))
          else startNext()
        },
      )
      if (started < holders.length) timer = setTimeout(startNext, PROVIDER_PATIENCE)
    }
    startNext()
  })
}

async function unwrapBy(provider: KeyProvider, slot: KeySlot, id: string, workspace: string): Promise<Unwrapped> {
  const aad = wrapAad(workspace, keyIdBytes(id)!, provider.id)
  const bytes: unknown = await callProvider(provider, () => provider.unwrap(wrappedOf(slot), aad), wipeBytes)
  // the id is derived from the key: a service that ignores the context cannot hand over another workspace's key
  const key = bytes instanceof Uint8Array && bytes.length === KEY_BYTES ? dataKey(bytes) : undefined
  if (key?.id === id) return { key, provider }
  wipeBytes(bytes)
  throw unreadableKeyring('key-corrupt', provider.id)
}

/** One call with its deadline; what comes later is handed to `discard`. */
function callProvider<R>(provider: KeyProvider, work: () => Promise<R>, discard?: (late: R) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(providerUnavailable(provider.id, `did not answer within ${PROVIDER_DEADLINE / 1000} seconds`))
    }, PROVIDER_DEADLINE)
    // within a promise: a provider may throw before it has one
    Promise.resolve()
      .then(work)
      .finally(() => clearTimeout(timer))
      .then(
        (result) => (isLate ? discard?.(result) : resolve(result)),
        (error: unknown) => reject(providerFailure(provider.id, error)),
      )
  })
}

function wipeBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) bytes.fill(0)
}

/** What a provider answered, by own key and copied; undefined where it breaks its port. */
function slotFrom(provider: string, answer: unknown): KeySlot | undefined {
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

/** What a provider threw, as an error that holds nothing of a foreign one: its message may repeat what it was given. */
function providerFailure(provider: string, error: unknown): GuillemetError {
  const code = codeOf(error)
  if (code === 'ERR_RECORD_UNREADABLE') return unreadableKeyring('moved', provider)
  if (code === 'ERR_INVALID_KEY') {
    return error instanceof GuillemetError
      ? error
      : invalidProvider('A key provider says that its key is not the right one; give the key that wrapped the keyring.')
  }
  // its own words where it speaks those of this library, which quote nothing
  if (error instanceof GuillemetError && code === 'ERR_STORAGE_UNAVAILABLE') return error
  return providerUnavailable(provider, 'failed')
}

function providerUnavailable(provider: string, what: string): GuillemetError {
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    `The key provider "${provider}" ${what}; check that its service can be reached and permits its use, and try again.`,
  )
}
