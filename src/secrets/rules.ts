/**
 * What each part of a secret may be: one vocabulary for what a caller gives and for what a storage gives back. The only
 * room that knows zod.
 *
 * zod says yes or no to single members, which were copied beforehand by own key: neither a polluted prototype nor a
 * getter can answer for a member that is not there. The words are ours, so that none repeats a value.
 */

import { $ZodCustom } from 'zod/v4/core' // its part for libraries; bundlers drop all but a hundredth of zod
import { isWellFormed } from '../bytes.ts'
import { LOCATIONS } from '../location.ts'
import type { Scalar } from '../secret-value.ts'
import { isName } from '../tag.ts'
import { parseUrl } from '../url.ts'
import { isAllowedLocation } from './allowed-location.ts'
import { isLoopback, MAX_HOST_RULE_LENGTH } from './host.ts'
import { isInstant } from './instant.ts'
import {
  type AllowedLocation,
  MAX_ACTOR_ID_LENGTH,
  MAX_DESCRIPTION_LENGTH,
  MAX_LIST_LIMIT,
  MAX_NAME_LENGTH,
  MAX_USES,
  SECRET_TYPES,
  type SecretType,
  VISIBILITIES,
  type Visibility,
} from './secret.ts'

/** What is accepted, and the same in words. */
export interface Rule<T> {
  readonly schema: $ZodCustom<T>
  /** Completes a sentence such as 'The name …'. */
  readonly says: string
}

const MAX_SEARCH_LENGTH = 256
const TEXT = 'must be valid Unicode text'
const PARSE_CONTEXT = { async: false, skipChecks: false, direction: 'forward' } as const

// `@__PURE__`, since a bundler keeps every call at the top of a module that it cannot prove to be free of effects

/** Tags, environments and fields. */
export const name: Rule<string> = /* @__PURE__ */ customRule(
  'must be 1 to 128 characters of A-Z, a-z, 0-9, "_" and "-"',
  isName,
)
export const text: Rule<string> = /* @__PURE__ */ textRule('')
export const nonEmptyText: Rule<string> = /* @__PURE__ */ textRule(' that is not empty', (given) => given !== '')
export const displayName: Rule<string> = /* @__PURE__ */ textUpTo(MAX_NAME_LENGTH)
export const description: Rule<string> = /* @__PURE__ */ textUpTo(MAX_DESCRIPTION_LENGTH)
export const actorId: Rule<string> = /* @__PURE__ */ nonEmptyTextUpTo(MAX_ACTOR_ID_LENGTH)
export const searchText: Rule<string> = /* @__PURE__ */ textUpTo(MAX_SEARCH_LENGTH)
export const enabled: Rule<boolean> = /* @__PURE__ */ customRule(
  'must be true or false',
  (given) => typeof given === 'boolean',
)
export const secretType: Rule<SecretType> = /* @__PURE__ */ oneOf(SECRET_TYPES)
export const visibility: Rule<Visibility> = /* @__PURE__ */ oneOf(VISIBILITIES)
export const databaseMode: Rule<'uri' | 'atlas'> = /* @__PURE__ */ oneOf(['uri', 'atlas'])

/** An entry of `allow.in` in the stored form. */
export const location: Rule<AllowedLocation> = /* @__PURE__ */ locationRule()

/** How many secrets a page of a listing has. */
export const listLimit: Rule<number> = /* @__PURE__ */ countUpTo(MAX_LIST_LIMIT)
export const maxUses: Rule<number> = /* @__PURE__ */ countUpTo(MAX_USES)

/** One value of a map of fields. */
export const fieldValue: Rule<Scalar> = /* @__PURE__ */ customRule(
  'must be valid Unicode text, a finite number, true or false',
  isScalarValue,
)

/** The first colon ends the user name of HTTP's basic authentication (RFC 7617 §2). */
export const userName: Rule<string> = /* @__PURE__ */ textRule(
  ' without a colon, which would end it (RFC 7617)',
  (given) => !given.includes(':'),
)

