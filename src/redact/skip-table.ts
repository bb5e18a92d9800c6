/**
 * The skip search (Wu and Manber, "A fast algorithm for multi-pattern searching", 1994).
 *
 * Every pattern gives one window of `width` bytes. A table says for each group of bytes how far the nearest window
 * that holds the group can be, so most of the text is never looked at; where the distance is 0 the whole window is
 * looked up. Only the low byte of a character counts here: a candidate is compared in full afterwards.
 */

/** Bytes of a text with room behind them, so that a group may be read at the last byte. */
export interface Block {
  readonly view: DataView
  length: number
}

/** Takes candidates: the window of `node` stands at `position` of the block. */
export type Candidate = (node: number, position: number) => void

const SLOT = 3
const LOW = 0
const HIGH = 1
const HEAD = 2
const EMPTY = 0
const MULTIPLIER = 0x9e3779b1 | 0
const OTHER_MULTIPLIER = 0x85ebca6b | 0
const MIN_BITS = 12
const MAX_BITS = 24
const ROOM = 6
const MIN_SLOTS_BITS = 6

/** A table of windows of one width: 8, 4 or 1 bytes. */
export class SkipTable {
  readonly width: number
  readonly #group: number
  readonly #stride: number
  #shifts: Uint8Array
  #shiftBits: number
  #groups = 0
  /** Open addressing: both halves of the window and the number of its first node plus 1. */
  #slots: Int32Array
  #slotBits = MIN_SLOTS_BITS
  #used = 0
  /** The next node of the same window plus 1, by node. */
  #next: Int32Array = new Int32Array(64)

  constructor(width: 8 | 4 | 1) {
    this.width = width
    this.#group = width >> 1 || 1
    this.#stride = width - this.#group + 1
    this.#shiftBits = width === 8 ? MIN_BITS : width === 4 ? 16 : 8
    this.#shifts = new Uint8Array(1 << this.#shiftBits).fill(this.#stride)
    this.#slots = new Int32Array(SLOT << this.#slotBits)
  }

  get isEmpty(): boolean {
    return this.#used === 0
  }

  /** How many nodes share the window, up to a limit; for choosing the one that is searched fastest. */
  crowd(low: number, high: number, limit: number): number {
    let count = 0
    for (let node = this.#slots[this.#find(low, high) + HEAD]!; node > EMPTY && count < limit; count++) {
      node = this.#next[node - 1]!
    }
    return count
  }

  /** Adds a window; nodes are numbers from 0 that the caller gives out. */
  add(low: number, high: number, node: number): void {
    if (node >= this.#next.length) this.#next = grown(this.#next, Math.max(node + 1, this.#next.length * 2))
    if ((this.#used + 1) * 2 > 1 << this.#slotBits) this.#rehash()
    const slot = this.#find(low, high)
    const slots = this.#slots
    const isNew = slots[slot + HEAD] === EMPTY
    this.#next[node] = slots[slot + HEAD]!
    slots[slot + LOW] = low
    slots[slot + HIGH] = high
    slots[slot + HEAD] = node + 1
    if (!isNew) return
    this.#used++
    this.#groups += this.#stride
    if (this.width === 8 && this.#groups * ROOM > 1 << this.#shiftBits && this.#shiftBits < MAX_BITS) this.#widen()
    else this.#mark(low, high)
  }

  /** Takes a node out of its window. Its groups stay in the table: they cost a look-up, no match. */
  remove(low: number, high: number, node: number): void {
    const slot = this.#find(low, high) + HEAD
    let current = this.#slots[slot]!
    if (current === node + 1) {
      // -1 keeps the slot taken, so that what stands behind it is still found
      this.#slots[slot] = this.#next[node] || -1
      return
    }
    while (current > 0) {
      const next = this.#next[current - 1]!
      if (next === node + 1) this.#next[current - 1] = this.#next[node]!
      current = next
    }
  }

  /** Reports every window of the block, from left to right. */
  search(block: Block, report: Candidate): void {
    const { view } = block
    const shifts = this.#shifts
    const group = this.#group
    const stride = this.#stride
    const down = 32 - this.#shiftBits
    const last = block.length - group
    let position = stride - 1
    while (position <= last) {
      const shift =
        group === 4
          ? shifts[Math.imul(view.getInt32(position, true), MULTIPLIER) >>> down]!
          : shifts[group === 2 ? view.getUint16(position, true) : view.getUint8(position)]!
      if (shift === stride) {
        position += stride
        continue
      }
      if (shift === 0) {
        this.#report(view, position - stride + 1, report)
        position++
      } else position += shift
    }
  }

  #report(view: DataView, position: number, report: Candidate): void {
    const low =
      this.#group === 4
        ? view.getInt32(position, true)
        : this.#group === 2
          ? view.getInt32(position, true)
          : view.getUint8(position)
    const high = this.#group === 4 ? view.getInt32(position + 4, true) : 0
    let node = this.#slots[this.#find(low, high) + HEAD]!
    while (node > 0) {
      report(node - 1, position)
      node = this.#next[node - 1]!
    }
  }

  /** The slot of the window, or the empty one where it would stand. */
  #find(low: number, high: number): number {
    const slots = this.#slots
    const end = slots.length
    const hash = Math.imul(low, MULTIPLIER) ^ Math.imul(high, OTHER_MULTIPLIER)
    let slot = ((hash ^ (hash >>> 15)) & ((1 << this.#slotBits) - 1)) * SLOT
    while (slots[slot + HEAD] !== EMPTY && (slots[slot + LOW] !== low || slots[slot + HIGH] !== high)) {
      slot += SLOT
      if (slot === end) slot = 0
    }
    return slot
  }

  #mark(low: number, high: number): void {
    const shifts = this.#shifts
    if (this.#group === 1) {
      shifts[low] = 0
      return
    }
    for (let index = 0; index < this.#stride; index++) {
      const bits = index * 8
      const bytes = bits === 0 ? low : bits === 32 ? high : (low >>> bits) | (high << (32 - bits))
      const at = this.#group === 4 ? Math.imul(bytes, MULTIPLIER) >>> (32 - this.#shiftBits) : bytes & 0xffff
      const shift = this.#stride - 1 - index
      if (shift < shifts[at]!) shifts[at] = shift
    }
  }

  /** A table of shifts four times as large, filled again from the windows. */
  #widen(): void {
    this.#shiftBits = Math.min(MAX_BITS, this.#shiftBits + 2)
    this.#refill()
  }

  #refill(): void {
    this.#shifts = new Uint8Array(1 << this.#shiftBits).fill(this.#stride)
    const slots = this.#slots
    for (let slot = 0; slot < slots.length; slot += SLOT) {
      if (slots[slot + HEAD] !== EMPTY) this.#mark(slots[slot + LOW]!, slots[slot + HIGH]!)
    }
  }

  /** A larger table of windows, without those that lost their last node. */
  #rehash(): void {
    const old = this.#slots
    let live = 0
    for (let from = 0; from < old.length; from += SLOT) if (old[from + HEAD]! > EMPTY) live++
    while ((live + 1) * 4 > 1 << this.#slotBits) this.#slotBits++
    this.#slots = new Int32Array(SLOT << this.#slotBits)
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from + HEAD]! <= EMPTY) continue
      const slot = this.#find(old[from + LOW]!, old[from + HIGH]!)
      this.#slots.set(old.subarray(from, from + SLOT), slot)
    }
    if (live < this.#used) this.#refill()
    this.#used = live
    this.#groups = live * this.#stride
  }
}

function grown(numbers: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(length)
  larger.set(numbers)
  return larger
}
