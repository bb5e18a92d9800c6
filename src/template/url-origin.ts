/** Where a URL leads while values of it are not known, as the WHATWG URL parser sees it. */

import { parseUrl } from '../url.ts'
import type { Placeholder, TextNode } from './compiled.ts'
import { writtenOrigin } from './url-positions.ts'

/** What a relative URL is read against; a name that never resolves (RFC 6761 §6.4). */
export const DUMMY_ORIGIN = 'http://guillemet.invalid'
/** What takes the place of a value that does not decide where the URL leads. */
export const DUMMY = 'x'

/** A value as it is written in a URL; undefined for a reference that is kept, or whose value is not known yet. */
export type Piece = string | undefined

/** Scheme, host and port; also where the property `origin` is `null`. */
export function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`
}

/** The text as a URL, also where it is relative. */
export function anyUrl(text: string): URL | undefined {
  return parseUrl(text) ?? parseUrl(text, DUMMY_ORIGIN)
}

/** What takes the place of a value that is not known; a port and an address take no `name`. */
export function dummyFor({ encoding }: Placeholder, name: string): string {
  if (encoding === 'port') return '1'
  return encoding === 'address' ? '::1' : name
}

/** Where a URL without references in its host leads; undefined when it is not a URL. */
export function originWithoutSecrets(node: TextNode): string | undefined {
  return originOfText(withDummies(node, [])!)
}

/** Where a text leads: as it is written where the WHATWG parser has no say, and as that parser reads it otherwise. */
export function originOfText(text: string): string | undefined {
  const written = writtenOrigin(text)
  if (written !== undefined) return written
  const url = anyUrl(text)
  return url && originOf(url)
}

/** Whether the reference decides where the URL leads. */
export function decidesHost({ reference }: Placeholder): boolean {
  return reference.location === 'host'
}

/** The URL with the values in its host, and a dummy for every other; undefined while one in its host is not known. */
export function withDummies(node: TextNode, pieces: readonly Piece[]): string | undefined {
  const { placeholders } = node
  if (placeholders.some((placeholder, index) => decidesHost(placeholder) && pieces[index] === undefined))
    return undefined
  return joined(node, (index) => (decidesHost(placeholders[index]!) ? pieces[index]! : DUMMY))
}

/** The text of a node with a piece in place of each placeholder. */
export function joined({ literals, placeholders }: TextNode, pieceAt: (index: number) => string): string {
  let text = literals[0]!
  for (let index = 0; index < placeholders.length; index++) text += pieceAt(index) + literals[index + 1]!
  return text
}
