/**
 * Request configs of fetch, undici, axios, got, ky and plain ones: which member is what, and where the request goes.
 */

import { GuillemetError } from '../errors.ts'
import type { Context } from './context.ts'
import { encode } from './encoding.ts'
import { templateError } from './faults.ts'
import { headerOf, readNamed } from './named.ts'
import {
  MODES,
  type Mode,
  type Node,
  type ObjectNode,
  type Plan,
  type Route,
  type TextNode,
  type UrlNode,
} from './plan.ts'
import { type Lookup, resolvePart } from './render.ts'
import { readText } from './text.ts'
import { readUrl, requireSafeHost, skeletonOf } from './url-check.ts'
import { readUrlInstance } from './url-instance.ts'
import { kindOf, type ReadMember, readObject, readStructure, readValue } from './walk.ts'

// clients put base and URL together as texts, so a base that is not whole, `https:`, would end in the other's host
const WHOLE_BASE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^\\/?#]/
const SCHEME_ALONE = /^[A-Za-z][A-Za-z0-9+.-]*:(?![\\/]{2})/

/** A route while it is read. */
interface Draft {
  readonly targets: (string | TextNode)[]
  readonly bases: (string | TextNode)[]
  method: string
  isReadable: boolean
  /** Instances of `URL` without references, by key. */
  readonly fixed: [key: string, url: UrlNode][]
}

/** What became of a request config. */
export interface RequestParts {
  readonly root: Node | undefined
  readonly route: Route
}

/** Reads a request config; a text or `URL` alone is a GET of it. */
export function readRequest(context: Context, template: unknown): RequestParts {
  const route: Draft = { targets: [], bases: [], method: 'GET', isReadable: true, fixed: [] }
  if (typeof template === 'string') return { root: readUrlMember(context, '', template, route, 'targets'), route }
  const kind = typeof template === 'object' && template !== null ? kindOf(context, template) : undefined
  if (kind === 'url') return { root: readUrlMember(context, '', template, route, 'targets'), route }
  if (kind === 'object') {
    const source = template as Readonly<Record<string, unknown>>
    const root = readObject(context, source, MODES.value, requestReader(source, route))
    return { root: root && withFixedUrls(root, route, context.references.length > 0), route }
  }
  context.fault(templateError('is no request: give an object with url, method, headers and body', ''))
  return { root: undefined, route }
}

function requestReader(source: Readonly<Record<string, unknown>>, route: Draft): ReadMember<string> {
  return (context, key, value) => {
    switch (key) {
      case 'url':
      case 'uri':
        return readUrlMember(context, key, value, route, 'targets')
      case 'baseURL':
      case 'prefixUrl':
      case 'origin':
        return readUrlMember(context, key, value, route, 'bases')
      case 'path':
        return readTextAs(context, value, MODES.urlPath, readValue, MODES.value)
      case 'method':
        route.method = readMethod(context, value)
        return readValue(context, value, MODES.never)
      case 'httpVersion':
        return readValue(context, value, MODES.never)
      case 'headers':
        return readNamed(context, value, MODES.header)
      case 'query':
      case 'params':
      case 'searchParams':
      case 'qs':
        return readTextAs(context, value, MODES.queryText, readNamed, MODES.query)
      case 'body':
      case 'data':
        return typeof value === 'string'
          ? readText(context, value, bodyMode(headersOf(source)))
          : readValue(context, value, MODES.body)
      case 'json':
        return readValue(context, value, MODES.body)
      case 'form':
        return readTextAs(context, value, MODES.formText, readNamed, MODES.body)
      case 'auth':
        return readAuth(context, value)
      case 'username':
        return readValue(context, value, MODES.username)
      case 'password':
        return readValue(context, value, MODES.auth)
      default:
        return readValue(context, value, MODES.value)
    }
  }
}

function readTextAs(
  context: Context,
  value: unknown,
  mode: Mode,
  read: (context: Context, value: unknown, mode: Mode) => Node | undefined,
  otherwise: Mode,
): Node | undefined {
  return typeof value === 'string' ? readText(context, value, mode) : read(context, value, otherwise)
}

/** Reads URLs of any shape; where the ones with references lead is what `destination` is compared with. */
export function readUrls(context: Context, value: unknown): RequestParts {
  const route: Draft = { targets: [], bases: [], method: 'GET', isReadable: true, fixed: [] }
  const read = (within: Context, member: unknown): Node | undefined => {
    const kind = typeof member === 'object' && member !== null ? kindOf(within, member) : undefined
    if (kind !== undefined && kind !== 'url') {
      return readStructure(within, member as object, MODES.url, (inner, _key, child) => read(inner, child))
    }
    const node = typeof member === 'string' || kind === 'url' ? readUrlText(within, member) : undefined
    if (node !== undefined) route.targets.push(textOf(node))
    return node
  }
  return { root: read(context, value), route }
}

function readUrlMember(
  context: Context,
  key: string,
  value: unknown,
  route: Draft,
  place: 'targets' | 'bases',
): Node | undefined {
  if (value === undefined || value === null) return undefined
  const kind = typeof value === 'object' ? kindOf(context, value) : undefined
  if (typeof value !== 'string' && kind !== 'url') {
    // a client may still take it for a URL, so nobody can say where this request goes
    route.isReadable = false
    return kind === undefined ? undefined : readValue(context, value, MODES.url)
  }
  const node = readUrlText(context, value)
  route[place].push(node === undefined ? String(value) : textOf(node))
  if (node === undefined && kind === 'url') route.fixed.push([key, fixedUrl(context, String(value))])
  return node
}

