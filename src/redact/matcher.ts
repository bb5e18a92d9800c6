/** The matcher: finds every form of every known value in one pass, whatever their number. */

import { addAnchors, createTables } from './anchors.ts'
import { grownEnd } from './base64.ts'
import { type Beside, besideOf } from './beside.ts'
import { hasBreak, placeOf } from './compare.ts'
import type { Anchor, Form, Needle } from './needle.ts'
import { createSearch } from './search.ts'
import { type Match, merged, type Span } from './spans.ts'
import { aloneAmong, type Surroundings } from './words.ts'

const NONE: readonly Span[] = []
const WHOLE: Surroundings = { from: 0, masked: 0, isOpen: false }

/** Finds the needles that it was given. */
export interface Matcher {
  /** Searches for the needle from now on, until its anchors are removed. */
  add(needle: Needle): void
  /** The places of the text to mask; each match behind them goes to `all`. */
  spans(text: string, around?: Surroundings, all?: Match[]): readonly Span[]
}

/** A matcher that knows nothing yet. */
export function createMatcher(): Matcher {
  const tables = createTables()
  const search = createSearch()
  // of the text that is searched: a closure for each of many short ones would cost as much as they do
  let text = ''
  let isCounted = false
  // many needles have one window: what is beside it is read once
  let besidePlace = -1
  let beside: Beside | undefined
  let found: Match[] = []
  let words: Match[] = []
  let from = -1
  let to = -1
  let tail: { readonly needle: Needle; readonly match: { end: number } } | undefined

  const put = (needle: Needle, start: number, end: number): Match => {
    // only who counts them asks
    const form = isCounted ? formOf(text.slice(start, end), needle) : needle.form
    const match = { label: needle.entry.labels[0]!, form, start, end }
    if (needle.entry.verdict === 'short') words.push(match)
    else {
      found.push(match)
      if (start > to) from = start
      to = Math.max(to, end)
    }
    return match
  }

  const visit = (anchor: Anchor, position: number): void => {
    const { needle } = anchor
    const { length } = needle.text
    const start = position - anchor.at
    const isRepeated =
      start > from &&
      start <= to &&
      needle.entry.verdict !== 'short' &&
      !/[\r\n]/.test(needle.trail) &&
      !hasBreak(needle)
    if (isRepeated && text.startsWith(needle.text, start)) {
      // in a text that repeats itself, each place would be compared with all of the needle, and kept
      const end = needle.right ? grownEnd(text, start + length) : start + length
      if (end <= to && !isCounted) return
      if (tail !== undefined && tail.needle === needle && start <= tail.match.end) {
        tail.match.end = Math.max(tail.match.end, end)
        to = Math.max(to, end)
      } else tail = { needle, match: put(needle, start, end) }
      return
    }
    if (besidePlace !== position) beside = undefined
    besidePlace = position
    const place = placeOf(text, position, anchor, () => {
      beside ??= besideOf(text, position)
      return beside
    })
    if (place !== undefined) put(needle, place.start, place.end)
  }

  return {
    add: (needle) => addAnchors(needle, tables),
    spans(given, around = WHOLE, all) {
      text = given
      isCounted = all !== undefined
      from = to = besidePlace = -1
      if (found.length > 0) found = []
      if (words.length > 0) words = []
      tail = undefined
      try {
        search(given, tables, visit)
      } finally {
        text = ''
        beside = undefined
      }
      if (found.length === 0 && words.length === 0) return NONE
      const matches = found
      const candidates = words
      found = []
      words = []
      const main = merged(matches)
      const alone = aloneAmong(candidates, given, main, around)
      for (const match of [...matches, ...alone]) all?.push(match)
      return alone.length === 0 ? main : merged([...matches, ...alone])
    },
  }
}

/** Which form a match has: that of its needle, or that of the escapes in which the value is written. */
function formOf(written: string, { text, form }: Needle): Form {
  if (form !== 'raw' || written === text) return form
  if (/%[\da-f]{2}/i.test(written)) return 'percent'
  if (/&(?:#|[a-z]{2,4};)/i.test(written)) return 'html'
  if (/\\(?:["\\/bfnrt]|u[\da-f]{4})/i.test(written)) return 'json'
  if (/'\\+''|"'"/.test(written)) return 'quote'
  if (written.includes('\\') || /[\\^]/.test(text)) return 'escape'
  return text.includes(written) || /\s/.test(written) ? 'raw' : 'quote'
}
