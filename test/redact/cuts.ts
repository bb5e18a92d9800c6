/**
 * The law of streams: however a text is cut, what leaves the stream is what one call of `text` gives, to the character.
 */

import type { Redactor } from '../../src/redact.ts'
import type { Writing } from './writings.ts'

/** The sizes of the pieces of a text that is cut all over. */
export const PIECES: readonly number[] = [1, 7, 16, 64]
/** Two-way cuts begin so far before a value and end so far after it. */
const MARGIN = 8
/** A longer text is not cut into single characters: the work grows with the square of the length. */
const LONGEST_IN_ONES = 1000
/** A text up to here is cut in two at every place in turn: the work grows with the square of the length. */
const LONGEST_CUT_IN_TWO = 100
/** A longer one is, at these many places at either border of the value; within it, it is cut in pieces. */
const BORDER = 24
/** Prime, so that escapes of every length are cut at every place in them. */
const PIECE = 61
const FIRST_PIECES: readonly number[] = [1, 9, 17, 25, 33, 41, 49, 57]

/** Cuts a text, or its bytes, into pieces of one size; the first has a size of its own. */
function* inPieces<T extends string | Uint8Array>(whole: T, size: number, first = size): Iterable<T> {
  yield whole.slice(0, first) as T
  for (let at = first; at < whole.length; at += size) yield whole.slice(at, at + size) as T
}

/** Sends a text or its bytes through a stream in pieces, and tells what came out where that is not what it should be. */
type Try<T> = (pieces: Iterable<T>) => string | undefined

const SHOWN = 24
/** The first place where two texts differ. */
function difference(output: string, wanted: string): string | undefined {
  if (output === wanted) return undefined
  let at = 0
  while (output[at] === wanted[at]) at++
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - SHOWN), at + SHOWN))
  return `${around(output)} for ${around(wanted)}`
}

function textTry(redactor: Redactor, { whole }: Writing): Try<string> {
  const wanted = redactor.text(whole)
  return (pieces) => {
    const { push, end } = redactor.chunks<string>()
    let output = ''
    for (const piece of pieces) output += push(piece)
    return difference(output + (end() ?? ''), wanted)
  }
}

function bytesTry(redactor: Redactor, { whole }: Writing): Try<Uint8Array> {
  const masked = (pieces: Iterable<Uint8Array>): string => {
    const { push, end } = redactor.chunks<Uint8Array>()
    const output: Uint8Array[] = []
    for (const piece of pieces) output.push(push(piece))
    return Buffer.concat([...output, end() ?? new Uint8Array()]).toString('latin1')
  }
  // not `text`: before a line end, two bytes of a value stay, not two characters
  const wanted = masked([Buffer.from(whole)])
  return (pieces) => difference(masked(pieces), wanted)
}

/** Where a text is cut in two: at every place in and around what is written for the value, or near its borders. */
function cutsOf(from: number, to: number, length: number): readonly number[] {
  const first = Math.max(1, from - MARGIN)
  const last = Math.min(length - 1, to + MARGIN)
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return length <= LONGEST_CUT_IN_TWO
    ? all
    : all.filter((at) => Math.abs(at - from) <= BORDER || Math.abs(at - to) <= BORDER)
}

function* piecewise<T extends string | Uint8Array>(
  whole: T,
  sizes: readonly number[],
  tried: Try<T>,
): Iterable<string> {
  for (const size of sizes) {
    if (size === 1 && whole.length > LONGEST_IN_ONES) continue
    const wrong = tried(inPieces(whole, size))
    if (wrong !== undefined) yield `pieces of ${size}: ${wrong}`
  }
}

/** The worst cut of a text that is cut once. */
function* atWorst<T extends string | Uint8Array>(whole: T, from: number, to: number, tried: Try<T>): Iterable<string> {
  const wrong = cutsOf(from, to, whole.length).flatMap((at) => {
    const what = tried([whole.slice(0, at) as T, whole.slice(at) as T])
    return what === undefined ? [] : [`cut in two at ${at - from} of ${to - from}: ${what}`]
  })
  if (wrong.length > 0) yield `${wrong[0]} (and ${wrong.length - 1} other places)`
  if (whole.length <= LONGEST_CUT_IN_TWO) return
  for (const first of FIRST_PIECES) {
    const what = tried(inPieces(whole, PIECE, first))
    if (what !== undefined) return yield `pieces of ${PIECE}, the first of ${first}: ${what}`
  }
}

/** How a writing is cut. */
export interface Cuts {
  readonly sizes: readonly number[]
  /** Also at every single place. */
  readonly atWorst: boolean
}

/** Every cut of the text that gives something else than the whole. */
export function differencesInText(redactor: Redactor, writing: Writing, cuts: Cuts): readonly string[] {
  const { whole, start, end } = writing
  const tried = textTry(redactor, writing)
  return [...piecewise(whole, cuts.sizes, tried), ...(cuts.atWorst ? atWorst(whole, start, end, tried) : [])]
}

/** The same of its bytes, which are cut within characters too. */
export function differencesInBytes(redactor: Redactor, writing: Writing, cuts: Cuts): readonly string[] {
  const { whole, start, end } = writing
  const bytes = Buffer.from(whole)
  const tried = bytesTry(redactor, writing)
  const from = Buffer.byteLength(whole.slice(0, start))
  const to = from + Buffer.byteLength(whole.slice(start, end))
  return [
    ...piecewise<Uint8Array>(bytes, cuts.sizes, tried),
    ...(cuts.atWorst ? atWorst<Uint8Array>(bytes, from, to, tried) : []),
  ]
}
