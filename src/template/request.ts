/**
 * Request configs of fetch, undici, axios, got, ky and plain ones: which member is what, and where the request goes.
 */

import { isPlainObject, ownValue } from '../plain-object.ts'
import { bodyPosition } from './body-positions.ts'
import { type Node, type ObjectNode, POSITIONS, type Position, type TextNode, type UrlNode } from './compiled.ts'
import { type Context, pathOf } from './context.ts'
import { templateError } from './errors.ts'
import { headerValues, readPairs } from './name-value-pairs.ts'
import { hrefOf } from './shapes.ts'
import { readText } from './text.ts'
import { hasForeignHost } from './url-positions.ts'
import { contentsOf, type ReadMember, readAs, readContents, readValue } from './walk.ts'

/** The members that the other URLs are relative to. */
const BASE_URLS = ['baseURL', 'baseUrl', 'prefixUrl', 'prefix', 'origin']

/** Members that lead elsewhere than the URL says: proxies, sockets, names and ports that are looked up in another way. */
export const DIVERSIONS = [
  'proxy',
  'socketPath',
  'unix',
  'unixSocket',
  'lookup',
  'dnsLookup',
  'createConnection',
  'defaultPort',
  'tunnel',
] as const

/** Members that hold names with values, which may be a list of rows. */
export const NAMED_VALUES: readonly string[] = ['headers', 'query', 'params', 'searchParams', 'qs', 'form']

/** What each member holds that node's clients put together to a URL. */
const URL_PART_POSITIONS: ReadonlyMap<string, Position> = new Map([
  ['protocol', POSITIONS.noReferences],
  ['hostname', POSITIONS.hostname],
  ['host', POSITIONS.host],
  ['port', POSITIONS.port],
])
/** No host, port or method has these characters, but most tags of other engines do. */
const FOREIGN_PART = /[{}<>]/

const UNKNOWN_BODY = {
  code: 'WARN_BODY_KIND',
  message:
    'This body is text of no known kind, so that values are written into it as they are; give a content type such as application/json.',
} as const

const FOREIGN_ROUTE = {
  code: 'WARN_FOREIGN_ROUTE',
  message: 'Another engine fills in where this request goes; hosts are checked when it is sent.',
} as const

const FOREIGN_METHOD = {
  code: 'WARN_FOREIGN_METHOD',
  message: 'Another engine fills in the method of this request; methods are checked when it is sent.',
} as const

/** Reads a request config; a text or `URL` alone is a GET of it. */
export function readRequest(context: Context, template: unknown): Node | undefined {
  const contents = contentsOf(context, template, isOwnClass(template))
  const shape = contents?.shape
  if (typeof template === 'string' || shape === 'url') return readUrlMember(context, template, POSITIONS.url, '', {})
  if (shape === 'object' && (contents!.values.length > 0 || isPlainObject(template))) {
    const root = readContents(context, contents, POSITIONS.value, readRequestMember) as ObjectNode | undefined
    const { references, fixedUrls, handler, route } = context
    if (references.length === 0) return root
    if (route!.isForeign) handler.warn?.(FOREIGN_ROUTE, '')
    if (route!.isMethodForeign) handler.warn?.(FOREIGN_METHOD, 'method')
    return root && fixedUrls.length > 0 ? withFixedUrls(root, fixedUrls) : root
  }
  context.handler.fault(templateError('is not a request; give a plain object with url, method, headers and body', ''))
  return undefined
}

/**
 * Whether an object may be of somebody's own class, such as an entity: those of the platform have no members that are data.
 * Not one whose class has a getter for a member of a request: a copy would be without it.
 */
function isOwnClass(template: unknown): boolean {
  try {
    if (typeof template !== 'object' || template === null || Symbol.toStringTag in template) return false
    return isPlainObject(template) || !hasRequestGetter(template)
  } catch {
    // a proxy that throws is a fault of the reading
    return false
  }
}

