/**
 * The index: groups of kept characters, and the needles that have them.
 *
 * A text is not looked at everywhere: a needle of 21 characters and more is known by the eight groups of eight that
 * begin at eight places in a row, so that one of them is met at every eighth place of the text, whatever stands around.
 * A filter of one bit a group says in nearly every place that there is nothing.
 */

import {
  FEW_KEPT,
  FILTER_BITS,
  LARGEST_FILTER,
  LONG_NEEDLE,
  LONGEST_MATCH,
  MANY_ALIKE,
  MAX_SHARED,
  MAX_SWALLOWED,
  MIDDLE_NEEDLE,
  SMALLEST_FILTER,
  STRETCH,
} from './limits.ts'
import type { Entry, Needle } from './needle.ts'
import { SwallowableNeedles } from './swallowable.ts'

/** Makes the two cases of a letter one, in four characters at once. */
const FOLD = 0x20202020
const OFFSET_BITS = 9
const OFFSET_MASK = (1 << OFFSET_BITS) - 1
const EMPTY = -1

/** The hash of four characters that are read as a little-endian word. */
export function hashFour(word: number): number {
  const hash = Math.imul(word | FOLD, 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

/** The hash of eight, of which the first four are hashed. */
export function hashEight(hash: number, word: number): number {
  return Math.imul(hash ^ (word | FOLD), 0x85ebca6b)
}

function wordAt(kept: Uint8Array, at: number): number {
  return kept[at]! | (kept[at + 1]! << 8) | (kept[at + 2]! << 16) | (kept[at + 3]! << 24)
}

/** The hash of the four or eight characters there. */
export function hashAt(kept: Uint8Array, at: number, width: number): number {
  const hash = hashFour(wordAt(kept, at))
  return width === 4 ? hash : hashEight(hash, wordAt(kept, at + 4))
}

/** Groups of one width by hash, in flat arrays: ten thousand needles have a million. */
export class GroupTable {
  /** One bit a group, by the upper bits of its hash. */
  filter = new Int32Array(1 << (SMALLEST_FILTER - 5))
  shift = 32 - SMALLEST_FILTER
  size = 0
  #hashes = new Int32Array(256)
  /** The number of the needle and the place of the group in it. */
  #references = new Int32Array(256)
  #nextGroups = new Int32Array(256)
  #heads = new Int32Array(1024).fill(EMPTY)

  readonly width: number
  readonly step: number

  constructor(width: number, step: number) {
    this.width = width
    this.step = step
  }

  /** Adds the groups of a needle from a place on: as many as there are ways to meet it. */
  add(number: number, { kept }: Needle, from: number): void {
    for (let offset = from; offset < from + this.step; offset++) {
      if (this.size === this.#hashes.length) this.#grow()
      const group = this.size++
      this.#hashes[group] = hashAt(kept, offset, this.width)
      this.#references[group] = (number << OFFSET_BITS) | offset
      this.#enter(group)
    }
  }

  /** The first group with that hash, or a negative number. */
  first(hash: number): number {
    return this.#heads[this.#slotOf(hash)]!
  }

  /** The next group with the same hash, or a negative number. */
  next(group: number): number {
    return this.#nextGroups[group]!
  }

  /** The number of the needle that has the group. */
  needleOf(group: number): number {
    return this.#references[group]! >> OFFSET_BITS
  }

  /** Where in the needle it stands. */
  offsetOf(group: number): number {
    return this.#references[group]! & OFFSET_MASK
  }

  /** How many groups have that hash, up to a few. */
  count(hash: number): number {
    const bit = hash >>> this.shift
    if (((this.filter[bit >>> 5]! >>> bit) & 1) === 0) return 0
    let count = 0
    for (let group = this.first(hash); group >= 0 && count < MANY_ALIKE; group = this.next(group)) count++
    return count
  }

  #slotOf(hash: number): number {
    const mask = this.#heads.length - 1
    let slot = (hash ^ (hash >>> 16)) & mask
    while (this.#heads[slot]! >= 0 && this.#hashes[this.#heads[slot]!] !== hash) slot = (slot + 1) & mask
    return slot
  }

  #enter(group: number): void {
    const hash = this.#hashes[group]!
    const bit = hash >>> this.shift
    this.filter[bit >>> 5]! |= 1 << bit
    const slot = this.#slotOf(hash)
    this.#nextGroups[group] = this.#heads[slot]!
    this.#heads[slot] = group
  }

  #grow(): void {
    this.#hashes = enlarged(this.#hashes)
    this.#references = enlarged(this.#references)
    this.#nextGroups = enlarged(this.#nextGroups)
    const room = this.#hashes.length
    this.#heads = new Int32Array(2 * room).fill(EMPTY)
    const bits = Math.min(LARGEST_FILTER, Math.max(SMALLEST_FILTER, Math.log2(room * FILTER_BITS)))
    this.shift = 32 - bits
    this.filter = new Int32Array(1 << (bits - 5))
    for (let group = 0; group < this.size; group++) this.#enter(group)
  }
}

function enlarged(numbers: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(4 * numbers.length)
  larger.set(numbers)
  return larger
}

/** What tells texts apart: digits and capitals are rarer than other letters. */
function rarity(code: number): number {
  if (code > 127) return 2
  return Number((code >= 48 && code <= 57) || (code >= 65 && code <= 90))
}

/** All needles, by what is compared. */
export class NeedleIndex {
  readonly needles: Needle[] = []
  /** The values of each needle: a user name may stand in many. */
  readonly owners: Entry[][] = []
  /** The numbers of those that are looked for as they are. */
  readonly literals: number[] = []
  readonly #byText = new Map<string, number>()
  /** Those of which an escape may swallow so much that no group is left. */
  readonly swallowable = new SwallowableNeedles()
  readonly long = new GroupTable(8, 8)
  readonly middle = new GroupTable(4, 4)
  readonly short = new GroupTable(4, 1)
  /** Those of fewer than four characters, by the first. */
  readonly tiny: (number[] | undefined)[] = []
  /** Characters of the longest that are compared. */
  longest = 0

  /** How much of a text the longest may take, with its escapes. */
  get longestMatch(): number {
    return Math.min(LONGEST_MATCH, this.longest * STRETCH)
  }

  /** The labels under which a needle is known: the first of each value. */
  labelsOf(number: number): readonly string[] {
    return this.owners[number]!.flatMap(({ labels }) => labels.slice(0, 1))
  }

  /** The first of these in alphabetical order; undefined where all values were forgotten. */
  labelOf(number: number): string | undefined {
    let first: string | undefined
    for (const { labels } of this.owners[number]!) {
      if (labels.length > 0 && (first === undefined || labels[0]! < first)) first = labels[0]
    }
    return first
  }

  /** Looks for the needle from now on. */
  add(needle: Needle, entry: Entry): void {
    const { text, form, standing, sharesBitsBefore, sharesBitsAfter } = needle
    const isShared = text.length <= MAX_SHARED
    const key = isShared ? [form, standing, sharesBitsBefore, sharesBitsAfter, text].join(' ') : ''
    const known = isShared ? this.#byText.get(key) : undefined
    if (known !== undefined) {
      this.owners[known]!.push(entry)
      return
    }
    const number = this.needles.push(needle) - 1
    this.owners.push([entry])
    if (isShared) this.#byText.set(key, number)
    this.#enterSwallowable(number, needle)
    // with a low minimum length, what is also part of an escape is looked for as it is
    if (needle.isLiteral || (standing === 'anywhere' && text.length < FEW_KEPT)) this.literals.push(number)
    if (!needle.isLiteral) this.#enter(number, needle)
  }

  #enterSwallowable(number: number, needle: Needle): void {
    const { standing, isLiteral, needsEdges, suffix } = needle
    if (standing !== 'anywhere' || (!isLiteral && mayLackBefore(needle) < MAX_SWALLOWED))
      this.swallowable.addBeginning(number, needle)
    // of a longer one, no more than a backslash or a percent sign at its end stays
    const lacksEnd = needsEdges || (suffix === '' && mayLackAfter(needle) < MAX_SWALLOWED)
    if (needle.mayEndInEscape && lacksEnd) this.swallowable.addEnd(number, needle)
  }

  #enter(number: number, needle: Needle): void {
    const { length } = needle.kept
    this.longest = Math.max(this.longest, length)
    const table = length >= LONG_NEEDLE ? this.long : length >= MIDDLE_NEEDLE ? this.middle : this.short
    if (length >= table.width) table.add(number, needle, bestWindow(table, needle))
    else {
      const first = needle.kept[0]!
      this.tiny[first] = [...(this.tiny[first] ?? []), number]
    }
  }
}

