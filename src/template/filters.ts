/** What the filters do to a value (RFC 4648 for the bases, RFC 7617 for `basic`, RFC 6749 §2.3.1 for `oauthBasic`), left to right. */

import { fromUtf8, isWellFormed, utf8 } from '../bytes.ts'
import { base64, base64url } from '../encode/base64.ts'
import { percentEncode } from '../encode/percent.ts'
import { hex, shellQuote, xmlText } from '../encode/quote.ts'
import type { Reference } from '../location.ts'
import { nullRecord } from '../plain-object.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { fieldError, headerError, userNameError, valueError } from './errors.ts'
import { type FilterName, pairIn } from './filter-names.ts'

/** UTF-16 code units of what a filter may make: quoting a quoted value again and again grows fast. */
const MAX_FILTERED_LENGTH = 16_777_216

const ASCII_CONTROL = /[\0-\x1f\x7f]/

/** The value after its filters; `json` and `basic` take a secret with its fields. */
export function applyFilters(
  filters: readonly FilterName[],
  value: SecretValue | Scalar,
  reference: Reference,
): Scalar {
  const [first, ...rest] = filters
  if (first === 'trim' && typeof value === 'object') return applyFilters(rest, trimmedFields(value), reference)
  let result: SecretValue | Scalar = value
  for (const filter of filters) {
    result = applyFilter(filter, result, reference)
    if (result.length > MAX_FILTERED_LENGTH) {
      throw valueError(
        reference.tag,
        reference.path,
        `becomes longer than ${MAX_FILTERED_LENGTH} characters; use fewer filters`,
      )
    }
  }
  return result as Scalar
}

/** The fields of a secret as `trim | basic` takes them. */
function trimmedFields(value: Exclude<SecretValue, string>): SecretValue {
  return nullRecord(Object.entries(value).map(([field, scalar]) => [field, String(scalar).trim()]))
}

function applyFilter(filter: FilterName, value: SecretValue | Scalar, reference: Reference): string {
  if (filter === 'json') return JSON.stringify(value)
  if (filter === 'basic' || filter === 'oauthBasic') return basic(filter, value, reference)
  const text = String(value)
  switch (filter) {
    case 'base64':
      return base64(wellFormedBytes(text, reference))
    case 'base64url':
      return base64url(wellFormedBytes(text, reference))
    case 'hex':
      return hex(wellFormedBytes(text, reference))
    case 'trim':
      return text.trim()
    case 'base64decode':
      return decodedBase64(text, reference)
    case 'urlencode':
      return percent(text, reference)
    case 'xml':
      return xmlText(text)
    case 'shell':
      return shellQuote(text)
    case 'raw':
      return text
  }
}

/** What a secret lacks that one of the filters needs. */
export function pairRule(filter: string): string {
  return `needs the fields username and password, or client_id and client_secret, for the filter "${filter}"`
}

/** User name, colon and password in Base64. A colon in the user name would move into the password. */
function basic(filter: 'basic' | 'oauthBasic', value: SecretValue | Scalar, reference: Reference): string {
  const { tag, path } = reference
  const fields = typeof value === 'object' ? Object.keys(value) : []
  const pair = pairIn(fields)
  if (typeof value !== 'object' || pair === undefined) throw fieldError(tag, path, fields, pairRule(filter))
  const [username, password] = pair.map((field) => String(value[field])) as [string, string]
  requireBasicText(username + password, reference, `trim | ${filter}`)
  if (filter === 'oauthBasic') {
    return base64(wellFormedBytes(`${percent(username, reference)}:${percent(password, reference)}`, reference))
  }
  if (username.includes(':')) throw userNameError(tag, path)
  return base64(wellFormedBytes(`${username}:${password}`, reference))
}

/**
 * Refuses the line end of a paste: once it is encoded nobody sees it, and a server only says that the password is wrong.
 *
 * @param filters what removes it
 * @throws ERR_UNSAFE_HEADER_VALUE for a control character in user name or password (RFC 7617 §2)
 */
export function requireBasicText(text: string, { tag, path }: Pick<Reference, 'tag' | 'path'>, filters: string): void {
  if (!ASCII_CONTROL.test(text)) return
  const rule = `has a line break or other control character, which RFC 7617 forbids; "| ${filters}" removes it around user name and password, or store them without`
  throw headerError(tag, path, rule)
}

/** The text that was encoded, in either alphabet, with or without padding and line breaks. */
function decodedBase64(text: string, { tag, path }: Reference): string {
  try {
    const bytes = atob(text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/'))
    const found = fromUtf8(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))
    if (found !== undefined) return found
  } catch {
    // the error of the platform says nothing more
  }
  throw valueError(tag, path, 'is not Base64 of a text, which the filter "base64decode" needs')
}

/** UTF-8 of a value. @throws ERR_INVALID_INPUT for a lone surrogate, which UTF-8 cannot carry */
function wellFormedBytes(text: string, reference: Reference): Uint8Array {
  requireWellFormed(text, reference)
  return utf8(text)
}

/**
 * The value percent-encoded.
 *
 * @throws ERR_INVALID_INPUT for a lone surrogate
 */
export function percent(text: string, reference: Reference): string {
  requireWellFormed(text, reference)
  return percentEncode(text)
}

function requireWellFormed(text: string, { tag, path }: Reference): void {
  if (!isWellFormed(text)) throw valueError(tag, path, 'holds a lone surrogate; store well-formed Unicode')
}
