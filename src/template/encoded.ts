/**
 * References that a URL or a form has percent-encoded: `{{ secrets.a }}` has become `%7B%7B%20secrets.a%20%7D%7D`.
 *
 * A `URL` instance always has. In a text they are references only where its author said so, in a prepared template or
 * in a list of authored references: text of strangers is encoded correctly, too, and must stay text.
 */

import type { Context } from './context.ts'
import type { Name } from './grammar.ts'
import { mayHold, type Parsed, splitAt } from './parse.ts'
import { type Cut, scan } from './scan.ts'

const EVERY = (): boolean => true
const ENCODED_ASCII = /^%[0-7][0-9A-F]$/i

/** The text as its author wrote it, and where each of its characters stands in what was given. */
interface DecodedUrl {
  readonly text: string
  /** One more than there are characters: the last is the end. */
  readonly offsets: readonly number[]
}

/** An encoded text cut up at those references that `isOurs` lets pass; undefined when it comes out as it is. */
export function parseEncoded(
  { parser, handler }: Context,
  encoded: string,
  isForm: boolean,
  isOurs: (name: Name) => boolean = EVERY,
): Parsed | undefined {
  if (!mayHold(encoded)) return undefined
  const { text, offsets } = decode(encoded, isForm)
  const isWanted = ({ start, end, content }: Cut): boolean => {
    const isPlain = !encoded.slice(offsets[start], offsets[end]).includes('%')
    return isPlain || (content !== undefined && content.code === undefined && isOurs(content))
  }
  const cuts = scan(text, parser.delimiters, handler.maxFaults)
  const wanted = cuts.filter((cut) => isOurs === EVERY || isWanted(cut))
  return wanted.length === 0 ? undefined : splitAt(encoded, wanted, offsets)
}

/** Undoes the encoding of ASCII, and `+` for a space within a query or form. */
function decode(encoded: string, isForm: boolean): DecodedUrl {
  const offsets: number[] = []
  let text = ''
  let isQuery = isForm
  for (let index = 0; index < encoded.length; ) {
    offsets.push(index)
    const character = encoded[index]!
    const triple = character === '%' ? encoded.slice(index, index + 3) : ''
    if (ENCODED_ASCII.test(triple)) {
      text += String.fromCharCode(Number.parseInt(triple.slice(1), 16))
      index += 3
      continue
    }
    if (!isForm && (character === '?' || character === '#')) isQuery = character === '?'
    text += isQuery && character === '+' ? ' ' : character
    index++
  }
  offsets.push(encoded.length)
  return { text, offsets }
}
