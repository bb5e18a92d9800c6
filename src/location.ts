/** What a whole template is (kind), and where one reference in it is (location). */

/** What a whole template is; the option `as`. */
export type Kind = 'value' | 'env' | 'headers' | 'url' | 'json' | 'form' | 'request'

/** Where one reference is: one union for allow rules, references, errors and events. */
export type ReferenceLocation = 'value' | 'env' | 'header' | 'host' | 'path' | 'query' | 'auth' | 'body'

/** Every kind. */
export const KINDS: readonly Kind[] = ['value', 'env', 'headers', 'url', 'json', 'form', 'request']

/** Every location. */
export const LOCATIONS: readonly ReferenceLocation[] = [
  'value',
  'env',
  'header',
  'host',
  'path',
  'query',
  'auth',
  'body',
]

/** An opening and a closing delimiter, such as `['<<', '>>']`. */
export type Delimiters = readonly [open: string, close: string]

/** One occurrence of a reference in a template. */
export interface Reference {
  /** The tag of the secret. */
  readonly tag: string
  /** The field of the secret, where one is named. */
  readonly field?: string
  /** The names of its filters, in the order in which they apply. */
  readonly filters: readonly string[]
  /** Keys joined by dots, indexes in brackets (`headers.X-Key`, `e[0]`, `["a.b"]`); `''` for a text. */
  readonly path: string
  /** Offset in UTF-16 code units within the text at `path`. */
  readonly index: number
  /** What the reference is part of: a header, a URL's path and so on. */
  readonly location: ReferenceLocation
}
