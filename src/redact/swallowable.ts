/** Needles that an escape may swallow in part, with what stands next to them: within escapes they are looked for as they are. */

import { LINE_START } from './limits.ts'
import type { Needle } from './needle.ts'
import { Reader } from './reader.ts'

const NO_NUMBERS: readonly number[] = []
const NO_PAIRS = new Uint8Array(0)
const endReader = new Reader()

/** The numbers of such needles, by their ends. */
export class SwallowableNeedles {
  /** Whether there is one of which the beginning may be swallowed, and the end. */
  hasBeginnings = false
  hasEnds = false
  /** Characters of the longest of which the beginning may be swallowed. */
  longest = 0
  readonly #byFirst = new Map<string | undefined, number[]>()
  readonly #byLast = new Map<string | undefined, number[]>()
  /** Whether one begins with two characters, by the lower bytes of both. */
  readonly #starts = new Uint8Array(65_536)
  /** Whether one ends with two characters; made when the first is known. */
  #ends = NO_PAIRS
  /** The lower bytes of all their characters. */
  readonly #bytes = new Uint8Array(256)

  /** Learns a needle of which so much may be swallowed at its beginning that no group is left. */
  addBeginning(number: number, { text }: Needle): void {
    this.hasBeginnings = true
    this.longest = Math.max(this.longest, text.length)
    addNumber(this.#byFirst, text[0]!, number)
    const start = (text.charCodeAt(0) & 255) << 8
    if (text.length === 1) this.#starts.fill(1, start, start + 256)
    else this.#starts[pairAt(text, 0)] = 1
    for (let at = 0; at < text.length; at++) this.#bytes[text.charCodeAt(at) & 255] = 1
  }

  /** Learns a needle that ends in what may become an escape, as `%4` and a backslash do, if a stream holds back all of it. */
  addEnd(number: number, needle: Needle): void {
    const { text } = needle
    const { openAt, places } = endReader.read(text, 0, text.length, false)
    if (openAt < 0 || (openAt > 0 && places[0] !== 0) || hasLineStart(needle)) return
    this.hasEnds = true
    addNumber(this.#byLast, text.at(-1)!, number)
    if (this.#ends === NO_PAIRS) this.#ends = new Uint8Array(65_536)
    this.#ends[pairAt(text, text.length - 2)] = 1
  }

  /** The first offset before `end` where one may begin; `end` for none. */
  nextBeginning(text: string, offset: number, end: number): number {
    let first = text.charCodeAt(offset) & 255
    for (let at = offset; at < end; at++) {
      const second = text.charCodeAt(at + 1) & 255
      if (this.#starts[(first << 8) | second] === 1) return at
      first = second
    }
    return end
  }

  /** Whether one may end at the offset. */
  mayEnd(text: string, at: number): boolean {
    return this.#ends[pairAt(text, at - 2)] === 1
  }

  /** Whether the end of a text may be within one of which the beginning is swallowed. */
  mayBeWithin(text: string): boolean {
    return this.#bytes[text.charCodeAt(text.length - 1) & 255] === 1
  }

  /** Those of which the beginning may be swallowed and that begin with the character. */
  beginningWith(character: string | undefined): readonly number[] {
    return this.#byFirst.get(character) ?? NO_NUMBERS
  }

  /** Those of which the end may be swallowed and that end with the character. */
  endingWith(character: string | undefined): readonly number[] {
    return this.#byLast.get(character) ?? NO_NUMBERS
  }
}

/** Whether a line ends among its first characters, which a stream does not hold back. */
function hasLineStart({ text, places }: Needle): boolean {
  return places !== undefined && /[\r\n]/.test(text.slice(0, places[Math.min(LINE_START, places.length - 1)]))
}

/** Two characters, by the lower bytes of both. */
function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 255) << 8) | (text.charCodeAt(at + 1) & 255)
}

function addNumber(numbers: Map<string | undefined, number[]>, character: string, number: number): void {
  const alike = numbers.get(character)
  if (alike === undefined) numbers.set(character, [number])
  else alike.push(number)
}
