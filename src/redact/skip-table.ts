/**
 * The skip search (after Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 *
 * Every needle gives windows of `width` bytes. One bit for each group of bytes says whether a window holds it; where
 * none does, all windows that would hold it are skipped, so most of the text is never looked at. Only the low byte of
 * a character counts here: a candidate is compared in full afterwards.
 */

import type { Anchor } from './needle.ts'

/** Bytes, in three ways of looking at them. */
export interface Block {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  readonly view: DataView
}

/** So many bytes, as a multiple of eight. */
export function createBlock(length: number): Block {
  const bytes = new Uint8Array(length)
  return { bytes, words: new Int32Array(bytes.buffer), view: new DataView(bytes.buffer) }
}

/** Windows of one width. */
export interface SkipTable {
  readonly width: number
  isEmpty(): boolean
  add(anchor: Anchor): void
  /** Its groups stay in the table until it grows: they cost a look-up, no match. */
  remove(anchor: Anchor): void
  /** How many anchors have the window of this one, as far as that matters. */
  crowd(anchor: Anchor): number
  /** Whether a window may hold what stands before one place and behind another. */
  mayMeet(block: Block, before: number, behind: number): boolean
  /** Visits each anchor whose window stands in the bytes, from left to right; 8 more must stand behind them. */
  search(block: Block, length: number, visit: (anchor: Anchor, position: number) => void): void
}

const MULTIPLIER = 0x9e3779b1 | 0
const OTHER_MULTIPLIER = 0x85ebca6b | 0
const MIN_BITS = 8
/** There are so many times as many bits as places for windows, as a power of two … */
const MORE_BITS = 7
/** … up to this: 8 MB. */
const MAX_BITS = 26
const CROWD = 10

/** A table for windows of 8, 4 or 1 bytes. */
export function createSkipTable(width: number): SkipTable {
  const group = width === 8 ? 4 : width === 4 ? 3 : 1
  const mask = group === 4 ? -1 : (1 << (8 * group)) - 1
  // four bytes are read where memory has them side by side, which every window of eight does somewhere
  const stride = Math.min(4, width - group + 1)
  let bits = MIN_BITS
  let count = 0
  let windows: Int32Array
  /** By place; null where all anchors were removed, so that what stands behind is still found. */
  let heads: (Anchor | null | undefined)[] = []
  let groups: Int32Array
  let down: number
  const members = new Uint8Array(256)

  /** The place of the window, or the free one where it would stand. */
  const placeOf = (low: number, high: number): number => {
    const last = heads.length - 1
    let place = hashOf(low, high) & last
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
    if (width < 8) for (let index = 0; index < width; index++) members[(low >>> (8 * index)) & 255] = 1
    for (let index = 0; index < stride; index++) {
      const bytes = (index === 0 ? low : (low >>> (8 * index)) | (high << (32 - 8 * index))) & mask
      const bit = Math.imul(bytes, MULTIPLIER) >>> down
      const other = Math.imul(bytes, OTHER_MULTIPLIER) >>> down
      groups[bit >>> 5]! |= 1 << bit
      groups[other >>> 5]! |= 1 << other
    }
  }

  const rebuild = (): void => {
    const live = heads.filter((head) => head != null)
    count = live.length
    while (count * 4 > 1 << bits) bits++
    windows = new Int32Array(2 << bits)
    heads = Array(1 << bits).fill(undefined)
    const groupBits = Math.min(bits + MORE_BITS, MAX_BITS)
    down = 32 - groupBits
    groups = new Int32Array(1 << (groupBits - 5))
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
    mayMeet({ bytes, view }, before, behind) {
      if (width < 8) return members[bytes[before - 1]!]! + members[bytes[behind]!]! > 1
      const isHeld = (at: number): boolean => isMember(groups, down, view.getInt32(at, true))
      return (before >= group && isHeld(before - group)) || isHeld(behind)
    },
    search(block, length, visit) {
      const { view } = block
      for (
        let position = nextMember(block, groups, down, mask, 0, stride, length);
        position < length;
        position = nextMember(block, groups, down, mask, position + stride, stride, length)
      ) {
        const last = Math.min(position, length - width)
        for (let start = Math.max(0, position - stride + 1); start <= last; start++) {
          const low = view.getInt32(start, true) & (width < 4 ? mask : -1)
          const high = width > 4 ? view.getInt32(start + 4, true) : 0
          for (let anchor = heads[placeOf(low, high)]; anchor != null; anchor = anchor.next) visit(anchor, start)
        }
      }
    },
  }
}

/** Whether the bits of a group are set: two, since the same few words stand everywhere in a log. */
function isMember(groups: Int32Array, down: number, read: number): boolean {
  const bit = Math.imul(read, MULTIPLIER) >>> down
  if (((groups[bit >>> 5]! >>> bit) & 1) === 0) return false
  const other = Math.imul(read, OTHER_MULTIPLIER) >>> down
  return ((groups[other >>> 5]! >>> other) & 1) === 1
}

/** The next position whose group is a member, or the length. A function of its own, so that nothing else is in its loop. */
function nextMember(
  { words, view }: Block,
  groups: Int32Array,
  down: number,
  mask: number,
  from: number,
  stride: number,
  length: number,
): number {
  if (mask === -1) {
    const count = (length + 3) >> 2
    for (let index = from >> 2; index < count; index++) {
      const bit = Math.imul(words[index]!, MULTIPLIER) >>> down
      if (((groups[bit >>> 5]! >>> bit) & 1) !== 0 && isMember(groups, down, words[index]!)) return index << 2
    }
    return length
  }
  let position = from
  while (position < length && !isMember(groups, down, view.getInt32(position, true) & mask)) position += stride
  return position
}

function hashOf(low: number, high: number): number {
  const hash = Math.imul(low, MULTIPLIER) ^ Math.imul(high, OTHER_MULTIPLIER)
  return hash ^ (hash >>> 15)
}
