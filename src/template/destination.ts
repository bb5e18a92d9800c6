/** Where a request goes, and whether a URL with its values in it still goes there, as the WHATWG URL parser sees it. */

import { GuillemetError } from '../errors.ts'
import type { CompiledTemplate, Encoding, Placeholder, Route, TextNode } from './compiled.ts'
import { encode } from './encoding.ts'
import { urlError } from './errors.ts'
import { writtenOrigin } from './url-positions.ts'
import { type Lookup, valueFor } from './values.ts'

/** What a relative URL is read against; a name that never resolves (RFC 6761 §6.4). */
export const DUMMY_ORIGIN = 'http://guillemet.invalid'
/** What stands for a value that does not decide where the URL leads. */
const DUMMY = 'x'
// clients put base and URL together as texts, so a base that is not whole, `https:`, would end in the other's host
const WHOLE_BASE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\\/?#]/
const SCHEME_ALONE = /^[A-Za-z][A-Za-z0-9+.-]*:(?![\\/]{2})/
const HOST_TEXT = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]*(?:[^\\/?#]*@)?([^\\/?#]*?)(?::[0-9]*)?(?:[\\/?#]|$)/
const AFTER_BASE = /^[/?#]/
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i
/** The longest is `%2e%2e`. */
const LONGEST_DOT_SEGMENT = 6
const SEPARATOR = /[\\/]/
const SEGMENT_END = /[\\/?#]/

const WHOLE_ENCODINGS: readonly Encoding[] = ['whole', 'any-whole']
const BASE_ENCODINGS: readonly Encoding[] = ['base', 'any-base']

/** A value as it is written in a URL; undefined for a reference that is kept, or whose value is not known yet. */
type Piece = string | undefined

/**
 * Where a request goes: its origin, as the WHATWG URL parser sees it, and its method in capitals.
 *
 * `lookup` is asked for secrets that stand in the host, or are the whole URL, and for no other. `fallback` is where a
 * relative URL, or a config without any, is sent. Undefined when it cannot be known: a relative URL without either, a
 * host whose secret is missing, a kind without URLs. The path of the URL that comes back is always `/`.
 *
 * @throws ERR_INVALID_INPUT when the config's URLs name different origins, since clients differ in which one they take,
 *   or when one of them is neither a text nor a `URL`; ERR_UNSAFE_URL_VALUE for a value that is not a host;
 *   ERR_FIELD_REQUIRED
 */
export function destinationOf(
  { route }: CompiledTemplate,
  lookup: Lookup,
  fallback?: URL,
): { readonly url: URL; readonly method: string } | undefined {
  if (route === undefined || route.isForeign) return undefined
  if (!route.isReadable) throw ambiguousUrl()
  let found: URL | undefined
  for (const base of route.bases) {
    const url = baseUrl(base, lookup)
    if (url === undefined) return undefined
    if (found !== undefined) requireSameOrigin(found, url)
    found = url
  }
  for (const target of route.targets) {
    const url = targetUrl(target, lookup, found ?? fallback)
    if (url === undefined) return undefined
    if (found !== undefined) requireSameOrigin(found, url)
    found = url
  }
  const url = route.parts.size === 0 ? (found ?? fallback) : withParts(route, lookup, found, fallback)
  return url && { url: new URL(`${originOf(url)}/`), method: route.method }
}

function baseUrl(base: string | TextNode, lookup: Lookup): URL | undefined {
  const text = typeof base === 'string' ? base : knownText(base, lookup)
  return text !== undefined && WHOLE_BASE.test(text) ? urlFrom(text) : undefined
}

function targetUrl(target: string | TextNode, lookup: Lookup, base: URL | undefined): URL | undefined {
  const text = typeof target === 'string' ? target : knownText(target, lookup)
  if (text === undefined) return undefined
  if (SCHEME_ALONE.test(text)) throw ambiguousUrl()
  return urlFrom(text) ?? urlFrom(text, base)
}

/** A URL with the values in its host, and a dummy for all others; undefined while a value in its host is not known. */
function knownText(node: TextNode, lookup: Lookup): string | undefined {
  const { placeholders } = node
  const references = placeholders.filter(decidesHost).map(({ reference }) => reference)
  const pieces = placeholders.map((placeholder): Piece => {
    const value = decidesHost(placeholder)
      ? valueFor(placeholder, { references, lookup, keepMissing: true })
      : undefined
    return value === undefined ? undefined : encode(placeholder, value)
  })
  const known = withDummies(node, pieces)
  if (known !== undefined && placeholders.length > 0) requireSameHost(node, pieces)
  return known
}

/** Where a request goes that has parts of a URL as members: they say so themselves, or agree with the URL. */
function withParts(route: Route, lookup: Lookup, found: URL | undefined, fallback: URL | undefined): URL | undefined {
  const parts = urlPartsOf(route, lookup)
  if (parts === undefined) return undefined
  const url = found ?? urlOfParts(parts) ?? fallback
  if (url !== undefined) requireSameParts(parts, url)
  return url
}

/** What node's clients take in place of a URL, each as it would stand in one. */
interface UrlParts {
  readonly protocol: string | undefined
  readonly hosts: readonly string[]
  readonly port: string | undefined
}

/** The parts of a URL that a config has as members; undefined while a secret among them is not known. */
function urlPartsOf({ parts }: Route, lookup: Lookup): UrlParts | undefined {
  const texts = new Map<string, string>()
  for (const [name, part] of parts) {
    const text = typeof part === 'string' ? part : partText(part, lookup)
    if (text === undefined) return undefined
    texts.set(name, text)
  }
  const protocol = texts.get('protocol')?.toLowerCase()
  const hosts = [texts.get('hostname'), texts.get('host')].filter((host) => host !== undefined)
  return { protocol: protocol && (protocol.endsWith(':') ? protocol : `${protocol}:`), hosts, port: texts.get('port') }
}

function partText(node: TextNode, lookup: Lookup): string | undefined {
  const { literals, placeholders } = node
  const references = placeholders.map(({ reference }) => reference)
  let text = literals[0]!
  for (const [index, placeholder] of placeholders.entries()) {
    const value = valueFor(placeholder, { references, lookup, keepMissing: true })
    if (value === undefined) return undefined
    text += encode(placeholder, value) + literals[index + 1]!
  }
  return text
}

/** Where the parts lead by themselves; undefined where no host is among them, or the scheme cannot be known. */
function urlOfParts({ protocol, hosts, port }: UrlParts): URL | undefined {
  const [host] = hosts
  const scheme = protocol ?? (port === '443' ? 'https:' : port === '80' ? 'http:' : undefined)
  if (host === undefined || scheme === undefined) return undefined
  const url = urlFrom(`${scheme}//${host}`)
  if (url === undefined || port === undefined || url.port !== '') return url
  return urlFrom(`${scheme}//${host}:${port}`)
}

/** Holds every part against where the request goes: clients differ in which one they take. */
function requireSameParts({ protocol, hosts, port }: UrlParts, url: URL): void {
  if (protocol !== undefined && protocol !== url.protocol) throw differentOrigins()
  const portOf = (other: URL): string =>
    other.port || (other.protocol === 'https:' || other.protocol === 'wss:' ? '443' : '80')
  if (port !== undefined && port !== portOf(url)) throw differentOrigins()
  for (const host of hosts) {
    const other = urlFrom(`${url.protocol}//${host}`)
    const isSame = other?.hostname === url.hostname && (other.port === '' || other.port === url.port)
    if (!isSame) throw differentOrigins()
  }
}

function ambiguousUrl(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'Clients could differ in where a URL of the request leads; write it as one text, with its scheme and "//".',
  )
}

function requireSameOrigin(known: URL, url: URL): void {
  if (originOf(known) !== originOf(url)) throw differentOrigins()
}

function differentOrigins(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The URLs and hosts of the request name different origins; make them agree, or keep one.',
  )
}

/** The text as a URL; undefined when it is not valid, or is relative and has no base. */
function urlFrom(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined // its error repeats the text
  }
}

/** Scheme, host and port; also where the property `origin` is `null`. */
function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}

