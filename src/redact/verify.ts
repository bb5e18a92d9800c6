/** Verification: whether a needle of which a few characters were found stands in the text, and from where to where. */

import { grownEnd, isBase64, mayGrow } from './base64.ts'
import { CASE, CLASS, INTRODUCER, isLayout, isLineEnd, isNoise, PERCENT } from './characters.ts'
import type { Decoder } from './decode.ts'
import { type Characters, prefixIndex, suffixIndex } from './edges.ts'
import { LINE_START, MAX_GAP, MAX_SURROUNDING, MAX_SWALLOWED } from './limits.ts'
import { GAP, LINE_GAP, type Needle, NO_GAP } from './needle.ts'
import { mayLackAfter, mayLackBefore } from './needle-index.ts'
import { Reader } from './reader.ts'

/** Compares needles with a decoded text. */
export class Verifier {
  /** Of the last match: from where to where, and whether more text may change that. */
  start = 0
  end = 0
  isOpen = false
  #text = ''
  #isFinal = true
  #longest = 0
  readonly #reader = new Reader()

  readonly #decoder: Decoder

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  /** Looks at a text that the decoder has. */
  begin(text: string, isFinal: boolean, longest: number): void {
    this.#text = text
    this.#longest = longest
    this.#isFinal = isFinal
  }

