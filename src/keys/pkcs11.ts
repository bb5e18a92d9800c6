/**
 * A key in a hardware module with a PKCS#11 library: an HSM, a smart card, SoftHSM.
 *
 * @module guillemet/keys/pkcs11
 */

import { KEY_BYTES } from '../crypto/box.ts'
import { isProviderId } from '../crypto/provider-id.ts'
import { randomBytes } from '../crypto/random.ts'
import { PKCS11_KIND, unwrapError } from '../crypto/wrap.ts'
import { GuillemetError } from '../errors.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { isPinRefused, isRefusedData, isSessionLost, tokenFailure } from './pkcs11/failures.ts'
import { openToken, type Pkcs11Module, type TokenKey } from './pkcs11/token.ts'

export type { Pkcs11Module, TokenInfo } from './pkcs11/token.ts'

const GCM_NONCE_BYTES = 12
const GCM_TAG_BYTES = 16
// kind 1 ‖ nonce 12 ‖ ciphertext 32 ‖ tag 16
const NONCE_AT = 1
const GCM_CIPHERTEXT_AT = NONCE_AT + GCM_NONCE_BYTES
const WRAPPED_BYTES = GCM_CIPHERTEXT_AT + KEY_BYTES + GCM_TAG_BYTES
const MECHANISM_AES_GCM = 0x1087
const PARAMETERS_AES_GCM = 7
const BITS = 8

/** Options of {@link pkcs11Key}. */
export interface Pkcs11KeyOptions {
  /**
   * Names the key, for ever: it is stored next to what it wrapped. 1 to 128 characters of printable ASCII, such as
   * `hsm:acme-production`. Another key needs another one.
   */
  readonly id: string
  /** A `PKCS11` of the package `pkcs11js` whose library is loaded, after `C_Initialize`. It stays yours to finalize. */
  readonly module: Pkcs11Module
  /** The label of the token. */
  readonly token: string
  /** The label (CKA_LABEL) of the key on it: AES-256, for encryption and decryption, not extractable. */
  readonly key: string
  /** The PIN of the user of the token. It is tried once: a token locks itself after a few wrong ones. */
  readonly pin: string
}

/**
 * The provider for a key in a PKCS#11 token: AES-GCM inside the token, bound to workspace, data key and provider.
 *
 * The session is opened at the first use and once more if the token has lost it. Calls block the process for as long as the
 * token takes, which for a vault is once for each data key and workspace.
 *
 * @returns a provider whose first use throws ERR_INVALID_KEY when the PIN is wrong, or the key is not there, not the only one
 *   of its label, extractable or not AES-256; ERR_STORAGE_UNAVAILABLE when the token is absent or fails
 * @throws ERR_INVALID_INPUT when an option is missing, unknown or not valid
 * @example
 * ```ts
 * const keys = pkcs11Key({ id: 'hsm:acme', module, token: 'acme', key: 'vault', pin: process.env.HSM_PIN })
 * const vault = createVault({ storage, keys })
 * ```
 */
export function pkcs11Key(options: Pkcs11KeyOptions): KeyProvider {
  const { id, module, token, key, pin } = requireOptions(options)
  let opened: TokenKey | undefined
  // what is not tried a second time: a wrong PIN, above all
  let refusal: GuillemetError | undefined
  const attempt = <T>(work: (current: TokenKey) => T): T => {
    if (refusal !== undefined) throw refusal
    opened ??= openToken(module, token, key, pin)
    return work(opened)
  }
  const failure = (error: unknown, what: string): GuillemetError => {
    const told = tokenFailure(error, id, what)
    if (isPinRefused(error)) refusal = told
    return told
  }
  const withToken = <T>(what: string, work: (current: TokenKey) => T): T => {
    try {
      return attempt(work)
    } catch (error) {
      if (opened === undefined || !isSessionLost(error)) throw failure(error, what)
    }
    opened = undefined // pulled out and put back, or restarted
    try {
      return attempt(work)
    } catch (error) {
      throw failure(error, what)
    }
  }
  return {
    id,
    wrap: async (dataKey, aad) => ({
      bytes: withToken('wrap a data key', (current) => encryptInToken(current, dataKey, aad)),
    }),
    async unwrap({ bytes }, aad) {
      if (bytes.length !== WRAPPED_BYTES || bytes[0] !== PKCS11_KIND) throw unwrapError('tampered')
      return withToken('unwrap a data key', (current) => decryptInToken(current, bytes, aad))
    },
    async close() {
      const last = opened
      opened = undefined
      refusal = new GuillemetError('ERR_INVALID_KEY', 'The key was closed together with its vault; make it again.')
      last?.close()
    },
  }
}

function requireOptions(options: Pkcs11KeyOptions): Pkcs11KeyOptions {
  const given = readOptions(options, 'options of pkcs11Key', ['id', 'module', 'token', 'key', 'pin'], suggest)
  if (!isProviderId(given.id)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'pkcs11Key needs an id of 1 to 128 characters of printable ASCII.')
  }
  if (typeof given.module?.C_EncryptInit !== 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'pkcs11Key needs the module: a PKCS11 of pkcs11js, initialized.')
  }
  for (const name of ['token', 'key', 'pin'] as const) {
    if (typeof given[name] === 'string' && given[name] !== '') continue
    throw new GuillemetError('ERR_INVALID_INPUT', `pkcs11Key needs the option ${name}, a non-empty text.`)
  }
  return given
}

/** In one turn, without a pause between its two calls: a session does one thing at a time. */
function encryptInToken({ module, session, key }: TokenKey, dataKey: Uint8Array, aad: Uint8Array): Uint8Array {
  const nonce = randomBytes(GCM_NONCE_BYTES)
  module.C_EncryptInit(session, mechanism(nonce, aad), key)
  const sealed = module.C_Encrypt(session, dataKey, new Uint8Array(KEY_BYTES + GCM_TAG_BYTES))
  const wrapped = new Uint8Array(GCM_CIPHERTEXT_AT + sealed.length)
  wrapped[0] = PKCS11_KIND
  wrapped.set(nonce, NONCE_AT)
  wrapped.set(sealed, GCM_CIPHERTEXT_AT)
  return wrapped
}

function decryptInToken({ module, session, key }: TokenKey, wrapped: Uint8Array, aad: Uint8Array): Uint8Array {
  const nonce = wrapped.slice(NONCE_AT, GCM_CIPHERTEXT_AT)
  module.C_DecryptInit(session, mechanism(nonce, aad), key)
  try {
    const room = new Uint8Array(KEY_BYTES + GCM_TAG_BYTES)
    const dataKey = Uint8Array.from(module.C_Decrypt(session, wrapped.slice(GCM_CIPHERTEXT_AT), room))
    room.fill(0)
    return dataKey
  } catch (error) {
    if (isRefusedData(error)) throw unwrapError('moved')
    throw error
  }
}

function mechanism(iv: Uint8Array, aad: Uint8Array): { mechanism: number; parameter: object } {
  const parameter = { type: PARAMETERS_AES_GCM, iv, aad, ivBits: GCM_NONCE_BYTES * BITS, tagBits: GCM_TAG_BYTES * BITS }
  return { mechanism: MECHANISM_AES_GCM, parameter }
}
