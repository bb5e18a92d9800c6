/** Words: short values, which count only where no letter, digit, `_` or `-` touches them. */

import { byPlace, isWithin, type Match, type Span } from './spans.ts'

/** What is known of the text around the part that is searched. */
export interface Surroundings {
  /** Where the text begins that is not yet decided: no short value stands before. */
  readonly from: number
  /** How many of its first characters are masked already. */
  readonly masked: number
  /** Whether more text follows, so that its end is no end of a word. */
  readonly isOpen: boolean
}

const WORD = /[\p{L}\p{N}_-]/u

/** Those of the short values that stand alone; what is masked does not touch them. */
export function aloneAmong(
  candidates: Match[],
  text: string,
  main: readonly Span[],
  { from, masked, isOpen }: Surroundings,
): readonly Match[] {
  const touches = (index: number): boolean => {
    const character = text[index]
    if (character === undefined) return isOpen && index > 0
    return index >= masked && WORD.test(character) && !isWithin(main, index)
  }
  const alone: Match[] = []
  let end = 0
  // from left to right, since a short value masked on the left no longer touches the next
  for (const match of candidates.sort(byPlace)) {
    if (match.start < from || touches(match.end) || (match.start > end && touches(match.start - 1))) continue
    end = Math.max(end, match.end)
    alone.push(match)
  }
  return alone
}