  /** Whether it may stand there: all but a few characters at its ends are the same. Needs no places. */
  resembles(needle: Needle, position: number, offset: number): boolean {
    const { kept, size } = this.#decoder
    const wanted = needle.kept
    const first = position - offset
    const last = Math.min(wanted.length, size - first)
    let after = offset
    while (after < last && this.#isSame(needle, kept[first + after]!, wanted[after]!)) after++
    if (wanted.length - after > mayLackAfter(needle)) return false
    let before = offset
    while (before > 0 && first + before > 0 && this.#isSame(needle, kept[first + before - 1]!, wanted[before - 1]!))
      before--
    return before <= mayLackBefore(needle)
  }

  /**
   * Whether the needle stands there, `offset` of its characters before a position of what is kept; where it does not, but
   * may once more text follows, `isOpen` says so.
   */
  matches(needle: Needle, position: number, offset: number): boolean {
    const first = position - offset
    const same = this.sameFrom(needle, first, offset)
    const size = needle.kept.length
    this.isOpen = false
    const hasEnd = same === size ? this.#findEnd(needle, first + size - 1) : this.#findLiteralEnd(needle, first, same)
    if (!hasEnd && !this.isOpen) return false
    if (!this.#findStart(needle, first, offset)) {
      this.isOpen = false
      return false
    }
    if (!hasEnd) return false
    if (needle.units !== undefined && !this.#hasUnits(needle, first, same)) return false
    this.#growBase64(needle)
    return this.end - this.start <= this.#longest
  }

  /** Up to which of its characters the needle stands in what is kept, which begins at `first`. */
  sameFrom(needle: Needle, first: number, from: number): number {
    const { kept, size } = this.#decoder
    const wanted = needle.kept
    const last = Math.min(wanted.length, size - first)
    for (let index = from; index < last; index++) {
      if (
        !this.#isSame(needle, kept[first + index]!, wanted[index]!) ||
        (index > from && !this.#fits(needle, index, first + index))
      )
        return index
    }
    return last
  }

  /** Whether an escape ends at the offset, as `\n` does before `4711`: no letter of it touches what follows. */
  endsEscape(offset: number): boolean {
    const [start, end] = this.#surroundings(offset - 1)
    if (start === offset - 1) return false
    if (end - start > MAX_SURROUNDING) return end === offset
    const { places, ends } = this.#reader.read(this.#text, start, offset)
    return places.at(-1) !== offset - 1 || ends.at(-1) !== offset
  }

  /** Whether the first character of what begins at the offset reads as it does by itself, as no part of an escape. */
  readsFirst(written: string, offset: number): boolean {
    const { codes, places } = this.#reader.read(written, 0, written.length)
    return places[0] !== 0 || this.#reads(codes[0], offset)
  }

  /** The same for the last one of what ends there. */
  readsLast(written: string, end: number): boolean {
    const { codes, places } = this.#reader.read(written, 0, written.length)
    return this.#reads(codes.at(-1), end - written.length + places.at(-1)!)
  }

  /** The escapes around an offset; of a long row of them, those between two kept characters. */
  #surroundings(offset: number): readonly [start: number, end: number] {
    const start = this.#decoder.escapeStart(offset)
    const end = this.#decoder.escapeEnd(offset)
    return end - start > MAX_SURROUNDING ? this.#decoder.around(offset) : [start, end]
  }

  /** Whether a character is written from the offset on. */
  #reads(code: number | undefined, offset: number): boolean {
    const [start, end] = this.#surroundings(offset)
    if (end - start > MAX_SURROUNDING) return false
    const { codes, places } = this.#reader.read(this.#text, start, end)
    return codes.some((each, index) => each === code && places[index] === offset)
  }

  /** What stands in the text before a kept character, into the reader; gives the index at which it begins there. */
  gapBefore(position: number): number {
    const { places } = this.#decoder
    this.#reader.read(this.#text, position > 0 ? places[position - 1]! : 0, places[position]!)
    return position > 0 ? this.#reader.second() : 0
  }

  /** Where the text between two kept characters begins. */
  gapStart(position: number): number {
    const index = this.gapBefore(position)
    return this.#reader.places[index] ?? this.#decoder.places[position]!
  }

  /** What stands in the text after the last kept character, or from the beginning where there is none. */
  charactersAfter(last: number, end: number): Characters {
    const { codes, places } = this.#reader.read(this.#text, last < 0 ? 0 : this.#decoder.places[last]!, end)
    const from = last < 0 ? 0 : this.#reader.second()
    return { codes: codes.slice(from), places: places.slice(from) }
  }

  /** The same, as the gap of a needle that may go on there. A percent sign is none: the next one may begin an escape. */
  gapAtEnd(last: number, end: number): number {
    let gap = NO_GAP
    for (const code of this.charactersAfter(last, end).codes) {
      if (isLineEnd(code)) return LINE_GAP
      if (isNoise(code) && code !== PERCENT) gap = GAP
    }
    return gap
  }

  #isSame({ digits }: Needle, kept: number, wanted: number): boolean {
    return kept === wanted || (digits === 'hex' && (kept | CASE) === wanted)
  }

  /** Whether what stands before the kept character may stand there in the needle. */
  #fits({ gaps, digits, isOneLine }: Needle, index: number, position: number): boolean {
    const gap = gaps === undefined ? NO_GAP : gaps[index]!
    const { places } = this.#decoder
    const distance = places[position]! - places[position - 1]!
    if (distance <= 1) return gap !== GAP
    if (distance > MAX_GAP) return false
    if (gap === LINE_GAP || digits !== undefined) return true
    const from = this.gapBefore(position)
    const { codes } = this.#reader
    if (isOneLine && codes.slice(from).some(isLayout)) return false
    if (gap !== NO_GAP) return from < codes.length
    // a percent sign may be doubled where the next one begins an escape
    const isPercent = this.#text.charCodeAt(places[position]!) === PERCENT
    // after a line end it is indentation
    for (let at = from; at < codes.length && !isLineEnd(codes[at]!); at++) {
      if (isNoise(codes[at]!) && !(isPercent && codes[at] === PERCENT)) return false
    }
    return true
  }

