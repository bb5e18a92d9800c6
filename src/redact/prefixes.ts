/** Prefixes: from where the end of a text may still become a match, once more text follows. */

import { isBase64 } from './base64.ts'
import { CASE, CLASS, INTRODUCER, isEscaper, isLineEnd, KEPT } from './characters.ts'
import { writingsOf } from './edges.ts'
import { MAX_GAP, MAX_SWALLOWED } from './limits.ts'
import { GAP, type Needle, NO_GAP } from './needle.ts'
import { hashAt, mayLackBefore, type NeedleIndex } from './needle-index.ts'
import type { Scanner } from './scan.ts'

/** Beginnings of this many kept characters are looked up by a hash: of the last eight, most texts have none. */
const LONG_START = 8
const SHORT_START = 3
/** Of all groups of eight in all needles. */
const SMALLEST_INNER = 17
const LARGEST_INNER = 25
const INNER_BITS = 8
/** An escape of one character is not longer, mostly. */
const NEAR = 10
/** What an escape swallows of a needle, with what is not compared. */
const LONGEST_SWALLOWED = 2 * MAX_SWALLOWED
/** With more characters after a mark than these, the last eight kept ones tell whether a needle goes on. */
const NEAR_MARK = 48
/** What one or two characters may begin: a needle, one with a prefix, one that shares bits, one with a gap after them. */
const BEGINS = 1
const HAS_PREFIX = 2
const SHARES_BITS = 4
const HAS_GAP = 8

/** Knows how needles begin. */
export class Prefixes {
  /** By the first character, and by the first two. */
  readonly #singles = new Uint8Array(256)
  readonly #doubles = new Uint8Array(65_536)
  /** By the hash of the first three, and of the first eight. */
  readonly #byThree = new Map<number, Needle[]>()
  readonly #byEight = new Map<number, Needle[]>()
  /** One bit for each group of eight anywhere in a needle. */
  #inner = new Int32Array(1 << (SMALLEST_INNER - 5))
  #shift = 32 - SMALLEST_INNER
  #groups = 0
  #known = 0
  /** The first characters of what stands in needles before what is compared. */
  readonly #prefixStarts = new Set<number>()
  /** What may stand before the beginnings of which the last text ends with one. */
  #before = 0
  #sharesBits = false

  readonly #index: NeedleIndex
  readonly #scanner: Scanner

  constructor(index: NeedleIndex, scanner: Scanner) {
    this.#index = index
    this.#scanner = scanner
  }

