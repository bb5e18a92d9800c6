/** A session on a token, logged in, with its key looked up and looked at. */

import { GuillemetError } from '../../errors.ts'
import { codeNumber } from './failures.ts'

const CKF_SERIAL_SESSION = 4
const CKU_USER = 1
const CKR_USER_ALREADY_LOGGED_IN = 0x100
const CKO_SECRET_KEY = 4
const CKK_AES = 0x1f
const CKA_CLASS = 0x0
const CKA_LABEL = 0x3
const CKA_KEY_TYPE = 0x100
const CKA_SENSITIVE = 0x103
const CKA_VALUE_LEN = 0x161
const CKA_EXTRACTABLE = 0x162
const AES_256_BYTES = 32

/** A handle of the module; nobody looks into it. */
type Handle = Uint8Array

interface Attribute {
  readonly type: number
  readonly value?: unknown
}

/** What a token says of itself. */
export interface TokenInfo {
  /** Padded with blanks. */
  readonly label: string
}

/** The part of `PKCS11` of the package `pkcs11js` that is used. */
export interface Pkcs11Module {
  /** The slots; those with a token where asked so. */
  C_GetSlotList(tokenPresent?: boolean): Handle[]
  /** What a token says of itself. */
  C_GetTokenInfo(slot: Handle): TokenInfo
  /** Opens a session. */
  C_OpenSession(slot: Handle, flags: number): Handle
  /** Ends a session. */
  C_CloseSession(session: Handle): void
  /** Logs in with a PIN. */
  C_Login(session: Handle, userType: number, pin?: string): void
  /** Begins a search. */
  C_FindObjectsInit(session: Handle, template: Attribute[]): void
  /** The next objects found. */
  C_FindObjects(session: Handle, maxObjectCount: number): Handle[]
  /** Ends a search. */
  C_FindObjectsFinal(session: Handle): void
  /** Attributes of an object. */
  C_GetAttributeValue(session: Handle, object: Handle, template: Attribute[]): Attribute[]
  /** Begins an encryption. */
  C_EncryptInit(session: Handle, mechanism: { mechanism: number; parameter?: unknown }, key: Handle): void
  /** Encrypts, and ends it. */
  C_Encrypt(session: Handle, inData: Uint8Array, outData: Uint8Array): Uint8Array
  /** Begins a decryption. */
  C_DecryptInit(session: Handle, mechanism: { mechanism: number; parameter?: unknown }, key: Handle): void
  /** Decrypts, and ends it. */
  C_Decrypt(session: Handle, inData: Uint8Array, outData: Uint8Array): Uint8Array
}

/** A key that can be used now. */
export interface TokenKey {
  readonly module: Pkcs11Module
  readonly session: Handle
  readonly key: Handle
  /** Ends the session. */
  close(): void
}

/**
 * Opens a session, logs in and finds the key.
 *
 * @throws ERR_INVALID_KEY when the token or the key is not there, or not fit; whatever the module throws
 */
export function openToken(module: Pkcs11Module, token: string, label: string, pin: string): TokenKey {
  const session = module.C_OpenSession(tokenSlot(module, token), CKF_SERIAL_SESSION)
  const close = () => {
    try {
      module.C_CloseSession(session)
    } catch {
      // it is gone already
    }
  }
  try {
    logIn(module, session, pin)
    const key = findKeyHandle(module, session, label)
    requireFit(module, session, key)
    return { module, session, key, close }
  } catch (error) {
    close()
    throw error
  }
}

function tokenSlot(module: Pkcs11Module, token: string): Handle {
  const slots = module.C_GetSlotList(true).filter((slot) => module.C_GetTokenInfo(slot).label.trimEnd() === token)
  if (slots.length === 1) return slots[0]!
  if (slots.length > 1) throw unfitToken('Several tokens have the label that was given; give each its own')
  throw new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    'There is no token with the label that was given; plug it in, or check the label and the configuration of the module.',
  )
}

function logIn(module: Pkcs11Module, session: Handle, pin: string): void {
  try {
    module.C_Login(session, CKU_USER, pin)
  } catch (error) {
    // another session of this process did
    if (codeNumber(error) !== CKR_USER_ALREADY_LOGGED_IN) throw error
  }
}

function findKeyHandle(module: Pkcs11Module, session: Handle, label: string): Handle {
  const template = [
    { type: CKA_CLASS, value: CKO_SECRET_KEY },
    { type: CKA_LABEL, value: label },
  ]
  module.C_FindObjectsInit(session, template)
  const found = module.C_FindObjects(session, 2)
  module.C_FindObjectsFinal(session)
  if (found.length === 1) return found[0]!
  throw unfitToken(
    found.length === 0
      ? 'The token has no secret key with the label that was given; a new key does not open what another one sealed, so none was made'
      : 'The token has several keys with the label that was given; give each its own',
  )
}

/** A key that can leave its token is a key in a file with more steps. */
function requireFit(module: Pkcs11Module, session: Handle, key: Handle): void {
  const types = [CKA_KEY_TYPE, CKA_VALUE_LEN, CKA_EXTRACTABLE, CKA_SENSITIVE]
  const values = module.C_GetAttributeValue(
    session,
    key,
    types.map((type) => ({ type })),
  )
  const [keyType, length, isExtractable, isSensitive] = values.map(({ value }) => numberOf(value))
  if (keyType !== CKK_AES || length !== AES_256_BYTES) throw unfitToken('The key of the token is not AES with 256 bits')
  if (isExtractable === 0 && isSensitive === 1) return
  throw unfitToken('The key of the token can be taken out of it; make one that is sensitive and not extractable')
}

/** A number of the platform's size, or a boolean, low byte first; all of these are small. */
function numberOf(value: unknown): number | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  return (value[0] ?? 0) + (value[1] ?? 0) * 256
}

function unfitToken(happened: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_KEY', `${happened}.`)
}