export const keySetUrl: Rule<string> = /* @__PURE__ */ stringRule(
  'must be an https URL, or an http URL of this machine',
  isKeySetUrl,
)

/** What tells one claim or deletion from any other: base64url of 16 bytes. */
export const writeId: Rule<string> = /* @__PURE__ */ stringRule('must be 22 characters of base64url', (given) =>
  /^[A-Za-z0-9_-]{22}$/.test(given),
)

/** A time in the stored form; `toInstant` brings others into it. */
export const instant: Rule<string> = /* @__PURE__ */ customRule(
  'must be a date such as 2027-03-04, or a date and time with Z or an offset (ISO 8601)',
  isInstant,
)

/** A host rule in the stored form, as far as its characters tell; anything else that passes matches no URL. */
export const hostRule: Rule<string> = /* @__PURE__ */ stringRule(
  'must be a host such as api.acme.dev, *.acme.dev, [::1]:8443, http://localhost:8080 or, with a plain path, api.acme.dev/v2; without query or user',
  (given) => given.length <= MAX_HOST_RULE_LENGTH && /^[\x21-\x7e]+$/.test(given),
)

/** A request method in the stored form. Narrower than RFC 9110 §9.1: `*` would read as "any" and match nothing. */
export const method: Rule<string> = /* @__PURE__ */ stringRule(
  'must be a request method of at most 32 letters, digits, "-" and "_"',
  (given) => /^[A-Z][A-Z0-9_-]{0,31}$/.test(given),
)

/** Whether the rule accepts the value. */
export function accepts<T>(rule: Rule<T>, given: unknown): given is T {
  // not by `safeParse`: its objects have none of these members as their own, and would inherit what makes zod skip its checks
  const payload = { value: given, issues: [], aborted: false, memo: undefined }
  rule.schema._zod.run(payload, PARSE_CONTEXT)
  return payload.issues.length === 0
}

/** Text that UTF-8 can carry; `more` completes the words. */
function textRule(more: string, isFit: (text: string) => boolean = () => true): Rule<string> {
  return stringRule(TEXT + more, (given) => isFit(given) && isWellFormed(given))
}

function stringRule(says: string, isFit: (text: string) => boolean): Rule<string> {
  return customRule(says, (given): given is string => typeof given === 'string' && isFit(given))
}

function textUpTo(most: number): Rule<string> {
  return textRule(` of at most ${most} characters`, (given) => given.length <= most)
}

function nonEmptyTextUpTo(most: number): Rule<string> {
  return textRule(` of 1 to ${most} characters`, (given) => given !== '' && given.length <= most)
}

function oneOf<T extends string>(known: readonly T[]): Rule<T> {
  return customRule(`must be one of ${known.join(', ')}`, (given): given is T => known.includes(given as T))
}

function locationRule(): Rule<AllowedLocation> {
  return customRule(
    `must be one of ${LOCATIONS.join(', ')}, or such as header:authorization, query:api_key, body:client_secret`,
    (given): given is AllowedLocation => typeof given === 'string' && isAllowedLocation(given),
  )
}

function countUpTo(most: number): Rule<number> {
  const isFit = (given: unknown): given is number =>
    Number.isSafeInteger(given) && (given as number) >= 1 && (given as number) <= most
  return customRule(`must be a whole number from 1 to ${most}`, isFit)
}

function customRule<T>(says: string, isFit: (given: unknown) => given is T): Rule<T> {
  // an own `when`, since one that is inherited would decide whether the value is looked at
  return {
    schema: new $ZodCustom({ type: 'custom', check: 'custom', fn: isFit, when: undefined }) as $ZodCustom<T>,
    says,
  }
}

function isScalarValue(given: unknown): given is Scalar {
  return typeof given === 'string' ? isWellFormed(given) : typeof given === 'boolean' || Number.isFinite(given)
}

function isKeySetUrl(given: string): boolean {
  // the URL parser drops white space; a client that reads the field later may not
  const url = /\s/.test(given) ? undefined : parseUrl(given)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
}
