/**
 * Where the references of a URL stand, read from the text between them as the URL parser would (WHATWG URL §4.4).
 *
 * A value is percent-encoded, or held to what a host name may be, so it can never end the part that it stands in: the
 * literals alone decide.
 */

import type { EncodedPosition, Encoding } from './compiled.ts'

/** Stands for a reference in the text of a URL; a literal that holds it is refused. */
const REFERENCE_GAP = '\0'
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/
const SPECIAL = ['http', 'https', 'ws', 'wss', 'ftp']
// the URL parser drops tabs and line breaks anywhere, so `ht<tab>tp` is a scheme that this reading would not see
const CONTROL = /[\0-\x1f\x7f]/
const NOT_PLAIN_HOST = /[^\0\x21-\x7e]|%/
const QUERY_START = /[?#]/
/** A property of a connection string as SQL Server and JDBC have them, from the end of its host on. */
const IN_PROPERTY = /^(?:jdbc:[^?]*|[^?#/]*);[^;=?#/]*=[^;?]*\0/i
const PROPERTY_RULE =
  'has a reference in a property of a connection string (";password=…"), which nobody decodes; resolve it as a value or in an environment'
// no host has these characters, but most tags of other engines do: {{ … }}, << … >>, ${…}, <% … %>
const FOREIGN = /[{}<>]/
const FOREIGN_START = /^(?:[{<]|\$\{)/

/**
 * A position for each reference, or the rule that the literals break.
 *
 * @param isPath whether the text is a path, whatever it looks like
 * @param isRequest whether it is requested, so that a whole URL must be one of HTTP or of a web socket
 */
export function locateInUrl(
  literals: readonly string[],
  isPath: boolean,
  isRequest: boolean,
): readonly EncodedPosition[] | string {
  if (literals.some((literal) => CONTROL.test(literal))) {
    return 'holds a tab, line break or other control character within its URL, where the URL parser would drop it'
  }
  const text = literals.join(REFERENCE_GAP)
  if (text.startsWith(' ') || text.endsWith(' ')) return 'begins or ends with a space around its URL; remove it'
  if (isPath) return locateInPath(text)
  // the text begins with a reference: the whole URL, or its beginning up to the path
  if (text === REFERENCE_GAP) return [inHost(isRequest ? 'whole' : 'any-whole')]
  if (text.startsWith(REFERENCE_GAP)) return [inHost(isRequest ? 'base' : 'any-base'), ...locateInPath(text.slice(1))]
  const { start, end } = authorityIn(text)
  if (IN_PROPERTY.test(propertiesIn(text, start))) return PROPERTY_RULE
  const authority = text.slice(start, end)
  const hostStart = authority.lastIndexOf('@') + 1
  const host = authority.slice(hostStart)
  if (host.includes(REFERENCE_GAP) && NOT_PLAIN_HOST.test(host) && !FOREIGN.test(host)) {
    return 'has a reference in a host that is not plain ASCII; write the host in its ASCII form'
  }
  const [user, password] = cutBefore(authority.slice(0, hostStart), ':')
  return [
    ...forEachGap(user, { location: 'auth', encoding: 'user' }),
    ...forEachGap(password, { location: 'auth', encoding: 'percent' }),
    ...locateInHost(host),
    ...locateInPath(text.slice(end)),
  ]
}

/** The text in which a connection string may have properties; `''` for a URL that the WHATWG parser reads, and one with credentials. */
function propertiesIn(text: string, start: number): string {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || scheme === 'file' || SPECIAL.includes(scheme)) return ''
  if (scheme === 'jdbc') return text
  const afterHost = text.slice(start)
  return afterHost.slice(0, afterHost.search(/[/?#]|$/)).includes('@') ? '' : afterHost
}

/** Whether a tag of another engine stands in the scheme, the host or the port of a URL, or is its beginning. */
export function hasForeignHost(text: string): boolean {
  const { start, end } = authorityIn(text)
  return FOREIGN_START.test(text) || FOREIGN.test(text.slice(start, end))
}

/**
 * The scheme and the host of a URL that is not the WHATWG parser's to judge, as they are written (RFC 3986 §3.2):
 * several hosts, `tcp(…)`, none at all, or a tag of another engine. Undefined for a URL of that parser.
 */
export function writtenOrigin(text: string): string | undefined {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  const isGeneric = scheme !== undefined && scheme !== 'file' && !SPECIAL.includes(scheme)
  if (!isGeneric && !hasForeignHost(text)) return undefined
  const { start, end } = authorityIn(text)
  const authority = text.slice(start, end)
  return `${scheme ?? ''}://${authority.slice(authority.lastIndexOf('@') + 1)}`
}

/** Where the authority stands: userinfo, host and port; empty where the URL has none. */
function authorityIn(text: string): { readonly start: number; readonly end: number } {
  const scheme = SCHEME.exec(text)
  const name = scheme?.[1]?.toLowerCase()
  const schemeEnd = scheme?.[0].length ?? 0
  const slashes = slashesAfter(name).exec(text.slice(schemeEnd))
  if (slashes === null) return { start: 0, end: 0 }
  const start = schemeEnd + slashes[0].length
  const isBackslashSlash = name === undefined || name === 'file' || SPECIAL.includes(name)
  const length = text.slice(start).search(isBackslashSlash ? /[/?#\\]/ : /[/?#]/)
  return { start, end: length < 0 ? text.length : start + length }
}

/** What stands between a scheme and an authority; a URL without those slashes has none. */
function slashesAfter(scheme: string | undefined): RegExp {
  if (scheme === undefined) return /^[\\/]{2,}/
  // after a special scheme the URL parser skips any number of slashes, none included
  if (SPECIAL.includes(scheme)) return /^[\\/]*/
  return scheme === 'file' ? /^[\\/]{2}/ : /^\/\//
}

function locateInHost(host: string): readonly EncodedPosition[] {
  const positions: EncodedPosition[] = []
  let isPort = false
  let isAddress = false
  for (let index = 0; index < host.length; index++) {
    const character = host[index]!
    if (character === '[' || character === ']') isAddress = character === '['
    else if (character === ':') isPort ||= !isAddress
    else if (character === REFERENCE_GAP) {
      const isLast = index === host.length - 1
      positions.push(inHost(isPort ? 'port' : isAddress ? 'address' : isLast ? 'host-port' : 'host'))
    }
  }
  return positions
}

function locateInPath(text: string): readonly EncodedPosition[] {
  const [path, query] = cutBefore(text, QUERY_START)
  return [
    ...forEachGap(path, { location: 'path', encoding: 'path' }),
    ...forEachGap(query, { location: 'query', encoding: 'percent' }),
  ]
}

function inHost(encoding: Encoding): EncodedPosition {
  return { location: 'host', encoding }
}

/** The text in two: before the first match, and from there on. */
function cutBefore(text: string, pattern: string | RegExp): readonly [before: string, rest: string] {
  const index = typeof pattern === 'string' ? text.indexOf(pattern) : text.search(pattern)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index)]
}

function forEachGap(text: string, position: EncodedPosition): readonly EncodedPosition[] {
  return new Array<EncodedPosition>(text.split(REFERENCE_GAP).length - 1).fill(position)
}