function hasRequestGetter(level: object): boolean {
  const above = Object.getPrototypeOf(level) as object | null
  if (above === null) return false
  const members = Object.entries(Object.getOwnPropertyDescriptors(level))
  const isFound = members.some(
    ([name, member]) => REQUEST_MEMBERS.has(name) && !member.enumerable && Object.hasOwn(member, 'get'),
  )
  return isFound || hasRequestGetter(above)
}

/** Reads URLs of any shape; where the ones with references lead is what `destination` is compared with. */
export function readUrls(context: Context, value: unknown): Node | undefined {
  if (typeof value === 'string') context.route!.isForeign ||= FOREIGN_PART.test(value) && isForeignUrl(context, value)
  const node =
    typeof value === 'string'
      ? readText(context, value, POSITIONS.url)
      : readContents(context, contentsOf(context, value), POSITIONS.url, readUrls)
  if (node?.kind === 'text' || node?.kind === 'url') context.route!.targets.push(textNodeOf(node))
  return node
}

const readRequestMember: ReadMember = (context, value, position, key, siblings) =>
  (REQUEST_MEMBERS.get(key as string) ?? readValue)(context, value, position, key, siblings)

/** Reads a member that says where the request goes. */
const readUrlMember: ReadMember = (context, value, _position, key) => {
  if (value === undefined || value === null) return undefined
  const route = context.route!
  const urls = BASE_URLS.includes(key as string) ? route.bases : route.targets
  if (typeof value === 'string') route.isForeign ||= FOREIGN_PART.test(value) && isForeignUrl(context, value)
  const isText = typeof value === 'string'
  const contents = contentsOf(context, value)
  const isUrl = contents?.shape === 'url'
  const node = isText
    ? readText(context, value, POSITIONS.url)
    : readContents(context, contents, POSITIONS.url, readValue)
  if (node?.kind === 'text' || node?.kind === 'url') urls.push(textNodeOf(node))
  else if (isText || isUrl) urls.push(isText ? value : hrefOf(value as URL))
  // a client may still take it for a URL, so nobody can say where this request goes
  else route.isReadable = false
  if (node === undefined && isUrl) {
    context.fixedUrls.push([key as string, { kind: 'url', text: fixedText(context, hrefOf(value as URL)) }])
  }
  return node
}

/** Reads a member of node's clients that says where the request goes. */
const readUrlPart: ReadMember = (context, value, _position, key) => {
  if (value === undefined || value === null || value === '') return undefined
  const route = context.route!
  const isText = typeof value === 'string'
  if (!isText && typeof value !== 'number') {
    route.diversion = key as string
    return undefined
  }
  if (isText) route.isForeign ||= FOREIGN_PART.test(withoutOurs(context, value))
  const node = isText ? readText(context, value, URL_PART_POSITIONS.get(key as string)!) : undefined
  route.parts.set(key as string, node ?? String(value))
  return node
}

/** Notes a member that could lead the request elsewhere. */
const readDiversion: ReadMember = (context, value, position, key) => {
  if (value !== undefined && value !== null && value !== false) context.route!.diversion = key as string
  return readValue(context, value, position)
}

/** Reads the path of a request whose origin stands elsewhere. */
const readPathMember: ReadMember = (context, value, position) => {
  if (typeof value !== 'string') return readValue(context, value, position)
  const node = readText(context, value, POSITIONS.urlPath)
  context.route!.paths.push(node?.kind === 'text' ? node : value)
  return node
}

const readMethodMember: ReadMember = (context, value) => {
  if (typeof value === 'string') context.route!.isMethodForeign ||= FOREIGN_PART.test(withoutOurs(context, value))
  if (typeof value === 'string' && value !== '') context.route!.method = value.toUpperCase()
  else if (value !== undefined && value !== '') {
    context.handler.fault(templateError('has a method that is not a text; give one such as GET', pathOf(context.keys)))
  }
  return readValue(context, value, POSITIONS.noReferences)
}

