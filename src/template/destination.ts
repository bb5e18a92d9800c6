/** Where a request goes, as the WHATWG URL parser sees it. */

import { GuillemetError } from '../errors.ts'
import { parseUrl } from '../url.ts'
import type { CompiledTemplate, Route, TextNode } from './compiled.ts'
import { encodeKnown } from './encoding.ts'
import { requireSameHost } from './safe-url.ts'
import { decidesHost, joined, originOf, type Piece, withDummies } from './url-origin.ts'
import type { Lookup } from './values.ts'

// clients put base and URL together as texts, so a base that is not whole, `https:`, would end in the other's host
const WHOLE_BASE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\\/?#]/
const SCHEME_ALONE = /^[A-Za-z][A-Za-z0-9+.-]*:(?![\\/]{2})/
const AUTHORITY = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]{2}([^/?#]*)/
// what WHATWG parsers drop before they read
const NOT_READ = /^[\0-\x20]+|[\t\n\r]/g

/**
 * Where a request goes: its origin, as the WHATWG URL parser sees it, and its method in capitals.
 *
 * `lookup` is asked for secrets that stand in the host, or are the whole URL, and for no other. `fallback` is where a
 * relative URL, or a config without any, is sent. Undefined when it cannot be known: a relative URL without either, a
 * host whose secret is missing, a URL that parsers read as two hosts, a kind without URLs. The path of the URL that
 * comes back is always `/`.
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
  return text !== undefined && WHOLE_BASE.test(text) && !hasTwoHosts(text) ? parseUrl(text) : undefined
}

function targetUrl(target: string | TextNode, lookup: Lookup, base: URL | undefined): URL | undefined {
  const text = typeof target === 'string' ? target : knownText(target, lookup)
  if (text === undefined || hasTwoHosts(text)) return undefined
  if (SCHEME_ALONE.test(text)) throw ambiguousUrl()
  return parseUrl(text) ?? parseUrl(text, base)
}

/** `https://a.example\@b.example`: the backslash ends the host for WHATWG parsers, and is user info for those of RFC 3986. */
function hasTwoHosts(text: string): boolean {
  if (!text.includes('\\')) return false
  const authority = AUTHORITY.exec(text.replace(NOT_READ, ''))?.[1] ?? ''
  const backslash = authority.indexOf('\\')
  return backslash >= 0 && backslash < authority.lastIndexOf('@')
}

/** A URL with the values in its host, and a dummy for all others; undefined while a value in its host is not known. */
function knownText(node: TextNode, lookup: Lookup): string | undefined {
  const { placeholders } = node
  const pieces = placeholders.map(
    (placeholder): Piece => (decidesHost(placeholder) ? encodeKnown(placeholder, lookup) : undefined),
  )
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
  const pieces = node.placeholders.map((placeholder) => encodeKnown(placeholder, lookup))
  return pieces.includes(undefined) ? undefined : joined(node, (index) => pieces[index]!)
}

/** Where the parts lead by themselves; undefined where no host is among them, or the scheme cannot be known. */
function urlOfParts({ protocol, hosts, port }: UrlParts): URL | undefined {
  const [host] = hosts
  const scheme = protocol ?? (port === '443' ? 'https:' : port === '80' ? 'http:' : undefined)
  if (host === undefined || scheme === undefined) return undefined
  const url = parseUrl(`${scheme}//${host}`)
  if (url === undefined || port === undefined || url.port !== '') return url
  return parseUrl(`${scheme}//${host}:${port}`)
}

/** Holds every part against where the request goes: clients differ in which one they take. */
function requireSameParts({ protocol, hosts, port }: UrlParts, url: URL): void {
  if (protocol !== undefined && protocol !== url.protocol) throw differentOrigins()
  const portOf = (other: URL): string =>
    other.port || (other.protocol === 'https:' || other.protocol === 'wss:' ? '443' : '80')
  if (port !== undefined && port !== portOf(url)) throw differentOrigins()
  for (const host of hosts) {
    const other = parseUrl(`${url.protocol}//${host}`)
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
