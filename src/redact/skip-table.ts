/**
 * The skip search (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 *
 * Every needle gives windows of `width` bytes. A table says for each group of bytes how far the nearest window that
 * holds the group can be, so most of the text is never looked at; where the distance is 0 the whole window is looked
 * up. Only the low byte of a character counts here: a candidate is compared in full afterwards.
 */

import type { Anchor } from './needle.ts'

/** Windows of one width. */
export interface SkipTable {
  readonly width: number
  isEmpty(): boolean
  add(anchor: Anchor): void
  /** Its groups stay in the table until it grows: they cost a look-up, no match. */
  remove(anchor: Anchor): void
  /** How many anchors have the window of this one, as far as that matters. */
  crowd(anchor: Anchor): number
  /** Visits each anchor whose window stands in the bytes, from left to right; 8 more must stand behind them. */
  search(bytes: DataView, length: number, visit: (anchor: Anchor, position: number) => void): void
}

const MULTIPLIER = 0x9e3779b1 | 0
const OTHER_MULTIPLIER = 0x85ebca6b | 0
const MIN_BITS = 8
/** The table of shifts has so many times as many places as that of windows, as a power of two … */
const SHIFT_BITS = 5
/** … up to this. */
const MAX_SHIFT_BITS = 24
const CROWD = 10

/** A table for windows of 8, 4 or 1 bytes. */
export function createSkipTable(width: number): SkipTable {
  const group = width >> 1 || 1
  const stride = width - group + 1
  let bits = MIN_BITS
  let count = 0
  let windows: Int32Array
  /** By place; null where all anchors were removed, so that what stands behind is still found. */
  let heads: (Anchor | null | undefined)[] = []
  let shifts: Uint8Array
  let down: number

  /** The place of the window, or the free one where it would stand. */
  const placeOf = (low: number, high: number): number => {
    const hash = Math.imul(low, MULTIPLIER) ^ Math.imul(high, OTHER_MULTIPLIER)
    const last = heads.length - 1
    let place = (hash ^ (hash >>> 15)) & last
    while (heads[place] !== undefined && (windows[place * 2] !== low || windows[place * 2 + 1] !== high)) {
      place = (place + 1) & last
    }
    return place
  }

  const enter = (anchor: Anchor): void => {
    const { low, high } = anchor
    const place = placeOf(low, high)
    windows[place * 2] = low
    windows[place * 2 + 1] = high
    heads[place] = anchor
    for (let index = 0; index < stride; index++) {
      const bit = index * 8
      const bytes = bit === 32 ? high : bit === 0 ? low : (low >>> bit) | (high << (32 - bit))
      const at = group === 4 ? Math.imul(bytes, MULTIPLIER) >>> down : bytes & 0xffff
      shifts[at] = Math.min(shifts[at]!, stride - 1 - index)
    }
  }

  const rebuild = (): void => {
    const live = heads.filter((head) => head != null)
    count = live.length
    while (count * 4 > 1 << bits) bits++
    windows = new Int32Array(2 << bits)
    heads = Array(1 << bits).fill(undefined)
    const shiftBits = group === 4 ? Math.min(bits + SHIFT_BITS, MAX_SHIFT_BITS) : 16
    down = 32 - shiftBits
    shifts = new Uint8Array(1 << shiftBits).fill(stride)
    live.forEach(enter)
  }

  const chainOf = ({ low, high }: Anchor): Anchor | null | undefined => heads[placeOf(low, high)]

  rebuild()
  return {
    width,
    isEmpty: () => count === 0,
    add(anchor) {
      if (count * 2 >= heads.length) rebuild()
      const first = chainOf(anchor)
      if (first === undefined) count++
      // behind the first, which keeps its place
      if (first == null) enter(anchor)
      else {
        anchor.next = first.next
        first.next = anchor
      }
    },
    remove(anchor) {
      const place = placeOf(anchor.low, anchor.high)
      let before = heads[place]!
      if (before === anchor) heads[place] = anchor.next ?? null
      else {
        while (before.next !== anchor) before = before.next!
        before.next = anchor.next
      }
    },
    crowd(wanted) {
      let size = 0
      for (let anchor = chainOf(wanted); anchor != null && size < CROWD; anchor = anchor.next) size++
      return size
    },
    search(bytes, length, visit) {
      const table = shifts
      const right = down
      const last = length - group
      let position = stride - 1
      while (position <= last) {
        const shift =
          group === 4
            ? table[Math.imul(bytes.getInt32(position, true), MULTIPLIER) >>> right]!
            : table[group === 2 ? bytes.getUint16(position, true) : bytes.getUint8(position)]!
        if (shift === stride) position += stride
        else if (shift > 0) position += shift
        else {
          const start = position++ - stride + 1
          const low = group === 1 ? bytes.getUint8(start) : bytes.getInt32(start, true)
          const high = group === 4 ? bytes.getInt32(start + 4, true) : 0
          for (let anchor = heads[placeOf(low, high)]; anchor != null; anchor = anchor.next) visit(anchor, start)
        }
      }
    },
  }
}
