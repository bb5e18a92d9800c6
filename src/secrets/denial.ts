/**
 * A rule held against one use of its secret. Every refusal says what would have to be in the rule; none holds a value, a
 * query, or of a path more than its first words.
 */

import { type ErrorFields, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { entryFor, permitsPlace } from './allowed-location.ts'
import { compareHost, hostRuleParts, normaliseHostRule } from './host.ts'
import { isUnderPrefix, mayClimb } from './path-prefix.ts'
import type { AllowedLocation, StoredRule } from './secret.ts'

/** Where a secret with `hosts` may be used when its rule does not say: servers log URLs, and bodies hold other people's text. */
export const DEFAULT_LOCATIONS: readonly ReferenceLocation[] = ['header', 'auth']
/** Those of RFC 9110 §9 and RFC 5789: any other method is text of the template, and not shown. */
const SHOWN_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
/** The segments of a path that are shown: words and versions, no ids and tokens. */
const SHOWN_SEGMENT = /^(?:[a-z]{1,16}\d?|v\d{1,3})$/

/** The URL and method that a request goes to; a fetch without a method is a GET, which the caller must say. */
export interface Destination {
  readonly url: URL
  readonly method: string | undefined
}

/** One use of a secret. */
export interface SecretUse {
  readonly location: ReferenceLocation
  /** The header, parameter or body member; undefined where there is none, or nobody knows. */
  readonly name: string | undefined
  /** Where the reference is in the template, for errors. */
  readonly path: string | undefined
  readonly destination: Destination | undefined
  /** A mask that errors show for the destination's host, where that came out of a secret. */
  readonly shownHost: string | undefined
  /** A member of the request that could lead it elsewhere, by name. */
  readonly diversion?: string | undefined
  /**
   * Every path that a client could make of the request, asked for where a rule names one; an empty list where nobody
   * knows. Undefined: that of the destination's URL.
   */
  readonly urlPaths: (() => readonly string[]) | undefined
}

/**
 * Why the rule forbids this use, or undefined where it permits it. Nothing is opened for it.
 *
 * The rule must be in the form that `parseAllow` gives. Where the destination is not known, a rule with `hosts` or
 * `methods` permits only a reference at `env` or `value`, and only if `in` names that location.
 *
 * @returns ERR_HOST_DENIED, ERR_INSECURE_SCHEME, ERR_PATH_DENIED, ERR_LOCATION_DENIED or ERR_METHOD_DENIED; the first
 *   that applies of unknown destination, location, host, path, method
 */
export function denialOf(rule: StoredRule | undefined, tag: string, use: SecretUse): GuillemetError | undefined {
  if (rule === undefined) return undefined
  const { destination } = use
  const isBound = rule.hosts !== undefined || rule.methods !== undefined
  if (isBound && destination === undefined && !isNamedOutsideRequests(rule, use.location)) {
    const what = 'may only be sent to certain hosts, and no destination is known here'
    return denial('ERR_HOST_DENIED', tag, use, `${what}; ${adviceAt(rule, use.location)}`)
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
  use: Pick<SecretUse, 'location' | 'name' | 'path'>,
): GuillemetError | undefined {
  const { location, name } = use
  const permitted = rule?.in ?? (rule?.hosts === undefined ? undefined : DEFAULT_LOCATIONS)
  if (permitted === undefined || permitsPlace(permitted, location, name)) return undefined
  const entry = entryFor(location, name)
  const place = entry === location ? '' : ` under the name "${entry.slice(location.length + 1)}"`
  const what = `may not be used at "${location}"${place}; ${locationAdvice(rule?.in, entry)}, or move the reference`
  return denial('ERR_LOCATION_DENIED', tag, use, what, { location })
}

/**
 * The refusal of more references than a rule allows in one resolve.
 *
 * @param path that of the first reference that is one too many
 * @returns ERR_TOO_MANY_USES
 */
export function useCountDenialOf(limit: number, tag: string, count: number, path: string): GuillemetError {
  const what = `may be used at most ${limit} times in one resolve, and has ${count} references`
  return denial('ERR_TOO_MANY_USES', tag, { path }, `${what}; set allow.maxUses to ${count}, or use it less often`)
}

function locationAdvice(permitted: StoredRule['in'], entry: AllowedLocation): string {
  if (entry === 'body' && permitted?.some((each) => each.startsWith('body:'))) {
    return 'its rule names members of the body, which is neither JSON nor a form here, perhaps broken by a text that was filled in'
  }
  if (permitted !== undefined) return `add "${entry}" to allow.in`
  // a list that is given takes the place of the usual one
  const wanted = [...DEFAULT_LOCATIONS, entry].map((each) => `"${each}"`).join(', ')
  return `set allow.in to [${wanted}]`
}

function adviceAt(rule: StoredRule, location: ReferenceLocation): string {
  if (location !== 'env' && location !== 'value') {
    return 'give the request an absolute URL (https://…), or say where it goes (destination)'
  }
  const what = location === 'env' ? 'an environment' : 'a plain value'
  const request = location === 'env' ? 'a request' : "a request (resolveRequest, or as: 'request')"
  return `use it in ${request}, or let its rule allow it in ${what}: ${locationAdvice(rule.in, location)}`
}

function isNamedOutsideRequests(rule: StoredRule, location: ReferenceLocation): boolean {
  return (location === 'env' || location === 'value') && (rule.in?.includes(location) ?? false)
}

function hostDenialOf(rule: StoredRule, tag: string, use: SecretUse, url: URL): GuillemetError | undefined {
  const { hosts } = rule
  if (hosts === undefined) return undefined
  const verdicts = hosts.map((host) => compareHost(host, url))
  const matching = hosts.filter((_, index) => verdicts[index] === 'match')
  if (matching.length > 0) return pathDenialOf(matching, tag, use, url)
  const host = use.shownHost ?? url.hostname
  const entry = use.shownHost === undefined ? normaliseHostRule(url.origin) : undefined
  if (verdicts.includes('insecure')) {
    const what = `may only be sent over https; use an https URL, or add ${shownEntry(entry, 'the host with http://')}`
    return denial('ERR_INSECURE_SCHEME', tag, use, `${what} to allow.hosts`)
  }
  const what = `may not be sent to "${host}" with this scheme and port; add ${shownEntry(entry, 'it')} to allow.hosts`
  return denial('ERR_HOST_DENIED', tag, use, `${what}, or change the URL`, { host })
}

/** Each path that the request may have must be one of a rule that names its host. */
function pathDenialOf(matching: readonly string[], tag: string, use: SecretUse, url: URL): GuillemetError | undefined {
  const prefixes = matching.map((rule) => hostRuleParts(rule).path)
  if (prefixes.includes('')) return undefined
  const paths = use.urlPaths?.() ?? [url.pathname]
  const stray = paths.find((path) => mayClimb(path) || !prefixes.some((prefix) => isUnderPrefix(path, prefix)))
  if (paths.length > 0 && stray === undefined) return undefined
  const host = use.shownHost ?? url.hostname
  const origin = use.shownHost === undefined ? normaliseHostRule(url.origin) : undefined
  const what = `may only be sent to certain paths of "${host}", and ${strayPath(stray, prefixes, origin ?? host)}`
  return denial('ERR_PATH_DENIED', tag, use, what, { host })
}

function strayPath(stray: string | undefined, prefixes: readonly string[], origin: string): string {
  if (stray === undefined) return 'the path is not known here; write the URL as one text'
  if (mayClimb(stray)) {
    return 'a server could read a step upwards ("..") in the path of this one; write that segment in another way'
  }
  const shown = shownPath(stray, prefixes)
  const entry = shown === undefined ? `"${origin}/" and the beginning of its path` : `"${origin}${shown}"`
  return `this is another; add ${entry} to allow.hosts, or change the URL`
}

function shownEntry(entry: string | undefined, otherwise: string): string {
  return entry === undefined ? otherwise : `"${entry}"`
}

/**
 * The beginning of a path up to where it leaves those of the rule, and one segment more; undefined where that is not a
 * word, since it may be a token, or a secret.
 */
function shownPath(path: string, prefixes: readonly string[]): string | undefined {
  const segments = path.split('/')
  const shared = prefixes.map((prefix) => prefix.split('/').findIndex((segment, at) => segment !== segments[at]))
  const end = Math.max(...shared)
  return SHOWN_SEGMENT.test(segments[end] ?? '') ? segments.slice(0, end + 1).join('/') : undefined
}

function methodDenialOf(
  rule: StoredRule,
  tag: string,
  use: SecretUse,
  method: string | undefined,
): GuillemetError | undefined {
  const { methods } = rule
  const wanted = method?.toUpperCase()
  if (methods === undefined || (wanted !== undefined && methods.includes(wanted))) return undefined
  const entry = wanted !== undefined && SHOWN_METHODS.includes(wanted) ? `"${wanted}"` : 'that'
  const what = `may not be used with the method of this request; add ${entry} to allow.methods, or use another`
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
