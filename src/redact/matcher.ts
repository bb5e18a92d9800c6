/** The matcher: finds every form of every known value in one pass, whatever their number. */

import { anchorsOf } from './anchors.ts'
import { eachJoint, isBroken, JOINT, scattered } from './breaks.ts'
import { MAX_STRETCH, STRETCH_ROOM } from './limits.ts'
import { type Anchor, agrees, type Entry, grownEnd, MAX_GROWTH, type Pattern, standsAt } from './pattern.ts'
import { createSkipTable, type SkipTable } from './skip-table.ts'
import { addTo, byPlace, isWithin, type Match, type Span, union } from './spans.ts'
import { View } from './view.ts'

/** Characters looked at in one go. */
const BLOCK = 16_384
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second. */
const OVERLAP = 7
const WORD = /[\p{L}\p{N}_-]/u
const encoder = new TextEncoder()

/** What is known of the text around the part that is searched. */
export interface Surroundings {
  /** Where the text begins that is not yet decided: no short value stands before. */
  readonly from: number
  /** How many of its first characters are masked already. */
  readonly masked: number
  /** Whether more text follows, so that its end is no end of a word. */
  readonly isOpen: boolean
}

const WHOLE: Surroundings = { from: 0, masked: 0, isOpen: false }

/** Finds the patterns that it was given, and forgets them again. */
export interface Matcher {
  /** Searches for the pattern from now on. */
  add(pattern: Pattern): void
  /** Forgets all patterns of the entry. */
  remove(entry: Entry): void
  /** The places of the text to mask; each match behind them goes to `all`. */
  spans(text: string, around?: Surroundings, all?: Match[]): readonly Span[]
}

/** A matcher that knows nothing yet. */
export function createMatcher(): Matcher {
  const tables = [createSkipTable(8), createSkipTable(4), createSkipTable(1)]
  /** Patterns that count only where no letter, digit, `_` or `-` touches them. */
  const wordTables = [createSkipTable(4), createSkipTable(1)]
  const bytes = new Uint8Array(BLOCK + ROOM)
  const block = new DataView(bytes.buffer)
  const joint = new DataView(new ArrayBuffer(JOINT + ROOM))

  const tableOf = ({ text, entry }: Pattern): SkipTable =>
    (entry.verdict === 'short' ? wordTables : tables).find(({ width }) => width <= text.length)!

  /** Puts the low bytes of the text's characters into the block; tells whether they are ASCII. */
  const fill = (piece: string): boolean => {
    const { read, written } = encoder.encodeInto(piece, bytes)
    if (written === piece.length && read === written) return true
    for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
    return false
  }

  /** Visits each anchor whose window stands in the text; tells whether the text is ASCII. */
  const search = (text: string, table: SkipTable, visit: (anchor: Anchor, position: number) => void): boolean => {
    let isAscii = true
    for (let base = 0; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
      isAscii = fill(piece) && isAscii
      table.search(block, piece.length, (anchor, position) => visit(anchor, base + position))
    }
    return isAscii
  }

  /** The spans of all values but short ones. In a view, its matches are translated; else `broken` learns where to look. */
  const look = (text: string, table: SkipTable, all: Match[] | undefined, view?: View, broken?: number[]): Found => {
    const spans: Span[] = []
    let from = -1
    let to = -1
    const isAscii = search(text, table, (anchor, position) => {
      const { pattern } = anchor
      const start = position - anchor.at
      const end = start + pattern.text.length
      // a match within another changes nothing; comparing each of many alike would cost the square
      if (start - 1 > from && end + MAX_GROWTH <= to) return
      if (end > text.length || !standsAt(text, start, pattern)) {
        if (broken !== undefined && isBroken(text, position, anchor, table.width)) broken.push(position)
        return
      }
      const match = view === undefined ? matchOf(text, start, pattern) : translated(matchOf(text, start, pattern), view)
      if (match === undefined) return
      from = start > to ? start : Math.min(from, start)
      to = Math.max(to, end)
      addTo(spans, match)
      all?.push(match)
    })
    return { spans, isAscii }
  }

  const lookForWords = (text: string, main: readonly Span[], around: Surroundings, all?: Match[]): readonly Span[] => {
    const candidates: Match[] = []
    for (const table of wordTables) {
      if (table.isEmpty()) continue
      search(text, table, ({ pattern, at }, position) => {
        const start = position - at
        const end = start + pattern.text.length
        if (start < around.from || end > text.length || !standsAt(text, start, pattern)) return
        if (!touches(text, end, main, around)) candidates.push(matchOf(text, start, pattern))
      })
    }
    const spans: Span[] = []
    // from left to right, since a short value masked on the left no longer touches the next
    for (const match of candidates.sort(byPlace)) {
      if (match.start > (spans.at(-1)?.end ?? 0) && touches(text, match.start - 1, main, around)) continue
      addTo(spans, match)
      all?.push(match)
    }
    return spans
  }

  return {
    add(pattern) {
      const table = tableOf(pattern)
      for (const anchor of anchorsOf(pattern, table)) {
        table.add(anchor)
        pattern.entry.anchors.push(anchor)
      }
    },
    remove({ anchors }) {
      for (const anchor of anchors) tableOf(anchor.pattern).remove(anchor)
    },
    spans(text, around = WHOLE, all) {
      let main: readonly Span[] = []
      for (const table of tables) {
        if (table.isEmpty()) continue
        const broken: number[] = []
        const { spans, isAscii } = look(text, table, all, undefined, broken)
        main = union(main, spans)
        for (const mark of ['\n', '\\n'] as const) {
          eachJoint(text, mark, joint, (index, length) => table.search(joint, length, () => broken.push(index)))
        }
        if ((!isAscii || text.includes('\x1b')) && scattered.test(text)) {
          for (let index = 0; index < text.length; index += BLOCK) broken.push(index)
        }
        if (broken.length === 0) continue
        const view = View.around(
          text,
          broken.sort((a, b) => a - b),
        )
        main = union(main, look(view.text, table, all, view).spans)
      }
      return union(main, lookForWords(text, main, around, all))
    },
  }
}

interface Found {
  readonly spans: readonly Span[]
  readonly isAscii: boolean
}

function matchOf(text: string, start: number, { text: wanted, form, entry, left, right }: Pattern): Match {
  const from = agrees(text[start - 1], left) ? start - 1 : start
  return { label: entry.labels[0]!, form, start: from, end: grownEnd(text, start + wanted.length, right) }
}

/** Where the match in the view stands in the text, unless too much stands inside of it. */
function translated(match: Match, view: View): Match | undefined {
  const start = view.original(match.start)
  const end = view.original(match.end - 1) + 1
  const isNear = end - start <= MAX_STRETCH * (match.end - match.start) + STRETCH_ROOM
  return isNear ? { ...match, start, end } : undefined
}

/** Whether a word character that is not masked stands at the index. */
function touches(text: string, index: number, main: readonly Span[], { masked, isOpen }: Surroundings): boolean {
  const character = text[index]
  if (character === undefined) return isOpen && index > 0
  return index >= masked && WORD.test(character) && !isWithin(main, index)
}
