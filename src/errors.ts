/**
 * Every failure of this library: one class, told apart by a stable `code`.
 *
 * No message, field, stack or cause ever holds a value, a ciphertext or a full URL, so an error may be logged as it is.
 */

import type { ReferenceLocation } from './location.ts'
import { defineOwn } from './plain-object.ts'

/** The stable codes; semantic versioning holds for them. */
export type GuillemetErrorCode =
  /** A referenced secret or field does not exist; `missing` lists every occurrence. */
  | 'ERR_MISSING_SECRETS'
  /** A text starts like a reference but does not follow the grammar. */
  | 'ERR_MALFORMED_REFERENCE'
  /** A reference has no closing delimiter. */
  | 'ERR_UNCLOSED_REFERENCE'
  /** A reference is not among those the author wrote. */
  | 'ERR_UNEXPECTED_REFERENCE'
  /** A secret of several fields is referenced without a field. */
  | 'ERR_FIELD_REQUIRED'
  /** A reference names a filter that does not exist. */
  | 'ERR_UNKNOWN_FILTER'
  /** A reference stands in a key, a header name or another part that is never resolved. */
  | 'ERR_REFERENCE_IN_KEY'
  /** A value holds a character that would end or change a header. */
  | 'ERR_UNSAFE_HEADER_VALUE'
  /** A value holds a NUL character, which ends an environment variable. */
  | 'ERR_UNSAFE_ENV_VALUE'
  /** A value would change where a URL leads. */
  | 'ERR_UNSAFE_URL_VALUE'
  /** The secret's rule does not allow this host, or the host is not known. */
  | 'ERR_HOST_DENIED'
  /** The secret's rule asks for https. */
  | 'ERR_INSECURE_SCHEME'
  /** The secret's rule names paths of this host, and not this one. */
  | 'ERR_PATH_DENIED'
  /** The secret's rule does not allow this location, or this name at it. */
  | 'ERR_LOCATION_DENIED'
  /** The secret's rule does not allow this request method. */
  | 'ERR_METHOD_DENIED'
  /** More references to the secret than its rule allows in one resolve. */
  | 'ERR_TOO_MANY_USES'
  /** A redirect leads where the request may not go. */
  | 'ERR_REDIRECT_DENIED'
  /** The client or its options could send a secret elsewhere. */
  | 'ERR_UNSAFE_TRANSPORT'
  /** A reference stands within bytes, or within an object of a class that is not looked into. */
  | 'ERR_OPAQUE_VALUE'
  /** The policy, or the view, does not permit the action. */
  | 'ERR_PERMISSION_DENIED'
  /** The secret's expiry date has passed. */
  | 'ERR_SECRET_EXPIRED'
  /** The secret is switched off. */
  | 'ERR_SECRET_DISABLED'
  /** The secret is restricted: it can be used but never shown. */
  | 'ERR_NOT_REVEALABLE'
  /** The tag was not typed again to confirm a deletion. */
  | 'ERR_CONFIRMATION_REQUIRED'
  /** A secret with this tag exists already. */
  | 'ERR_SECRET_EXISTS'
  /** There is no secret with this tag. */
  | 'ERR_SECRET_NOT_FOUND'
  /** Tag, type or visibility would change. */
  | 'ERR_IMMUTABLE_FIELD'
  /** An argument, an option or a member of the input is not valid; `path` names the member. */
  | 'ERR_INVALID_INPUT'
  /** Somebody else changed the record in the meantime. */
  | 'ERR_CONFLICT'
  /** The storage or a key provider failed, or the vault was closed before the call was done; nothing was written. */
  | 'ERR_STORAGE_UNAVAILABLE'
  /** The storage failed while it committed; the write may be there or not. */
  | 'ERR_OUTCOME_UNKNOWN'
  /** A stored record is not in a format that this version reads. */
  | 'ERR_RECORD_CORRUPT'
  /** A keyring is in a format that only a newer release of this package reads. */
  | 'ERR_NEWER_FORMAT'
  /** A stored record or the keyring does not open; `reason` says why, `key-unknown` where another key is given. */
  | 'ERR_RECORD_UNREADABLE'
  /** There are records but no keyring. */
  | 'ERR_KEYRING_MISSING'
  /** A key is missing, malformed or withdrawn, or a passphrase is wrong. */
  | 'ERR_INVALID_KEY'
  /** A key cannot be taken away, since something still needs it or nothing proves that it does not. */
  | 'ERR_KEY_IN_USE'

/**
 * The HTTP status of the codes, the first that applies; a template or request that is wrong is 422. A table would be read
 * more easily, and cost every import 280 bytes: that of docs/ERRORS.md is held against this one by a test, code by code.
 */
