/** Beginnings: with what needles begin, by their first one, two, three and eight kept characters. */

import { byteOf, CASE, CLASS, INTRODUCER } from './characters.ts'
import { writingsOf } from './edges.ts'
import { type Needle, NO_GAP } from './needle.ts'
import { hashAt, type NeedleIndex } from './needle-index.ts'

/** Beginnings of this many kept characters are looked up by a hash: of the last eight, most texts have none. */
export const LONG_START = 8
export const SHORT_START = 3
/** Bits of the filters, as powers of 2. */
const STARTS = 16
const SMALLEST_INNER = 17
const LARGEST_INNER = 25
/** Bits for each group of eight. */
const INNER_BITS = 8
/** Weighs one character more than the next in the hash of a beginning. */
const WEIGHT = 0x01000193
/** What one or two characters may begin: a needle, one with a prefix, one that shares bits, one with a gap after them. */
export const BEGINS = 1
export const HAS_PREFIX = 2
export const SHARES_BITS = 4
export const HAS_GAP = 8

const NO_NEEDLES: readonly Needle[] = []

/** A set of hashes, two bits each: what it says it has not was never added. */
class Filter {
  /** Bits, as a power of 2. */
  readonly size: number
  readonly #words: Int32Array
  readonly #shift: number

  constructor(size: number) {
    this.size = size
    this.#words = new Int32Array(2 ** (size - 5))
    this.#shift = 32 - (size - 5)
  }

  add(hash: number): void {
    this.#words[hash >>> this.#shift]! |= bitsOf(hash)
  }

  mayHave(hash: number): boolean {
    const bits = bitsOf(hash)
    return (this.#words[hash >>> this.#shift]! & bits) === bits
  }
}

/** Two bits of a word, by other bits of the hash than those that tell the word. */
function bitsOf(hash: number): number {
  return (1 << hash) | (1 << (hash >>> 5))
}

/** What an index has, by how it begins. */
export class Beginnings {
  /** By the first character, and by the first two. */
  readonly #singles = new Uint8Array(256)
  readonly #doubles = new Uint8Array(65_536)
  /** By the hash of the first three, and of the first eight. */
  readonly #byThree = new Map<number, Needle[]>()
  readonly #byEight = new Map<number, Needle[]>()
  /** Whether any begins with three to seven characters of that hash; small enough to stay in the cache. */
  readonly #starts = new Filter(STARTS)
  /** Whether a group of eight stands anywhere in a needle. */
  #inner = new Filter(SMALLEST_INNER)
  #groups = 0
  #known = 0
  /** The first characters of what stands in needles before what is compared. */
  readonly prefixStarts = new Set<number>()
  /** The first characters of those that begin as an escape does. */
  readonly escapeStarts = new Set<number>()
  /** Whether the character before any of them may carry bits of it. */
  sharesBits = false

  readonly #index: NeedleIndex

  constructor(index: NeedleIndex) {
    this.#index = index
  }

