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
import type { SkipTable } from './skip-table.ts'

/** Tables by width, widest first: of windows in texts, and in folded texts. */
export type Tables = readonly [inTexts: readonly SkipTable[], inFolded: readonly SkipTable[]]

/** A window that begins further behind would not be better. */
const SEARCHED = 48
/** So much of a writing of digits, or of base64, is looked at. */
const BEGINNING = 24
/** Windows are as wide as this where there is room. */
const WIDEST = 8
/** Anchors that may share a window of digits before another one is looked for; the forms of one value do. */
const FEW = 4
/** How much rarer a window must be for each anchor that has it already: it costs all of them. */
const CROWDING = 4
/** A window whose characters are as rare as this is taken. */
const RARE = 3.5
/** How rare a character is in logs, where no writer escapes it: windows of rare ones stop the search less often. */
const RARITY = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[A-Z]/.test(character) ? 5 : /[a-z\d]/.test(character) ? 3 : /[\w.-]/.test(character) ? 2 : 0
})
/** What is written without a mark. */
const UNMARKED: readonly (readonly [RegExp, string])[] = [
  [/ /g, '+'],
  [/'/g, "''"],
  [/"/g, '""'],
  [/\$/g, '$$$$'],
  [/%/g, '%%'],
  [/'/g, `'"'"'`],
]
const PAIR = /../g

/** Enters the needle in the tables. */
export function addAnchors(needle: Needle, [inTexts, inFolded]: Tables): void {
  const { text, form, entry, isExact, undone } = needle
  const add = (tables: readonly SkipTable[], written: string, at: number, kept: number): void => {
    const table = tables.find(({ width }) => width <= written.length)!
    const [low, high] = windowOf(written, table.width)
    const anchor: Anchor = { needle, table, at, kept, low, high }
    table.add(anchor)
    entry.anchors.push(anchor)
  }
  if (isExact) {
    add(inTexts, text, 0, 0)
    return
  }
  const [kept, places] = keptOf(text, undone)
  const placeOf = (index: number): number => (places === undefined ? index : places[index]!)
  const { width } = inFolded.find((table) => table.width <= kept.length)!
  if (form === 'hex' || form === 'decimal') {
    let at = 0
    while (form === 'hex' && at < kept.length - 2 * width && crowdOf(inTexts[0]!, kept, at) > FEW && at < SEARCHED)
      at += 2
    for (const written of writingsOf(needle, at)) add(inTexts, written, at, at)
    return
  }
  const at = bestOf(kept, places, width, inTexts[0]!)
  const window = kept.slice(at, at + width)
  if (scoreOf(kept, places, at, width) > 0 && (width === WIDEST || text.length < WIDEST)) {
    add(inTexts, window, placeOf(at), at)
    if (width < WIDEST) add(inFolded, window, placeOf(at), at)
    return
  }
  // one that a mark may stand in where it stands in the window of the text
  const last = width < WIDEST ? kept.length - width : at
  for (let each = width < WIDEST ? 0 : at; each <= last; each++) {
    add(inFolded, kept.slice(each, each + width), placeOf(each), each)
  }
  // as it is, a text is found by a window as wide as there is
  const place = Math.max(0, Math.min(placeOf(at), text.length - WIDEST))
  let before = at
  while (before > 0 && placeOf(before - 1) >= place) before--
  const part = text.slice(place, place + WIDEST)
  const ways = new Set([part, ...UNMARKED.map(([pattern, written]) => part.replace(pattern, written))])
  if (form === 'base64') ways.add(urlSafe(part))
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

/** How rare a window is that stands in the text as it is, and that nobody escapes; 0 for others. */
function scoreOf(kept: string, places: readonly number[] | undefined, at: number, width: number): number {
  if (places !== undefined && places[at + width - 1]! - places[at]! !== width - 1) return 0
  let score = 0
  for (let index = at; index < at + width; index++) {
    const rarity = RARITY[kept.charCodeAt(index)] ?? 0
    if (rarity === 0) return 0
    score += rarity
  }
  return score
}

/** Where the best window begins: one that few needles share, since it costs all of them, and then the rarest. */
function bestOf(kept: string, places: readonly number[] | undefined, width: number, table: SkipTable): number {
  let best = 0
  let bestScore = -1
  for (let at = 0; at <= Math.min(SEARCHED, kept.length - width); at++) {
    const rarity = scoreOf(kept, places, at, width)
    const score = rarity > bestScore ? rarity - CROWDING * crowdOf(table, kept, at) : rarity
    if (score <= bestScore) continue
    best = at
    bestScore = score
    if (score >= RARE * width) break
  }
  return best
}

/** How many anchors have the window. */
function crowdOf(table: SkipTable, text: string, at: number): number {
  return table.crowd(...windowOf(text.slice(at, at + table.width), table.width))
}

/**
 * The beginnings, from a character on, of texts that count as the needle: both alphabets of base64, digits in two cases
 * and separated or not.
 */
export function writingsOf({ text, form }: Needle, from = 0): readonly string[] {
  const part = text.slice(from, from + BEGINNING)
  if (form === 'base64') return /[+/]/.test(part) ? [part, urlSafe(part)] : [part]
  if (form === 'decimal')
    return [part, part.replaceAll(',', ', '), part.replace(/,(\d+)/g, (_, digits) => `, ${digits.padStart(3)}`)]
  if (form !== 'hex') return [part]
  const written = [part, part.replace(PAIR, '$& '), part.replace(PAIR, '$&:')]
  return /[a-f]/.test(part) ? [...written, ...written.map((way) => way.toUpperCase())] : written
}

/** The first bytes of the text as two numbers. */
function windowOf(text: string, width: number): [low: number, high: number] {
  const window: [number, number] = [0, 0]
  for (let index = 0; index < width; index++) window[index >> 2]! |= (text.charCodeAt(index) & 255) << (index * 8)
  return window
}
