/** What could lead a request elsewhere than its URL says, or make it another request than the rule of a secret was held against. */

import { GuillemetError } from '../errors.ts'
import { parseUrl } from '../url.ts'
import type { UsedSecret } from '../vault/redirect.ts'
import type { HttpCall } from './http-call.ts'

/** A part of a request: with it, no secret that is bound to hosts is sent. */
export interface Diversion {
  /** As errors name it: `member "proxy"`, `header "host"`. */
  readonly what: string
  /** Whether it changes the method that the server acts on. */
  readonly isOfMethod: boolean
}

/** Members of an init of fetch that runtimes read: where the request really goes is theirs to say. */
export const FETCH_DIVERSIONS: readonly string[] = ['dispatcher', 'agent', 'client', 'proxy', 'unix', 'tls']
/** They are for the next server alone, which can be told by them to drop or reframe the rest (RFC 9110 §7.6.1). */
const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const METHOD_OVERRIDES: readonly string[] = ['x-http-method-override', 'x-method-override', 'x-http-method']
/** Servers after some proxies act on their path in place of the URL's. */
const PATH_OVERRIDES: readonly string[] = ['x-original-url', 'x-rewrite-url']
const HOST_NAMES: readonly string[] = ['host', ':authority']
/** A URL up to the end of its authority, as it was written: parsers differ in where that is if these are in it. */
const WRITTEN_AUTHORITY = /^(?:[^/?#\\]*:)?[\\/\t\r\n]*[^/?#]*/
/** What would begin another part of a URL. */
const NOT_IN_HOST = /[\s@/\\?#]/
const TRICK = /[\\\t\r\n]/

/** Whether a member that could lead elsewhere does so. */
export function isSetMember(member: unknown): boolean {
  return member !== undefined && member !== null && member !== false
}

/** The first thing of a request that could lead it elsewhere; undefined where there is none. What changes the method counts most. */
export function diversionOf(call: HttpCall): Diversion | undefined {
  const override = call.headers.find(({ name }) => METHOD_OVERRIDES.includes(name))
  if (override !== undefined) return { what: `header "${override.name}"`, isOfMethod: true }
  const [member] = call.diversions
  if (member !== undefined) return { what: `member "${member}"`, isOfMethod: false }
  if (TRICK.test(WRITTEN_AUTHORITY.exec(call.url)![0])) {
    return { what: 'backslash, tab or line break in the authority of its URL', isOfMethod: false }
  }
  for (const { name, value } of call.headers) {
    const isOfHost = HOST_NAMES.includes(name) && !isHostOf(value, call.url)
    const isOfNext = HOP_BY_HOP.includes(name) || PATH_OVERRIDES.includes(name)
    if (isOfHost || isOfNext) return { what: `header "${name}"`, isOfMethod: false }
  }
  return undefined
}

/** Whether a `Host` says what the URL says; where a secret is in the URL's host nobody can tell. */
function isHostOf(host: string, url: string): boolean {
  if (NOT_IN_HOST.test(host)) return false
  const target = parseUrl(url)
  return target !== undefined && parseUrl(`${target.protocol}//${host}`)?.host === target.host
}

/** The vault's refusal of a secret that is bound to hosts, told in the client's own words; any other error as it is. */
export function transportError(error: unknown, { what }: Diversion, client: string): unknown {
  if (!(error instanceof GuillemetError) || error.code !== 'ERR_UNSAFE_TRANSPORT') return error
  return unsafeTransport(what, client, error)
}

/** @throws ERR_UNSAFE_TRANSPORT for a secret that is bound to methods, in a request with something that changes the method */
export function requireSameMethod(
  secrets: readonly UsedSecret[],
  { what, isOfMethod }: Diversion,
  client: string,
): void {
  const bound = isOfMethod ? secrets.find(({ allow }) => allow?.methods !== undefined) : undefined
  if (bound !== undefined) throw unsafeTransport(what, client, bound)
}

function unsafeTransport(what: string, client: string, { tag, path }: Partial<UsedSecret>): GuillemetError {
  return new GuillemetError(
    'ERR_UNSAFE_TRANSPORT',
    `The secret "${tag}" is bound by its rule, and the ${what} could lead the request elsewhere or make another of it; leave it out, or set the option unsafeTransport of ${client} where it is your own.`,
    { tag, path },
  )
}
