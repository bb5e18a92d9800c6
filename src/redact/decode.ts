/**
 * Decoding: one pass over a text that undoes every escape and keeps what is compared.
 *
 * It runs over the bytes of a block, four at a time where none of them is special, and does not note where they were
 * written: only a block in which something is found is decoded once more with the places.
 */

import { BACKSLASH, byteOf, CLASS, DECODED, ESCAPE, INTRODUCER, KEPT, PERCENT } from './characters.ts'
import { EscapeReader } from './escape-reader.ts'
import { DIGIT_VALUES, stateAfter } from './escapes.ts'
import { BLOCK } from './limits.ts'

/** Up to four bytes are written after the last one, and eight are read there. */
const ROOM = 16
const ANY_BEYOND_ASCII = 0x80808080 | 0
/** Two characters of which at least one is special. */
const HAS_SPECIAL = 0x40000

/** What a hexadecimal digit is worth, or else -1. */
const HEX_VALUES = new Int8Array(256).fill(-1)
for (let code = 0; code < 256; code++)
  if (stateAfter(stateAfter(0, PERCENT), code) !== 0) HEX_VALUES[code] = DIGIT_VALUES[code]!
const encoder = new TextEncoder()
const utf8Bytes = new Uint8Array(3 * BLOCK + ROOM)
const source = new DataView(utf8Bytes.buffer)
/** What is kept of two ASCII characters, packed, and above it how many; empty until the first text, for the time it takes. */
const pairs = new Uint32Array(1 << 15)

function fillPairs(): void {
  pairs.fill(HAS_SPECIAL)
  for (let first = 0; first < 128; first++) {
    for (let second = 0; second < 128; second++) {
      const a = CLASS[first]!
      const b = CLASS[second]!
      if (a === INTRODUCER || b === INTRODUCER) continue
      const kept = a === KEPT ? first | ((b * second) << 8) : b * second
      pairs[first | (second << 8)] = kept | ((a + b) << 16)
    }
  }
}

/** Where a loop over bytes stopped, and how much was kept then. */
let stoppedAt = 0
let keptSize = 0

/**
 * Keeps what is compared of ASCII without special characters, four bytes a turn; stops before the first four with others.
 *
 * No call and no other branch stands in this loop: it is what a log without escapes costs.
 */
function keepFours(from: number, to: number, kept: DataView, size: number): void {
  let at = from | 0
  let count = size | 0
  for (const last = to - 3; at < last; at += 4) {
    const four = source.getInt32(at, true)
    if ((four & ANY_BEYOND_ASCII) !== 0) break
    const first = pairs[four & 0x7fff]!
    const second = pairs[four >>> 16]!
    if ((first | second) >= HAS_SPECIAL) break
    const firstCount = first >>> 16
    kept.setInt32(count, (first & 0xffff) | ((second & 0xffff) << (firstCount << 3)), true)
    count = (count + firstCount + (second >>> 16)) | 0
  }
  stoppedAt = at
  keptSize = count
}

/** Decodes a text block by block into what is compared. */
export class Decoder extends EscapeReader {
  /** What is kept, a byte for each unit, and the same as 32-bit words. */
  kept = new Uint8Array(0)
  words = new Int32Array(0)
  /** Where each of them was written, after `place`. */
  places = new Int32Array(0)
  size = 0
  /** Where each escape of the block begins and ends, one pair after another, and how many of these numbers there are. */
  readonly escapes = new Int32Array(2 * BLOCK)
  escapesSize = 0
  /** Whether the places are known. */
  hasPlaces = false
  #view = new DataView(this.kept.buffer)
  #from = 0
  #to = 0

  /** Begins a text; `isFinal` says that nothing will follow it. */
  start(text: string, isFinal: boolean): void {
    if (pairs[0x6161] === 0) fillPairs()
    this.begin(text, text.length, isFinal)
    // to set a length costs more than to decode a short line
    if (this.titles.length > 0) this.titles.length = 0
    this.size = 0
    const capacity = 2 * Math.min(text.length, BLOCK) + ROOM
    if (this.kept.length >= capacity) return
    this.kept = new Uint8Array((capacity + 7) & -8)
    this.words = new Int32Array(this.kept.buffer)
    this.#view = new DataView(this.kept.buffer)
    this.places = new Int32Array(this.kept.length)
  }