const STATUSES: readonly (readonly [status: number, codes: RegExp])[] = [
  [502, /REDIRECT/],
  [400, /INPUT|CONFIRM/],
  [404, /FOUND/],
  [409, /EXISTS|MUTABLE|CONFLICT|IN_USE/],
  [403, /DENIED|SCHEME|SECRET_|REVEAL|USES/],
  [503, /UNAVAILABLE/],
  [504, /OUTCOME/],
  [500, /RECORD|KEYRING|INVALID_KEY|FORMAT/],
]
const UNPROCESSABLE = 422

/**
 * Why a stored record did not open.
 *
 * `key-unknown`: none of the given keys opens its data key. `key-corrupt`: the data key does not match its id. `moved`:
 * the record, or its rule, belongs to another place or version. `tampered`: the sealed value was changed.
 * `rolled-back`: the record is older than one that was read or written before.
 */
export type UnreadableReason = 'key-unknown' | 'key-corrupt' | 'moved' | 'tampered' | 'rolled-back'

/** One occurrence of a reference whose secret, or whose field, does not exist. */
export interface MissingReference {
  /** The tag that the reference names. */
  readonly tag: string
  /** The field that the reference names; absent where the secret itself is missing and no field was named. */
  readonly field?: string
  /** Where the reference is: keys joined by dots, `''` for a text. */
  readonly path: string
  /** A tag or field that was perhaps meant. */
  readonly suggestion?: string
  /** Where a field was named of a secret that is one text. */
  readonly hasNoFields?: true
  /** Where the secret was deleted in this environment, so that no environment after it was asked. */
  readonly isDeleted?: true
}

/** What an error may carry besides its code and message; all of it is safe to log. */
export interface ErrorFields {
  /** With `ERR_MISSING_SECRETS`: every occurrence, in the order of the template. */
  readonly missing?: readonly MissingReference[]
  /** Offset in UTF-16 code units within the text at `path`. */
  readonly index?: number
  /** Where in the template or the input: keys joined by dots, indexes in brackets, `''` for a text. */
  readonly path?: string
  /** The tag of the secret concerned. */
  readonly tag?: string
  /** The field of a secret, or the member that cannot change, by name. */
  readonly field?: string
  /** Field names, never their values. */
  readonly fields?: readonly string[]
  /** The name of the filter that does not exist. */
  readonly filter?: string
  /** A name that was perhaps meant. */
  readonly suggestion?: string
  /** Host name without port, or a mask where the host came out of a secret. */
  readonly host?: string
  /** The location that the rule does not allow. */
  readonly location?: ReferenceLocation
  /** With `ERR_RECORD_UNREADABLE`: why. */
  readonly reason?: UnreadableReason
}

/**
 * The one error class. Recognise it by `code`, not by `instanceof`, where two copies of the package may meet.
 *
 * Its message is one sentence: what happened, then what to do.
 *
 * @example
 * ```ts
 * try {
 *   await vault.resolveHeaders(headers)
 * } catch (error) {
 *   if ((error as GuillemetError).code !== 'ERR_MISSING_SECRETS') throw error
 *   console.log((error as GuillemetError).missing)
 * }
 * ```
 */
export class GuillemetError extends Error implements ErrorFields {
  /** The name of the class, as `error.toString()` shows it. */
  override readonly name = 'GuillemetError'
  /** What happened; stable across versions. */
  readonly code: GuillemetErrorCode
  /** The HTTP status that an API server would answer with, such as 404. */
  readonly status: number
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

  /**
   * Makes an error of this library, for a storage or key provider of your own.
   *
   * @param message shown to the user as it is, so it must quote no value and no connection string
   * @param fields members that are `undefined` are left out
   */
  constructor(
    code: GuillemetErrorCode,
    message: string,
    fields: { readonly [K in keyof ErrorFields]: ErrorFields[K] | undefined } = {},
  ) {
    super(message)
    this.code = code
    this.status = STATUSES.find(([, codes]) => codes.test(code))?.[0] ?? UNPROCESSABLE
    for (const key of Object.keys(fields) as (keyof ErrorFields)[]) {
      const value = fields[key]
      if (value !== undefined) defineOwn(this, key, { value, enumerable: true })
    }
  }

  /** What is safe to log of it: all but the stack and the cause. */
  toJSON(): Readonly<Record<string, unknown>> {
    const { name, code, status, message } = this
    return { name, code, status, message, ...(this as ErrorFields) }
  }
}

const CLASS_NAME = /^[A-Za-z]{1,40}$/
const PRINTABLE_CODE = /^[A-Z0-9_]{1,40}$/

/** The code of a foreign error where it is one of a system or a database (`ENOENT`, `42P01`): no text that could hold a value. */
export function printableCodeOf(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && PRINTABLE_CODE.test(code) ? code : undefined
}

/** What a message says of a foreign error: its code, else its class; never its text. */
export function kindOf(error: unknown): string {
  const code = printableCodeOf(error)
  if (code !== undefined) return code
  const name: unknown = error instanceof Error ? error.constructor.name : undefined
  return `an unknown error${typeof name === 'string' && CLASS_NAME.test(name) ? `, ${name}` : ''}`
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
