/** Prefixes: from where the end of a text may still become a match, once more text follows. */

import { isBase64 } from './base64.ts'
import { CLASS, isEscaper, isLineEnd, SPECIAL } from './characters.ts'
import { writingsOf } from './edges.ts'
import { MAX_GAP } from './limits.ts'
import { hashAt, type NeedleIndex } from './needle-index.ts'
import { type Needle, NOTHING, SOMETHING } from './needle.ts'
import type { Scanner } from './scan.ts'

/** Beginnings of this many kept characters are looked up by a hash: of the last eight, most texts have none. */
const WIDTH = 8
const NARROW = 3
/** The bit by which letters of two cases differ. */
const CASE = 32
/** Of all groups of eight in all needles. */
const SMALLEST_INNER = 17
const LARGEST_INNER = 25
const INNER_BITS = 8
/** An escape of one character is not longer, mostly. */
const NEAR = 10
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
      return this.#literalFrom(text, text.length)
    }
    decoder.place()
    const { places, size, openAt } = decoder
    const end = openAt < 0 ? text.length : openAt
    let from = this.#literalFrom(text, end)
    const last = size > 0 ? places[size - 1]! : 0
    if (end - last <= MAX_GAP) {
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
    for (let at = 0; at + WIDTH <= kept.length; at++) {
      const bit = hashAt(kept, at, WIDTH) >>> this.#shift
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
    if (kept.length >= NARROW) put(this.#byThree, hashThree(kept, 0), needle)
    if (kept.length >= WIDTH) put(this.#byEight, hashAt(kept, 0, WIDTH), needle)
  }

  /** Whether three kept characters or more at the end may be the beginning of a needle. Needs no places. */
  #mayBeLive(): boolean {
    const { kept, size } = this.#scanner.decoder
    for (let rest = NARROW; rest < WIDTH && rest <= size; rest++) {
      const at = size - rest
      if (this.#byThree.get(hashThree(kept, at))?.some((needle) => begins(needle, kept, at, rest))) return true
    }
    return this.#isInner()
  }

  /** Whether the last eight kept characters stand anywhere in a needle. */
  #isInner(): boolean {
    const { kept, size } = this.#scanner.decoder
    if (size < WIDTH) return false
    const bit = hashAt(kept, size - WIDTH, WIDTH) >>> this.#shift
    return ((this.#inner[bit >>> 5]! >>> bit) & 1) !== 0
  }

  /** The first kept character with which a match may begin that the text does not end. */
  #liveFrom(text: string, end: number): number {
    const { kept, places, size } = this.#scanner.decoder
    const { verifier } = this.#scanner
    const gap = size > 0 ? verifier.gapAtEnd(size - 1, end) : NOTHING
    // no match has a line end among its first characters
    const hasLineEnd = size > 0 && /[\r\n]/.test(text.slice(places[size - 1]! + 1, end))
    let live = size
    this.#before = 0
    const take = (at: number, flags: number): void => {
      this.#before = flags | (live === at ? this.#before : 0)
      live = at
    }
    const first = Math.max(0, size - this.#index.longest)
    const last = this.#isInner() ? first : Math.max(first, size - WIDTH + 1)
    for (let at = size - 1; at >= last && end - places[at]! <= this.#index.longestMatch; at--) {
      const rest = size - at
      if (rest < NARROW) {
        const flags = rest === 1 ? this.#singles[kept[at]! | CASE]! : this.#doubles[hashTwo(kept, at)]!
        if (flags !== 0 && !hasLineEnd && (gap !== SOMETHING || (flags & HAS_GAP) !== 0)) take(at, flags)
        continue
      }
      const known = rest < WIDTH ? this.#byThree.get(hashThree(kept, at)) : this.#byEight.get(hashAt(kept, at, WIDTH))
      for (const needle of known ?? []) {
        if (needle.kept.length <= rest || verifier.sameFrom(needle, at, 0) !== rest) continue
        if (gap !== SOMETHING || mayHaveGap(needle, rest)) take(at, beforeOf(needle))
      }
    }
    return live
  }

  /** Where what may belong to a match begins that begins with that kept character. */
  #edgeBefore(text: string, position: number): number {
    const at = this.#scanner.decoder.places[position]!
    const gap = (this.#before & HAS_PREFIX) !== 0 ? this.#scanner.verifier.gapStart(position) : at
    let from = at
    while (from > gap && at - from < MAX_GAP && !isLineEnd(text.charCodeAt(from - 1))) from--
    // what reads as an escape may have swallowed its first characters
    for (let near = 1; near <= NEAR; near++) {
      if (CLASS[text.charCodeAt(at - near)] === SPECIAL) from = Math.min(from, at - near)
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
  return form === 'hex' || form === 'decimal' || (gaps !== undefined && gaps[index] !== NOTHING)
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
  return (hashTwo(kept, at) << 8) | kept[at + 2]! | CASE
}

function put(needles: Map<number, Needle[]>, hash: number, needle: Needle): void {
  const others = needles.get(hash)
  if (others === undefined) needles.set(hash, [needle])
  else others.push(needle)
}
