/**
 * Every failure of this library: one class, told apart by a stable `code`.
 *
 * No message, field, stack or cause ever holds a value, a ciphertext or a full URL, so an error may be logged as it is.
 */

import type { ReferenceLocation } from './location.ts'
import { defineOwn } from './plain-object.ts'

/** The stable codes; semantic versioning holds for them. */
export type GuillemetErrorCode =
  | 'ERR_MISSING_SECRETS'
  | 'ERR_MALFORMED_REFERENCE'
  | 'ERR_UNCLOSED_REFERENCE'
  | 'ERR_UNEXPECTED_REFERENCE'
  | 'ERR_FIELD_REQUIRED'
  | 'ERR_UNKNOWN_FILTER'
  | 'ERR_REFERENCE_IN_KEY'
  | 'ERR_UNSAFE_HEADER_VALUE'
  | 'ERR_UNSAFE_ENV_VALUE'
  | 'ERR_UNSAFE_URL_VALUE'
  | 'ERR_HOST_DENIED'
  | 'ERR_INSECURE_SCHEME'
  | 'ERR_LOCATION_DENIED'
  | 'ERR_METHOD_DENIED'
  | 'ERR_REDIRECT_DENIED'
  | 'ERR_UNSAFE_TRANSPORT'
  | 'ERR_PERMISSION_DENIED'
  | 'ERR_SECRET_EXPIRED'
  | 'ERR_SECRET_DISABLED'
  | 'ERR_NOT_REVEALABLE'
  | 'ERR_CONFIRMATION_REQUIRED'
  | 'ERR_SECRET_EXISTS'
  | 'ERR_SECRET_NOT_FOUND'
  | 'ERR_IMMUTABLE_FIELD'
  | 'ERR_INVALID_INPUT'
  | 'ERR_CONFLICT'
  | 'ERR_STORAGE_UNAVAILABLE'
  | 'ERR_OUTCOME_UNKNOWN'
  | 'ERR_RECORD_CORRUPT'
  | 'ERR_RECORD_UNREADABLE'
  | 'ERR_KEYRING_MISSING'
  | 'ERR_INVALID_KEY'

/** Why a stored record did not open. */
export type UnreadableReason = 'key-unknown' | 'key-corrupt' | 'moved' | 'tampered' | 'rolled-back'

/** One occurrence of a reference whose secret, or whose field, is not there. */
export interface MissingReference {
  readonly tag: string
  readonly field?: string
  /** Where it stands: keys joined by dots, `''` for a text. */
  readonly path: string
  /** A tag or field that was perhaps meant. */
  readonly suggestion?: string
}

/** What an error may carry beside its code and message; all of it is safe to log. */
export interface ErrorFields {
  readonly missing?: readonly MissingReference[]
  /** Offset in UTF-16 code units within the text at `path`. */
  readonly index?: number
  readonly path?: string
  readonly tag?: string
  readonly field?: string
  /** Field names, never their values. */
  readonly fields?: readonly string[]
  readonly filter?: string
  readonly suggestion?: string
  /** Host name without port, or a mask where the host came out of a secret. */
  readonly host?: string
  readonly location?: ReferenceLocation
  readonly reason?: UnreadableReason
}

/**
 * The one error class. Recognise it by `code`, not by `instanceof`, where two copies of the package may meet.
 *
 * Its message is one sentence: what happened, then what to do.
 */
export class GuillemetError extends Error implements ErrorFields {
  override readonly name = 'GuillemetError'
  readonly code: GuillemetErrorCode
  declare readonly missing?: readonly MissingReference[]
  declare readonly index?: number
  declare readonly path?: string
  declare readonly tag?: string
  declare readonly field?: string
  declare readonly fields?: readonly string[]
  declare readonly filter?: string
  declare readonly suggestion?: string
  declare readonly host?: string
  declare readonly location?: ReferenceLocation
  declare readonly reason?: UnreadableReason

  /** @param fields members that are `undefined` are left out */
  constructor(
    code: GuillemetErrorCode,
    message: string,
    fields: { readonly [K in keyof ErrorFields]: ErrorFields[K] | undefined } = {},
  ) {
    super(message)
    this.code = code
    for (const key of Object.keys(fields) as (keyof ErrorFields)[]) {
      const value = fields[key]
      if (value !== undefined) defineOwn(this, key, { value, enumerable: true })
    }
  }
}

/** The `code` of anything thrown, where it has one as an own or inherited string; foreign errors included. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  try {
    const code =
      'code' in error && error.code !== (Object.prototype as { code?: unknown }).code ? error.code : undefined
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined // a throwing getter is a foreign error without a code
  }
}