  /** Whether all of the needle, or nearly all at the beginning of a line, stands before the offset; where it starts. */
  #findStart(needle: Needle, first: number, offset: number): boolean {
    const { kept } = this.#decoder
    let index = offset
    for (; index > 0; index--) {
      const here = first + index
      if (here <= 0 || !this.#isSame(needle, kept[here - 1]!, needle.kept[index - 1]!)) break
      if (!this.#fits(needle, index, here)) break
    }
    if (index > 0) return this.#findSwallowed(needle, first + index, index)
    for (let after = Math.min(LINE_START, needle.kept.length - 1); after > 0; after--) {
      if (!this.#isLineStart(first + after)) continue
      this.start = this.#decoder.places[first + after]!
      return !needle.needsEdges && needle.standing !== 'alone' && !needle.isOneLine
    }
    return this.#findPrefix(needle, first)
  }

  #isLineStart(position: number): boolean {
    const { places } = this.#decoder
    return /[\r\n]/.test(this.#text.slice(places[position - 1]! + 1, places[position]))
  }

  /** The first characters may read as part of an escape with what stands before them: `%c7` where the value is `c7…`. */
  #findSwallowed(needle: Needle, position: number, index: number): boolean {
    const { text, places, prefix } = needle
    if (prefix !== '') return false
    // what the escape stands for may be the same as the last of them by chance
    for (let lacking = index, at = position; lacking <= mayLackBefore(needle); lacking++, at++) {
      const head = places === undefined ? text.slice(0, lacking) : text.slice(places[0], places[lacking])
      this.start = this.#decoder.places[at]! - head.length
      if (this.start > 0 && this.#text.startsWith(head, this.start)) return true
    }
    return false
  }

  #findPrefix({ prefix, text, needsEdges }: Needle, first: number): boolean {
    const { places } = this.#decoder
    const at = places[first]!
    this.start = at
    const isWord = prefix === '' && /^\w/.test(text)
    if (isWord || at === 0) return prefix === '' || !needsEdges
    const from = first > 0 ? places[first - 1]! : 0
    if (at - from > MAX_GAP) return prefix === '' || !needsEdges
    const low = this.gapBefore(first)
    const found = prefixIndex(this.#reader, low, prefix, isWord)
    const start = found < 0 ? at : (this.#reader.places[found] ?? at)
    if (found < 0 || /[\r\n]/.test(this.#text.slice(start, at))) return !needsEdges
    this.start = start
    return true
  }

  /** Where the needle ends of which the last character is kept at `last`. */
  #findEnd({ suffix, needsEdges }: Needle, last: number): boolean {
    const { places, size, openAt } = this.#decoder
    const text = this.#text
    const reader = this.#reader
    const at = places[last]!
    const hasNext = last + 1 < size
    this.end = at + 1
    if (suffix === '' && CLASS[text.charCodeAt(at)] !== INTRODUCER) return true
    const decided = openAt < 0 ? text.length : openAt
    const to = Math.min(hasNext ? places[last + 1]! : decided, at + MAX_GAP)
    const from = reader.read(text, at, to).second()
    this.end = reader.ends[from - 1] ?? to
    if (suffix === '') return true
    const isBreak = (index: number): boolean => isLineEnd(text.charCodeAt(reader.places[index]!))
    const { index, isOpen } = suffixIndex(reader, from, suffix, needsEdges, isBreak)
    this.isOpen = !this.#isFinal && to === decided && (isOpen || index === reader.codes.length)
    if (index < 0) return !needsEdges
    this.end = reader.ends[index - 1] ?? to
    return true
  }

  /** The last characters may read as part of an escape with what stands after them: `%4` before a `1`. */
  #findLiteralEnd(needle: Needle, first: number, same: number): boolean {
    const { text, places, kept } = needle
    const rest = places === undefined ? same : places[same - 1]!
    if (kept.length - same > mayLackAfter(needle) || text.length - rest > 2 * MAX_SWALLOWED) return false
    const at = this.#decoder.places[first + same - 1]!
    const tail = places === undefined ? text.slice(same - 1) : text.slice(rest)
    this.end = at + tail.length
    if (!this.#text.startsWith(tail, at)) return false
    this.isOpen = !this.#isFinal && first + same === this.#decoder.size
    return true
  }

  /** Whether the units are the wanted ones, of which a byte each was compared. */
  #hasUnits({ units }: Needle, first: number, count: number): boolean {
    const { kept, places } = this.#decoder
    for (let index = Math.max(0, -first); index < count; index++) {
      const at = first + index
      // what stands before the start was read as part of an escape, and is compared as it is written
      if (kept[at]! < 128 || places[at]! < this.start) continue
      let code = this.#text.charCodeAt(places[at]!)
      if (CLASS[code] === INTRODUCER) {
        const { codes } = this.#reader.read(this.#text, places[at]!, Math.min(this.#text.length, places[at]! + MAX_GAP))
        code = codes[at > 0 && places[at] === places[at - 1] ? 1 : 0]!
      }
      if (code !== units![index]) return false
    }
    return true
  }

  #growBase64({ sharesBitsBefore, sharesBitsAfter }: Needle): void {
    if (sharesBitsBefore && isBase64(this.#text[this.start - 1])) this.start--
    if (!sharesBitsAfter) return
    this.isOpen ||= !this.#isFinal && mayGrow(this.#text.slice(this.end, this.end + 20))
    this.end = grownEnd(this.#text, this.end)
  }
}
