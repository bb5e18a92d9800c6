/**
 * Anchors: the windows by which the skip search finds a needle.
 *
 * A window is best where no writer escapes a character: it is in the text as it is in the folded text. Where there is
 * no such place, the window of the folded text is entered, and that of the text with the ways of writing that have no
 * mark by which they could be noticed.
 */

import { urlSafe } from './base64.ts'
import { fold, KEPT, kindOf, OTHER } from './fold.ts'
import type { Anchor, Needle } from './needle.ts'
import { createSkipTable, type SkipTable, WIDE } from './skip-table.ts'
import { isRewritten, waysOf, writingsOf } from './ways.ts'

/** A window that begins further behind would not be better. */
const SEARCHED = 48
/** Windows are of the first table where there is room. */
const WIDEST = 8
/** Anchors that may share a window of digits before another one is looked for; the forms of one value do. */
const FEW = 4
/** How much rarer a window must be for each anchor that has it already: it costs all of them. */
const CROWDING = 4
/** How rare a window counts that somebody may escape. */
const UNESCAPED = 1
/** A window whose characters are as rare as this is taken. */
const RARE = 3.5
/** How rare a character is in logs, where no writer escapes it: windows of rare ones stop the search less often. */
const RARITY = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[A-Z]/.test(character) ? 5 : /[a-z\d]/.test(character) ? 3 : /[\w.-]/.test(character) ? 2 : 0
})
/** What may be an escape. */
const ESCAPED = /[%\\]/

/** Where windows are entered. */
export interface Tables {
  /** Of windows in texts, and in folded texts; by width, widest first. */
  readonly inTexts: readonly SkipTable[]
  readonly inFolded: readonly SkipTable[]
  /** Where something may be undone: at line ends, and at what stands before a character and changes what it means. */
  readonly marks: string[]
}

/** Marks before any character, and before special ones only. */
const MARKS = [...'\n\r\\%&']
const ESCAPERS = [...'^`']

/** Tables without windows. */
export function createTables(): Tables {
  const widest = createSkipTable(WIDEST)
  return {
    inTexts: [widest, createSkipTable(4), createSkipTable(1)],
    inFolded: [widest, createSkipTable(4), createSkipTable(1)],
    marks: [...MARKS],
  }
}

/** Enters the needle in the tables. */
export function addAnchors(needle: Needle, { inTexts, inFolded, marks }: Tables): void {
  const { text, form, entry, isExact, undone } = needle
  const add = (tables: readonly SkipTable[], written: string, at: number, kept: number): void => {
    const table = tables.find(({ width }) => width <= written.length)!
    const window = table.width < WIDEST ? written : ''
    const isWhole = tables === inTexts && window === needle.text
    const anchor: Anchor = { needle, table, at, kept, window, isWhole, ...windowOf(written, table.width) }
    table.add(anchor)
    entry.anchors.push(anchor)
  }
  if (isExact) {
    add(inTexts, text, 0, 0)
    return
  }
  const [kept, places] = keptOf(text, undone)
  const placeOf = (index: number): number => (places === undefined ? index : places[index]!)
  const width = kept.length < WIDE ? inFolded.find((table) => table.width <= kept.length)!.width : WIDE
  if (form === 'hex' || form === 'decimal') {
    let at = 0
    while (form === 'hex' && at < kept.length - 2 * width && crowdOf(inTexts[0]!, kept, at) > FEW && at < SEARCHED)
      at += 2
    for (const written of writingsOf(needle, at)) add(inTexts, written, at, at)
    return
  }
  const at = bestOf(kept, places, width, inTexts[0]!, isRewritten(text) && !ESCAPED.test(text))
  const window = kept.slice(at, at + width)
  if (scoreOf(kept, places, at, width) > UNESCAPED && width >= WIDEST) {
    add(inTexts, window, placeOf(at), at)
    return
  }
  if (marks.length === MARKS.length) marks.push(...ESCAPERS)
  // one that a mark may stand in where it stands in the window of the text
  const last = width < WIDEST ? kept.length - width : at
  for (let each = width < WIDEST ? 0 : at; each <= last; each++) {
    add(inFolded, kept.slice(each, each + width), placeOf(each), each)
  }
  // the same part of the text as it is: what is written with a mark there is in the folded window too
  const wide = Math.max(width, WIDEST)
  const place = Math.max(0, Math.min(placeOf(at), text.length - wide))
  let before = at
  while (before > 0 && placeOf(before - 1) >= place) before--
  // some of the ways are shorter
  const part = text.slice(place, place + 2 * wide)
  const ways = new Set(waysOf(part, undone).map((way) => way.slice(0, wide)))
  if (form === 'base64') ways.add(urlSafe(part.slice(0, wide)))
  if (width === wide) ways.delete(window)
  for (const way of ways) add(inTexts, way, place, before)
}

/** The kept characters of the text, and where they stand in it. */
function keptOf(text: string, undone: RegExp): readonly [kept: string, places: readonly number[] | undefined] {
  const { text: folded, places } = fold(text, undone)
  let kept = ''
  const where: number[] = []
  if (places === undefined && !OTHER.test(folded)) return [text, undefined]
  for (let index = 0; index < folded.length; index++) {
    if (kindOf(folded.charCodeAt(index)) !== KEPT) continue
    kept += folded[index]
    where.push(places === undefined ? index : places[index]!)
  }
  return [kept, where]
}

/** How rare a window is that nobody escapes; one that is written as it is or with a mark comes next, and 0 for others. */
function scoreOf(kept: string, places: readonly number[] | undefined, at: number, width: number): number {
  if (places !== undefined && places[at + width - 1]! - places[at]! !== width - 1) return 0
  let score = 0
  for (let index = at; index < at + width; index++) {
    const rarity = RARITY[kept.charCodeAt(index)] ?? 0
    if (rarity === 0) return UNESCAPED
    score += rarity
  }
  return score
}

/** Where the best window begins: one that few needles share, since it costs all of them, and then the rarest. */
function bestOf(
  kept: string,
  places: readonly number[] | undefined,
  width: number,
  table: SkipTable,
  isRewritten: boolean,
): number {
  let best = 0
  let bestScore = -1
  for (let at = 0; at <= Math.min(SEARCHED, kept.length - width); at++) {
    const rarity = Math.max(isRewritten ? 0 : UNESCAPED, scoreOf(kept, places, at, width))
    if (rarity <= bestScore) continue
    const crowd = crowdOf(table, kept, at)
    const score = rarity - CROWDING * crowd
    if (score > bestScore) {
      best = at
      bestScore = score
      if (score >= RARE * width) break
    }
    // needles that share a window most often share what is beside it
    if (crowd > 0) at += table.width - 1
  }
  return best
}

/** How many anchors have the window. */
function crowdOf(table: SkipTable, text: string, at: number): number {
  const { low, high } = windowOf(text.slice(at, at + table.width), table.width)
  return table.crowd(low, high)
}

/** The first bytes of the text as numbers. */
function windowOf(text: string, width: number): Pick<Anchor, 'low' | 'high' | 'rest'> {
  const window: [number, number, number] = [0, 0, 0]
  const isWide = width === WIDEST && text.length >= WIDE
  for (let index = 0; index < (isWide ? WIDE : width); index++) {
    window[index >> 2]! |= (text.charCodeAt(index) & 255) << (index * 8)
  }
  const [low, high, rest] = window
  return { low, high, rest: isWide ? rest : undefined }
}
