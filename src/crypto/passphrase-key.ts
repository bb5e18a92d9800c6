/**
 * The key provider for a passphrase: scrypt (RFC 7914) over a random salt gives the wrapping key.
 *
 * A head of kind 1 ‖ log2 N 1 ‖ r 1 ‖ p 1 ‖ salt 16 comes before what it wraps. The parameters come from a storage that
 * may be hostile, so they are bounded on both sides before use: weaker ones would invite guessing, larger ones are a
 * way to stop the process.
 */

import { scryptAsync } from '@noble/hashes/scrypt.js'
import { equalBytes, isWellFormed, utf8 } from '../bytes.ts'
import { base64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions } from '../read-options.ts'
import { KEY_BYTES } from './box.ts'
import { madeFrom } from './own-key.ts'
import { isProviderId } from './provider-id.ts'
import { randomBytes } from './random.ts'
import { PASSPHRASE_KIND, requireHead, unwrapDataKey, unwrapError, wrapDataKey } from './wrap.ts'

const LOG2_N = 17
const MAX_LOG2_N = 19
const R = 8
const P = 1
const SALT_BYTES = 16
const SALT_AT = 4
const HEAD_BYTES = SALT_AT + SALT_BYTES

const MIN_CHARACTERS = 12
const MAX_CODE_UNITS = 1024
const DEFAULT_PASSPHRASE_ID = 'passphrase'
// one for each data key that a keyring can hold
const MAX_CACHED = 64

/** Options of {@link passphraseKey}. */
export interface PassphraseKeyOptions {
  /**
   * Names this passphrase among the vault's keys: printable ASCII, 1 to 128 characters. It is stored as it is.
   *
   * @default 'passphrase'
   */
  readonly id?: string | undefined
}

/**
 * The provider for a passphrase of at least 12 characters. Composed and decomposed forms of a letter are the same (NFC).
 *
 * Each wrapped data key has its own salt; its first use takes about a second and 128 MiB, later ones are remembered.
 *
 * @throws ERR_INVALID_KEY when the passphrase is missing, shorter than 12 or longer than 1,024 characters or not
 *   well-formed Unicode, or the id is not valid. Unwrapping throws it when the passphrase is wrong
 * @throws ERR_INVALID_INPUT when an option is unknown
 * @example
 * ```ts
 * const vault = createVault({ storage, keys: passphraseKey(passphrase) })
 * ```
 */
export function passphraseKey(passphrase: string, options?: PassphraseKeyOptions): KeyProvider {
  const { id = DEFAULT_PASSPHRASE_ID } = readOptions(options, 'options of passphraseKey', ['id'])
  if (!isProviderId(id))
    throw invalidPassphrase('The id of a passphrase must be 1 to 128 characters of printable ASCII.')
  const given = parsePassphrase(passphrase)
  const { wrappingKey, forget } = deriver(given)
  const provider: KeyProvider = {
    id,
    async wrap(dataKey, aad) {
      const head = Uint8Array.of(PASSPHRASE_KIND, LOG2_N, R, P, ...randomBytes(SALT_BYTES))
      return { bytes: wrapDataKey(head, dataKey, await wrappingKey(head), aad) }
    },
    async unwrap({ bytes: wrapped }, aad) {
      const head = requireHead(wrapped, PASSPHRASE_KIND, HEAD_BYTES)
      if (!isBounded(head)) throw unwrapError('tampered')
      const opened = unwrapDataKey(wrapped, HEAD_BYTES, await wrappingKey(head), aad)
      // the commitment tells a wrong passphrase from a changed ciphertext, but not from a slot of another workspace
      if (opened === 'moved')
        throw invalidPassphrase(
          'The passphrase is wrong, or the keyring belongs to another workspace; give the passphrase that made it.',
        )
      if (opened === 'tampered') throw unwrapError(opened)
      return opened
    },
    async close() {
      forget()
    },
  }
  return madeFrom(provider, (text) => isSame(given, text))
}

/** Whether the text is this passphrase, in whichever form of Unicode. */
function isSame(given: Uint8Array, text: string): boolean {
  if (text.length > MAX_CODE_UNITS) return false
  const bytes = utf8(text.normalize('NFC'))
  const isEqual = equalBytes(bytes, given)
  bytes.fill(0)
  return isEqual
}

function parsePassphrase(passphrase: string): Uint8Array {
  if (typeof passphrase !== 'string' || passphrase === '')
    throw invalidPassphrase(`The passphrase is missing; give a text of at least ${MIN_CHARACTERS} characters.`)
  if (passphrase.length > MAX_CODE_UNITS)
    throw invalidPassphrase(`The passphrase is longer than ${MAX_CODE_UNITS} characters; choose a shorter one.`)
  if (!isWellFormed(passphrase)) throw invalidPassphrase('The passphrase is not well-formed Unicode; choose another.')
  const composed = passphrase.normalize('NFC')
  if ([...composed].length < MIN_CHARACTERS) {
    throw invalidPassphrase(`The passphrase is shorter than ${MIN_CHARACTERS} characters; choose several words.`)
  }
  return utf8(composed)
}

function isBounded(head: Uint8Array): boolean {
  const [, log2n, r, p] = head
  return log2n! >= LOG2_N && log2n! <= MAX_LOG2_N && r === R && p === P
}

/** The wrapping key of a head: derived once, one at a time, since each derivation holds at least 128 MiB. */
function deriver(passphrase: Uint8Array) {
  const known = new Map<string, Promise<Uint8Array>>()
  let last: Promise<unknown> = Promise.resolve()
  let isForgotten = false
  const deriveOpen = async (head: Uint8Array): Promise<Uint8Array> => {
    // what was wiped is a passphrase that anybody has
    if (isForgotten) throw forgotten()
    const key = await derive(passphrase, head)
    if (!isForgotten) return key
    key.fill(0)
    throw forgotten()
  }
  return {
    async wrappingKey(head: Uint8Array): Promise<Uint8Array> {
      if (isForgotten) throw forgotten()
      const name = base64url(head)
      const found = known.get(name)
      if (found !== undefined) return found
      const derived = last.then(() => deriveOpen(head))
      last = derived.catch(() => known.delete(name)) // perhaps for lack of memory: the next use tries again
      if (known.size === MAX_CACHED) known.delete(known.keys().next().value!)
      known.set(name, derived)
      return derived
    },
    forget(): void {
      isForgotten = true
      passphrase.fill(0)
      for (const key of known.values()) key.then((bytes) => bytes.fill(0)).catch(() => undefined)
      known.clear()
    },
  }
}

function forgotten(): GuillemetError {
  return invalidPassphrase('The passphrase was closed together with its vault; make the provider again.')
}

function derive(passphrase: Uint8Array, head: Uint8Array): Promise<Uint8Array> {
  const [, log2n, r, p] = head
  return scryptAsync(passphrase, head.subarray(SALT_AT), { N: 2 ** log2n!, r: r!, p: p!, dkLen: KEY_BYTES })
}

function invalidPassphrase(fault: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', fault)
}
