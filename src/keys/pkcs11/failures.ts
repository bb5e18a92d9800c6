/** The return values of PKCS#11 (v2.40, "Function return values") as what to do; a token's own message is not shown. */

import { GuillemetError } from '../../errors.ts'
import { ownValue } from '../../plain-object.ts'

const CKR_GENERAL_ERROR = 0x05
const CKR_DATA_INVALID = 0x20
const CKR_ENCRYPTED_DATA_INVALID = 0x40
const CKR_ENCRYPTED_DATA_LEN_RANGE = 0x41
const CKR_AEAD_DECRYPT_FAILED = 0x42

/** Removed, closed, logged out, or restarted. */
const LOST = new Set([0x32, 0x60, 0x82, 0xb0, 0xb3, 0xe0, 0x101])
/** How tokens say that a tag does not fit; SoftHSM has only a general error for it. */
const REFUSED = new Set([
  CKR_GENERAL_ERROR,
  CKR_DATA_INVALID,
  CKR_ENCRYPTED_DATA_INVALID,
  CKR_ENCRYPTED_DATA_LEN_RANGE,
  CKR_AEAD_DECRYPT_FAILED,
])

const PIN: ReadonlyMap<number, string> = new Map([
  [0xa0, 'The PIN is wrong; give the right one. It is not tried again, since a token locks itself after a few'],
  [0xa1, 'The PIN has a character that the token does not take; give the right one'],
  [0xa2, 'The PIN has a length that the token does not take; give the right one'],
  [0xa3, 'The PIN has expired; set a new one with the tools of the token'],
  [0xa4, 'The PIN is locked after too many wrong ones; unlock it with the tools of the token'],
])

const TOKEN_ADVICE: ReadonlyMap<number, string> = new Map([
  [0x68, 'its key may not be used for this; make one for encryption and decryption'],
  [0x32, 'it was removed; plug it in'],
  [0xe0, 'it is not present; plug it in'],
  [0x70, 'it does not have AES-GCM; use another one'],
  [0x71, 'it does not take these parameters of AES-GCM; use another one'],
  [0x190, 'its module is not initialized; call C_Initialize first'],
  [0xb1, 'it has no session left; close others'],
])

/** The return value that the module threw. */
export function codeNumber(error: unknown): number | undefined {
  const code: unknown = typeof error === 'object' ? ownValue(error, 'code') : undefined
  return typeof code === 'number' ? code : undefined
}

/** Whether another try with the same PIN may lock the token. */
export function isPinRefused(error: unknown): boolean {
  return PIN.has(codeNumber(error) ?? -1)
}

/** Whether a new session may help. */
export function isSessionLost(error: unknown): boolean {
  return LOST.has(codeNumber(error) ?? -1)
}

/** Whether the token says that what it was to decrypt was changed, or belongs elsewhere. */
export function isRefusedData(error: unknown): boolean {
  return REFUSED.has(codeNumber(error) ?? -1)
}

/**
 * What was thrown as an error of ours.
 *
 * @param what was tried, as in: `wrap a data key`
 */
export function tokenFailure(error: unknown, id: string, what: string): GuillemetError {
  if (error instanceof GuillemetError) return error
  const code = codeNumber(error)
  const fault = PIN.get(code ?? -1)
  if (fault !== undefined) return new GuillemetError('ERR_INVALID_KEY', `${fault}.`)
  const said = code === undefined ? '' : ` (return value 0x${code.toString(16)})`
  const advice = TOKEN_ADVICE.get(code ?? -1) ?? 'check that it is there and that its module works'
  const message = `The token of "${id}" could not ${what}${said}; nothing was written: ${advice}, and try again.`
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', message)
}
