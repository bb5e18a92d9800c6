/** Matches: where values stand in a text, merged so that no two touch, and written out as masks. */

import { lateRegExp } from '../late-regexp.ts'
import type { Form, Standing } from './needle.ts'

/** A place that gets one mask, that of its label; offsets in UTF-16 code units, `end` exclusive. */
export interface Span {
  readonly label: string
  readonly start: number
  readonly end: number
}

/** One occurrence of one value; offsets in UTF-16 code units, `end` exclusive. */
export interface Match {
  /** `''` for a value added without a label. */
  readonly label: string
  /** How the value is written there. */
  readonly form: Form
  /** Offset of the first character that is masked. */
  readonly start: number
  /** Offset after the last character that is masked. */
  readonly end: number
}

/** A match that is masked only where it stands alone. */
export interface Candidate extends Match {
  readonly standing: Standing
  /** Whether what stands before it is the end of an escape, so that no letter in it touches the value. */
  readonly isAfterEscape: boolean
}

/** What is known of the text around the part that is searched. */
export interface Surroundings {
  /** The offset up to which the text was written already. */
  readonly decided: number
  /** The offset up to which a mask that was written already covers it. */
  readonly masked: number
  /** The character before the text; `''` where there is none, or a mask. */
  readonly before: string
  /** Whether more text follows, so that the end is not the end of a word. */
  readonly isOpen: boolean
  /** Whether the characters are bytes of UTF-8: one beyond ASCII may be of a quotation mark as well as of a letter. */
  readonly isBytes: boolean
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const WORD_BYTE = /\w/
const word = /* @__PURE__ */ lateRegExp('[\\p{L}\\p{N}_]', 'u')

/** From left to right, the longer first, then by label: the order must not depend on which was found first. */
function byPlace(a: Match, b: Match): number {
  const byLabel = a.label < b.label ? -1 : Number(a.label > b.label)
  return a.start - b.start || b.end - a.end || byLabel || Number(a.form === 'escape') - Number(b.form === 'escape')
}

/** Matches in order; within a group, those that overlap or touch become one, with the label of the first. */
export function merged(matches: readonly Match[], groupOf: (match: Match) => unknown = () => ''): readonly Match[] {
  if (matches.length < 2) return matches
  const spans: Match[] = []
  const last = new Map<unknown, Mutable<Match>>()
  for (const match of [...matches].sort(byPlace)) {
    const group = groupOf(match)
    const span = last.get(group)
    if (span !== undefined && match.start <= span.end) {
      // a known value is told by its label, not by the name that it stands under
      if (span.form === 'property') Object.assign(span, { label: match.label, form: match.form })
      span.end = Math.max(span.end, match.end)
    } else {
      const next: Mutable<Match> = { ...match }
      last.set(group, next)
      spans.push(next)
    }
  }
  return spans
}

/** The text with each span replaced by its mask; the same string where there are none. */
export function write(text: string, spans: readonly Span[], maskOf: (label: string, length: number) => string): string {
  let output = ''
  let from = 0
  for (const { label, start, end } of spans) {
    output += text.slice(from, start) + maskOf(label, end - start)
    from = end
  }
  return from === 0 ? text : output + text.slice(from)
}

/** The matches that stand alone: no letter, digit or `_` touches them, nor `-` the short ones, unless it is masked itself. */
export function standaloneMatches(
  candidates: readonly Candidate[],
  text: string,
  main: readonly Span[],
  { decided, masked, before, isOpen, isBytes }: Surroundings,
): readonly Match[] {
  if (candidates.length === 0) return candidates
  // what is masked already touches nothing
  const seen = write(text, main, (_, length) => ' '.repeat(length))
  const touches = (index: number, standing: Standing): boolean => {
    const isTouching = (character: string): boolean =>
      (isBytes ? WORD_BYTE : word()).test(character) || (character === '-' && standing === 'alone')
    if (index < 0) return isTouching(before)
    return index < text.length ? index >= masked && isTouching(seen[index]!) : isOpen
  }
  let end = -1
  // from left to right, since a short value masked on the left no longer touches the next
  const alone = [...candidates].sort(byPlace).filter((match) => {
    const { start, standing, isAfterEscape } = match
    const isFree = start <= end || isAfterEscape || !touches(start - 1, standing)
    const isAlone = match.end > decided && isFree && !touches(match.end, standing)
    if (isAlone) end = Math.max(end, match.end)
    return isAlone
  })
  return alone.map(({ label, form, start, end }) => ({ label, form, start, end }))
}
