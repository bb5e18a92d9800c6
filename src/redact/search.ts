/** The search of one text in the tables, block by block, and across what may stand within a value. */

import type { Anchor } from './needle.ts'
import { createBlock, type SkipTable } from './skip-table.ts'

/** Characters looked at in one go. */
const BLOCK = 16_384
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second, line ends within it included. */
const OVERLAP = 128
/** How much of the text on both sides of a line end is looked at without it. */
const SIDE = 40
const LONGEST_WINDOW = 8
const encoder = new TextEncoder()
/** How lines end. */
const LINE_ENDS = ['\n', '\r']
const MARKS = [...LINE_ENDS, '\\n', '\\r']
/** How escaped letters and digits begin, and colours. */
const ESCAPED = ['\\u00', '\\x1b[', '\\x1B[']
/** What may stand within a value or, with a group, for a letter of it: line ends with their indentation, escaped too, colours, zero-width characters. */
const LEFT_OUT =
  /(?:[\r\n]|(?<!\\)\\{1,8}[rn])[ \t]*|(?:\x1b|\\{1,8}(?:u00|x)1[bB])\[[\d;:?]*[ -/]*[@-~]|[\u200b-\u200f\u2060-\u2064\ufeff\xad]|\xc2\xad|\xe2(?:\x80[\x8b-\x8f]|\x81[\xa0-\xa4])|\xef\xbb\xbf|\\{1,8}u00([0-7][\da-fA-F])/g

type Visit = (anchor: Anchor, position: number) => void

/** Visits each anchor whose window stands in the text, from left to right in each table. */
export type Search = (text: string, tables: readonly SkipTable[], visit: Visit) => void

/** A search with blocks of its own. */
export function createSearch(): Search {
  const block = createBlock(BLOCK + ROOM)
  const joined = createBlock(BLOCK + ROOM)
  const { bytes } = block
  /** Where a byte of the joined ones stands in the text. */
  const origins = new Int32Array(BLOCK)

  /** Looks at a part of the text without what may stand within a value. */
  const searchJoined = (part: string, from: number, tables: readonly SkipTable[], visit: Visit): void => {
    let length = 0
    let at = 0
    const copy = (end: number): void => {
      for (; at < end; at++) {
        origins[length] = from + at
        joined.bytes[length++] = bytes[from + at]!
      }
    }
    for (const { index, 0: found, 1: digits } of part.matchAll(LEFT_OUT)) {
      copy(index)
      if (digits !== undefined) {
        origins[length] = from + at
        joined.bytes[length++] = Number.parseInt(digits, 16)
      }
      at += found.length
    }
    copy(part.length)
    for (const table of tables) {
      table.search(joined, length, (anchor, position) => visit(anchor, origins[position]!))
    }
  }

  /** Whether something belongs together that stands before and behind a line end; if so it is visited. */
  const meet = (start: number, end: number, tables: readonly SkipTable[], visit: Visit): void => {
    let length = 0
    for (let side = 1 - LONGEST_WINDOW; side < LONGEST_WINDOW - 1; side++) {
      const at = side < 0 ? start + side : end + side
      if (at < 0) continue
      origins[length] = at
      joined.bytes[length++] = bytes[at]!
    }
    for (const table of tables) {
      table.search(joined, length, (anchor, position) => visit(anchor, origins[position]!))
    }
  }

  /** Where line ends, as they are or escaped, are left out. */
  const searchBreaks = (text: string, isEscaped: boolean, tables: readonly SkipTable[], visit: Visit): void => {
    const marks = isEscaped ? MARKS : LINE_ENDS
    const next = marks.map((mark) => text.indexOf(mark))
    let from = -1
    let to = -1
    let last = -LONGEST_WINDOW
    for (;;) {
      let mark = -1
      for (let index = 0; index < next.length; index++) {
        if (next[index]! >= 0 && (mark < 0 || next[index]! < next[mark]!)) mark = index
      }
      if (mark < 0) break
      let start = next[mark]!
      let end = start + marks[mark]!.length
      while (isPartOfBreak(bytes, start - 1)) start--
      while (bytes[end] === 32 || bytes[end] === 10 || bytes[end] === 13 || bytes[end] === 9) end++
      if (end >= text.length) break
      for (let index = 0; index < next.length; index++) {
        if (next[index]! >= 0 && next[index]! < end) next[index] = text.indexOf(marks[index]!, end)
      }
      if (start - last < LONGEST_WINDOW) {
        // several line ends within one window
        const first = Math.max(0, last - SIDE)
        if (first > to) {
          if (to > 0) searchJoined(text.slice(from, to), from, tables, visit)
          from = first
        }
        to = Math.min(text.length, end + SIDE)
      } else {
        let mayMeet = false
        for (let index = 0; index < tables.length; index++) mayMeet ||= tables[index]!.mayMeet(block, start, end)
        if (mayMeet) meet(start, end, tables, visit)
      }
      last = end
    }
    if (to > 0) searchJoined(text.slice(from, to), from, tables, visit)
  }

  return (text, tables, visit) => {
    for (let base = 0; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
      const { read, written } = encoder.encodeInto(piece, bytes)
      const isAscii = written === piece.length && read === written
      if (!isAscii) for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
      const put: Visit = base === 0 ? visit : (anchor, position) => visit(anchor, base + position)
      for (const table of tables) table.search(block, piece.length, put)
      const isEscaped = piece.includes('\\')
      if (!isAscii || piece.includes('\x1b') || (isEscaped && ESCAPED.some((colour) => piece.includes(colour))))
        searchJoined(piece, 0, tables, put)
      else searchBreaks(piece, isEscaped, tables, put)
    }
  }
}

/** Whether it is a backslash, a carriage return, or the r of an escaped one. */
function isPartOfBreak(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 92 || bytes[at] === 13 || (bytes[at] === 114 && bytes[at - 1] === 92)
}
