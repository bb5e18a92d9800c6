/** Edges: what belongs to a needle before and behind the characters that are compared. */

import { mayGrow } from './base64.ts'
import { isLineEnd, kindOf, LOOSE } from './fold.ts'
import { OPEN } from './follow.ts'
import type { Needle } from './needle.ts'

/** Whether it is the character, in a form or in the other alphabet of base64 too. */
const isAlike = (a: string | undefined, b: string): boolean =>
  a === b || (b === ' ' && a === '+') || (b === '+' && a === '-')

/** Whether the character escapes the next one. */
export function isEscaper(character: string | undefined): boolean {
  return character === '\\' || character === '^' || character === '`'
}

/** Where the characters before a needle begin, with what escapes them; all of them or none. */
export function leadFrom(folded: string, first: number, lead: string, isBreak: (index: number) => boolean): number {
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