  /** Learns the needles that were added since. */
  learn(): void {
    const { needles } = this.#index
    if (needles.length === this.#known) return
    const fresh = needles.slice(this.#known)
    this.#known = needles.length
    for (const { kept } of fresh) this.#groups += kept.length
    const wanted = Math.min(LARGEST_INNER, Math.ceil(Math.log2(this.#groups * INNER_BITS + 1)))
    const isLarger = wanted > this.#inner.size
    if (isLarger) this.#inner = new Filter(wanted)
    for (const needle of isLarger ? needles : fresh) this.#learnInner(needle)
    for (const needle of fresh) if (!needle.isLiteral) this.#learnStart(needle)
  }

  #learnInner({ kept }: Needle): void {
    for (let at = 0; at + LONG_START <= kept.length; at++) this.#inner.add(hashAt(kept, at, LONG_START))
  }

  #learnStart(needle: Needle): void {
    const { kept, prefix } = needle
    for (const start of prefix === '' ? [] : writingsOf(prefix.charCodeAt(0))) this.prefixStarts.add(start)
    const first = needle.text.charCodeAt(needle.places?.[0] ?? 0)
    if (CLASS[first] === INTRODUCER) this.escapeStarts.add(first)
    this.sharesBits ||= needle.sharesBitsBefore
    const flags = BEGINS | beforeOf(needle)
    if (kept.length > 1) this.#singles[kept[0]! | CASE]! |= flags | (mayHaveGap(needle, 1) ? HAS_GAP : 0)
    if (kept.length > 2) this.#doubles[hashTwo(kept, 0)]! |= flags | (mayHaveGap(needle, 2) ? HAS_GAP : 0)
    let hash = 0
    for (let length = 1; length < Math.min(LONG_START, kept.length); length++) {
      hash = Math.imul(hash, WEIGHT) + (kept[length - 1]! | CASE)
      this.#starts.add(mixed(hash))
    }
    if (kept.length >= SHORT_START) addTo(this.#byThree, hashThree(kept, 0), needle)
    if (kept.length >= LONG_START) addTo(this.#byEight, hashAt(kept, 0, LONG_START), needle)
  }

  /** Whether three kept characters or more at the end may be the beginning of a needle. Needs no places. */
  mayGoOn(kept: Uint8Array, size: number): boolean {
    let hash = 0
    let weight = 1
    for (let rest = 1; rest < LONG_START && rest <= size; rest++) {
      const at = size - rest
      hash += Math.imul(kept[at]! | CASE, weight)
      weight = Math.imul(weight, WEIGHT)
      if (rest < SHORT_START || !this.#starts.mayHave(mixed(hash))) continue
      if (this.#byThree.get(hashThree(kept, at))?.some((needle) => begins(needle, kept, at, rest))) return true
    }
    return this.isInner(kept, size)
  }

  /** Whether the last eight kept characters stand anywhere in a needle. */
  isInner(kept: Uint8Array, size: number): boolean {
    return size >= LONG_START && this.#inner.mayHave(hashAt(kept, size - LONG_START, LONG_START))
  }

  /** What one or two kept characters may begin; 0 for nothing. */
  ofFew(kept: Uint8Array, at: number, count: number): number {
    return count === 1 ? this.#singles[kept[at]! | CASE]! : this.#doubles[hashTwo(kept, at)]!
  }

  /** The needles that may begin with the kept characters there, of which there are three or more. */
  ofMany(kept: Uint8Array, at: number, count: number): readonly Needle[] {
    const isLong = count >= LONG_START
    return (
      (isLong ? this.#byEight.get(hashAt(kept, at, LONG_START)) : this.#byThree.get(hashThree(kept, at))) ?? NO_NEEDLES
    )
  }

  /** The same for three characters as they are written. */
  ofWritten(three: string): readonly Needle[] {
    const hash = foldThree(byteAt(three, 0), byteAt(three, 1), byteAt(three, 2))
    return this.#byThree.get(hash) ?? NO_NEEDLES
  }

  /** Whether a needle may begin with these characters, of which there are two at most. */
  mayBegin(text: string): boolean {
    if (text === '') return false
    const first = byteAt(text, 0)
    return (text.length === 1 ? this.#singles[first | CASE] : this.#doubles[foldTwo(first, byteAt(text, 1))]) !== 0
  }
}

/** What may have to be masked before the first character that is compared. */
export function beforeOf({ prefix, sharesBitsBefore, text }: Needle): number {
  return (prefix !== '' || !/^\w/.test(text) ? HAS_PREFIX : 0) | (sharesBitsBefore ? SHARES_BITS : 0)
}

/** Whether blanks, quotes and the like may stand in a text before that character of the needle. */
export function mayHaveGap({ gaps, digits }: Needle, index: number): boolean {
  return digits !== undefined || (gaps !== undefined && gaps[index] !== NO_GAP)
}

/** Whether the needle begins with what is kept there, in any case, and goes on. */
function begins(needle: Needle, kept: Uint8Array, at: number, length: number): boolean {
  let index = 0
  while (index < length && (needle.kept[index]! | CASE) === (kept[at + index]! | CASE)) index++
  return index === length && needle.kept.length > length
}

/** A hash of which the upper bits depend on all characters. */
function mixed(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
}

function hashTwo(kept: Uint8Array, at: number): number {
  return foldTwo(kept[at]!, kept[at + 1]!)
}

function foldTwo(first: number, second: number): number {
  return ((first | CASE) << 8) | second | CASE
}

function hashThree(kept: Uint8Array, at: number): number {
  return foldThree(kept[at]!, kept[at + 1]!, kept[at + 2]!)
}

function foldThree(first: number, second: number, third: number): number {
  return ((first | CASE) << 16) | ((second | CASE) << 8) | third | CASE
}

/** The byte that stands for a unit of a text. */
function byteAt(text: string, at: number): number {
  return byteOf(text.charCodeAt(at))
}

function addTo(needles: Map<number, Needle[]>, hash: number, needle: Needle): void {
  const others = needles.get(hash)
  if (others === undefined) needles.set(hash, [needle])
  else others.push(needle)
}
