/** The comparison of a needle with a folded text, and the place where it stands in the text itself. */

import { grownEnd, isBase64, mayGrow } from './base64.ts'
import { type Folded, fold, isLineEnd, KEPT, kindOf, LOOSE, NOISE, READINGS } from './fold.ts'
import { LONGEST_MATCH } from './limits.ts'
import type { Anchor, Needle } from './needle.ts'

/** The folded text ends before the needle does. */
export const OPEN = -1
const ELSE = -2
/** No kept character with what stands before it is longer, most of the time. */
const LONGEST_ESCAPE = 16
/** … and few are longer than this. */
const USUAL_ESCAPE = 3
const SPACE = 32
const HYPHEN = 45
const SLASH = 47
const COLON = 58
const UNDERSCORE = 95
/** What an escape begins with that may reach into a value, and how long it may be before. */
const MARK = /[\\%&]/
const LONGEST_MARK = 9
/** The bit by which letters of two cases differ; digits have it. */
const CASE = 32
/** How much more of the text is folded. */
const MARGIN = 96
/** As many characters before a window tell most of the time whether it is the needle's. */
const ENOUGH = 8
/** How many characters of a value before a line end are not held back for what follows it, and so not masked. */
export const FEW = 2

/** The character as that needle has it, or the negative kind of one that is not kept. */
function read({ form }: Needle, code: number): number {
  // digits may be separated and in two cases, and base64 has two alphabets
  if (form === 'hex') return code === COLON ? -LOOSE : -kindOf(code) || code | CASE
  if (form === 'base64' && (code === HYPHEN || code === UNDERSCORE)) return code === HYPHEN ? -NOISE : SLASH
  return -kindOf(code) || code
}

/** Whether it stands for what is between two kept characters. */
function isBorder(wanted: string): boolean {
  return wanted === ' ' || wanted === '\n'
}

/** Follows the needle, from an index of it, from a kept character on: gives where it ends, `OPEN`, or another negative number. */
export function follow(folded: string, from: number, needle: Needle, begun = 0): number {
  const { wanted, form } = needle
  const isSeparable = form === 'hex' || form === 'decimal'
  let between = 0
  let isBroken = false
  let at = from
  for (let index = begun; index < wanted.length; at++) {
    if (at >= folded.length) return between >= NOISE && !isSeparable && !isBorder(wanted[index]!) ? ELSE : OPEN
    const code = read(needle, folded.charCodeAt(at))
    if (code < 0) {
      isBroken ||= isLineEnd(folded.charCodeAt(at))
      // behind a line end it is indentation
      between |= isBroken ? LOOSE : -code
      continue
    }
    if (isBorder(wanted[index]!)) {
      if (wanted[index++] === ' ' && between === 0) return ELSE
    } else if (between >= NOISE && !isSeparable) return ELSE
    between = 0
    isBroken = false
    if (code !== wanted.charCodeAt(index++)) return ELSE
  }
  return at
}

/** What stands before and behind a place, in each reading. */
export type Beside = readonly (readonly [before: string, behind: string])[]

/** What stands beside a place: every needle whose window is there is compared with it first. */
export function besideOf(text: string, place: number): Beside {
  const before = text.slice(Math.max(0, place - MARGIN), place)
  const behind = text.slice(place, place + MARGIN)
  const all: [string, string][] = []
  for (const undone of READINGS) {
    const left = fold(before, undone)
    const right = fold(behind, undone)
    // where a part ends or begins an escape may be cut off
    const end = behind.length < MARGIN ? MARGIN : Math.max(0, right.text.length - LONGEST_ESCAPE)
    all.push([left.text.slice(LONGEST_ESCAPE), right.text.slice(0, end)])
    if (left.places === undefined && right.places === undefined) break
  }
  return all
}

/** Whether the characters beside the window already are not those of the needle. */
function isElse(beside: Beside, { needle, kept }: Anchor): boolean {
  const { wanted } = needle
  let index = 0
  for (let before = kept; before > 0; index++) before -= Number(!isBorder(wanted[index]!))
  return !beside.some(
    ([before, behind]) => isAlikeBefore(before, needle, index) && isAlikeBehind(behind, needle, index),
  )
}

/** Whether the last kept characters are those before the index of the needle. */
function isAlikeBefore(folded: string, needle: Needle, index: number): boolean {
  let at = folded.length
  for (let wanted = index - 1; wanted >= 0 && wanted > index - ENOUGH; wanted--) {
    if (isBorder(needle.wanted[wanted]!)) continue
    let code = -1
    while (code < 0 && at > 0) code = read(needle, folded.charCodeAt(--at))
    if (code < 0) return true
    if (code !== needle.wanted.charCodeAt(wanted)) return false
  }
  return true
}

/** Whether the kept characters are those from the index of the needle on. */
function isAlikeBehind(folded: string, needle: Needle, index: number): boolean {
  let from = 0
  while (from < folded.length && read(needle, folded.charCodeAt(from)) < 0) from++
  return follow(folded, from, needle, isBorder(needle.wanted[index]!) ? index + 1 : index) !== ELSE
}

