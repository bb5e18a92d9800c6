/**
 * The rule that binds a secret to its use: read from a caller, held against one use, and as parts of what the ciphertext
 * authenticates.
 */

import { type ErrorFields, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import { LOCATIONS, type ReferenceLocation } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import { compareHost, normaliseHostRule } from './host.ts'
import type { AllowRule, ClearInfo } from './secret.ts'
import { copyList, copyMembers, invalidInput, requireKnown } from './untrusted.ts'

/** The most hosts of one rule. */
export const MAX_HOSTS = 100

/** The most methods of one rule. */
export const MAX_METHODS = 32

/** The members of a rule, in the order in which they are stored and authenticated. */
export const RULE_MEMBERS = ['hosts', 'in', 'methods'] as const

/** A request method in the form it is stored in. Narrower than RFC 9110 §9.1: `*` would read as "any" and fit nothing. */
export const METHOD = /^[A-Z][A-Z0-9_-]{0,31}$/

/** Where a secret with `hosts` may stand when its rule does not say. */
const DEFAULT_LOCATIONS: readonly ReferenceLocation[] = ['header', 'query', 'path', 'auth', 'body']

/** The URL and method that a request goes to; a fetch without a method is a GET, which the caller must say. */
export interface Destination {
  readonly url: URL
  readonly method?: string
}

/** One use of a secret. */
export interface SecretUse {
  readonly location: ReferenceLocation
  /** Where the reference stands in the template. */
  readonly path?: string
  /** Absent where it is not known. */
  readonly destination?: Destination
  /** A mask that errors show for the destination's host, where that came out of a secret. */
  readonly shownHost?: string
}

/**
 * A copy of the rule in its one form: hosts as `normaliseHostRule` gives them, methods in upper case. Reading it again
 * changes nothing.
 *
 * An absent list does not restrict and an empty one permits nothing, so a list that is `undefined` is refused: a rule
 * must not open because a variable was not set.
 *
 * @throws ERR_INVALID_INPUT for anything else than a rule, an unknown member included
 */
export function parseAllow(rule: unknown): AllowRule {
  const members = copyMembers(rule)
  if (members === undefined) throw invalidInput('allow', 'must be a plain object')
  requireKnown(members, RULE_MEMBERS, 'allow')
  const copy: { hosts?: string[]; in?: ReferenceLocation[]; methods?: string[] } = Object.create(null)
  if ('hosts' in members) copy.hosts = parseList(members['hosts'], 'hosts', MAX_HOSTS, parseHost, HOST_RULE)
  if ('in' in members) copy.in = parseList(members['in'], 'in', LOCATIONS.length, parseLocation, LOCATION_RULE)
  if ('methods' in members)
    copy.methods = parseList(members['methods'], 'methods', MAX_METHODS, parseMethod, METHOD_RULE)
  return copy
}

const HOST_RULE =
  'must be a host such as api.acme.dev, *.acme.dev, [::1]:8443 or http://localhost:8080, without path, query or user'
const LOCATION_RULE = `must be one of ${LOCATIONS.join(', ')}`
const METHOD_RULE = 'must be a request method of at most 32 letters, digits, "-" and "_"'

function parseList<T>(
  list: unknown,
  name: string,
  limit: number,
  parse: (item: unknown) => T | undefined,
  rule: string,
): T[] {
  const items = copyList(list, limit)
  if (items === undefined) throw invalidInput(`allow.${name}`, `must be a list of at most ${limit} texts`)
  return items.map((item, index) => {
    const parsed = parse(item)
    if (parsed === undefined) throw invalidInput(`allow.${name}[${index}]`, rule)
    return parsed
  })
}

function parseHost(item: unknown): string | undefined {
  return typeof item === 'string' ? normaliseHostRule(item) : undefined
}

function parseLocation(item: unknown): ReferenceLocation | undefined {
  return LOCATIONS.find((location) => location === item)
}

function parseMethod(item: unknown): string | undefined {
  const method = typeof item === 'string' ? item.toUpperCase() : ''
  return METHOD.test(method) ? method : undefined
}

/**
 * Why the rule forbids this use, or undefined where it permits it. Nothing is opened for it.
 *
 * The rule must be in the form that `parseAllow` gives. Where the destination is not known, a rule with `hosts` or
 * `methods` permits only a reference that stands at `env` or `value` itself and whose location `in` names.
 *
 * @returns ERR_HOST_DENIED, ERR_INSECURE_SCHEME, ERR_LOCATION_DENIED or ERR_METHOD_DENIED; the first that applies of
 *   unknown destination, location, host, method
 */
export function denialOf(rule: AllowRule | undefined, tag: string, use: SecretUse): GuillemetError | undefined {
  if (rule === undefined) return undefined
  const destination = ownValue(use, 'destination')
  const isBound = ownValue(rule, 'hosts') !== undefined || ownValue(rule, 'methods') !== undefined
  if (isBound && destination === undefined && !isNamedOutsideRequests(rule, use.location)) {
    const what = 'is bound to hosts or methods and no destination is known here'
    return denial('ERR_HOST_DENIED', tag, use, `${what}; resolve it in a request or give the option "destination"`)
  }
  const byLocation = locationDenialOf(rule, tag, use)
  if (byLocation !== undefined || destination === undefined) return byLocation
  return (
    hostDenialOf(rule, tag, use, destination.url) ?? methodDenialOf(rule, tag, use, ownValue(destination, 'method'))
  )
}

/**
 * The part of `denialOf` that needs no destination: for a secret that stands in the host itself, which is opened before
 * the destination is known and must be held against its whole rule right after.
 */
export function locationDenialOf(
  rule: AllowRule | undefined,
  tag: string,
  use: Pick<SecretUse, 'location' | 'path'>,
): GuillemetError | undefined {
  const named = ownValue(rule, 'in')
  const permitted = named ?? (ownValue(rule, 'hosts') === undefined ? undefined : DEFAULT_LOCATIONS)
  if (permitted === undefined || permitted.includes(use.location)) return undefined
  const { location } = use
  const what = `may not stand at "${location}"; name that in allow.in or move the reference`
  return denial('ERR_LOCATION_DENIED', tag, use, what, { location })
}

function isNamedOutsideRequests(rule: AllowRule, location: ReferenceLocation): boolean {
  return (location === 'env' || location === 'value') && (ownValue(rule, 'in')?.includes(location) ?? false)
}

function hostDenialOf(rule: AllowRule, tag: string, use: SecretUse, url: URL): GuillemetError | undefined {
  const hosts = ownValue(rule, 'hosts')
  if (hosts === undefined) return undefined
  const verdicts = hosts.map((host) => compareHost(host, url))
  if (verdicts.includes('match')) return undefined
  if (verdicts.includes('insecure')) {
    const what = 'may only be sent over https; use an https URL or allow the host with http://'
    return denial('ERR_INSECURE_SCHEME', tag, use, what)
  }
  const host = ownValue(use, 'shownHost') ?? url.hostname
  const what = `may not be sent to "${host}" with this scheme and port; name it in allow.hosts or change the URL`
  return denial('ERR_HOST_DENIED', tag, use, what, { host })
}

function methodDenialOf(
  rule: AllowRule,
  tag: string,
  use: SecretUse,
  method: string | undefined,
): GuillemetError | undefined {
  const methods = ownValue(rule, 'methods')
  if (methods === undefined || (method !== undefined && methods.includes(method.toUpperCase()))) return undefined
  // the method is not shown: it is text of the template
  const what = 'may not be used with the method of this request; name that in allow.methods or give another'
  return denial('ERR_METHOD_DENIED', tag, use, what)
}

function denial(
  code: GuillemetErrorCode,
  tag: string,
  use: Pick<SecretUse, 'path'>,
  what: string,
  fields: ErrorFields = {},
): GuillemetError {
  const path = ownValue(use, 'path')
  return new GuillemetError(code, `The secret "${tag}" ${what}.`, {
    tag,
    ...fields,
    ...(path !== undefined && { path }),
  })
}

/**
 * Rule and state as named lists of texts in a fixed order, for the digest that the ciphertext authenticates.
 *
 * A rule, even an empty one, adds `allow`; each of its lists adds itself, an empty one without texts; what is absent adds
 * nothing.
 */
export function digestParts(
  info: Pick<ClearInfo, 'allow' | 'enabled' | 'expiresAt'>,
): { readonly name: string; readonly values: readonly string[] }[] {
  const parts: { name: string; values: readonly string[] }[] = []
  const allow = ownValue(info, 'allow')
  if (allow !== undefined) {
    parts.push({ name: 'allow', values: [] })
    for (const name of RULE_MEMBERS) {
      const values = ownValue(allow, name)
      if (values !== undefined) parts.push({ name, values })
    }
  }
  parts.push({ name: 'enabled', values: [String(info.enabled)] })
  const expiresAt = ownValue(info, 'expiresAt')
  if (expiresAt !== undefined) parts.push({ name: 'expiresAt', values: [expiresAt] })
  return parts
}
