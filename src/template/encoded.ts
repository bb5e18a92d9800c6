/**
 * References that a URL or a form has percent-encoded: `{{ secrets.a }}` has become `%7B%7B%20secrets.a%20%7D%7D`.
 *
 * A `URL` instance always has. In a text they are references only where its author said so, in a prepared template or
 * in a list of authored references: text of strangers is encoded correctly, too, and must stay text.
 */

import type { Context } from './context.ts'
import type { Name } from './grammar.ts'
import { type Parsed, splitAt } from './parse.ts'
import { type Cut, nameIn, scan } from './scan.ts'
import { mayHold } from './syntax.ts'

const EVERY = (): boolean => true
const ENCODED_ASCII = /^%[0-7][0-9A-F]$/i

/** The text as its author wrote it, and where each of its characters stands in what was given. */
interface DecodedUrl {
  readonly text: string
  /** One more than there are characters: the last is the end. */
  readonly offsets: readonly number[]
}

/**
 * An encoded text cut up at its plain references and at those encoded ones that `isOurs` lets pass; undefined when it comes
 * out as it is.
 *
 * The plain ones are found first, in the text as it is: nothing that a stranger has encoded next to them changes them.
 */
export function parseEncoded(
  { parser, handler }: Context,
  encoded: string,
  isForm: boolean,
  isOurs: (name: Name) => boolean = EVERY,
): Parsed | undefined {
  if (!mayHold(encoded, parser.syntax)) return undefined
  const plain = scan(encoded, parser.syntax, handler.maxFaults)
  const { text, offsets } = decode(encoded, isForm)
  const isWanted = (cut: Cut): boolean => {
    if (isOurs === EVERY) return true
    const name = nameIn(cut) ?? cut.silenced
    return name !== undefined && isOurs(name)
  }
  const isFree = (cut: Cut): boolean =>
    plain.every(({ start, end }) => (cut.end <= start || cut.start >= end) && (cut.index < start || cut.index >= end))
  const decoded = scan(text, parser.syntax, Number.POSITIVE_INFINITY)
    .filter(isWanted)
    .map((cut) => ({ ...cut, start: offsets[cut.start]!, end: offsets[cut.end]!, index: offsets[cut.index]! }))
    .filter(isFree)
  const cuts = [...plain, ...decoded].sort((one, other) => one.start - other.start)
  return cuts.length === 0 ? undefined : splitAt(encoded, cuts)
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
