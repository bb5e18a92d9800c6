/** Prefixes: from where the end of a stream's text may still become a match. */

import { addBeginning, foldCase } from './anchors.ts'
import { createForeignFinder, eachJoint, isBlank, isBroken, JOINT, scattered } from './breaks.ts'
import { LONGEST_MATCH } from './limits.ts'
import { agrees, MAX_GROWTH, type Pattern, standsAt } from './pattern.ts'
import type { Search } from './search.ts'
import { createSkipTable } from './skip-table.ts'
import { View } from './view.ts'

/** Beginnings of so many characters and more are found by the skip search. */
const WIDTH = 8
/** Shorter ones stand within the last so many characters, with the breaks between them. */
const NEAR = 48
/** What a match in base64 may grow over, while nothing else follows. */
const GROWING = /^[\w+/=%\\-]{0,17}$/
const LEFT_OUT = /[\n\r\\\x1b\x80-\uffff]|\d,\s/
/** An escape sequence that is not yet complete. */
const PARTIAL = /\x1b(?:\[[0-9;:?]*[ -/]*)?$/

/** Knows how patterns begin. */
export interface Prefixes {
  /** Learns a pattern until its anchors are removed. */
  add(pattern: Pattern): void
  /** The first offset from `from` on that may belong to a match not yet complete, or the text's length. */
  liveFrom(text: string, from: number): number
}

/** Prefixes of no pattern yet. */
export function createPrefixes(search: Search): Prefixes {
  const table = createSkipTable(WIDTH)
  /** Shorter beginnings; one too many, of a value since removed, holds a few characters back a little longer. */
  const exact = new Set<string>()
  const folded = new Set<string>()
  /** What they are made of: behind any other character nothing short goes on. */
  const characters = new Set<string>()
  const edges = new Set<number>()
  const words = new Set<Pattern>()
  const joint = new DataView(new ArrayBuffer(JOINT))

  /** The first offset that may belong to a match, and the first from which one may go on behind a break. */
  const firstLive = (text: string): { live: number; broken: number } => {
    let live = characters.has(text.slice(-1)) ? Math.max(0, text.length - WIDTH + 1) : text.length
    while (live < text.length && !exact.has(text.slice(live)) && !folded.has(foldCase(text.slice(live)))) live++
    const nextForeign = createForeignFinder(text)
    let broken = text.length
    search(foldCase(text), table, (anchor, position) => {
      if (position < live && isOpen(text, position, anchor.pattern)) live = position
      else if (isBroken(text, position, anchor, nextForeign(position + WIDTH))) broken = Math.min(broken, position)
    })
    // a base64 character that a match would take with it is held back too
    for (const edge of edges) if (agrees(text[live - 1], edge)) return { live: live - 1, broken }
    return { live, broken }
  }

  /** Where the last characters begin that a break may stand between. */
  const brokenFrom = (text: string): number => {
    let start = text.length
    for (const mark of ['\n', '\\n'] as const) {
      eachJoint(text, mark, joint, (index, length) => {
        table.search(joint, length, () => {
          start = Math.min(start, index)
        })
      })
    }
    for (let count = 0; start > 0 && count < NEAR; start--) if (!isBlank(text.charCodeAt(start - 1))) count++
    return start
  }

  return {
    add(pattern) {
      const { text, normal, left, entry } = pattern
      const isWord = entry.verdict === 'short'
      // a word that is complete still waits for what follows
      for (let length = Math.min(WIDTH - 1, isWord ? text.length : text.length - 1); length > 0; length--) {
        const beginning = text.slice(0, length)
        if (normal === undefined) exact.add(beginning)
        else folded.add(foldCase(beginning))
        const last = beginning.slice(-1)
        for (const character of [last, last.toLowerCase(), last.toUpperCase()]) characters.add(character)
      }
      if (text.length >= WIDTH) addBeginning(pattern, table)
      if (left > 0) edges.add(left)
      if (isWord) words.add(pattern)
    },
    liveFrom(text, from) {
      const start = Math.max(from, text.length - LONGEST_MATCH)
      const tail = text.slice(start)
      let { live, broken } = firstLive(tail)
      if (LEFT_OUT.test(tail)) {
        broken = /[\x1b\x80-\uffff]/.test(tail) && scattered.test(tail) ? 0 : Math.min(broken, brokenFrom(tail))
        const view = View.ofTail(tail, broken)
        const inView = firstLive(view.text).live
        if (inView < view.text.length) live = Math.min(live, view.original(inView))
        // an escape sequence is not cut: its rest would be text
        live = Math.min(view.outside(live), PARTIAL.exec(tail)?.index ?? tail.length)
      }
      if (live === tail.length) return text.length
      // a short value that reaches to where a match may begin is masked or not, as the match comes or not
      let first = live
      for (const pattern of words) {
        if (pattern.entry.labels.length === 0) words.delete(pattern)
        for (let at = Math.max(0, live - pattern.text.length); at < first; at++)
          if (standsAt(tail, at, pattern)) first = at
      }
      return start + first
    },
  }
}

/** Whether the pattern has begun there and is not complete, or may still grow. */
function isOpen(text: string, start: number, pattern: Pattern): boolean {
  if (!standsAt(text, start, pattern)) return false
  const end = start + pattern.text.length
  if (pattern.entry.verdict === 'short') return end >= text.length
  return end > text.length || (pattern.right > 0 && GROWING.test(text.slice(end, end + MAX_GROWTH)))
}
