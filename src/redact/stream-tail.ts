/** The tail of a stream: from where the end of a text may still become a match, once more text follows. */

import { isBase64 } from './base64.ts'
import {
  BEGINS,
  Beginnings,
  beforeOf,
  HAS_GAP,
  HAS_PREFIX,
  LONG_START,
  mayHaveGap,
  SHARES_BITS,
  SHORT_START,
} from './beginnings.ts'
import { CLASS, INTRODUCER, isEscaper, isLineEnd, KEPT } from './characters.ts'
import { MAX_ESCAPE, MAX_GAP } from './limits.ts'
import { GAP, type Needle } from './needle.ts'
import { mayLackBefore, type NeedleIndex } from './needle-index.ts'
import type { Scanner } from './scan.ts'

/** Most escapes of one character are at most this long. */
const LONGEST_ESCAPE = 10
/** With more characters after an escape than these, the last eight kept ones tell whether a needle goes on. */
const FEW_AFTER_ESCAPE = 48

/** The beginning of matches that a text does not end. */
interface Live {
  /** The first kept character with which one begins; the number of all where none does. */
  readonly first: number
  /** What may have to be masked before it. */
  readonly before: number
}

/** Knows what to wait for at the end of a text. */
export class StreamTail {
  readonly #index: NeedleIndex
  readonly #scanner: Scanner
  readonly #beginnings: Beginnings

  constructor(index: NeedleIndex, scanner: Scanner) {
    this.#index = index
    this.#beginnings = new Beginnings(index)
    this.#scanner = scanner
  }

