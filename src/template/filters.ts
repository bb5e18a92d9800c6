/** What the filters do to a value (RFC 4648 for the bases, RFC 7617 for `basic`), left to right. */

import { isWellFormed, utf8 } from '../bytes.ts'
import { base64, base64url } from '../encode/base64.ts'
import { percentEncode } from '../encode/percent.ts'
import { hex, shellQuote } from '../encode/quote.ts'
import type { Reference } from '../location.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { fieldError, headerError, valueError } from './errors.ts'
import type { FilterName } from './filter-names.ts'

/** UTF-16 code units of what a filter may make: quoting a quoted value again and again grows fast. */
const MAX_FILTERED_LENGTH = 16_777_216

/** The value after its filters; `json` and `basic` take a secret with its fields. */
export function applyFilters(
  filters: readonly FilterName[],
  value: SecretValue | Scalar,
  reference: Reference,
): Scalar {
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

function applyFilter(filter: FilterName, value: SecretValue | Scalar, reference: Reference): string {
  if (filter === 'json') return JSON.stringify(value)
  if (filter === 'basic') return basic(value, reference)
  const text = String(value)
  switch (filter) {
    case 'base64':
      return base64(bytesOf(text, reference))
    case 'base64url':
      return base64url(bytesOf(text, reference))
    case 'hex':
      return hex(bytesOf(text, reference))
    case 'trim':
      return text.trim()
    case 'urlencode':
      return percent(text, reference)
    case 'shell':
      return shellQuote(text)
    case 'raw':
      return text
  }
}

/** `username:password` in Base64. A colon in the user name would move into the password. */
function basic(value: SecretValue | Scalar, reference: Reference): string {
  const { tag, path } = reference
  const username = scalarField(value, 'username')
  const password = scalarField(value, 'password')
  if (username === undefined || password === undefined) {
    const fields = typeof value === 'object' ? Object.keys(value) : null
    throw fieldError(tag, path, fields, 'needs the fields username and password for the filter "basic"')
  }
  if (username.includes(':'))
    throw headerError(tag, path, 'would have a colon in its user name, which RFC 7617 forbids; store one without')
  return base64(bytesOf(`${username}:${password}`, reference))
}

function scalarField(value: SecretValue | Scalar, field: string): string | undefined {
  return typeof value === 'object' && Object.hasOwn(value, field) ? String(value[field]) : undefined
}

/** UTF-8 of a value. @throws ERR_INVALID_INPUT for a lone surrogate, which UTF-8 cannot carry */
function bytesOf(text: string, reference: Reference): Uint8Array {
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
