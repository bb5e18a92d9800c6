/**
 * Views: a text without what stands inside of values but is not theirs, and the way back to the text.
 *
 * The joined view leaves out line breaks with the indentation behind them (also as `\n` in JSON), ANSI colours and
 * zero-width characters. Only the neighbourhood of such places is looked at; without one there is no view, no cost.
 */

import { type Break, breaksOf, ZERO_WIDTH } from './breaks.ts'
import type { Joints } from './joints.ts'

/** A derived text and where its characters stand in the original. */
export interface View {
  readonly text: string
  /** The offset in the original. */
  original(index: number): number
}

/** The joined view knows which of its matches are due to a break inside of them. */
export interface JoinedView extends View {
  /** Whether breaks between the two offsets of the original bring all in between together. */
  joins(start: number, end: number): boolean
}

const SHORTEST = 4
/** Between neighbourhoods that have nothing to do with each other. */
const SEPARATOR = '\n\0\n'
const ANSI =
  '\\x1b\\[[0-9;:?]*[ -/]*[@-~]|\\x1b\\][^\\x07\\x1b]{0,256}(?:\\x07|\\x1b\\\\)|\\\\{1,8}(?:u00|x)1[bB]\\[[0-9;:?]*[A-Za-z]'
// a look-behind starts at the first of many backslashes only: linear
const BREAK = '(?:\\r*\\n|(?<!\\\\)\\\\{1,8}(?:r\\\\{1,8})?n)[ \\t]*'
const IGNORED = new RegExp(`${ANSI}|${ZERO_WIDTH}|${BREAK}`, 'g')
/** What may be the beginning of an escape sequence, at the end of a chunk. */
const PARTIAL =
  '\\x1b(?:\\[[0-9;:?]*[ -/]*|\\][^\\x07\\x1b]{0,256}\\x1b?)?$|\\\\{1,8}(?:u(?:0(?:0(?:1(?:[bB](?:\\[[0-9;:?]*)?)?)?)?)?|x(?:1(?:[bB](?:\\[[0-9;:?]*)?)?)?)$'
const PARTIAL_SEQUENCE = new RegExp(PARTIAL)
/** What a later chunk may turn out to be inside of a value; white space in lists of numbers too. */
const IGNORED_IN_TAIL = new RegExp(
  `${ANSI}|${ZERO_WIDTH}|${BREAK}|(?<=\\d,)\\s+|${PARTIAL}|(?:\\r+|\\xc2|\\xe2[\\x80\\x81]?|\\xef\\xbb?|\\\\{1,8}(?:r\\\\{0,8})?)$`,
  'g',
)
const MAYBE_IGNORED = /[\n\r\x1b\\\xad\xc2\xe2\xef\u200b-\u200f\u2060-\u2064\ufeff]|\d,\s/

/** The joined view, or undefined where nothing in the text could be inside a value. */
export function joinedView(text: string, isAscii: boolean, joints: Joints): JoinedView | undefined {
  const breaks = breaksOf(text, isAscii, joints)
  if (breaks.length === 0) return undefined
  const pieces = new Pieces(breaks)
  let end = 0
  for (let index = 0; index < breaks.length; index++) {
    const start = Math.max(breaks[index]!.start, end)
    end = Math.max(end, breaks[index]!.end)
    // neighbourhoods that meet are one
    while (index + 1 < breaks.length && breaks[index + 1]!.start <= end) end = Math.max(end, breaks[++index]!.end)
    if (end - start < SHORTEST) continue
    pieces.add(text, start, end, IGNORED)
    pieces.text += SEPARATOR
  }
  return pieces.text === '' ? undefined : pieces
}

/** The end of a stream's text. */
export interface TailView extends View {
  /** The offset in the original of the beginning of what is left out there, or the offset itself. */
  outside(offset: number): number
  /** Where an escape sequence begins that is not yet complete; the length of the text where there is none. */
  readonly partial: number
}

/** The end of a stream's text as it may go on, or undefined where that is the text itself. */
export function tailView(text: string): TailView | undefined {
  if (!MAYBE_IGNORED.test(text)) return undefined
  const pieces = new Pieces([])
  pieces.add(text, 0, text.length, IGNORED_IN_TAIL)
  pieces.partial = PARTIAL_SEQUENCE.exec(text)?.index ?? text.length
  return pieces
}

const JSON_ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|(.))/g
const JSON_LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** JSON text with every escape undone: whatever the writer chose to escape, the value stands there. */
export function unescapedView(json: string): View {
  const pieces = new Pieces([])
  pieces.add(json, 0, json.length, JSON_ESCAPE, (_, unit?: string, letter?: string) =>
    unit === undefined ? (JSON_LETTERS[letter!] ?? letter!) : String.fromCharCode(Number.parseInt(unit, 16)),
  )
  return pieces
}

class Pieces implements JoinedView, TailView {
  text = ''
  partial = 0
  readonly #breaks: readonly Break[]
  readonly #derived: number[] = []
  readonly #originals: number[] = []

  constructor(breaks: readonly Break[]) {
    this.#breaks = breaks
  }

  /** The part of the text from start to end without what matches, or with something in its place. */
  add(text: string, start: number, end: number, ignored: RegExp, instead?: (...found: string[]) => string): void {
    const part = text.slice(start, end)
    let from = 0
    for (const found of part.matchAll(ignored)) {
      this.#put(part.slice(from, found.index), start + from)
      if (instead !== undefined) this.#put(instead(...found), start + found.index)
      from = found.index + found[0].length
    }
    this.#put(part.slice(from), start + from)
  }

  #put(text: string, original: number): void {
    if (text === '') return
    this.#derived.push(this.text.length)
    this.#originals.push(original)
    this.text += text
  }

  original(index: number): number {
    const at = lastUpTo(this.#derived, index)
    return this.#originals[at]! + index - this.#derived[at]!
  }

  outside(offset: number): number {
    const at = lastUpTo(this.#originals, offset)
    if (at < 0) return Math.min(0, offset)
    const length = (this.#derived[at + 1] ?? this.text.length) - this.#derived[at]!
    return Math.min(offset, this.#originals[at]! + length)
  }

  joins(start: number, end: number): boolean {
    let covered = start
    let index = firstAfter(this.#breaks, start)
    for (; index < this.#breaks.length && this.#breaks[index]!.at < end; index++) {
      if (this.#breaks[index]!.start > covered) return false
      covered = Math.max(covered, this.#breaks[index]!.end)
    }
    return covered >= end
  }
}

/** The index of the last number that is not larger, or -1. */
function lastUpTo(numbers: readonly number[], limit: number): number {
  let low = -1
  let high = numbers.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (numbers[middle]! <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** The index of the first break behind the offset. */
function firstAfter(breaks: readonly Break[], offset: number): number {
  let low = 0
  let high = breaks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (breaks[middle]!.at <= offset) low = middle + 1
    else high = middle
  }
  return low
}