  /** The offset from which on the end of the text that was scanned last may become part of a match. */
  holdFrom(text: string): number {
    this.#beginnings.learn()
    const { decoder } = this.#scanner
    // most texts end with a line, and with what no value begins with
    const isLine = decoder.openAt < 0 && isLineEnd(text.charCodeAt(text.length - 1))
    if (isLine && !this.#beginnings.mayGoOn(decoder.kept, decoder.size)) {
      return Math.min(this.#literalFrom(text, text.length), this.#swallowedFrom(text))
    }
    decoder.place()
    const { places, size, openAt } = decoder
    const end = openAt < 0 ? text.length : openAt
    let from = this.#literalFrom(text, end)
    const last = size > 0 ? places[size - 1]! : 0
    if (end - last <= MAX_GAP) {
      from = Math.min(from, this.#swallowedFrom(text))
      const live = this.#liveAt(text, end)
      from = Math.min(from, live.first < size ? this.#edgeBefore(text, live) : this.#edgeAtEnd(text, end))
    }
    return Math.min(from, end)
  }

  /** How far back to look: `most` where the last characters stand within a needle, else only a `few`. */
  #reach(most: number, few: number): number {
    const { kept, size } = this.#scanner.decoder
    return this.#beginnings.isInner(kept, size) ? most : few
  }

  /** Where matches may have begun that the text does not end. */
  #liveAt(text: string, end: number): Live {
    const { places, size } = this.#scanner.decoder
    let live: Live = { first: size, before: 0 }
    if (size === 0) return live
    const gap = this.#scanner.verifier.gapAtEnd(size - 1, end)
    // no match has a line end among its first characters
    const hasLineEnd = /[\r\n]/.test(text.slice(places[size - 1]! + 1, end))
    const first = Math.max(0, size - this.#reach(this.#index.longest, LONG_START - 1))
    for (let at = size - 1; at >= first && end - places[at]! <= this.#index.longestMatch; at--) {
      const rest = size - at
      const isFew = rest < SHORT_START
      const before = isFew ? (hasLineEnd ? 0 : this.#beforeFew(at, gap)) : this.#beforeLive(at, rest, gap)
      if (before !== 0) live = { first: at, before }
    }
    return live
  }

  /** What may have to be masked before one or two characters with which a needle begins; 0 where none does. */
  #beforeFew(at: number, gap: number): number {
    const { kept, size } = this.#scanner.decoder
    const flags = this.#beginnings.ofFew(kept, at, size - at)
    return gap === GAP && (flags & HAS_GAP) === 0 ? 0 : flags
  }

  /** The same for more of them. */
  #beforeLive(at: number, rest: number, gap: number): number {
    const { decoder, verifier } = this.#scanner
    let flags = 0
    for (const needle of this.#beginnings.ofMany(decoder.kept, at, rest)) {
      if (needle.kept.length <= rest || verifier.sameFrom(needle, at, 0) !== rest) continue
      if (gap !== GAP || mayHaveGap(needle, rest)) flags |= BEGINS | beforeOf(needle)
    }
    return flags
  }

  /** Where a needle may begin of which the first characters read as part of an escape with what stands before them. */
  #swallowedFrom(text: string): number {
    const { escapes, escapesSize, openAt, places, size, hasPlaces } = this.#scanner.decoder
    const most = this.#reach(this.#index.longestMatch, FEW_AFTER_ESCAPE)
    // these few may be escapes themselves, of several characters each
    const least = Math.min(text.length - most, hasPlaces ? (places[size - LONG_START] ?? 0) : text.length)
    let from = openAt < 0 ? text.length : this.#swallowedBy(text, openAt, text.length, least)
    for (let index = escapesSize - 2; index >= 0 && escapes[index + 1]! > least; index -= 2) {
      from = Math.min(from, this.#swallowedBy(text, escapes[index]!, escapes[index + 1]!, least))
    }
    return from
  }

  /** The same within an escape; of a beginning of one or two characters, only after the least offset. */
  #swallowedBy(text: string, start: number, end: number, least: number): number {
    for (let at = Math.max(start + 1, end - MAX_ESCAPE); at < end; at++) {
      if (at > least && this.#beginnings.escapeStarts.has(text.charCodeAt(at))) return at
      if (CLASS[text.charCodeAt(at)] !== KEPT) continue
      const first = firstPlain(text, at)
      if (first.length < SHORT_START) {
        if (at > least && this.#beginnings.mayBegin(first)) return at
        continue
      }
      if (this.#beginnings.ofWritten(first).some((needle) => this.#goesOn(needle, text, at))) return at
    }
    return text.length
  }

  /** Whether a needle may stand there whose first characters are as they are written, and the others decoded. */
  #goesOn(needle: Needle, text: string, from: number): boolean {
    const { decoder, verifier } = this.#scanner
    if (needle.prefix !== '') return false
    for (let index = 1; index <= mayLackBefore(needle); index++) {
      const head = needle.text.slice(needle.places?.[0] ?? 0, needle.places?.[index] ?? index)
      const end = from + head.length
      if (end > text.length) return head.startsWith(text.slice(from))
      if (!text.startsWith(head, from)) return false
      const first = decoder.keptBefore(end)
      if (verifier.sameFrom(needle, first - index, index) === decoder.size - first + index) return true
    }
    return false
  }

  /** Where what may belong to these matches begins. */
  #edgeBefore(text: string, { first, before }: Live): number {
    const at = this.#scanner.decoder.places[first]!
    const gap = (before & HAS_PREFIX) !== 0 ? this.#scanner.verifier.gapStart(first) : at
    let from = at
    while (from > gap && at - from < MAX_GAP && !isLineEnd(text.charCodeAt(from - 1))) from--
    // what reads as an escape may have swallowed its first characters
    for (let near = 1; near <= LONGEST_ESCAPE; near++) {
      if (CLASS[text.charCodeAt(at - near)] === INTRODUCER) from = Math.min(from, at - near)
    }
    return (before & SHARES_BITS) !== 0 && isBase64(text[from - 1]) ? from - 1 : from
  }

  /** The same where no kept character begins one: what is not compared may be the beginning of a prefix. */
  #edgeAtEnd(text: string, end: number): number {
    const { size } = this.#scanner.decoder
    const { codes, places } = this.#scanner.verifier.charactersAfter(size - 1, end)
    let from = end
    for (let index = codes.length - 1; index >= 0 && !isLineEnd(text.charCodeAt(places[index]!)); index--) {
      if (this.#beginnings.prefixStarts.has(codes[index]!) || isEscaper(codes[index]!)) from = places[index]!
    }
    return this.#beginnings.sharesBits && isBase64(text[from - 1]) ? from - 1 : from
  }

  /** Where the beginning of a text that is looked for as it is stands at the end. */
  #literalFrom(text: string, end: number): number {
    const { swallowable, needles } = this.#index
    const most = swallowable.mayBeWithin(text) ? swallowable.longest : 0
    let from = end
    // one of few characters may stand after what reads as an escape together with its first characters
    for (let at = Math.max(1, text.length - most); at < from; at++) {
      if (at + 1 < text.length && swallowable.nextBeginning(text, at, at + 1) > at) continue
      const rest = text.slice(at)
      if (swallowable.beginningWith(rest[0]).some((number) => needles[number]!.text.startsWith(rest))) from = at
    }
    for (const number of this.#index.literals) {
      const literal = needles[number]!.text
      for (let at = Math.max(0, text.length - literal.length + 1); at < from; at++) {
        if (literal.startsWith(text.slice(at))) from = at
      }
    }
    return from
  }
}

/** Up to three compared characters from there on, as they are, before the next escape; none where the first is none. */
function firstPlain(text: string, from: number): string {
  let first = ''
  for (let at = from; first.length < SHORT_START && at < text.length; at++) {
    const kind = CLASS[text.charCodeAt(at)]
    if (kind === INTRODUCER || (at === from && kind !== KEPT)) break
    if (kind === KEPT) first += text[at]
  }
  return first
}