const readBodyMember: ReadMember = (context, value, _position, _key, siblings) => {
  if (typeof value !== 'string') return readValue(context, value, POSITIONS.body)
  const types = headerValues(ownValue(siblings, 'headers'), 'content-type', ownValue(siblings, 'method'))
  const [first, ...others] = types
  const wanted = bodyPosition(context, value, first)
  // of two types one client sends the first, another one the last
  const isOne = others.every((other) => bodyPosition(context, value, other) === wanted)
  const position = isOne ? wanted : POSITIONS.bodyText
  const node = readText(context, value, position ?? POSITIONS.bodyText)
  if (position === undefined && node !== undefined) context.handler.warn?.(UNKNOWN_BODY, pathOf(context.keys))
  return node
}

const readCredentials = (context: Context, value: unknown, position: Position): Node | undefined =>
  readContents(context, contentsOf(context, value), position, readCredential)

const readCredential: ReadMember = (context, value, position, key) =>
  readValue(context, value, key === 'username' || key === 'user' ? POSITIONS.username : position)

/** What each member of a request holds; any other is a value. */
const REQUEST_MEMBERS = /* @__PURE__ */ readersOfMembers()

function readersOfMembers(): ReadonlyMap<string, ReadMember> {
  const readers = new Map<string, ReadMember>()
  const add = (read: ReadMember, ...keys: readonly string[]): void => {
    for (const key of keys) readers.set(key, read)
  }
  const readQuery = readAs(POSITIONS.query, readPairs, POSITIONS.queryText)
  add(readUrlMember, 'url', 'uri', ...BASE_URLS)
  add(readUrlPart, ...URL_PART_POSITIONS.keys())
  add(readDiversion, ...DIVERSIONS)
  add(readPathMember, 'path')
  add(readMethodMember, 'method')
  add(readAs(POSITIONS.noReferences), 'httpVersion')
  add(readAs(POSITIONS.header, readPairs), 'headers')
  add(readQuery, 'query', 'params', 'searchParams', 'qs')
  add(readBodyMember, 'body', 'data')
  add(readAs(POSITIONS.body), 'json')
  add(readAs(POSITIONS.body, readPairs, POSITIONS.formText), 'form')
  add(readAs(POSITIONS.auth, readCredentials, POSITIONS.authText), 'auth')
  add(readAs(POSITIONS.username), 'username')
  add(readAs(POSITIONS.auth), 'password', 'cert', 'key', 'passphrase', 'pfx')
  return readers
}

/** The members of a config, of any client, that say where it goes. */
export function routingMembers(): readonly string[] {
  return ['url', 'uri', 'path', ...BASE_URLS, ...URL_PART_POSITIONS.keys()]
}

function textNodeOf(node: TextNode | UrlNode): TextNode {
  return node.kind === 'url' ? node.text : node
}

/** Whether another engine fills in where a URL leads, which only one with a character of its tags can say. */
function isForeignUrl(context: Context, text: string): boolean {
  return hasForeignHost(withoutOurs(context, text))
}

/** A text with a letter in place of each of our references. */
function withoutOurs({ parser }: Context, text: string): string {
  return parser.parse(text, 1)?.literals.join('x') ?? text
}

function fixedText(context: Context, href: string): TextNode {
  const path = pathOf(context.keys)
  return { kind: 'text', path, literals: [href], placeholders: [], syntax: 'raw', isTyped: false, origin: undefined }
}

/** A `URL` could be turned elsewhere by its owner after it was judged, so where secrets go along a copy goes out. */
function withFixedUrls(root: ObjectNode, fixedUrls: Context['fixedUrls']): ObjectNode {
  const keys = [...root.keys, ...fixedUrls.map(([key]) => key)]
  return { ...root, keys, nodes: [...root.nodes, ...fixedUrls.map(([, url]) => url)] }
}