  /** The offset from which on the end of the text that was scanned last may become part of a match. */
  holdFrom(text: string): number {
    this.#learn()
    const { decoder } = this.#scanner
    // most texts end with a line, and with what no value begins with
    if (decoder.openAt < 0 && isLineEnd(text.charCodeAt(text.length - 1)) && !this.#mayBeLive()) {
      return Math.min(this.#literalFrom(text, text.length), this.#swallowedFrom(text))
    }
    decoder.place()
    const { places, size, openAt } = decoder
    const end = openAt < 0 ? text.length : openAt
    let from = this.#literalFrom(text, end)
    const last = size > 0 ? places[size - 1]! : 0
    if (end - last <= MAX_GAP) {
      from = Math.min(from, this.#swallowedFrom(text))
      const live = this.#liveFrom(text, end)
      from = Math.min(from, live < size ? this.#edgeBefore(text, live) : this.#edgeAtEnd(text, end))
    }
    return Math.min(from, end)
  }

  /** Learns the needles that were added since. */
  #learn(): void {
    const { needles } = this.#index
    const fresh = needles.slice(this.#known)
    this.#known = needles.length
    for (const { kept } of fresh) this.#groups += kept.length
    const wanted = Math.min(LARGEST_INNER, Math.ceil(Math.log2(this.#groups * INNER_BITS + 1)))
    if (wanted > 32 - this.#shift) {
      this.#shift = 32 - wanted
      this.#inner = new Int32Array(1 << (wanted - 5))
      for (const needle of needles) this.#learnInner(needle)
    } else for (const needle of fresh) this.#learnInner(needle)
    for (const needle of fresh) if (!needle.isLiteral) this.#learnStart(needle)
  }

  #learnInner({ kept }: Needle): void {
    for (let at = 0; at + LONG_START <= kept.length; at++) {
      const bit = hashAt(kept, at, LONG_START) >>> this.#shift
      this.#inner[bit >>> 5]! |= 1 << bit
    }
  }

  #learnStart(needle: Needle): void {
    const { kept, prefix } = needle
    for (const start of prefix === '' ? [] : writingsOf(prefix.charCodeAt(0))) this.#prefixStarts.add(start)
    this.#sharesBits ||= needle.sharesBitsBefore
    const flags = BEGINS | beforeOf(needle)
    if (kept.length > 1) this.#singles[kept[0]! | CASE]! |= flags | (mayHaveGap(needle, 1) ? HAS_GAP : 0)
    if (kept.length > 2) this.#doubles[hashTwo(kept, 0)]! |= flags | (mayHaveGap(needle, 2) ? HAS_GAP : 0)
    if (kept.length >= SHORT_START) addTo(this.#byThree, hashThree(kept, 0), needle)
    if (kept.length >= LONG_START) addTo(this.#byEight, hashAt(kept, 0, LONG_START), needle)
  }

  /** Whether three kept characters or more at the end may be the beginning of a needle. Needs no places. */
  #mayBeLive(): boolean {
    const { kept, size } = this.#scanner.decoder
    for (let rest = SHORT_START; rest < LONG_START && rest <= size; rest++) {
      const at = size - rest
      if (this.#doubles[hashTwo(kept, at)] === 0) continue
      if (this.#byThree.get(hashThree(kept, at))?.some((needle) => begins(needle, kept, at, rest))) return true
    }
    return this.#isInner()
  }

  /** Whether the last eight kept characters stand anywhere in a needle. */
  #isInner(): boolean {
    const { kept, size } = this.#scanner.decoder
    if (size < LONG_START) return false
    const bit = hashAt(kept, size - LONG_START, LONG_START) >>> this.#shift
    return ((this.#inner[bit >>> 5]! >>> bit) & 1) !== 0
  }

  /** The first kept character with which a match may begin that the text does not end. */
  #liveFrom(text: string, end: number): number {
    const { places, size } = this.#scanner.decoder
    if (size === 0) return size
    const gap = this.#scanner.verifier.gapAtEnd(size - 1, end)
    // no match has a line end among its first characters
    const hasLineEnd = /[\r\n]/.test(text.slice(places[size - 1]! + 1, end))
    const first = Math.max(0, size - (this.#isInner() ? this.#index.longest : LONG_START - 1))
    let live = size
    for (let at = size - 1; at >= first && end - places[at]! <= this.#index.longestMatch; at--) {
      const rest = size - at
      const isFew = rest < SHORT_START
      const before = isFew ? (hasLineEnd ? 0 : this.#beforeFew(at, gap)) : this.#beforeLive(at, rest, gap)
      if (before === 0) continue
      live = at
      this.#before = before
    }
    return live
  }

  /** What may have to be masked before one or two characters with which a needle begins; 0 where none does. */
  #beforeFew(at: number, gap: number): number {
    const { kept, size } = this.#scanner.decoder
    const flags = size - at === 1 ? this.#singles[kept[at]! | CASE]! : this.#doubles[hashTwo(kept, at)]!
    return gap === GAP && (flags & HAS_GAP) === 0 ? 0 : flags
  }

  /** The same for more of them. */
  #beforeLive(at: number, rest: number, gap: number): number {
    const { decoder, verifier } = this.#scanner
    const { kept } = decoder
    const isLong = rest >= LONG_START
    const known = isLong ? this.#byEight.get(hashAt(kept, at, LONG_START)) : this.#byThree.get(hashThree(kept, at))
    let flags = 0
    for (const needle of known ?? []) {
      if (needle.kept.length <= rest || verifier.sameFrom(needle, at, 0) !== rest) continue
      if (gap !== GAP || mayHaveGap(needle, rest)) flags |= BEGINS | beforeOf(needle)
    }
    return flags
  }

  /** Where a needle may begin of which the first characters read as part of an escape with what stands before them. */
  #swallowedFrom(text: string): number {
    const { escapes, escapesSize, openAt } = this.#scanner.decoder
    const least = text.length - (this.#isInner() ? this.#index.longestMatch : NEAR_MARK)
    let from = openAt < 0 ? text.length : this.#swallowedBy(text, openAt, text.length)
    for (let index = escapesSize - 2; index >= 0 && escapes[index + 1]! > least; index -= 2) {
      from = Math.min(from, this.#swallowedBy(text, escapes[index]!, escapes[index + 1]!))
    }
    return from
  }

  /** The same within an escape. */
  #swallowedBy(text: string, start: number, end: number): number {
    for (let at = Math.max(start + 1, end - LONGEST_SWALLOWED); at < end; at++) {
      const plain = plainLength(text, at)
      if (plain < SHORT_START) {
        if (text.length - at < NEAR_MARK && this.#mayBegin(text.slice(at, at + plain))) return at
        continue
      }
      const known = this.#byThree.get(foldThree(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)))
      if (known?.some((needle) => this.#goesOn(needle, text, at))) return at
    }
    return text.length
  }

  /** Whether a needle may begin with these characters, of which there are two at most. */
  #mayBegin(text: string): boolean {
    if (text === '') return false
    const [first = 0, second] = [...text].map((character) => character.charCodeAt(0) | CASE)
    return (second === undefined ? this.#singles[first] : this.#doubles[(first << 8) | second]) !== 0
  }

  /** Whether a needle may stand there whose first characters are as they are written, and the others decoded. */
  #goesOn(needle: Needle, text: string, from: number): boolean {
    const { decoder, verifier } = this.#scanner
    if (needle.prefix !== '') return false
    decoder.place()
    const { places, size } = decoder
    for (let index = 1; index <= mayLackBefore(needle); index++) {
      const written = needle.places === undefined ? index : needle.places[index]!
      const rest = needle.text.slice(0, written)
      if (from + written > text.length) return needle.text.startsWith(text.slice(from))
      if (!text.startsWith(rest, from)) return false
      let first = size
      while (first > 0 && places[first - 1]! >= from + written) first--
      if (verifier.sameFrom(needle, first - index, index) === size - first + index) return true
    }
    return false
  }

  /** Where what may belong to a match begins that begins with that kept character. */
  #edgeBefore(text: string, position: number): number {
    const at = this.#scanner.decoder.places[position]!
    const gap = (this.#before & HAS_PREFIX) !== 0 ? this.#scanner.verifier.gapStart(position) : at
    let from = at
    while (from > gap && at - from < MAX_GAP && !isLineEnd(text.charCodeAt(from - 1))) from--
    // what reads as an escape may have swallowed its first characters
    for (let near = 1; near <= NEAR; near++) {
      if (CLASS[text.charCodeAt(at - near)] === INTRODUCER) from = Math.min(from, at - near)
    }
    return (this.#before & SHARES_BITS) !== 0 && isBase64(text[from - 1]) ? from - 1 : from
  }

  /** The same where no kept character begins one: what is not compared may be the beginning of a prefix. */
  #edgeAtEnd(text: string, end: number): number {
    const { size } = this.#scanner.decoder
    const { codes, places } = this.#scanner.verifier.charactersAfter(size - 1, end)
    let from = end
    for (let index = codes.length - 1; index >= 0 && !isLineEnd(text.charCodeAt(places[index]!)); index--) {
      if (this.#prefixStarts.has(codes[index]!) || isEscaper(codes[index]!)) from = places[index]!
    }
    return this.#sharesBits && isBase64(text[from - 1]) ? from - 1 : from
  }

  /** Where the beginning of a text that is looked for as it is stands at the end. */
  #literalFrom(text: string, end: number): number {
    let from = end
    // one of few characters may stand after what reads as an escape together with its first characters
    for (let at = Math.max(1, text.length - this.#index.longestShort); at < from; at++) {
      if (at + 1 < text.length && !this.#index.mayBeShort(text, at)) continue
      const rest = text.slice(at)
      if (this.#index.shortNumbers(rest).some((number) => this.#index.needles[number]!.text.startsWith(rest))) from = at
    }
    for (const number of this.#index.literals) {
      const literal = this.#index.needles[number]!.text
      for (let at = Math.max(0, text.length - literal.length + 1); at < from; at++) {
        if (literal.startsWith(text.slice(at))) from = at
      }
    }
    return from
  }
}

/** What may have to be masked before the first character that is compared. */
function beforeOf({ prefix, sharesBitsBefore, text }: Needle): number {
  return (prefix !== '' || !/^\w/.test(text) ? HAS_PREFIX : 0) | (sharesBitsBefore ? SHARES_BITS : 0)
}

/** Whether blanks, quotes and the like may stand in a text before that character of the needle. */
function mayHaveGap({ gaps, form }: Needle, index: number): boolean {
  return form === 'hex' || form === 'decimal' || (gaps !== undefined && gaps[index] !== NO_GAP)
}

/** How many of up to three characters from there on are compared as they are. */
function plainLength(text: string, from: number): number {
  let length = 0
  while (length < SHORT_START && CLASS[text.charCodeAt(from + length)] === KEPT) length++
  return length
}

/** Whether the needle begins with what is kept there, in any case, and goes on. */
function begins(needle: Needle, kept: Uint8Array, at: number, length: number): boolean {
  let index = 0
  while (index < length && (needle.kept[index]! | CASE) === (kept[at + index]! | CASE)) index++
  return index === length && needle.kept.length > length
}

function hashTwo(kept: Uint8Array, at: number): number {
  return ((kept[at]! | CASE) << 8) | kept[at + 1]! | CASE
}

function hashThree(kept: Uint8Array, at: number): number {
  return foldThree(kept[at]!, kept[at + 1]!, kept[at + 2]!)
}

function foldThree(first: number, second: number, third: number): number {
  return ((first | CASE) << 16) | ((second | CASE) << 8) | third | CASE
}

function addTo(needles: Map<number, Needle[]>, hash: number, needle: Needle): void {
  const others = needles.get(hash)
  if (others === undefined) needles.set(hash, [needle])
  else others.push(needle)
}
