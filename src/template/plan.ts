/** A template made ready: which of its places hold references, and how a value is written at each. */

import type { Kind, Reference, ReferenceLocation } from '../location.ts'
import type { FilterName } from './filter-names.ts'

/** A template that was read once and can be rendered often. */
export interface Plan<T = unknown> {
  readonly template: T
  readonly as: Kind
  /** One per occurrence, in document order; frozen. */
  readonly references: readonly Reference[]
  /** The tags of the references, each once, in document order. */
  readonly tags: readonly string[]
  /** Every reference is a tag alone, without field or filter. */
  readonly hasTagsOnly: boolean
  /** What stands in place of the template, or undefined when nothing in it changes. */
  readonly root: Node | undefined
  /** Where a request, or a URL, goes; absent for the other kinds. */
  readonly route: Route | undefined
}

/** How a value is written at its place. */
export type Encode =
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
  /** Part of a host name. */
  | 'host'
  /** The whole host, with a port or in brackets if it likes. */
  | 'host-port'
  | 'port'
  | 'address'
  /** The beginning of a URL, up to its path. */
  | 'base'
  /** A whole URL. */
  | 'whole'

/** One reference within a text. */
export interface Part {
  readonly reference: Reference
  readonly tag: string
  readonly field: string | undefined
  readonly filters: readonly FilterName[]
  /** Neither field nor filter: a secret without fields is its own value. */
  readonly isPlain: boolean
  readonly encode: Encode
  /** What stands here when the reference is kept. */
  readonly source: string
}

/** What holds for a whole text. */
export type TextRule = 'none' | 'header' | 'env' | 'username' | 'url' | 'url-path'

/** A text with references; there is one literal more than there are parts. */
export interface TextNode {
  readonly kind: 'text'
  readonly path: string
  readonly literals: readonly string[]
  readonly parts: readonly Part[]
  readonly rule: TextRule
  /** Exactly one reference and nothing else: a number or boolean keeps its type. */
  readonly isTyped: boolean
  /** Of a URL without a reference in its host: what every rendering must still lead to. */
  readonly origin: string | undefined
}

/** An object whose values at `keys` are made from `nodes`; the others are those of `base`. */
export interface ObjectNode {
  readonly kind: 'object'
  readonly base: Readonly<Record<string, unknown>>
  readonly isBare: boolean
  readonly keys: readonly string[]
  readonly nodes: readonly Node[]
}

/** An array, in the same way. */
export interface ArrayNode {
  readonly kind: 'array'
  readonly base: readonly unknown[]
  readonly indexes: readonly number[]
  readonly nodes: readonly Node[]
}

/** A `Map`, `Headers` or `URLSearchParams`: its entries in order. */
export interface EntriesNode {
  readonly kind: 'entries'
  readonly entries: readonly (readonly [name: unknown, value: unknown, node: Node | undefined])[]
  /** A new instance of the same class, and how an entry gets into it. */
  readonly make: () => EntriesTarget
}

/** What a `Map`, `Headers` and `URLSearchParams` have in common once they are wrapped. */
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
  readonly targets: readonly (string | TextNode)[]
  readonly bases: readonly (string | TextNode)[]
  readonly method: string
  /** Whether each of its URLs is a text or a `URL`. */
  readonly isReadable: boolean
}

/** What kind of text stands somewhere. */
export interface Mode {
  readonly location: ReferenceLocation
  readonly syntax: 'raw' | 'header' | 'env' | 'username' | 'url' | 'url-path' | 'json' | 'percent' | 'never'
  /** Whether a text that is one reference keeps the type of a number or boolean. */
  readonly isTyped: boolean
  /** Where the references of a URL count as standing, when the URL itself stands in a header or a body. */
  readonly within?: ReferenceLocation
}

function mode(location: ReferenceLocation, syntax: Mode['syntax'], isTyped = false): Mode {
  return Object.freeze({ location, syntax, isTyped })
}

/** Every kind of text there is. */
export const MODES = Object.freeze({
  value: mode('value', 'raw', true),
  valueText: mode('value', 'raw'),
  env: mode('env', 'env'),
  header: mode('header', 'header'),
  url: mode('path', 'url'),
  urlPath: mode('path', 'url-path'),
  query: mode('query', 'raw'),
  queryText: mode('query', 'percent'),
  auth: mode('auth', 'raw'),
  username: mode('auth', 'username'),
  body: mode('body', 'raw', true),
  bodyText: mode('body', 'raw'),
  jsonText: mode('body', 'json'),
  formText: mode('body', 'percent'),
  never: mode('value', 'never'),
})
