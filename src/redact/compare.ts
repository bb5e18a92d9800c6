/** The comparison: where in a text a needle stands of which a window was found. */

import { grownEnd, isBase64 } from './base64.ts'
import { type Beside, isElse } from './beside.ts'
import { isEscaper, leadFrom, trailEnd } from './edges.ts'
import { type Folded, fold, indexOf, isLineEnd, KEPT, kindOf, READINGS } from './fold.ts'
import { follow, LONGEST_ESCAPE, read } from './follow.ts'
import { LONGEST_MATCH } from './limits.ts'
import type { Anchor, Needle } from './needle.ts'

/** Few kept characters with what stands before them are longer. */
const USUAL_ESCAPE = 3
const SPACE = 32
/** What an escape begins with that may reach into a value, and how long it may be before. */
const MARK = /[\\%&]/
const LONGEST_MARK = 9
/** How much more of the text is folded. */
const MARGIN = 96
/** How many characters of a value before a line end are not held back for what follows it, and so not masked. */
export const FEW = 2

/** From one offset to the next that is behind. */
interface Place {
  readonly start: number
  readonly end: number
}

/** Where the needle stands of which the window may stand at `place`. */
export function placeOf(text: string, place: number, anchor: Anchor, beside: () => Beside): Place | undefined {
  const { needle, at, kept, isWhole } = anchor
  const { text: literal, wanted, lead, trail, left, right, isExact } = needle
  let start = place - at
  let end = start + literal.length
  const isLiteral = start >= 0 && text.startsWith(literal, start)
  if (isExact || (isWhole && !isLiteral)) return isLiteral ? { start, end } : undefined
  if (!isLiteral || lead + trail !== '' || hasBreak(needle) || literal.endsWith('&') || isEscaper(text[start - 1])) {
    if (!isLiteral && isElse(beside(), anchor)) return undefined
    const look = (from: number, each: number): Place | undefined => {
      const to = place + reach(wanted.length - kept + trail.length, each)
      for (const undone of READINGS) {
        const part = fold(text.slice(from, to), undone)
        const found = placeIn(part, text, from, place, anchor)
        // what is at the end of the part may go on
        if (found !== undefined && (each > USUAL_ESCAPE || found.end + MARGIN / 2 < to)) return found
        if (part.places === undefined) break
      }
      return undefined
    }
    const before = kept + lead.length
    // with a mark before, the first characters may read as an escape
    const isMarked = start > 0 && MARK.test(text.slice(Math.max(0, start - LONGEST_MARK), start))
    const found =
      look(Math.max(0, place - reach(before, USUAL_ESCAPE)), USUAL_ESCAPE) ??
      look(Math.max(0, place - reach(before, LONGEST_ESCAPE)), LONGEST_ESCAPE) ??
      (isMarked ? look(start, LONGEST_ESCAPE) : undefined)
    if (found === undefined && !isLiteral) return undefined
    if (found !== undefined) [start, end] = [found.start, found.end]
    // of the text as it is, too, a line end behind its first characters ends what they were held back for
    else if (hasBreak(needle)) start += literal.search(/[\r\n]/) + 1
  }
  if (left && isBase64(text[start - 1])) start--
  if (right) end = grownEnd(text, end)
  return end - start > LONGEST_MATCH ? undefined : { start, end }
}

/** Where the needle stands in a folded part of the text, which begins at `base`. */
function placeIn(
  { text: folded, places }: Folded,
  text: string,
  base: number,
  place: number,
  { needle, kept }: Anchor,
): Place | undefined {
  const placeAt = (index: number): number => base + (places === undefined ? index : places[index]!)
  const isBreak = (index: number): boolean => isLineEnd(text.charCodeAt(placeAt(index)))
  let first = indexOf(places, place - base)
  // within what reads as an escape there is only the text as it is
  if (placeAt(first) !== place) return undefined
  while (read(needle, folded.charCodeAt(first)) < 0 && first < folded.length) first++
  for (let before = kept; before > 0; ) {
    if (first === 0) return undefined
    before -= Number(read(needle, folded.charCodeAt(--first)) >= 0)
  }
  const last = follow(folded, first, needle)
  if (last < 0) return undefined
  const behind = behindBreak(folded, first, last, isBreak)
  const start = behind === first ? leadFrom(folded, first, needle.lead, isBreak) : behind
  const end = Math.max(last, trailEnd(folded, last, needle.trail, isBreak))
  // an escaped control character may be what is left of the value's own backslash with the letter beside it
  const isMissing = (edge: string, isBare: boolean, beside: number): boolean =>
    edge !== '' && isBare && !(folded.charCodeAt(beside) < SPACE && placeAt(beside + 1) - placeAt(beside) > 1)
  const isHalf = isMissing(needle.lead, start === first, first - 1) || isMissing(needle.trail, end === last, last)
  if (needle.isBound && isHalf) return undefined
  return { start: placeAt(start), end: placeAt(end) }
}

/** How much of a text so many characters may take. */
function reach(count: number, each: number): number {
  return Math.min(LONGEST_MATCH, (count + 2) * each + MARGIN)
}

/** Whether a line ends behind its first characters. */
export function hasBreak({ text, lead }: Needle): boolean {
  return /[\r\n]/.test(text.slice(0, lead.length + FEW + 1))
}

/** A match of which only a few characters stand before a line end begins behind that. */
function behindBreak(folded: string, first: number, last: number, isBreak: (index: number) => boolean): number {
  let start = first
  for (let index = first; index < last && index - start <= FEW; index++) {
    if (!isBreak(index)) continue
    while (index < last - 1 && kindOf(folded.charCodeAt(index)) !== KEPT) index++
    start = index
  }
  return start
}
