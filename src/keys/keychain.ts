/**
 * A key in the keychain of the operating system: macOS Keychain, Windows Credential Manager, Secret Service on Linux.
 *
 * @module guillemet/keys/keychain
 */

import { localKeyFrom } from '../crypto/local-key.ts'
import { isKeyOf, madeFrom } from '../crypto/own-key.ts'
import { isProviderId } from '../crypto/provider-id.ts'
import { codeOf, GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { requireTimeout, TIMED_OUT, withDeadline } from './deadline.ts'
import { keychainFailure, keychainInvalid } from './keychain/failures.ts'
import { secretServiceMissing } from './keychain/secret-service.ts'

/** Long enough to type a password into a dialog; a vault gives up after 30 seconds, and would not say why. */
const DEFAULT_TIMEOUT_MS = 25_000
const DEFAULT_ID = 'keychain'

/**
 * One entry of a keychain: an `AsyncEntry` or `Entry` of `@napi-rs/keyring`, or anything of that shape. Prefer the
 * asynchronous one: the other blocks the process while a dialog waits for a person.
 */
export interface KeychainEntry {
  /** The text of the entry; null, undefined or an error where there is none. */
  getPassword(signal?: AbortSignal): string | null | undefined | Promise<string | null | undefined>
}

/** Options of {@link keychainKey}. */
export interface KeychainKeyOptions {
  /** Your entry; it holds a key that `generateKey` made and that is kept in a second place too. */
  readonly entry: KeychainEntry
  /**
   * Names the key among the vault's keys, for ever: it is stored next to what it wrapped. 1 to 128 characters of printable
   * ASCII. Another key in the entry needs another id.
   *
   * @default 'keychain'
   */
  readonly id?: string | undefined
  /**
   * How long the keychain may take, in milliseconds: it may ask a person to unlock it, or nobody at all.
   *
   * @default 25000, since a vault waits for no key longer than 30 seconds
   */
  readonly timeout?: number | undefined
  /**
   * On Linux, that the keychain may be one that forgets: without a Secret Service on the bus, libraries take the kernel's
   * keyring, which is empty after a restart of the machine.
   *
   * @default false
   */
  readonly allowVolatile?: boolean | undefined
}

/**
 * The provider for a key in the keychain of the system. The entry is read at the first use, and then kept until `close`.
 *
 * A keychain is a convenience, never the only home of a key: a reinstalled system, a new laptop or a reset keychain has
 * it no more. No key is ever made here, and none is looked for in a file.
 *
 * @returns a provider whose first use throws ERR_INVALID_KEY when the entry is absent, empty or not a key, and
 *   ERR_STORAGE_UNAVAILABLE when the keychain is locked, denies the access, is not there, or does not answer in time; each
 *   in words of its own
 * @throws ERR_INVALID_INPUT when an option is missing, unknown or not valid
 * @example
 * ```ts
 * const entry = new AsyncEntry('acme', 'vault', { linux: { store: 'secret-service' } })
 * const vault = createVault({ storage, keys: keychainKey({ entry }) })
 * ```
 */
export function keychainKey(options: KeychainKeyOptions): KeyProvider {
  const given = readOptions(options, 'options of keychainKey', ['entry', 'id', 'timeout', 'allowVolatile'], suggest)
  const { entry, id = DEFAULT_ID, timeout = DEFAULT_TIMEOUT_MS } = given
  requireEntry(entry)
  const allowVolatile = requireBoolean(given.allowVolatile, 'allowVolatile')
  if (!isProviderId(id)) throw invalidOption('id of 1 to 128 characters of printable ASCII')
  requireTimeout(timeout)
  let reading: Promise<KeyProvider> | undefined
  let read: KeyProvider | undefined
  const key = async () => {
    reading ??= readKey(entry, timeout, allowVolatile)
    const current = reading
    try {
      read = await current
      return read
    } catch (error) {
      if (reading === current) reading = undefined // unlocked, or put there, in the meantime: the next use asks again
      throw error
    }
  }
  const provider: KeyProvider = {
    id,
    wrap: async (dataKey, aad) => (await key()).wrap(dataKey, aad),
    async unwrap(wrapped, aad) {
      try {
        return await (await key()).unwrap(wrapped, aad)
      } catch (error) {
        // unlike the id of a key given as text, this one does not say which key it is
        if (codeOf(error) === 'ERR_RECORD_UNREADABLE') throw keychainInvalid('other')
        throw error
      }
    },
    close: async () => (await reading?.catch(() => undefined))?.close?.(),
  }
  return madeFrom(provider, (text) => read !== undefined && isKeyOf([read], text))
}

function requireEntry(entry: KeychainEntry | undefined): void {
  const isEntry = typeof entry === 'object' && entry !== null && typeof entry.getPassword === 'function'
  if (!isEntry) throw invalidOption('entry with the method getPassword')
}

function invalidOption(what: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `keychainKey needs an ${what}.`)
}

async function readKey(entry: KeychainEntry, timeout: number, isVolatile: boolean): Promise<KeyProvider> {
  if (!isVolatile && (await secretServiceMissing())) throw keychainFailure('no-service')
  let text: unknown
  try {
    text = await withDeadline(timeout, (signal) => entry.getPassword(signal))
  } catch (error) {
    if (error === TIMED_OUT) throw keychainFailure('timed-out')
    throw keychainFailure(error)
  }
  if (text === null || text === undefined) throw keychainInvalid('absent')
  if (text === '') throw keychainInvalid('empty')
  return localKeyFrom('The key in the keychain', text as string)
}
