/** What a key service failed with, as what to look at: its own message may repeat what it was given, and is often empty. */

import { codeOf, GuillemetError } from '../../errors.ts'
import { ownValue } from '../../plain-object.ts'
import { TIMED_OUT } from '../deadline.ts'

/** A name or code as SDKs give them: `AccessDeniedException`, `ECONNREFUSED`, `Forbidden`. */
const ERROR_WORD = /^[A-Z][A-Za-z0-9_]{2,63}$/
const MAX_NUMBER = 999

/**
 * @param keyVersion what was to be decrypted; undefined while a data key is wrapped
 */
export function kmsFailure(error: unknown, id: string, keyVersion: string | undefined): GuillemetError {
  const isLate = error === TIMED_OUT
  const what = keyVersion === undefined ? 'encrypt' : `decrypt what key version "${keyVersion}" has wrapped`
  const said = isLate ? undefined : wordOf(error)
  const happened = isLate
    ? `The key service "${id}" did not answer in time when it was asked to ${what}`
    : `The key service "${id}" failed to ${what}${said === undefined ? '' : ` (${said})`}`
  const advice = keyVersion === undefined || isLate ? REACHABLE : `${REACHABLE}; ${VERSION_ADVICE}`
  return new GuillemetError('ERR_STORAGE_UNAVAILABLE', `${happened}; nothing was written. ${advice}.`)
}

const REACHABLE =
  'Check that the service can be reached, that region, tenant and key are those meant, and that this identity may use the key both ways (AWS kms:Encrypt and kms:Decrypt, Google useToEncrypt and useToDecrypt, Azure keys get, encrypt and decrypt, Vault transit encrypt and decrypt)'

const VERSION_ADVICE =
  'that this version is neither disabled nor destroyed nor below min_decryption_version; and that a context which your client adds is the one of then: this library sends none'

/** A name or code, and a status, never a message. */
function wordOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const word = [codeOf(error), errorName(error)].find(
    (one) => one !== undefined && one !== 'Error' && ERROR_WORD.test(one),
  )
  const said = [word, statusNumber(error) ?? statusNumber(ownValue(error, 'response'))].filter(
    (one) => one !== undefined,
  )
  return said.length === 0 ? undefined : said.join(', ')
}

function errorName(error: object): string | undefined {
  try {
    const { name } = error as { name?: unknown }
    return typeof name === 'string' ? name : undefined
  } catch {
    return undefined // a getter that throws
  }
}

/** A status of HTTP, or a code of gRPC. */
function statusNumber(error: unknown): string | undefined {
  if (typeof error !== 'object') return undefined
  for (const key of ['statusCode', 'status', 'code'] as const) {
    const value: unknown = ownValue(error, key)
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_NUMBER) return `${key} ${value}`
  }
  return undefined
}
