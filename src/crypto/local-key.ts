/** The key provider for a key held as text, such as an environment variable: `gmk1_` and 48 characters. */

import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, equalBytes } from '../bytes.ts'
import { base64url, fromBase64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { KEY_BYTES } from './box.ts'
import { manglingOf } from './key-text.ts'
import { CHECKSUM_LABEL, PROVIDER_ID_LABEL } from './labels.ts'
import { madeFrom } from './own-key.ts'
import { randomBytes } from './random.ts'
import { LOCAL_KEY_KIND, requireHead, unwrapDataKey, unwrapError, wrapDataKey } from './wrap.ts'

/** How the text of a key begins. */
export const KEY_PREFIX = 'gmk1_'
const CHECKSUM_BYTES = 4
const TEXT_LENGTH = KEY_PREFIX.length + ((KEY_BYTES + CHECKSUM_BYTES) / 3) * 4
const ID_PREFIX = 'local:'
const ID_BYTES = 8
const HEAD = /* @__PURE__ */ Uint8Array.of(LOCAL_KEY_KIND)

/**
 * A fresh key, as text for an environment variable or a secret manager: `gmk1_` and 48 characters of base64url.
 *
 * Anyone who has it and the storage can read every secret; without it nobody can.
 *
 * @example
 * ```ts
 * console.log(generateKey()) // once; keep it as GUILLEMET_KEY in your secret manager
 * ```
 */
export function generateKey(): string {
  const key = randomBytes(KEY_BYTES)
  const bytes = concat(key, keyChecksum(key))
  const text = KEY_PREFIX + base64url(bytes)
  key.fill(0)
  bytes.fill(0)
  return text
}

/**
 * The provider for a key that {@link generateKey} made. Its id is derived from the key and reveals nothing of it.
 *
 * @throws ERR_INVALID_KEY when the text is not such a key; the message says why and never repeats it
 */
export function localKey(key: string): KeyProvider {
  return localKeyFrom('The key', key)
}

/**
 * The same for a key that was found somewhere.
 *
 * @param what begins the message of an error, such as `The key in the file "/run/secrets/vault"`
 */
export function localKeyFrom(what: string, key: string): KeyProvider {
  const bytes = localKeyBytes(what, key)
  let isClosed = false
  const requireOpen = () => {
    // what was wiped is a key that anybody has
    if (isClosed)
      throw new GuillemetError('ERR_INVALID_KEY', 'The key was closed together with its vault; make it again.')
  }
  const id = idOf(bytes)
  const provider: KeyProvider = {
    id,
    async wrap(dataKey, aad) {
      requireOpen()
      return { bytes: wrapDataKey(HEAD, dataKey, bytes, aad) }
    },
    async unwrap({ bytes: wrapped }, aad) {
      requireOpen()
      requireHead(wrapped, LOCAL_KEY_KIND, HEAD.length)
      const opened = unwrapDataKey(wrapped, HEAD.length, bytes, aad)
      if (typeof opened === 'string') throw unwrapError(opened)
      return opened
    },
    async close() {
      isClosed = true
      bytes.fill(0)
    },
  }
  return madeFrom(provider, (text) => idOfText(text) === id)
}

function idOf(key: Uint8Array): string {
  return ID_PREFIX + base64url(expand(sha256, key, PROVIDER_ID_LABEL, ID_BYTES))
}

/** The id of the provider that the text would make; undefined for what is no key. */
function idOfText(text: string): string | undefined {
  if (!text.startsWith(KEY_PREFIX)) return undefined
  const bytes = readKeyText(text)
  if (typeof bytes === 'string') return undefined
  const id = idOf(bytes)
  bytes.fill(0)
  return id
}

/**
 * The 32 bytes of the text of a key.
 *
 * @param what begins the message of an error
 * @throws ERR_INVALID_KEY when the text is not such a key
 */
export function localKeyBytes(what: string, key: string): Uint8Array {
  const bytes = readKeyText(key)
  if (typeof bytes !== 'string') return bytes
  throw new GuillemetError(
    'ERR_INVALID_KEY',
    `${what} ${bytes}; give the text that generateKey() made, exactly as it was. A new key does not open what another one sealed.`,
  )
}

/** The 32 bytes of a key, or its fault. */
function readKeyText(key: string): Uint8Array | string {
  if (typeof key !== 'string' || key === '') return 'is missing'
  const mangling = manglingOf(key, KEY_PREFIX)
  if (mangling !== undefined) return mangling
  if (!key.startsWith(KEY_PREFIX)) return `does not start with ${KEY_PREFIX} (a passphrase goes into passphraseKey)`
  if (key.length !== TEXT_LENGTH) return `has ${key.length} characters, not ${TEXT_LENGTH}`
  const bytes = fromBase64url(key.slice(KEY_PREFIX.length))
  if (bytes === undefined) return 'holds a character other than A-Z, a-z, 0-9, "-" and "_"'
  const secret = bytes.slice(0, KEY_BYTES)
  const isIntact = equalBytes(bytes.subarray(KEY_BYTES), keyChecksum(secret))
  bytes.fill(0)
  return isIntact ? secret : 'has a wrong checksum: it was mistyped, or cut'
}

// finds a typing error; says nothing to anyone who does not have the whole text
function keyChecksum(key: Uint8Array): Uint8Array {
  return expand(sha256, key, CHECKSUM_LABEL, CHECKSUM_BYTES)
}
