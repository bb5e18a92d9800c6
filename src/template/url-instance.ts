/**
 * References within a `URL` instance, which has percent-encoded them: `{{ secrets.a }}` has become
 * `%7B%7B%20secrets.a%20%7D%7D`.
 */

import type { Context } from './context.ts'
import { divide } from './parse.ts'
import { MODES, type Mode, type UrlNode } from './plan.ts'
import { mayHold } from './scan.ts'
import { textNode } from './text.ts'

const ENCODED_ASCII = /^%[0-7][0-9A-F]$/i
const PERCENT = 37
const PLUS = 43
const QUESTION_MARK = 63
const HASH = 35

/** The text as its author wrote it, and where each of its characters stands in the `href`. */
interface Decoded {
  readonly text: string
  /** One more than there are characters: the last is the end. */
  readonly offsets: readonly number[]
}

/** Reads a `URL`; undefined when it comes out as it is. */
export function readUrlInstance(context: Context, url: URL, mode: Mode): UrlNode | undefined {
  const { href } = url
  context.sink.text?.(href, context)
  if (!mayHold(href)) return undefined
  const { text, offsets } = decode(href)
  const cuts = context.parser.cuts(text, context.sink.maxFaults)
  if (cuts.length === 0) return undefined
  const inner =
    mode.syntax === 'never' ? mode : mode.syntax === 'url' ? MODES.url : { ...MODES.url, within: mode.location }
  const node = textNode(context, href, divide(href, cuts, offsets), inner)
  return node && { kind: 'url', text: node }
}

/** Undoes the encoding of ASCII, and `+` for a space within the query. */
function decode(href: string): Decoded {
  const offsets: number[] = []
  let text = ''
  let isQuery = false
  for (let index = 0; index < href.length; ) {
    offsets.push(index)
    const code = href.charCodeAt(index)
    const encoded = code === PERCENT ? href.slice(index, index + 3) : ''
    if (ENCODED_ASCII.test(encoded)) {
      text += String.fromCharCode(Number.parseInt(encoded.slice(1), 16))
      index += 3
      continue
    }
    if (code === QUESTION_MARK) isQuery = true
    else if (code === HASH) isQuery = false
    text += isQuery && code === PLUS ? ' ' : href[index]!
    index++
  }
  offsets.push(href.length)
  return { text, offsets }
}
