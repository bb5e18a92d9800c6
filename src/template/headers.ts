/** What HTTP permits in headers (RFC 9110 §5.5): which may hold references, and which texts arrive as they were sent. */

import { lowerCaseName } from '../header-name.ts'
import { type Placeholder, POSITIONS, type Position, type TextNode } from './compiled.ts'
import { headerError } from './errors.ts'

/** They frame a message or decide who answers it; no reference is resolved in them. */
const FIXED_HEADERS = ['host', 'content-length', 'transfer-encoding', 'connection']
const ASCII = /^[\0-\x7f]*$/
/** Visible characters only: most values are made of them, and can stand anywhere in a header. */
export const VISIBLE = /^[\x21-\x7e\x80-\x9f\xa1-\xff]+$/
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/
const OVER_LATIN_1 = /[^\0-\xff]/
const OVER_RULE = 'has a character over U+00FF, which no header carries; use base64 or urlencode'
const STARTS_WITH_SPACE = /^[\t \xa0]/
const ENDS_WITH_SPACE = /[\t \xa0]$/
const EDGE_RULE =
  'begins or ends with white space, which is cut off; `| trim` removes it from a value, or store it without'
const TEXT_EDGE_RULE =
  'begins or ends with white space that is not of the secret, which is cut off; remove it from the text around the reference'
const EMPTY_RULE = 'would begin or end with white space, since the secret there is empty; store a value'

/**
 * Where the value of a header stands, or of anything else that has a name.
 *
 * @param depth how many keys lead there
 */
export function positionUnder(name: unknown, position: Position, depth: number): Position {
  if (typeof name !== 'string') return position
  const { syntax, location } = position
  if (syntax !== 'header') {
    const isNamed = syntax === 'raw' && (location === 'query' || location === 'body')
    return isNamed ? { ...position, under: { name, depth } } : position
  }
  const written = lowerCaseName(name)
  const header = written.trim()
  if (FIXED_HEADERS.includes(header)) return POSITIONS.noReferences
  // clients cut off blanks; with a no-break space around it, it is another name, which no rule permits
  const under = { name: ASCII.test(written) ? header : written, depth }
  return { ...(header === 'cookie' ? POSITIONS.cookie : position), under }
}

/** What is wrong with the author's own text within a header that holds references, if anything. */
export function headerRule(literals: readonly string[]): string | undefined {
  const text = literals.join('')
  if (UNSAFE.test(text)) {
    return OVER_LATIN_1.test(text)
      ? 'has a character over U+00FF that is not of the secret, which no header carries; encode the text around the reference'
      : 'has a line break or other control character that is not of the secret; remove it from the text around the reference'
  }
  return STARTS_WITH_SPACE.test(literals[0]!) || ENDS_WITH_SPACE.test(literals.at(-1)!) ? TEXT_EDGE_RULE : undefined
}

/** Whether a text can be all of a header's value, and arrives as it is. */
export function isHeaderValue(text: string): boolean {
  return !(UNSAFE.test(text) || STARTS_WITH_SPACE.test(text) || ENDS_WITH_SPACE.test(text))
}

/**
 * Holds a value within a header to what HTTP and its clients send unchanged.
 *
 * @throws ERR_UNSAFE_HEADER_VALUE
 */
export function requireHeaderText({ tag, reference }: Placeholder, text: string): void {
  if (UNSAFE.test(text)) throw headerError(tag, reference.path, unsafeRule(text))
}

/** @throws ERR_UNSAFE_HEADER_VALUE for a value that could begin another cookie (RFC 6265 §4.1.1) */
export function requireCookieText({ tag, reference }: Placeholder, text: string): void {
  if (!/[\s;,"\\]/.test(text)) return
  const rule = 'has a character that ends a cookie: a semicolon, comma, quote, backslash or blank; use `| urlencode`'
  throw headerError(tag, reference.path, rule)
}

/** @throws ERR_UNSAFE_HEADER_VALUE for white space that a client or server would cut off */
export function requireHeaderEdges({ placeholders, literals, path }: TextNode, text: string): void {
  const [first, last] = [placeholders[0]!, placeholders.at(-1)!]
  if (STARTS_WITH_SPACE.test(text)) {
    const isEmpty = literals[0] === '' && STARTS_WITH_SPACE.test(literals[1]!) && text.startsWith(literals[1]!)
    throw headerError(first.tag, path, isEmpty ? EMPTY_RULE : EDGE_RULE)
  }
  if (!ENDS_WITH_SPACE.test(text)) return
  const before = literals.at(-2)!
  const isEmpty = literals.at(-1) === '' && ENDS_WITH_SPACE.test(before) && text.endsWith(before)
  throw headerError(last.tag, path, isEmpty ? EMPTY_RULE : EDGE_RULE)
}

function unsafeRule(text: string): string {
  return OVER_LATIN_1.test(text)
    ? OVER_RULE
    : 'has a line break or other control character; `| trim` removes them around a value, or store it without'
}