/** The text as a URL, also where it is relative. */
function anyUrl(text: string): URL | undefined {
  return urlFrom(text) ?? urlFrom(text, DUMMY_ORIGIN)
}

/** Where a URL without references in its host leads; undefined when it is not a URL. */
export function originWithoutSecrets(node: TextNode): string | undefined {
  return originOfText(withDummies(node, [])!)
}

/** Where a text leads: as it is written where the WHATWG parser has no say, and as that parser reads it otherwise. */
function originOfText(text: string): string | undefined {
  const written = writtenOrigin(text)
  if (written !== undefined) return written
  const url = anyUrl(text)
  return url && originOf(url)
}

/** Whether the reference decides where the URL leads. */
function decidesHost({ reference }: Placeholder): boolean {
  return reference.location === 'host'
}

/** The URL with the values in its host, and a dummy for every other; undefined while one in its host is not known. */
function withDummies(node: TextNode, pieces: readonly Piece[]): string | undefined {
  const { placeholders } = node
  if (placeholders.some((placeholder, index) => decidesHost(placeholder) && pieces[index] === undefined))
    return undefined
  return joined(node, (index) => (decidesHost(placeholders[index]!) ? pieces[index]! : DUMMY))
}

function joined({ literals, placeholders }: TextNode, pieceAt: (index: number) => string): string {
  let text = literals[0]!
  for (let index = 0; index < placeholders.length; index++) text += pieceAt(index) + literals[index + 1]!
  return text
}

