/** The search of one text in the tables, block by block: as it is, and folded where something is undone. */

import type { Tables } from './anchors.ts'
import { ESCAPE, fold, foldings, isLineEnd, KEPT, KINDS, kindOf, LETTERS, MAY_BE_UNSEEN } from './fold.ts'
import { createBlock, type SkipTable, type Visit } from './skip-table.ts'

/** Characters looked at in one go. */
const BLOCK = 32_768
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second, with what is undone in it. */
const OVERLAP = 256
/** How much of the text on both sides of a mark is folded. */
const SIDE = 48
/** Marks as near as this are looked at together. */
const NEAR = 24
const GROUP = 4
const PERCENT = 37
const AMPERSAND = 38
const SPACE = 32
/** No escape is longer. */
const LONGEST = 10
const BACKSLASH = 92
/** What stands behind a backslash: a letter, or the first of more characters. */
const LETTER = 1
const MORE = 2
const BEHIND = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[xuU0-3eE\\]/.test(character)) return MORE
  return Number(LETTERS.includes(character)) * LETTER
})
/** What an escape begins with. */
const BEGIN = Uint8Array.from({ length: 128 }, (_, code) => Number('\\%&'.includes(String.fromCharCode(code))))
/** An escape of a character that begins another one, or of two UTF-16 units. */
const NESTED = /[\\%&\x1b\ud800-\udfff]$/
const NONE: string[] = []
const encoder = new TextEncoder()

/** Visits so much further behind: a function of its own, since in a loop each turn would pay for the closure. */
function behind(base: number, visit: Visit): Visit {
  return (anchor, position) => visit(anchor, base + position)
}

/** The table that knows all neighbours, unless there are narrow windows: these are not looked for in the text as it is. */
function neighboursIn(tables: readonly SkipTable[]): SkipTable | undefined {
  return tables[1]!.isEmpty() && tables[2]!.isEmpty() ? tables[0] : undefined
}

/** Visits each anchor whose window stands in the text, from left to right in each table. */
export type Search = (text: string, tables: Tables, visit: Visit) => void