/** The place of the window that fewest needles share, without gaps and of rare characters. */
function bestWindow(table: GroupTable, needle: Needle): number {
  const { kept, gaps } = needle
  const { step, width } = table
  const room = step + width - 1
  const first = mayLackBefore(needle)
  const last = kept.length - mayLackAfter(needle) - room
  let best = first
  let least = Number.POSITIVE_INFINITY
  // values of one kind often begin alike, so the next place is ever further away
  for (let from = first, stride = step; from <= last && least > 0; from += stride, stride *= 2) {
    let rare = 0
    for (let at = from; at < from + room; at++) rare += rarity(kept[at]!)
    let cost = Math.max(0, 3 - rare)
    for (let at = from + 1; gaps !== undefined && at < from + room; at++) cost += gaps[at]!
    for (let offset = from; offset < from + step && cost < least; offset++) {
      cost += 4 * table.count(hashAt(kept, offset, width))
    }
    if (cost < least) {
      least = cost
      best = from
    }
  }
  return best
}

/** How many of `length` kept characters may be missing while a window still fits in the rest. */
function spare(length: number): number {
  if (length >= LONG_NEEDLE) return length - 15
  return Math.max(0, length - (length >= MIDDLE_NEEDLE ? 7 : 4))
}

/** How many characters a match may lack at its beginning: as many at most as stand before every window. */
export function mayLackBefore({ kept, mayEndInEscape }: Needle): number {
  const most = spare(kept.length)
  // two digits after a percent sign are more usual than anything else
  return Math.min(MAX_SWALLOWED, mayEndInEscape ? Math.max(Math.min(2, most), most >> 1) : most)
}

/** The same at its end. */
export function mayLackAfter(needle: Needle): number {
  return needle.mayEndInEscape ? Math.min(MAX_SWALLOWED, spare(needle.kept.length) - mayLackBefore(needle)) : 0
}