/**
 * Holds the values of a URL to what their places allow.
 *
 * @throws ERR_UNSAFE_URL_VALUE when a value moves the URL elsewhere, a host does not give itself back, or a path
 *   segment becomes `.` or `..`
 */
export function requireSafeUrl(node: TextNode, pieces: readonly Piece[]): void {
  const { literals, placeholders, path } = node
  if (node.syntax === 'url') requireSameHost(node, pieces)
  const written = placeholders.map(({ source }, index) => pieces[index] ?? source)
  const text = joined(node, (index) => written[index]!)
  let start = 0
  for (const [index, { tag, encoding }] of placeholders.entries()) {
    start += literals[index]!.length
    const end = start + written[index]!.length
    if ((encoding === 'path' || encoding === 'segment') && isDotSegment(text, start, end)) {
      throw urlError(tag, path, 'makes a path segment "." or "..", which leads to another path; store another value')
    }
    start = end
  }
}

/**
 * Holds what the values make of a URL to where it leads without them.
 *
 * Encoding alone should see to that; this is the second lock, and the only one where `raw` was asked for.
 */
function requireSameHost(node: TextNode, pieces: readonly Piece[]): void {
  const { placeholders, path } = node
  requireBase(node, pieces)
  const filled = pieces.map((piece, index) => piece ?? dummyFor(placeholders[index]!))
  const expected = node.origin ?? originOfHosts(node, filled)
  if (originOfText(joined(node, (index) => filled[index]!)) === expected) return
  throw urlError(placeholders[0]!.tag, path, 'would lead it to another host; store a value that does not')
}

/** Where a URL with references in its host leads for the values of those alone. */
function originOfHosts(node: TextNode, pieces: readonly string[]): string {
  const hosts = node.placeholders.filter(decidesHost)
  const { tag } = hosts[0]!
  const text = withDummies(node, pieces)!
  const written = writtenOrigin(text)
  if (written !== undefined) return written
  const url = anyUrl(text)
  if (url === undefined) throw urlError(tag, node.path, 'does not make a valid URL; correct the value')
  const isWhole = hosts.every(({ encoding }) => WHOLE_ENCODINGS.includes(encoding) || BASE_ENCODINGS.includes(encoding))
  // a host that the URL parser reads as another one, such as `0x7f.1`, is not what the author or a rule would see
  if (!isWhole && HOST_TEXT.exec(text)?.[1]?.toLowerCase() !== url.hostname.toLowerCase()) {
    const rule = 'is a host that the URL parser reads as another one; write it in its plain form'
    throw urlError(tag, node.path, rule)
  }
  return originOf(url)
}

/** A base URL ends where the path begins: with its own slash, or with the text after it. */
function requireBase({ literals, placeholders, path }: TextNode, pieces: readonly Piece[]): void {
  const [first] = placeholders
  if (!BASE_ENCODINGS.includes(first!.encoding) || pieces[0] === undefined || pieces[0].endsWith('/')) return
  if (AFTER_BASE.test(literals[1]!)) return
  throw urlError(first!.tag, path, 'is followed by text that would change its host; write "/" after the reference')
}

/** What stands for a reference that is kept, so that the others are held to their places all the same. */
function dummyFor({ encoding }: Placeholder): string {
  if (WHOLE_ENCODINGS.includes(encoding) || BASE_ENCODINGS.includes(encoding)) return DUMMY_ORIGIN
  if (encoding === 'port') return '1'
  return encoding === 'address' ? '::1' : DUMMY
}

/** Whether the path segment around a value is one of those that go away. */
function isDotSegment(text: string, start: number, end: number): boolean {
  let from = start
  while (from > 0 && start - from <= LONGEST_DOT_SEGMENT && !SEPARATOR.test(text[from - 1]!)) from--
  let to = end
  while (to < text.length && to - end <= LONGEST_DOT_SEGMENT && !SEGMENT_END.test(text[to]!)) to++
  return to - from <= LONGEST_DOT_SEGMENT && DOT_SEGMENT.test(text.slice(from, to))
}
