/**
 * One host rule: brought into one form, then compared with a URL as the URL parser sees it (WHATWG URL §3.5).
 *
 * A rule is `[http://|https://|ws://|wss://][*.]host[:port][/path]` and nothing else. `*.` matches one or more labels,
 * never the apex, and at least one label follows it. Without a scheme it is https and wss, without a port the scheme's
 * default; http and ws must be said. `localhost:*` and the like take any port of this machine. A path is a prefix of whole
 * segments.
 */

import { parseUrl } from '../url.ts'
import { normalisePathPrefix } from './path-prefix.ts'

/** The longest rule that is read, in characters; a host name has at most 253. */
export const MAX_HOST_RULE_LENGTH = 512

const MAX_HOST_LENGTH = 253
const HTTP = 'http://'

// what would end the host for a URL parser (query, userinfo, an escape, white space) is refused, not cut off
const RULE = /^(?:(https?|wss?):\/\/)?(\*\.)?([^\s\u0000-\u0020\u007f/\\?#@%*]+)(:\*)?(\/[^\s\\?#]*)?$/i
// narrower than the URL parser: `a.example,b.example` is a host to it and a mistake here
const HOST_NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/

/**
 * The rule in its one form, or undefined where it is not a host rule: lower case, no trailing dot, punycode, no default port,
 * `http://` kept and `https://` left out; its path with its case, without a slash at its end.
 */
export function normaliseHostRule(rule: string): string | undefined {
  const match = rule.length <= MAX_HOST_RULE_LENGTH ? RULE.exec(rule) : null
  if (match === null) return undefined
  const [, scheme = '', star = '', given = '', anyPort = '', givenPath = ''] = match
  const isHttp = ['http', 'ws'].includes(scheme.toLowerCase())
  // a colon at the end is a port that is missing
  const url = given.endsWith(':') ? undefined : parseUrl(`${isHttp ? 'http' : 'https'}://${given}`)
  if (url === undefined) return undefined
  const host = withoutTrailingDot(url.hostname)
  const isPort = anyPort === '' || (url.port === '' && star === '' && isLoopback(url))
  const path = normalisePathPrefix(givenPath)
  if (!isRuleHost(host, star) || !isPort || path === undefined) return undefined
  return (isHttp ? HTTP : '') + star + withPort(host, anyPort === '' ? url.port : '*') + path
}

function isRuleHost(host: string, star: string): boolean {
  return isAddress(host) ? star === '' : host.length <= MAX_HOST_LENGTH && HOST_NAME.test(host)
}

/** The parts of a rule that `normaliseHostRule` gave. */
export interface HostRuleParts {
  readonly isHttp: boolean
  /** Host and port, with the star in front. */
  readonly host: string
  /** `''` for any path. */
  readonly path: string
}

/** A rule in its one form, taken apart. */
export function hostRuleParts(rule: string): HostRuleParts {
  const isHttp = rule.startsWith(HTTP)
  const rest = isHttp ? rule.slice(HTTP.length) : rule
  const slash = rest.indexOf('/')
  return slash < 0 ? { isHttp, host: rest, path: '' } : { isHttp, host: rest.slice(0, slash), path: rest.slice(slash) }
}

/** `insecure`: everything matches but the scheme, which is http where the rule asks for https. */
export type HostVerdict = 'match' | 'insecure' | 'other'

/**
 * Whether a URL leads to the host of a rule that `normaliseHostRule` gave, whatever its path. A rule in any other form
 * matches nothing.
 */
export function compareHost(rule: string, url: URL): HostVerdict {
  const { isHttp, host: wanted } = hostRuleParts(rule)
  const host = withoutTrailingDot(url.hostname)
  if (!matchesHost(wanted, withPort(host, url.port), host)) return 'other'
  if ((isHttp ? ['http:', 'ws:'] : ['https:', 'wss:']).includes(url.protocol)) return 'match'
  return url.protocol === 'http:' || url.protocol === 'ws:' ? 'insecure' : 'other'
}

function matchesHost(wanted: string, hostAndPort: string, host: string): boolean {
  if (wanted.endsWith(':*')) return host === wanted.slice(0, -2)
  if (!wanted.startsWith('*.')) return hostAndPort === wanted
  // not shorter: with `.acme.dev` alone the star would match nothing
  return hostAndPort.endsWith(wanted.slice(1)) && hostAndPort.length >= wanted.length && !isAddress(host)
}

/** Whether the URL stays on this machine: localhost and names under it, 127.0.0.0/8, ::1. */
export function isLoopback(url: URL): boolean {
  const host = withoutTrailingDot(url.hostname)
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host)
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || IPV4.test(host)
}

function withPort(host: string, port: string): string {
  return port === '' ? host : `${host}:${port}`
}

/** `api.acme.dev.` and `api.acme.dev` are one host in the DNS, but two texts to the URL parser. */
function withoutTrailingDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host
}
