/** The search of one text in the tables, block by block, and across what may stand within a value. */

import type { Anchor } from './needle.ts'
import type { SkipTable } from './skip-table.ts'

/** Characters looked at in one go. */
const BLOCK = 16_384
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second, line ends within it included. */
const OVERLAP = 128
/** One less than the widest window. */
const SIDE = 7
const encoder = new TextEncoder()
/** What may stand within a value, where it is more than line ends. */
const INVISIBLE =
  /(?:\x1b|\\{1,8}(?:u00|x)1[bB])\[[\d;:?]*[ -/]*[@-~]|[\u200b-\u200f\u2060-\u2064\ufeff\xad]|\xc2\xad|\xe2(?:\x80[\x8b-\x8f]|\x81[\xa0-\xa4])|\xef\xbb\xbf|[\r\n]|\\[nr]/g

/** Visits each anchor whose window stands in the text, from left to right in each table. */
export type Search = (
  text: string,
  tables: readonly SkipTable[],
  visit: (anchor: Anchor, position: number) => void,
) => void

/** A search with blocks of its own. */
export function createSearch(): Search {
  const bytes = new Uint8Array(BLOCK + ROOM)
  const view = new DataView(bytes.buffer)
  const near = new Near(bytes)
  return (text, tables, visit) => {
    for (let base = 0; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
      const { read, written } = encoder.encodeInto(piece, bytes)
      const isAscii = written === piece.length && read === written
      if (!isAscii) for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
      near.fill(piece, isAscii)
      for (const table of tables) {
        if (table.isEmpty()) continue
        table.search(view, piece.length, (anchor, position) => visit(anchor, base + position))
        if (near.length > 0)
          table.search(near.view, near.length, (anchor, position) => visit(anchor, base + near.original(position)))
      }
    }
  }
}

/** What meets where line ends, colours and zero-width characters are left out: a value may be broken there. */
class Near {
  length = 0
  readonly view: DataView
  readonly #bytes: Uint8Array
  readonly #source: Uint8Array
  /** Where runs of bytes begin, here and in the text by turns. */
  readonly #runs: number[] = []

  constructor(source: Uint8Array) {
    this.#source = source
    this.#bytes = new Uint8Array(2 * source.length)
    this.view = new DataView(this.#bytes.buffer)
  }

  /** Reads the bytes on both sides of each such place of the text. */
  fill(text: string, isAscii: boolean): void {
    this.length = 0
    this.#runs.length = 0
    let end = 0
    let copied = 0
    const { length } = text
    const leave = (start: number, to: number): void => {
      if (end > 0) {
        copied = Math.min(start, end + SIDE)
        this.#copy(end, copied)
      }
      const from = Math.max(copied, start - SIDE)
      if (from > copied && end > 0) this.#bytes[this.length++] = 0
      this.#copy(from, start)
      end = to
      while (isBlank(text.charCodeAt(end))) end++
      copied = end
    }
    if (!isAscii || text.includes('\x1b') || text.includes('1b[') || text.includes('1B[')) {
      for (const { index, 0: found } of text.matchAll(INVISIBLE)) if (index >= end) leave(index, index + found.length)
    } else {
      let feed = text.indexOf('\n')
      let escaped = text.indexOf('\\n')
      while (feed !== -1 || escaped !== -1) {
        const isFeed = escaped === -1 || (feed !== -1 && feed < escaped)
        const at = isFeed ? feed : escaped
        let start = at
        while (start > end && isPartOfBreak(text, start - 1)) start--
        if (at >= end) leave(start, isFeed ? at + 1 : at + 2)
        if (isFeed) feed = text.indexOf('\n', at + 1)
        else escaped = text.indexOf('\\n', at + 2)
      }
    }
    if (end > 0 && end < length) this.#copy(end, Math.min(length, end + SIDE))
    // a single run has nothing that it meets
    if (this.#runs.length <= 2) this.length = 0
  }

  #copy(from: number, to: number): void {
    this.#runs.push(this.length, from)
    for (let index = from; index < to; index++) this.#bytes[this.length++] = this.#source[index]!
  }

  /** Where the byte at the position stands in the text. */
  original(position: number): number {
    let low = 0
    let high = this.#runs.length / 2 - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#runs[middle * 2]! <= position) low = middle
      else high = middle - 1
    }
    return this.#runs[low * 2 + 1]! + position - this.#runs[low * 2]!
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

/** Whether it is a backslash, a carriage return, or the r of an escaped one. */
function isPartOfBreak(text: string, at: number): boolean {
  const character = text[at]
  return character === '\\' || character === '\r' || (character === 'r' && text[at - 1] === '\\')
}
