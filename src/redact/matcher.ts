/** The matcher: finds every form of every known value in one pass, whatever their number. */

import { addAnchors } from './anchors.ts'
import { createForeignFinder, eachJoint, isBroken, JOINT, scattered } from './breaks.ts'
import { MAX_STRETCH, STRETCH_ROOM } from './limits.ts'
import { agrees, grownEnd, MAX_GROWTH, type Pattern, standsAt } from './pattern.ts'
import type { Search } from './search.ts'
import { createSkipTable, type SkipTable } from './skip-table.ts'
import { addTo, type Match, type Span, union } from './spans.ts'
import { View } from './view.ts'
import { aloneAmong, type Surroundings } from './words.ts'

const WHOLE: Surroundings = { from: 0, masked: 0, isOpen: false }
const EVERYWHERE = 4096

/** Finds the patterns that it was given. */
export interface Matcher {
  /** Searches for the pattern from now on, until its anchors are removed. */
  add(pattern: Pattern): void
  /** The places of the text to mask; each match behind them goes to `all`. */
  spans(text: string, around?: Surroundings, all?: Match[]): readonly Span[]
}

/** A matcher that knows nothing yet. */
export function createMatcher(search: Search): Matcher {
  const tables = [8, 4, 1].map(createSkipTable)
  const joint = new DataView(new ArrayBuffer(JOINT))

  /** One search: matches as spans, and places where a value may be broken; short values go to `words`. */
  const look = (text: string, table: SkipTable, words: Match[], all?: Match[], view?: View): Found => {
    const spans: Span[] = []
    const broken: number[] = []
    const nextForeign = createForeignFinder(text)
    let from = -1
    let to = -1
    const isAscii = search(text, table, (anchor, position) => {
      const { pattern, at } = anchor
      const start = position - at
      const end = start + pattern.text.length
      // a match within another changes nothing; comparing each of many alike would cost the square
      if (start - 1 > from && end + MAX_GROWTH <= to && all === undefined) return
      if (end > text.length || !standsAt(text, start, pattern)) {
        if (view === undefined && isBroken(text, position, anchor, nextForeign(position + table.width)))
          broken.push(position)
        return
      }
      const match = matchOf(text, start, pattern, view)
      if (match === undefined) return
      if (pattern.entry.verdict === 'short') words.push(match)
      else {
        from = start > to ? start : Math.min(from, start)
        to = Math.max(to, end)
        addTo(spans, match)
        all?.push(match)
      }
    })
    return { spans, broken, isAscii }
  }

  return {
    add(pattern) {
      addAnchors(pattern, tables.find(({ width }) => width <= pattern.text.length)!)
    },
    spans(text, around = WHOLE, all) {
      let main: readonly Span[] = []
      const words: Match[] = []
      for (const table of tables) {
        if (table.isEmpty()) continue
        const { spans, broken, isAscii } = look(text, table, words, all)
        main = union(main, spans)
        for (const mark of ['\n', '\\n'] as const) {
          eachJoint(text, mark, joint, (index, length) => table.search(joint, length, () => broken.push(index)))
        }
        if ((!isAscii || text.includes('\x1b')) && scattered.test(text)) {
          for (let index = 0; index < text.length; index += EVERYWHERE) broken.push(index)
        }
        if (broken.length === 0) continue
        const view = View.around(
          text,
          broken.sort((a, b) => a - b),
        )
        main = union(main, look(view.text, table, [], all, view).spans)
      }
      if (words.length === 0) return main
      const alone: Span[] = []
      for (const match of aloneAmong(words, text, main, around)) {
        addTo(alone, match)
        all?.push(match)
      }
      return union(main, alone)
    },
  }
}

interface Found {
  readonly spans: readonly Span[]
  readonly broken: number[]
  readonly isAscii: boolean
}

/** The match at the offset, with what it grows over; of one in a view, where it stands in the text. */
function matchOf(
  text: string,
  at: number,
  { text: wanted, form, entry, ...edges }: Pattern,
  view?: View,
): Match | undefined {
  const label = entry.labels[0]!
  let start = agrees(text[at - 1], edges.left) ? at - 1 : at
  let end = grownEnd(text, at + wanted.length, edges.right)
  if (view !== undefined) {
    const length = end - start
    start = view.original(start)
    end = view.original(end - 1) + 1
    // too much stands inside of it
    if (end - start > MAX_STRETCH * length + STRETCH_ROOM) return undefined
  }
  return { label, form, start, end }
}
