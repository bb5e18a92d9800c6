/**
 * References within a `URL` instance, which has percent-encoded them: `{{ secrets.a }}` has become
 * `%7B%7B%20secrets.a%20%7D%7D`.
 */

import { POSITIONS, type Position, type UrlNode } from './compiled.ts'
import type { Context } from './context.ts'
import { mayHold, splitAt } from './parse.ts'
import { scan } from './scan.ts'
import { hrefOf } from './shapes.ts'
import { textNode } from './text.ts'

const ENCODED_ASCII = /^%[0-7][0-9A-F]$/i

/** The text as its author wrote it, and where each of its characters stands in the `href`. */
interface DecodedUrl {
  readonly text: string
  /** One more than there are characters: the last is the end. */
  readonly offsets: readonly number[]
}

/** Reads a `URL`; undefined when it comes out as it is. */
export function readUrlInstance(context: Context, url: URL, position: Position): UrlNode | undefined {
  const href = hrefOf(url)
  const { parser, handler } = context
  handler.text?.(href, context)
  if (!mayHold(href)) return undefined
  const { text, offsets } = decode(href)
  const cuts = scan(text, parser.delimiters, handler.maxFaults)
  if (cuts.length === 0) return undefined
  const isOwn = position.syntax === 'no-references' || position.syntax === 'url'
  const inner: Position = isOwn ? position : { ...POSITIONS.url, within: position.location }
  const node = textNode(context, href, splitAt(href, cuts, offsets), inner)
  return node && { kind: 'url', text: node }
}

/** Undoes the encoding of ASCII, and `+` for a space within the query. */
function decode(href: string): DecodedUrl {
  const offsets: number[] = []
  let text = ''
  let isQuery = false
  for (let index = 0; index < href.length; ) {
    offsets.push(index)
    const character = href[index]!
    const encoded = character === '%' ? href.slice(index, index + 3) : ''
    if (ENCODED_ASCII.test(encoded)) {
      text += String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
      index += 3
      continue
    }
    if (character === '?' || character === '#') isQuery = character === '?'
    text += isQuery && character === '+' ? ' ' : character
    index++
  }
  offsets.push(href.length)
  return { text, offsets }
}