/** A search with blocks of its own. */
export function createSearch(): Search {
  const block = createBlock(BLOCK + ROOM)
  const joined = createBlock(BLOCK + ROOM)
  const { bytes } = block
  /** Where a byte of the joined ones stands in the text. */
  const origins = new Int32Array(BLOCK)

  /** Looks at what is kept of a part of the text, folded. */
  const searchFolded = (text: string, from: number, to: number, tables: readonly SkipTable[], visit: Visit): void => {
    for (const { text: kept, places } of foldings(text.slice(from, to))) {
      let length = 0
      for (let index = 0; index < kept.length; index++) {
        const code = kept.charCodeAt(index)
        if (kindOf(code) !== KEPT) continue
        origins[length] = from + (places === undefined ? index : places[index]!)
        joined.bytes[length++] = code
      }
      for (const table of tables) {
        table.search(joined, length, (anchor, position) => visit(anchor, origins[position]!))
      }
    }
  }

  /** Whether a window may stand across a mark: it has four of its characters before or behind. */
  const mayMeet = (
    start: number,
    end: number,
    to: number,
    isWritten: boolean,
    tables: readonly SkipTable[],
  ): boolean => {
    let before = 0
    let behind = 0
    for (let at = start - 1, count = 0; at >= 0 && count < GROUP; at--) {
      if (KINDS[bytes[at]!] === KEPT) before |= bytes[at]! << (24 - 8 * count++)
    }
    for (let at = end, count = 0; at < to && count < GROUP; at++) {
      if (KINDS[bytes[at]!] === KEPT) behind |= bytes[at]! << (8 * count++)
    }
    if (!isWritten && neighboursIn(tables)?.hasPair(before >>> 24, behind & 255) === false) return false
    for (const table of tables) if (table.mayMeet(before, behind, isWritten)) return true
    return false
  }

  /** Whether no window has the two characters beside a line end, both of which are what they seem. */
  const isApart = (at: number, neighbours: SkipTable): boolean => {
    const left = bytes[at - 1]!
    const right = bytes[at + 1]!
    if (KINDS[left] !== KEPT || KINDS[right] !== KEPT || right === AMPERSAND || neighbours.hasPair(left, right))
      return false
    for (let before = Math.max(0, at - LONGEST); before < at; before++) if (BEGIN[bytes[before]!] === 1) return false
    return true
  }

  /** The next mark that may stand in a window, or -1. */
  const nextMark = (text: string, mark: string, from: number, neighbours: SkipTable | undefined): number => {
    let at = text.indexOf(mark, from)
    if (mark === '\n' && neighbours !== undefined) {
      while (at > 0 && at + 1 < text.length && isApart(at, neighbours)) at = text.indexOf(mark, at + 1)
    }
    return at
  }

  /** Folds the text around its marks. */
  const searchMarks = (
    text: string,
    isAscii: boolean,
    all: readonly string[],
    tables: readonly SkipTable[],
    visit: Visit,
  ): void => {
    let marks = NONE
    let next: number[] | undefined
    for (let index = 0; index < all.length; index++) {
      const mark = all[index]!
      const at = text.indexOf(mark)
      // behind the end of a text no value goes on, and no entity is without its end
      if (at < 0 || at + 1 === text.length || (mark === '&' && !text.includes(';'))) continue
      if (next === undefined) {
        marks = []
        next = []
      }
      marks.push(mark)
      next.push(at)
    }
    if (next === undefined) return
    const neighbours = neighboursIn(tables)
    /** The part to fold, and the end of the last mark. */
    let from = 0
    let to = 0
    let last = -NEAR
    for (;;) {
      let mark = -1
      for (let index = 0; index < next.length; index++) {
        if (next[index]! >= 0 && (mark < 0 || next[index]! < next[mark]!)) mark = index
      }
      if (mark < 0) break
      const start = next[mark]!
      const code = bytes[start]!
      let end = start + 1
      let isEscape = false
      let isNested = false
      if (isLineEnd(code)) while (bytes[end]! <= SPACE && end < text.length) end++
      else if (code === BACKSLASH && BEHIND[bytes[end]!] !== MORE) {
        isEscape = BEHIND[bytes[end]!] === LETTER
        end += Number(isEscape)
      } else {
        ESCAPE.lastIndex = start
        isEscape = ESCAPE.test(text)
        if (isEscape) end = ESCAPE.lastIndex
        isNested = isEscape && NESTED.test(fold(text.slice(start, end)).text)
      }
      for (let index = 0; index < next.length; index++) {
        if (next[index]! >= 0 && next[index]! < end) next[index] = nextMark(text, marks[index]!, end, neighbours)
      }
      if (!isEscape && (code === PERCENT || code === AMPERSAND)) continue
      // an escape of two characters is of none that is kept
      const isWritten = isEscape && end - start > 2
      if (start - last < NEAR || !isAscii || mayMeet(start, end, text.length, isWritten, tables) || isNested) {
        const first = Math.max(0, (start - last < NEAR ? last : start) - SIDE)
        if (first > to) {
          if (to > 0) searchFolded(text, from, to, tables, visit)
          from = first
        }
        to = Math.min(text.length, end + SIDE)
      }
      last = end
    }
    if (to > 0) searchFolded(text, from, to, tables, visit)
  }

  return (text, { inTexts, inFolded, marks }, visit) => {
    for (let base = 0; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
      // looked through first, a text that was concatenated is copied into one piece sooner than the encoder does it
      const hasEscape = piece.includes('\x1b')
      const { read, written } = encoder.encodeInto(piece, bytes)
      const isAscii = written === piece.length && read === written
      if (!isAscii) for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
      const put = base === 0 ? visit : behind(base, visit)
      for (let index = 0; index < inTexts.length; index++) inTexts[index]!.search(block, piece.length, put, piece)
      if (hasEscape || (!isAscii && MAY_BE_UNSEEN.test(piece))) searchFolded(piece, 0, piece.length, inFolded, put)
      else searchMarks(piece, isAscii, marks, inFolded, put)
    }
  }
}
