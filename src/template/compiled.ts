/** A compiled template: where its references stand, and how a value is written at each. */

import type { Kind, Reference, ReferenceLocation } from '../location.ts'
import type { FilterName } from './filter-names.ts'

/** What would be a reference but for a backslash before it, or for its encoding. */
export type Silenced = Pick<Reference, 'tag' | 'field' | 'filters' | 'path'>

/** A template that was read once and can be rendered often. */
export interface CompiledTemplate<T = unknown> {
  readonly template: T
  readonly as: Kind
  /** One per occurrence, in document order; frozen. */
  readonly references: readonly Reference[]
  /** The header, parameter or body member that a reference stands under, as rules name it; none where nobody can say. */
  readonly names: ReadonlyMap<Reference, string>
  /** What a backslash made literal, in document order. */
  readonly silenced: readonly Silenced[]
  /** The tags of the references, each once, in document order. */
  readonly tags: readonly string[]
  /** Every reference is a tag alone, without field or filter. */
  readonly hasTagsOnly: boolean
  /** A reference decides where the request, or a URL, goes. */
  readonly hasSecretHost: boolean
  /** What stands in place of the template, or undefined when nothing in it changes. */
  readonly root: Node | undefined
  /** Where a request, or a URL, goes; undefined for the other kinds. */
  readonly route: Route | undefined
}

/** How a value is written at its place. */
export type Encoding =
  | 'none'
  | 'percent'
  /** Percent-encoded, and refused where it would make a path segment `.` or `..`. */
  | 'path'
  /** As a filter wrote it, and refused like `path`. */
  | 'segment'
  /** Percent-encoded, and refused with a colon (RFC 7617 §2). */
  | 'user'
  | 'json-string'
  | 'json-literal'
  | 'json-comment'
  | 'xml'
  /** Within a CDATA section of XML. */
  | 'cdata'
  /** Beside other text in the header `Cookie`. */
  | 'cookie'
  /** The user name in a text of credentials. */
  | 'username'
  /** Part of a host name. */
  | 'host'
  /** The whole host, which may have a port or stand in brackets. */
  | 'host-port'
  | 'port'
  | 'address'
  /** The beginning of a URL, up to its path. */
  | 'base'
  /** A whole URL of HTTP or of a web socket. */
  | 'whole'
  /** The same two of any scheme. */
  | 'any-base'
  | 'any-whole'

/** One reference within a text. */
export interface Placeholder {
  readonly reference: Reference
  readonly tag: string
  readonly field: string | undefined
  readonly filters: readonly FilterName[]
  readonly encoding: Encoding
  /** What stands here when the reference is kept. */
  readonly source: string
}

/** How a text is read, and what a whole text with values in it is held to. */
export type TextSyntax =
  | 'raw'
  | 'header'
  | 'env'
  | 'username'
  | 'credentials'
  | 'url'
  | 'url-path'
  | 'json'
  | 'json-lines'
  | 'xml'
  | 'no-references'

/** A text with references; there is one literal more than there are placeholders. */
export interface TextNode {
  readonly kind: 'text'
  readonly path: string
  readonly literals: readonly string[]
  readonly placeholders: readonly Placeholder[]
  readonly syntax: TextSyntax
  /** Exactly one reference and nothing else: a number or boolean keeps its type. */
  readonly isTyped: boolean
  /** Of a URL without a reference in its host: what every rendering must still lead to. */
  readonly origin: string | undefined
}

/** An object whose values at `keys` are made from `nodes`; the others, and the prototype, are those of `base`. */
export interface ObjectNode {
  readonly kind: 'object'
  readonly base: Readonly<Record<string, unknown>>
  readonly keys: readonly string[]
  readonly nodes: readonly Node[]
}

/** An array, in the same way. */
export interface ArrayNode {
  readonly kind: 'array'
  readonly base: readonly unknown[]
  readonly keys: readonly number[]
  readonly nodes: readonly Node[]
}

/** A `Map`, `Headers` or `URLSearchParams`: its names, and their values in the same order. */
export interface EntriesNode {
  readonly kind: 'entries'
  readonly names: readonly unknown[]
  readonly values: ArrayNode
  /** Makes a new, empty instance of the same class. */
  readonly make: () => EntriesTarget
}

/** An instance that is being filled. */
export interface EntriesTarget {
  readonly target: object
  add(name: unknown, value: unknown): void
}

/** A `URL` instance, as the text of its `href`. */
export interface UrlNode {
  readonly kind: 'url'
  readonly text: TextNode
}

/** One place of a template that changes. */
export type Node = TextNode | ObjectNode | ArrayNode | EntriesNode | UrlNode

/** What a request config says about where it goes: each a text without references, or one with. */
export interface Route {
  readonly targets: (string | TextNode)[]
  readonly bases: (string | TextNode)[]
  /** The member `path` of undici's and node's clients. */
  readonly paths: (string | TextNode)[]
  /** What node's clients call `protocol`, `hostname`, `host` and `port`. */
  readonly parts: Map<string, string | TextNode>
  method: string
  /** Whether each of its URLs is a text or a `URL`. */
  isReadable: boolean
  /** Whether a tag of another engine decides where it goes, so that nobody knows until that has been filled in. */
  isForeign: boolean
  /** Whether one stands in its method. */
  isMethodForeign: boolean
  /** A member that could lead the request elsewhere, in a way that is not looked into. */
  diversion: string | undefined
}

/** Where one reference stands, and how its value is written there. */
export interface EncodedPosition {
  readonly location: ReferenceLocation
  readonly encoding: Encoding
}

/** What kind of text stands somewhere; its references stand alike, unless its syntax tells them apart. */
export interface Position extends EncodedPosition {
  readonly syntax: TextSyntax
  /** Whether a text that is one reference keeps the type of a number or boolean. */
  readonly isTyped: boolean
  /** Where the references of a URL count as standing, when the URL itself stands in a header or a body. */
  readonly within: ReferenceLocation | undefined
  /** The header or parameter that it stands under, and how many keys lead there. */
  readonly under: { readonly name: string; readonly depth: number } | undefined
}

function positionOf(location: ReferenceLocation, syntax: TextSyntax, more: Partial<Position> = {}): Position {
  return Object.freeze({
    location,
    syntax,
    encoding: 'none',
    isTyped: false,
    within: undefined,
    under: undefined,
    ...more,
  })
}

/** Every kind of text there is. */
export const POSITIONS = Object.freeze({
  value: positionOf('value', 'raw', { isTyped: true }),
  valueText: positionOf('value', 'raw'),
  env: positionOf('env', 'env'),
  header: positionOf('header', 'header'),
  cookie: positionOf('header', 'header', { encoding: 'cookie' }),
  url: positionOf('path', 'url'),
  urlPath: positionOf('path', 'url-path'),
  hostname: positionOf('host', 'raw', { encoding: 'host' }),
  host: positionOf('host', 'raw', { encoding: 'host-port' }),
  port: positionOf('host', 'raw', { encoding: 'port' }),
  query: positionOf('query', 'raw'),
  queryText: positionOf('query', 'raw', { encoding: 'percent' }),
  auth: positionOf('auth', 'raw'),
  authText: positionOf('auth', 'credentials'),
  username: positionOf('auth', 'username'),
  body: positionOf('body', 'raw', { isTyped: true }),
  bodyText: positionOf('body', 'raw'),
  jsonText: positionOf('body', 'json'),
  jsonLines: positionOf('body', 'json-lines'),
  xmlText: positionOf('body', 'xml'),
  formText: positionOf('body', 'raw', { encoding: 'percent' }),
  noReferences: positionOf('value', 'no-references'),
})
