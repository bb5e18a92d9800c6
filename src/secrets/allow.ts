/**
 * The rule that binds a secret to its use: read from a caller, held against one use, and as parts of what the ciphertext
 * authenticates.
 */

import { type ErrorFields, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import { LOCATIONS, type ReferenceLocation } from '../location.ts'
import { withoutPrototype } from '../plain-object.ts'
import { compareHost, normaliseHostRule } from './host.ts'
import * as rules from './rules.ts'
import type { ClearInfo, StoredRule } from './secret.ts'
import { copyList, copyMembers, invalidInput, requireKnown, requireRule } from './untrusted.ts'

/** The most hosts of one rule. */
export const MAX_HOSTS = 100

/** The most methods of one rule. */
export const MAX_METHODS = 32

/** The members of a rule, in the order in which they are stored and authenticated. */
export const RULE_MEMBERS = ['hosts', 'in', 'methods'] as const

/** Where a secret with `hosts` may be used when its rule does not say: servers log URLs, and bodies hold other people's text. */
const DEFAULT_LOCATIONS: readonly ReferenceLocation[] = ['header', 'auth']

/** The URL and method that a request goes to; a fetch without a method is a GET, which the caller must say. */
export interface Destination {
  readonly url: URL
  readonly method: string | undefined
}

/** One use of a secret. */
export interface SecretUse {
  readonly location: ReferenceLocation
  /** Where the reference is in the template, for errors. */
  readonly path: string | undefined
  readonly destination: Destination | undefined
  /** A mask that errors show for the destination's host, where that came out of a secret. */
  readonly shownHost: string | undefined
  /** A member of the request that could lead it elsewhere, by name. */
  readonly diversion?: string | undefined
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
export function parseAllow(rule: unknown): StoredRule {
  const members = copyMembers(rule)
  if (members === undefined) throw invalidInput('allow', 'must be a plain object')
  requireKnown(members, RULE_MEMBERS, 'allow')
  return withoutPrototype<StoredRule>({
    hosts: parseList(members, 'hosts', MAX_HOSTS, parseHost, rules.hostRule),
    in: parseList(members, 'in', LOCATIONS.length, (item) => item, rules.location),
    methods: parseList(members, 'methods', MAX_METHODS, upperCase, rules.method),
  })
}

function parseList<T>(
  members: Record<string, unknown>,
  name: (typeof RULE_MEMBERS)[number],
  limit: number,
  normalise: (item: unknown) => unknown,
  rule: rules.Rule<T>,
): T[] | undefined {
  if (!Object.hasOwn(members, name)) return undefined
  const items = copyList(members[name], limit)
  if (items === undefined) throw invalidInput(`allow.${name}`, `must be a list of at most ${limit} texts`)
  return items.map((item, index) => requireRule(rule, normalise(item), `allow.${name}[${index}]`))
}

function parseHost(item: unknown): string | undefined {
  return typeof item === 'string' ? normaliseHostRule(item) : undefined
}

function upperCase(item: unknown): unknown {
  return typeof item === 'string' ? item.toUpperCase() : item
}

/**
 * Why the rule forbids this use, or undefined where it permits it. Nothing is opened for it.
 *
 * The rule must be in the form that `parseAllow` gives. Where the destination is not known, a rule with `hosts` or
 * `methods` permits only a reference at `env` or `value`, and only if `in` names that location.
 *
 * @returns ERR_HOST_DENIED, ERR_INSECURE_SCHEME, ERR_LOCATION_DENIED or ERR_METHOD_DENIED; the first that applies of
 *   unknown destination, location, host, method
 */
export function denialOf(rule: StoredRule | undefined, tag: string, use: SecretUse): GuillemetError | undefined {
  if (rule === undefined) return undefined
  const { destination } = use
  const isBound = rule.hosts !== undefined || rule.methods !== undefined
  if (isBound && destination === undefined && !isNamedOutsideRequests(rule, use.location)) {
    const what = 'may only be sent to certain hosts, and no destination is known here'
    return denial('ERR_HOST_DENIED', tag, use, `${what}; ${adviceAt(use.location)}`)
  }
  const byLocation = locationDenialOf(rule, tag, use)
  if (byLocation !== undefined || destination === undefined) return byLocation
  if (rule.hosts !== undefined && use.diversion !== undefined) {
    const what = `may only be sent to certain hosts, and the member "${use.diversion}" could lead the request elsewhere`
    return denial('ERR_UNSAFE_TRANSPORT', tag, use, `${what}; leave it out`)
  }
  return hostDenialOf(rule, tag, use, destination.url) ?? methodDenialOf(rule, tag, use, destination.method)
}

/**
 * The part of `denialOf` that needs no destination: for a secret that is part of the host itself, which is opened before
 * the destination is known and must be held against its whole rule right after.
 */
export function locationDenialOf(
  rule: StoredRule | undefined,
  tag: string,
  use: Pick<SecretUse, 'location' | 'path'>,
): GuillemetError | undefined {
  const permitted = rule?.in ?? (rule?.hosts === undefined ? undefined : DEFAULT_LOCATIONS)
  if (permitted === undefined || permitted.includes(use.location)) return undefined
  const { location } = use
  const wanted = [...permitted, location].map((each) => `'${each}'`).join(', ')
  const what = `may not be used at "${location}"; set allow.in to [${wanted}], or move the reference`
  return denial('ERR_LOCATION_DENIED', tag, use, what, { location })
}

function adviceAt(location: ReferenceLocation): string {
  if (location !== 'env' && location !== 'value') return 'use it in a request, or say where it goes (destination)'
  const what = location === 'env' ? 'an environment' : 'a plain value'
  return `use it in a request, or let its rule allow it in ${what} (in: ['${location}'])`
}

function isNamedOutsideRequests(rule: StoredRule, location: ReferenceLocation): boolean {
  return (location === 'env' || location === 'value') && (rule.in?.includes(location) ?? false)
}

function hostDenialOf(rule: StoredRule, tag: string, use: SecretUse, url: URL): GuillemetError | undefined {
  const { hosts } = rule
  if (hosts === undefined) return undefined
  const verdicts = hosts.map((host) => compareHost(host, url))
  if (verdicts.includes('match')) return undefined
  if (verdicts.includes('insecure')) {
    const what = 'may only be sent over https; use an https URL, or add the host with http:// to its allowed hosts'
    return denial('ERR_INSECURE_SCHEME', tag, use, what)
  }
  const host = use.shownHost ?? url.hostname
  const entry = use.shownHost === undefined ? normaliseHostRule(url.origin) : undefined
  const missing = entry === undefined ? 'it' : `"${entry}"`
  const what = `may not be sent to "${host}" with this scheme and port; add ${missing} to its allowed hosts, or change the URL`
  return denial('ERR_HOST_DENIED', tag, use, what, { host })
}

function methodDenialOf(
  rule: StoredRule,
  tag: string,
  use: SecretUse,
  method: string | undefined,
): GuillemetError | undefined {
  const { methods } = rule
  if (methods === undefined || (method !== undefined && methods.includes(method.toUpperCase()))) return undefined
  // the method is not shown: it is text of the template
  const what = 'may not be used with the method of this request; add that to its allowed methods, or use another'
  return denial('ERR_METHOD_DENIED', tag, use, what)
}

function denial(
  code: GuillemetErrorCode,
  tag: string,
  use: Pick<SecretUse, 'path'>,
  what: string,
  fields: ErrorFields = {},
): GuillemetError {
  return new GuillemetError(code, `The secret "${tag}" ${what}.`, { tag, ...fields, path: use.path })
}

/** The members of the clear information that the digest covers. */
export const DIGESTED = ['allow', 'enabled', 'expiresAt', 'publicFields', 'createdBy', 'updatedBy'] as const

/**
 * Rule and state as named lists of texts in a fixed order, for the digest that the ciphertext authenticates.
 *
 * A rule, even an empty one, adds `allow`; each of its lists adds itself, an empty one without texts; what is absent adds
 * nothing, so that a record sealed before a member existed has the digest that it had.
 */
export function digestParts(
  info: Pick<ClearInfo, (typeof DIGESTED)[number]>,
): { readonly name: string; readonly values: readonly string[] }[] {
  const { allow, enabled, expiresAt, publicFields, createdBy, updatedBy } = info
  const parts: { name: string; values: readonly string[] }[] = []
  if (allow !== undefined) {
    parts.push({ name: 'allow', values: [] })
    for (const name of RULE_MEMBERS) {
      const values = allow[name]
      if (values !== undefined) parts.push({ name, values })
    }
  }
  parts.push({ name: 'enabled', values: [String(enabled)] })
  if (expiresAt !== undefined) parts.push({ name: 'expiresAt', values: [expiresAt] })
  if (publicFields !== undefined) parts.push({ name: 'publicFields', values: publicFields })
  if (createdBy !== undefined) parts.push({ name: 'createdBy', values: [createdBy] })
  if (updatedBy !== undefined) parts.push({ name: 'updatedBy', values: [updatedBy] })
  return parts
}
