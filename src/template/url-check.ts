/** Whether a URL with its values in it still leads where its author wrote, as the WHATWG URL parser sees it. */

import { urlError } from './faults.ts'
import type { Part, TextNode } from './plan.ts'

/** What a relative URL is read against; a name that never resolves (RFC 6761 §6.4). */
const NOWHERE = 'http://guillemet.invalid'
/** What stands for a value that does not decide where the URL leads. */
const STAND_IN = 'x'
const HOST_TEXT = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]*(?:[^\\/?#]*@)?([^\\/?#]*?)(?::[0-9]*)?(?:[\\/?#]|$)/
const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i
/** `%2e%2e`: a longer segment is none of those. */
const LONGEST_DOT_SEGMENT = 6
const SEPARATOR = /[\\/]/
const END = /[\\/?#]/

/** The text as a URL, or undefined when it is none, or is relative without a base. */
export function readUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined // its error repeats the text
  }
}

/** Scheme, host and port; also where `origin` would be `null`. */
export function placeOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}

/** The URL with its host values, and a stand-in for every other; undefined while a host value is not known. */
export function skeletonOf({ literals, parts }: TextNode, pieces: readonly (string | undefined)[]): string | undefined {
  let text = literals[0]!
  for (let index = 0; index < parts.length; index++) {
    const isHost = parts[index]!.reference.location === 'host'
    const piece = isHost ? pieces[index] : STAND_IN
    if (piece === undefined) return undefined
    text += piece + literals[index + 1]!
  }
  return text
}

/** Where a URL without references in its host leads; undefined when it is no URL. */
export function originWithout(node: TextNode): string | undefined {
  return placeOfText(skeletonOf(node, [])!)
}

function placeOfText(text: string): string | undefined {
  const url = readUrl(text) ?? readUrl(text, NOWHERE)
  return url && placeOf(url)
}

/**
 * Holds the values of a URL to what their places allow.
 *
 * `pieces` are the values as they are written, undefined for a reference that is kept.
 *
 * @throws ERR_UNSAFE_URL_VALUE when a value moves the URL elsewhere, a host does not give itself back, or a path
 *   segment becomes `.` or `..`
 */
export function requireSafeUrl(node: TextNode, pieces: readonly (string | undefined)[]): void {
  if (node.rule === 'url') requireSafeHost(node, pieces)
  let position = 0
  const text = joined(node, (index) => pieces[index] ?? node.parts[index]!.source)
  for (let index = 0; index < node.parts.length; index++) {
    const part = node.parts[index]!
    position += node.literals[index]!.length
    const end = position + (pieces[index] ?? part.source).length
    if ((part.encode === 'path' || part.encode === 'segment') && isDotSegment(text, position, end)) {
      throw urlError(part.tag, node.path, 'makes a path segment "." or "..", which leads to another path')
    }
    position = end
  }
}

function joined({ literals, parts }: TextNode, pieceOf: (index: number) => string): string {
  let text = literals[0]!
  for (let index = 0; index < parts.length; index++) text += pieceOf(index) + literals[index + 1]!
  return text
}

/** A base URL ends where the path begins: with its own slash, or with the text after it. */
function requireBase({ literals, parts, path }: TextNode, pieces: readonly (string | undefined)[]): void {
  const piece = pieces[0]
  if (parts[0]!.encode !== 'base' || piece === undefined || piece.endsWith('/')) return
  if (/^[/?#]/.test(literals[1]!)) return
  throw urlError(parts[0]!.tag, path, 'is followed by text that would change its host; write "/" after the reference')
}

/**
 * Holds what the values make of a URL to where it leads without them.
 *
 * Encoding alone should see to that; this is the second lock, and the only one where `raw` was asked for.
 *
 * @throws ERR_UNSAFE_URL_VALUE
 */
export function requireSafeHost(node: TextNode, pieces: readonly (string | undefined)[]): void {
  requireBase(node, pieces)
  const filled = pieces.map((piece, index) => piece ?? standInOf(node.parts[index]!))
  const skeleton = node.origin === undefined ? skeletonOf(node, filled) : undefined
  const hosts = node.parts.filter(({ reference }) => reference.location === 'host')
  const expected = node.origin ?? placeOfText(skeleton!)
  const blamed = (hosts[0] ?? node.parts[0]!).tag
  if (expected === undefined) throw urlError(blamed, node.path, 'makes it no URL')
  if (skeleton !== undefined && hosts.some(isHostName)) requireGivenBack(skeleton, blamed, node.path)
  if (placeOfText(joined(node, (index) => filled[index]!)) === expected) return
  throw urlError(node.parts[0]!.tag, node.path, 'would lead it to another host')
}

/** What stands for a reference that is kept, so that the others are held to their places all the same. */
function standInOf({ encode }: Part): string {
  if (encode === 'whole' || encode === 'base') return NOWHERE
  if (encode === 'port') return '1'
  return encode === 'address' ? '::1' : STAND_IN
}

function isHostName({ encode }: Part): boolean {
  return encode !== 'whole' && encode !== 'base'
}

/** A host that the URL parser reads as another one, such as `0x7f.1`, is not what the author or a rule would see. */
function requireGivenBack(skeleton: string, tag: string, path: string): void {
  const { hostname } = (readUrl(skeleton) ?? readUrl(skeleton, NOWHERE))!
  const written = HOST_TEXT.exec(skeleton)?.[1]
  if (hostname.toLowerCase() !== written?.toLowerCase()) {
    throw urlError(tag, path, 'is a host that the URL parser reads as another one; write it in its plain form')
  }
}

/** Whether the path segment around a value is one of those that go away. */
function isDotSegment(text: string, start: number, end: number): boolean {
  let from = start
  while (from > 0 && start - from <= LONGEST_DOT_SEGMENT && !SEPARATOR.test(text[from - 1]!)) from--
  let to = end
  while (to < text.length && to - end <= LONGEST_DOT_SEGMENT && !END.test(text[to]!)) to++
  return to - from <= LONGEST_DOT_SEGMENT && DOT_SEGMENT.test(text.slice(from, to))
}
