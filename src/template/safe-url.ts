/** Whether a URL with its values in it still leads where it led without them, as the WHATWG URL parser sees it. */

import type { Encoding, Placeholder, TextNode } from './compiled.ts'
import { urlError } from './errors.ts'
import {
  anyUrl,
  DUMMY,
  DUMMY_ORIGIN,
  decidesHost,
  dummyFor,
  joined,
  originOf,
  originOfText,
  type Piece,
  withDummies,
} from './url-origin.ts'
import { writtenOrigin } from './url-positions.ts'

const HOST_TEXT = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]*(?:[^\\/?#]*@)?([^\\/?#]*?)(?::[0-9]*)?(?:[\\/?#]|$)/
const AFTER_BASE = /^[/?#]/
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i
/** The longest is `%2e%2e`. */
const LONGEST_DOT_SEGMENT = 6
const SEPARATOR = /[\\/]/
const SEGMENT_END = /[\\/?#]/

const WHOLE: readonly Encoding[] = ['whole', 'any-whole']
const BASE: readonly Encoding[] = ['base', 'any-base']

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
export function requireSameHost(node: TextNode, pieces: readonly Piece[]): void {
  const { placeholders, path } = node
  requireBase(node, pieces)
  // the others are held to their places also where one is kept
  const filled = placeholders.map(
    (placeholder, index) => pieces[index] ?? dummyFor(placeholder, isWholeUrl(placeholder) ? DUMMY_ORIGIN : DUMMY),
  )
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
  const isWhole = hosts.every(isWholeUrl)
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
  if (!BASE.includes(first!.encoding) || pieces[0] === undefined || pieces[0].endsWith('/')) return
  if (AFTER_BASE.test(literals[1]!)) return
  throw urlError(first!.tag, path, 'is followed by text that would change its host; write "/" after the reference')
}

/** Whether a value is a whole URL, or the beginning of one. */
function isWholeUrl({ encoding }: Placeholder): boolean {
  return WHOLE.includes(encoding) || BASE.includes(encoding)
}

/** Whether the path segment around a value is one of those that go away. */
function isDotSegment(text: string, start: number, end: number): boolean {
  let from = start
  while (from > 0 && start - from <= LONGEST_DOT_SEGMENT && !SEPARATOR.test(text[from - 1]!)) from--
  let to = end
  while (to < text.length && to - end <= LONGEST_DOT_SEGMENT && !SEGMENT_END.test(text[to]!)) to++
  return to - from <= LONGEST_DOT_SEGMENT && DOT_SEGMENT.test(text.slice(from, to))
}