/** From one offset to the next that is behind. */
interface Place {
  readonly start: number
  readonly end: number
}

/** Where the needle stands of which the window may stand at `place`. */
export function placeOf(text: string, place: number, anchor: Anchor, beside: () => Beside): Place | undefined {
  const { needle, at, kept } = anchor
  const { text: literal, wanted, lead, trail, left, right, isExact } = needle
  let start = place - at
  let end = start + literal.length
  const isLiteral = start >= 0 && text.startsWith(literal, start)
  if (isExact) return isLiteral ? { start, end } : undefined
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
  // a control character may be what is left of the value's own backslash with the letter beside it
  const isMissing = (edge: string, isBare: boolean, beside: number): boolean =>
    edge !== '' && isBare && !(folded.charCodeAt(beside) < SPACE)
  if (
    needle.isBound &&
    (isMissing(needle.lead, start === first, first - 1) || isMissing(needle.trail, end === last, last))
  )
    return undefined
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

/** The index of the first character that was written there or behind. */
function indexOf(places: readonly number[] | undefined, place: number): number {
  if (places === undefined) return place
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < place) low = middle + 1
    else high = middle
  }
  return low
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

/** Whether it is the character, in a form or in the other alphabet of base64 too. */
const isAlike = (a: string | undefined, b: string): boolean =>
  a === b || (b === ' ' && a === '+') || (b === '+' && a === '-')

/** Whether the character escapes the next one. */
export function isEscaper(character: string | undefined): boolean {
  return character === '\\' || character === '^' || character === '`'
}

/** Where the characters before a needle begin, with what escapes them; all of them or none. */
function leadFrom(folded: string, first: number, lead: string, isBreak: (index: number) => boolean): number {
  let start = first
  // what is wanted there escapes nothing
  const skip = (wanted: string | undefined): void => {
    while (folded[start - 1] !== wanted && isEscaper(folded[start - 1])) start--
  }
  if (!/\w/.test(folded[first]!)) skip(lead.at(-1))
  for (let index = lead.length - 1; index >= 0; index--) {
    if (!isAlike(folded[start - 1], lead[index]!) || isBreak(start - 1)) return first
    start--
    skip(lead[index - 1])
  }
  return start
}

/** A single quote between others. */
const QUOTED = /'\\*(?:'|"'\\*")'/y

/** Where the characters behind a needle end, with what escapes them; all of them or none. `OPEN` where the text ends. */
export function trailEnd(folded: string, last: number, trail: string, isBreak: (index: number) => boolean): number {
  let isOpen = false
  /** Where the character ends that is wanted there, or else -1. */
  const once = (wanted: string, from: number): number => {
    let at = from
    while (folded[at] !== wanted && kindOf(folded.charCodeAt(at)) === LOOSE) {
      if (isLineEnd(folded.charCodeAt(at++))) while (folded[at] === ' ') at++
    }
    isOpen ||= at >= folded.length
    return isAlike(folded[at], wanted) && !isBreak(at) ? at + 1 : -1
  }
  const twice = (wanted: string, from: number): number => once(wanted, once(wanted, from) >>> 0)
  const quoted = (wanted: string, from: number): number => {
    QUOTED.lastIndex = from
    return wanted === "'" && QUOTED.test(folded) ? QUOTED.lastIndex : -1
  }
  let end = last
  for (let index = 0; index < trail.length; ) {
    const wanted = trail[index]!
    let count = 1
    while (trail[index + count] === wanted) count++
    index += count
    const all = (each: typeof once): number => {
      let at = end
      for (let rest = count; rest > 0 && at >= 0; rest--) at = each(wanted, at)
      return at
    }
    if (wanted === '\\') {
      let run = 0
      while (folded[end + run] === wanted) run++
      isOpen ||= end + run >= folded.length
      if (run < count) return isOpen ? OPEN : last
      const isQuote = folded[end + run] === '"' || folded.startsWith('u0022', end + run)
      // each writer doubles them; those that are over escape the quote behind
      let own = count
      while (own * 2 <= run) own *= 2
      end += isQuote ? own : run
      continue
    }
    let next = all(quoted)
    // each of them twice, unless it is a quote and the second one ends what they stand in
    if (next < 0 && '\'"$%^`'.includes(wanted)) {
      next = all(twice)
      if (count === 1 && /['"]/.test(wanted) && once(wanted, next) < 0) next = -1
    }
    if (next < 0) next = all(once)
    if (next < 0) return isOpen ? OPEN : last
    end = next
  }
  return end
}

/** Whether more text could belong to the needle that ends there; `rest` is the text behind. */
export function mayGoOn(folded: string, end: number, needle: Needle, rest: string): boolean {
  const { trail, right, entry } = needle
  if (right && mayGrow(rest)) return true
  if (entry.verdict === 'short' && rest === '') return true
  const last = trailEnd(folded, end, trail, () => false)
  return trail !== '' && (last === OPEN || last === folded.length)
}