  /**
   * Decodes a block that begins between escapes; what was kept before is gone.
   *
   * Longer than a function should be, since its inner loop stays in one piece: it runs for each special character of a
   * log, and all parts of it change the same four numbers.
   *
   * @returns the last place that has `overlap` characters of the block after it and is between escapes
   */
  decode(from: number, to: number, overlap: number): number {
    const { text, kept } = this
    this.begin(text, this.end, this.isFinal)
    this.hasPlaces = false
    this.escapesSize = 0
    this.#from = from
    this.#to = to - Number(to < text.length && isHighSurrogate(text.charCodeAt(to - 1)))
    const piece = from === 0 && this.#to === text.length ? text : text.slice(from, this.#to)
    const length = encoder.encodeInto(piece, utf8Bytes).written
    const limit = this.#to - overlap
    let next = from
    /** How much further a character stands in the text than its bytes do here. */
    let shift = from
    let size = 0
    for (let at = 0; at < length && this.openAt < 0; ) {
      keepFours(at, length, this.#view, size)
      size = keptSize
      if (at + shift <= limit) next = Math.min(limit, stoppedAt + shift)
      at = stoppedAt
      for (const until = Math.min(length, at + 4); at < until && this.openAt < 0; ) {
        const byte = utf8Bytes[at]!
        let code = byte < 128 ? byte : text.charCodeAt(at + shift)
        const width = byte < 128 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
        if (CLASS[code] === INTRODUCER && !(at + 2 < length && isPlain(byte, utf8Bytes[at + 1]!))) {
          const decoded = at + 2 < length && byte === PERCENT ? decodePercent(at) : -1
          if (decoded < 0) {
            const offset = at + shift
            this.size = size
            const end = this.undo(offset)
            size = this.size
            this.escapes[this.escapesSize++] = offset
            this.escapes[this.escapesSize++] = end
            at += length === piece.length ? end - offset : utf8Length(text, offset, end)
            shift = end - at
            continue
          }
          this.escapes[this.escapesSize++] = at + shift
          this.escapes[this.escapesSize++] = at + shift + 3
          code = decoded
          at += 2
        }
        kept[size] = byteOf(code)
        size += DECODED[code]!
        if (width === 4) {
          kept[size++] = byteOf(text.charCodeAt(at + shift + 1))
          shift++
        }
        at += width
        shift -= width - 1
      }
    }
    this.size = size
    return next
  }

  /** Notes where what is kept was written, by decoding the block once more. */
  place(): void {
    if (this.hasPlaces) return
    const { text, kept, places } = this
    const to = this.#to
    const titles = this.titles.length
    this.begin(text, this.end, this.isFinal)
    let size = 0
    for (let at = this.#from; at < to && this.openAt < 0; ) {
      const code = text.charCodeAt(at)
      const kind = CLASS[code]!
      if (kind === INTRODUCER) {
        this.size = size
        at = this.undo(at)
        size = this.size
        continue
      }
      kept[size] = byteOf(code)
      places[size] = at++
      size += kind
    }
    this.size = size
    this.hasPlaces = true
    if (this.titles.length > titles) this.titles.length = titles
  }

  /** Where the escape begins that the character at the offset belongs to; else the offset itself. */
  escapeStart(offset: number): number {
    const pair = this.#escapeUpTo(offset + 1)
    return 2 * pair < this.escapesSize ? Math.min(offset, this.escapes[2 * pair]!) : offset
  }

  /** Where it ends; else the next offset. */
  escapeEnd(offset: number): number {
    const pair = this.#escapeUpTo(offset + 1)
    const isWithin = 2 * pair < this.escapesSize && this.escapes[2 * pair]! <= offset
    return isWithin ? this.escapes[2 * pair + 1]! : offset + 1
  }

  /** How many kept characters were written before the offset. */
  keptBefore(offset: number): number {
    this.place()
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.places[middle]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** From the last kept character that was written up to the offset to the next one. */
  around(offset: number): readonly [start: number, end: number] {
    const next = this.keptBefore(offset + 1)
    return [this.places[next - 1] ?? this.#from, next < this.size ? this.places[next]! : this.text.length]
  }

  /**
   * The last offset between escapes with `count` compared characters from there to the border, or with `most` characters
   * of the block; undefined where the border is in an escape. What escapes stand for is not counted, and no places are
   * needed.
   */
  plainBefore(border: number, count: number, most: number): number | undefined {
    const { text, escapes } = this
    const least = Math.max(this.#from, border - most)
    let pair = this.#escapeUpTo(border + 1) - 1
    if (this.escapeStart(border) < border) return undefined
    let at = border
    for (let found = 0; found < count && at > least; ) {
      const start = pair < 0 ? -1 : escapes[2 * pair]!
      const end = pair < 0 ? -1 : escapes[2 * pair + 1]!
      if (end === at) {
        at = start
        pair--
      } else found += Number(CLASS[text.charCodeAt(--at)] === KEPT)
      if (found === count) return at
    }
    return at
  }

  /** The first escape of the block that ends at the offset or behind it, counted from 0. */
  #escapeUpTo(offset: number): number {
    let low = 0
    let high = this.escapesSize >> 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.escapes[2 * middle + 1]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  protected putUnit(code: number, offset: number): void {
    this.kept[this.size] = byteOf(code)
    this.places[this.size] = offset
    this.size += DECODED[code]!
  }
}

/** Whether nothing that is undone begins so, which is how a backslash, `%` or `&` mostly stands in a log. */
function isPlain(byte: number, next: number): boolean {
  return next < 128 && next !== BACKSLASH && next !== ESCAPE && stateAfter(stateAfter(0, byte), next) === 0
}

/** The character that is percent-encoded there, or -1 where none is, or one that begins an escape. */
function decodePercent(at: number): number {
  const high = HEX_VALUES[utf8Bytes[at + 1]!]!
  const low = HEX_VALUES[utf8Bytes[at + 2]!]!
  const code = (high << 4) | low
  return code >= 0 && CLASS[code] !== INTRODUCER ? code : -1
}

function isHighSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xd800
}

/** How many bytes of UTF-8 a part of a text has that does not split a character. */
function utf8Length(text: string, from: number, to: number): number {
  let length = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : 3
    // the other half of a pair: four bytes for both
    if (isHighSurrogate(code) && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      length++
      at++
    }
  }
  return length
}
