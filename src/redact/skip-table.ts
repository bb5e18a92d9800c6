/**
 * The skip search (after Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 *
 * Every needle gives a window of bytes. Of the text, one group of bytes in so many is looked up; where no window holds
 * it, all windows that would are skipped. A group that one may hold is looked up again, which says where in a window,
 * and so the few places at which one may begin. Only the low byte of a character counts here: a candidate is compared
 * in full afterwards.
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

/** Windows of at least one width. */
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
  /**
   * Visits each anchor whose window stands in the bytes, from left to right; 8 more must stand behind them. `text` is
   * what they are of: for a few narrow windows the engine's own search is faster.
   */
  search(block: Block, length: number, visit: Visit, text?: string): void
}

/** A window as wide as this has a group of four at every eighth byte, one of eight at every fourth. */
export const WIDE = 11
/** So many windows of less than four bytes are looked for one by one, and of less than eight. */
const FEW = [128, 16] as const
const MULTIPLIER = 0x9e3779b1 | 0
const OTHER_MULTIPLIER = 0x85ebca6b | 0
const MIN_BITS = 15
/** So many bits for each window, as a power of two … */
const MORE_BITS = 8
/** … up to this: 2 MB, and as much again for the places. */
const MAX_BITS = 24

/** A table for windows of at least 8, 4 or 1 bytes. */
export function createSkipTable(width: number): SkipTable {
  const group = width === 8 ? 4 : width === 4 ? 3 : 1
  const mask = group === 4 ? -1 : (1 << (8 * group)) - 1
  /** One group in so many bytes: as many of them begin in every window. */
  let stride = group === 4 ? WIDE - group + 1 : width - group + 1
  const chains = new Map<number, Anchor[]>()
  let count = 0
  /** Neighbours in a window. */
  const pairs = new Int32Array(1 << 11)
  let bits = MIN_BITS
  /** A bit for each group, and for each window. */
  let groups = new Int32Array(1 << (MIN_BITS - 5))
  /** By group, a bit for each place it has in a window. */
  let offsets = new Uint8Array(1 << (MIN_BITS - 3))

  const enter = ({ low, high, rest }: Anchor): void => {
    set(groups, hashOf(low, high) >>> (32 - bits))
    const last = Math.min(stride, (rest === undefined ? width : WIDE) - group)
    for (let offset = 0; offset <= last; offset++) {
      const near = offset < 4 ? low : high
      const far = offset < 4 ? high : (rest ?? 0)
      const bytes = (offset % 4 === 0 ? near : (near >>> (8 * offset)) | (far << (-8 * offset))) & mask
      set(groups, Math.imul(bytes, MULTIPLIER) >>> (32 - bits))
      offsets[Math.imul(bytes, OTHER_MULTIPLIER) >>> (35 - bits)]! |= 1 << offset
      set(pairs, bytes & 0xffff)
      if (offset < last) continue
      set(pairs, (bytes >>> 8) & 0xffff)
      set(pairs, bytes >>> 16)
    }
  }

  /** At which places of a window the group may stand, a bit for each. */
  const offsetsOf = (read: number): number =>
    hasBit(groups, Math.imul(read, MULTIPLIER) >>> (32 - bits))
      ? offsets[Math.imul(read, OTHER_MULTIPLIER) >>> (35 - bits)]!
      : 0

  return {
    width,
    add(anchor) {
      if (group === 4 && anchor.rest === undefined) stride = width - group
      count++
      const hash = hashOf(anchor.low, anchor.high)
      const chain = chains.get(hash)
      if (chain === undefined) chains.set(hash, [anchor])
      else chain.push(anchor)
      if (bits < MAX_BITS && chains.size << MORE_BITS > 1 << bits) {
        bits = Math.min(MAX_BITS, bits + 2)
        groups = new Int32Array(1 << (bits - 5))
        offsets = new Uint8Array(1 << (bits - 3))
        for (const each of chains.values()) each.forEach(enter)
      } else enter(anchor)
    },
    remove(anchor) {
      count--
      const hash = hashOf(anchor.low, anchor.high)
      const chain = chains.get(hash)!
      if (chain.length > 1) chain.splice(chain.indexOf(anchor), 1)
      else chains.delete(hash)
    },
    crowd: (low, high) => chains.get(hashOf(low, high))?.length ?? 0,
    isEmpty: () => chains.size === 0,
    hasPair: (before, behind) => hasBit(pairs, before | (behind << 8)),
    mayMeet(before, behind, isWritten) {
      if (chains.size === 0) return false
      return (
        offsetsOf(behind & mask) + offsetsOf((before >>> (8 * (4 - group))) & mask) > 0 ||
        (group < 4 && (isWritten || (group > 1 && offsetsOf(((before >>> 16) | (behind << 16)) & mask) > 0)))
      )
    },
    search(block, length, visit, text) {
      if (chains.size === 0) return
      if (text !== undefined && group < 4 && count <= FEW[group === 1 ? 0 : 1]) {
        for (const chain of chains.values()) for (const anchor of chain) searchOne(text, anchor, visit)
        return
      }
      const { view } = block
      const down = 32 - bits
      for (
        let position = nextMember(block, groups, offsets, down, mask, 0, stride, length);
        position < length;
        position = nextMember(block, groups, offsets, down, mask, position + stride, stride, length)
      ) {
        const places = offsetsOf(view.getInt32(position, true) & mask)
        for (let offset = stride - 1; offset >= 0; offset--) {
          const start = position - offset
          if (((places >>> offset) & 1) === 0 || start < 0 || start > length - width) continue
          const low = view.getInt32(start, true) & (width < 4 ? mask : -1)
          const hash = hashOf(low, width > 4 ? view.getInt32(start + 4, true) : 0)
          if (!hasBit(groups, hash >>> down)) continue
          const chain = chains.get(hash)
          if (chain !== undefined) for (const anchor of chain) visit(anchor, start)
        }
      }
    },
  }
}

