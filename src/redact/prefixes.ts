/** Prefixes: from where the end of a text may still become a match, once more text follows. */

import { isBase64 } from './base64.ts'
import { CLASS, isLineEnd, SPECIAL } from './characters.ts'
import { LINE_START, MAX_GAP } from './limits.ts'
import { hashAt, type NeedleIndex } from './needle-index.ts'
import type { Needle } from './needle.ts'
import type { Scanner } from './scan.ts'

/** Beginnings of this many kept characters lead to their needles; shorter ones are only known or not. */
const WIDTH = 8
const SHORT_BITS = 16
/** Of all groups of eight in all needles. */
const SMALLEST_INNER = 17
const LARGEST_INNER = 25
const INNER_BITS = 8
/** An escape of one character is not longer, mostly. */
const NEAR = 10

/** Knows how needles begin. */
export class Prefixes {
  /** By the hash of a beginning of 1 to 7 characters: one bit for each length. */
  private readonly shortOnes = new Uint8Array(1 << SHORT_BITS)
  /** By the hash of the first eight. */
  private readonly byStart = new Map<number, Needle[]>()
  /** One bit for each group of eight anywhere in a needle. */
  private inner = new Int32Array(1 << (SMALLEST_INNER - 5))
  private shift = 32 - SMALLEST_INNER
  private groups = 0
  private known = 0
  private hasPrefixes = false

  constructor(
    private readonly index: NeedleIndex,
    private readonly scanner: Scanner,
  ) {}

  /** The offset from which on the end of the text that was scanned last may become part of a match. */
  holdFrom(text: string): number {
    this.learn()
    const { decoder } = this.scanner
    if (!decoder.hasPlaces) decoder.place()
    const { places, size, openAt } = decoder
    const end = openAt < 0 ? text.length : openAt
    let from = this.literalFrom(text, end)
    const last = size > 0 ? places[size - 1]! : 0
    if (end - last <= MAX_GAP) {
      const live = this.liveFrom(text, end)
      from = Math.min(from, live < size ? this.edgeBefore(text, live) : this.edgeAtEnd(text, end))
    }
    return Math.min(from, end)
  }

  /** Learns the needles that were added since. */
  private learn(): void {
    const { needles } = this.index
    const fresh = needles.slice(this.known)
    this.known = needles.length
    for (const { kept } of fresh) this.groups += kept.length
    const wanted = Math.min(LARGEST_INNER, Math.ceil(Math.log2(this.groups * INNER_BITS + 1)))
    if (wanted > 32 - this.shift) {
      this.shift = 32 - wanted
      this.inner = new Int32Array(1 << (wanted - 5))
      for (const needle of needles) this.learnInner(needle)
    } else for (const needle of fresh) this.learnInner(needle)
    for (const needle of fresh) if (!needle.isLiteral) this.learnStart(needle)
  }

  private learnInner({ kept }: Needle): void {
    for (let at = 0; at + WIDTH <= kept.length; at++) {
      const bit = hashAt(kept, at, WIDTH) >>> this.shift
      this.inner[bit >>> 5]! |= 1 << bit
    }
  }

  private learnStart(needle: Needle): void {
    const { kept, prefix } = needle
    this.hasPrefixes ||= prefix !== ''
    for (let size = 1; size < WIDTH && size <= kept.length; size++) {
      this.shortOnes[hashOf(kept, 0, size)]! |= 1 << size
    }
    if (kept.length < WIDTH) return
    const hash = hashAt(kept, 0, WIDTH)
    const others = this.byStart.get(hash)
    if (others === undefined) this.byStart.set(hash, [needle])
    else others.push(needle)
  }

  /** The first kept character with which a match may begin that the text does not end. */
  private liveFrom(text: string, end: number): number {
    const { kept, places, size } = this.scanner.decoder
    const hasLineEnd = size > 0 && /[\r\n]/.test(text.slice(places[size - 1]! + 1, end))
    let live = size
    for (let length = 1; length < WIDTH && length <= size; length++) {
      if (length <= LINE_START && hasLineEnd) continue
      if ((this.shortOnes[hashOf(kept, size - length, length)]! >> length) & 1) live = size - length
    }
    if (size < WIDTH) return live
    const bit = hashAt(kept, size - WIDTH, WIDTH) >>> this.shift
    if (((this.inner[bit >>> 5]! >>> bit) & 1) === 0) return live
    const first = Math.max(0, size - this.index.longest)
    for (let at = size - WIDTH; at >= first && end - places[at]! <= this.index.longestMatch; at--) {
      if (this.byStart.get(hashAt(kept, at, WIDTH))?.some((needle) => this.isLive(needle, at))) live = at
    }
    return live
  }

  private isLive(needle: Needle, at: number): boolean {
    const rest = this.scanner.decoder.size - at
    return needle.kept.length >= rest && this.scanner.verifier.sameFrom(needle, at, 0) === rest
  }

  /** Where what may belong to a match begins that begins with that kept character. */
  private edgeBefore(text: string, position: number): number {
    const { places } = this.scanner.decoder
    const at = places[position]!
    const gap = position > 0 ? this.scanner.verifier.gapStart(position) : 0
    let from = at
    while (from > gap && at - from < MAX_GAP && !isLineEnd(text.charCodeAt(from - 1))) from--
    // what reads as an escape may have swallowed its first characters
    for (let near = 1; near <= NEAR; near++) if (CLASS[text.charCodeAt(at - near)] === SPECIAL) from = Math.min(from, at - near)
    return isBase64(text[from - 1]) ? from - 1 : from
  }

  /** The same where no kept character begins one. */
  private edgeAtEnd(text: string, end: number): number {
    let from = end
    const { size } = this.scanner.decoder
    const gap = size > 0 ? this.scanner.verifier.endOf(size - 1) : 0
    if (this.hasPrefixes) while (from > gap && !isLineEnd(text.charCodeAt(from - 1))) from--
    return from === end && isBase64(text[from - 1]) ? from - 1 : from
  }

  /** Where the beginning of a text that is looked for as it is stands at the end. */
  private literalFrom(text: string, end: number): number {
    let from = end
    for (const number of this.index.literals) {
      const literal = this.index.needles[number]!.text
      for (let at = Math.max(0, text.length - literal.length + 1); at < from; at++) {
        if (literal.startsWith(text.slice(at))) from = at
      }
    }
    return from
  }
}

function hashOf(kept: Uint8Array, from: number, size: number): number {
  let hash = size
  for (let at = from; at < from + size; at++) hash = Math.imul(hash ^ (kept[at]! | 32), 0x9e3779b1)
  return (hash ^ (hash >>> 15)) & ((1 << SHORT_BITS) - 1)
}