/** A `URL` could be turned elsewhere by its owner after it was judged, so where secrets go along a copy goes out. */
function withFixedUrls(root: ObjectNode, { fixed }: Draft, hasReferences: boolean): ObjectNode {
  if (fixed.length === 0 || !hasReferences) return root
  const keys = [...root.keys, ...fixed.map(([key]) => key)]
  return { ...root, keys, nodes: [...root.nodes, ...fixed.map(([, url]) => url)] }
}

function readUrlText(context: Context, value: unknown): TextNode | UrlNode | undefined {
  if (typeof value === 'string') return readText(context, value, MODES.url)
  return readUrlInstance(context, value as URL, MODES.url)
}

function textOf(node: TextNode | UrlNode): TextNode {
  return node.kind === 'url' ? node.text : node
}

function fixedUrl(context: Context, href: string): UrlNode {
  const path = context.path()
  return {
    kind: 'url',
    text: { kind: 'text', path, literals: [href], parts: [], rule: 'none', isTyped: false, origin: undefined },
  }
}

function readMethod(context: Context, value: unknown): string {
  if (value === undefined || value === '') return 'GET'
  if (typeof value === 'string') return value.toUpperCase()
  context.fault(templateError('has a method that is no text', context.path()))
  return 'GET'
}

function readAuth(context: Context, value: unknown): Node | undefined {
  const kind = typeof value === 'object' && value !== null ? kindOf(context, value) : 'text'
  if (kind !== 'object') return kind === undefined ? undefined : readValue(context, value, MODES.auth)
  return readObject(context, value as Readonly<Record<string, unknown>>, MODES.auth, (within, key, member, mode) =>
    readValue(within, member, key === 'username' || key === 'user' ? MODES.username : mode),
  )
}

function headersOf(source: Readonly<Record<string, unknown>>): unknown {
  try {
    return Object.hasOwn(source, 'headers') ? source['headers'] : undefined
  } catch {
    return undefined // reported where the member itself is read
  }
}

/** A text body is what the config's own content type says; anything else is sent as it is. */
function bodyMode(headers: unknown): Mode {
  const [type = ''] = (headerOf(headers, 'content-type') ?? '').trim().toLowerCase().split(/[;\s]/)
  if (type === 'application/json' || type.endsWith('+json')) return MODES.jsonText
  return type === 'application/x-www-form-urlencoded' ? MODES.formText : MODES.bodyText
}

/**
 * Where a request goes: its origin, as the WHATWG URL parser sees it, and its method in capitals.
 *
 * `lookup` is asked for secrets that stand in the host, or are the whole URL, and for no other. `fallback` is where a
 * relative URL, or a config without any, is sent. Undefined when it cannot be known: a relative URL without either, a
 * host whose secret is missing, a kind without URLs. The path of the URL that comes back is always `/`.
 *
 * @throws ERR_INVALID_INPUT when the config's URLs name different origins, since clients differ in which one they take,
 *   or when one of them is neither a text nor a `URL`; ERR_UNSAFE_URL_VALUE for a host value that is none;
 *   ERR_FIELD_REQUIRED
 */
export function destinationOf(plan: Plan, lookup: Lookup, fallback?: URL): { url: URL; method: string } | undefined {
  const { route } = plan
  if (route === undefined) return undefined
  if (!route.isReadable) throw unreadable()
  const hosts = { ...plan, references: plan.references.filter(({ location }) => location === 'host') }
  let found: URL | undefined
  for (const place of route.bases) {
    const text = hostText(place, hosts, lookup)
    const url = text !== undefined && WHOLE_BASE.test(text) ? readUrl(text) : undefined
    if (url === undefined) return undefined
    found = sameOrigin(found, url)
  }
  for (const place of route.targets) {
    const text = hostText(place, hosts, lookup)
    if (text === undefined) return undefined
    if (SCHEME_ALONE.test(text)) throw unreadable()
    const url = readUrl(text) ?? readUrl(text, found ?? fallback)
    if (url === undefined) return undefined
    found = sameOrigin(found, url)
  }
  const from = found ?? fallback
  return from && { url: originOnly(from), method: route.method }
}

/** A URL with its host values, and stand-ins for all others; undefined while a host value is not known. */
function hostText(place: string | TextNode, plan: Plan, lookup: Lookup): string | undefined {
  if (typeof place === 'string') return place
  const state = { plan, lookup, isKeeping: true }
  const pieces = place.parts.map((part) => {
    const value = part.reference.location === 'host' ? resolvePart(part, state) : undefined
    return value === undefined ? undefined : encode(part, value)
  })
  const text = skeletonOf(place, pieces)
  if (text !== undefined && place.parts.length > 0) requireSafeHost(place, pieces)
  return text
}

function unreadable(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'Clients could differ in where a URL of the request leads; write it as one text, with its scheme and "//".',
  )
}

function sameOrigin(known: URL | undefined, url: URL): URL {
  if (known === undefined) return url
  if (known.protocol === url.protocol && known.host === url.host) return known
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The URLs of the request name different origins; make url, baseURL, prefixUrl and origin agree, or keep one.',
  )
}

function originOnly(from: URL): URL {
  const url = new URL(from)
  url.username = ''
  url.password = ''
  url.pathname = '/'
  url.search = ''
  url.hash = ''
  return url
}