function searchOne(text: string, anchor: Anchor, visit: Visit): void {
  const { window } = anchor
  for (let at = text.indexOf(window); at >= 0; at = text.indexOf(window, at + 1)) visit(anchor, at)
}

function set(words: Int32Array, bit: number): void {
  words[bit >>> 5]! |= 1 << bit
}

function hasBit(words: Int32Array, bit: number): boolean {
  return ((words[bit >>> 5]! >>> bit) & 1) === 1
}

/** The next position whose group is a member, or the length. A function of its own, so that nothing else is in its loop. */
function nextMember(
  { words, view }: Block,
  groups: Int32Array,
  offsets: Uint8Array,
  down: number,
  mask: number,
  from: number,
  stride: number,
  length: number,
): number {
  if (mask === -1) {
    const count = (length + 3) >> 2
    for (let index = from >> 2; index < count; index += stride >> 2) {
      const bit = Math.imul(words[index]!, MULTIPLIER) >>> down
      if (
        ((groups[bit >>> 5]! >>> bit) & 1) !== 0 &&
        offsets[Math.imul(words[index]!, OTHER_MULTIPLIER) >>> (down + 3)] !== 0
      )
        return index << 2
    }
    return length
  }
  for (let position = from; position < length; position += stride) {
    const bytes = view.getInt32(position, true) & mask
    if (
      hasBit(groups, Math.imul(bytes, MULTIPLIER) >>> down) &&
      offsets[Math.imul(bytes, OTHER_MULTIPLIER) >>> (down + 3)] !== 0
    )
      return position
  }
  return length
}

function hashOf(low: number, high: number): number {
  const hash = Math.imul(low ^ Math.imul(high, OTHER_MULTIPLIER), MULTIPLIER)
  return (hash ^ (hash >>> 15)) | 0
}
