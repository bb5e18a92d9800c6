/**
 * The skip search (after Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 *
 * Every needle gives windows of `width` bytes. Two bits for each group of bytes say whether a window holds it; where
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

/** Visits a window at a position. */
export type Visit = (anchor: Anchor, position: number) => void

/** Windows of one width. */
export interface SkipTable {
  readonly width: number
  add(anchor: Anchor): void
  /** Its groups stay in the table until it grows: they cost a look-up, no match. */
  remove(anchor: Anchor): void
  /** How many anchors have this window. */
  crowd(low: number, high: number): number
  isEmpty(): boolean
  /** Whether the bytes may be neighbours in a window. */
  hasPair(before: number, behind: number): boolean
  /** Whether a window may stand across a mark with these bytes before and behind, and a character at it or not. */
  mayMeet(before: number, behind: number, isWritten: boolean): boolean
  /** Visits each anchor whose window stands in the bytes, from left to right; 8 more must stand behind them. */
  search(block: Block, length: number, visit: Visit): void
}

const MULTIPLIER = 0x9e3779b1 | 0
const OTHER_MULTIPLIER = 0x85ebca6b | 0
const MIN_BITS = 15
/** So many bits for each window, as a power of two … */
const MORE_BITS = 8
/** … up to this: 2 MB. */
const MAX_BITS = 24

/** A table for windows of 8, 4 or 1 bytes. */
export function createSkipTable(width: number): SkipTable {
  const group = width === 8 ? 4 : width === 4 ? 3 : 1
  const mask = group === 4 ? -1 : (1 << (8 * group)) - 1
  // four bytes are read where memory has them side by side, which every window of eight does somewhere
  const stride = Math.min(4, width - group + 1)
  const chains = new Map<number, Anchor[]>()
  /** Neighbours in a window. */
  const pairs = new Int32Array(1 << 11)
  let bits = MIN_BITS
  let groups = new Int32Array(1 << (MIN_BITS - 5))

  const enter = ({ low, high }: Anchor): void => {
    // the whole window as well, so that fewer are looked up
    const whole = hashOf(low, high) >>> (32 - bits)
    groups[whole >>> 5]! |= 1 << whole
    for (let index = 0; index < width - 1; index++) {
      const pair =
        (index < 4 ? (low >>> (8 * index)) | (index === 3 ? high << 8 : 0) : high >>> (8 * index - 32)) & 0xffff
      pairs[pair >>> 5]! |= 1 << pair
    }
    for (let index = 0; index <= width - group; index++) {
      const bytes = index === 0 ? low : index === 4 ? high : (low >>> (8 * index)) | (high << (32 - 8 * index))
      const bit = Math.imul(bytes & mask, MULTIPLIER) >>> (32 - bits)
      const other = Math.imul(bytes & mask, OTHER_MULTIPLIER) >>> (32 - bits)
      groups[bit >>> 5]! |= 1 << bit
      groups[other >>> 5]! |= 1 << other
    }
  }

  return {
    width,
    add(anchor) {
      const hash = hashOf(anchor.low, anchor.high)
      const chain = chains.get(hash)
      if (chain === undefined) chains.set(hash, [anchor])
      else chain.push(anchor)
      if (bits < MAX_BITS && chains.size << MORE_BITS > 1 << bits) {
        bits = Math.min(MAX_BITS, bits + 2)
        groups = new Int32Array(1 << (bits - 5))
        for (const each of chains.values()) each.forEach(enter)
      } else enter(anchor)
    },
    remove(anchor) {
      const hash = hashOf(anchor.low, anchor.high)
      const chain = chains.get(hash)!
      if (chain.length > 1) chain.splice(chain.indexOf(anchor), 1)
      else chains.delete(hash)
    },
    crowd: (low, high) => chains.get(hashOf(low, high))?.length ?? 0,
    isEmpty: () => chains.size === 0,
    hasPair(before, behind) {
      const pair = before | (behind << 8)
      return ((pairs[pair >>> 5]! >>> pair) & 1) === 1
    },
    mayMeet(before, behind, isWritten) {
      if (chains.size === 0) return false
      const down = 32 - bits
      if (isMember(groups, down, behind & mask) || isMember(groups, down, (before >>> (8 * (4 - group))) & mask))
        return true
      return (
        width < 8 && (isWritten || (width > 1 && isMember(groups, down, ((before >>> 16) | (behind << 16)) & mask)))
      )
    },
    search(block, length, visit) {
      if (chains.size === 0) return
      const { view } = block
      for (
        let position = nextMember(block, groups, 32 - bits, mask, 0, stride, length);
        position < length;
        position = nextMember(block, groups, 32 - bits, mask, position + stride, stride, length)
      ) {
        const last = Math.min(position, length - width)
        for (let start = Math.max(0, position - stride + 1); start <= last; start++) {
          const low = view.getInt32(start, true) & (width < 4 ? mask : -1)
          const hash = hashOf(low, width > 4 ? view.getInt32(start + 4, true) : 0)
          const bit = hash >>> (32 - bits)
          if (((groups[bit >>> 5]! >>> bit) & 1) === 0) continue
          const chain = chains.get(hash)
          if (chain !== undefined) for (const anchor of chain) visit(anchor, start)
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
  const hash = Math.imul(low ^ Math.imul(high, OTHER_MULTIPLIER), MULTIPLIER)
  return (hash ^ (hash >>> 15)) | 0
}
