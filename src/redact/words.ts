/** Words: short values, which count only where no letter, digit, `_` or `-` touches them. */

import { byPlace, type Match, type Span, write } from './spans.ts'

/** What is known of the text around the part that is searched. */
export interface Surroundings {
  /** Where the text begins that is not yet decided: no short value ends before, though an escape of it may begin there. */
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
  if (candidates.length === 0) return candidates
  // no letter is seen in what is masked
  const seen = write(text, main, (_, length) => ' '.repeat(length))
  const touches = (index: number): boolean =>
    index < text.length ? index >= masked && WORD.test(seen[index]!) : isOpen
  let end = 0
  // from left to right, since a short value masked on the left no longer touches the next
  return candidates.sort(byPlace).filter((match) => {
    const isAlone = match.end > from && !touches(match.end) && (match.start <= end || !touches(match.start - 1))
    if (isAlone) end = Math.max(end, match.end)
    return isAlone
  })
}
