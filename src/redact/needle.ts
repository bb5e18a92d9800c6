/** Needles: one text to search for, and how it is compared. */

import { KEPT, kindOf, OTHER, OTHERS } from './fold.ts'

/** How well text search can protect a value. */
export type Verdict = 'ok' | 'short' | 'common' | 'empty'

/** Which writing of a value was found. */
export type Form =
  | 'raw'
  | 'json'
  | 'escape'
  | 'quote'
  | 'percent'
  | 'html'
  | 'base64'
  | 'hex'
  | 'decimal'
  | 'line'
  | 'leaf'
  | 'part'
  | 'fragment'

/** One known value; several labels may share it. */
export interface Entry {
  readonly key: string
  readonly verdict: Verdict
  readonly labels: string[]
  /** Where its needles were entered. */
  readonly anchors: Anchor[]
}

/** A window of a needle in a table. */
export interface Anchor {
  readonly needle: Needle
  readonly table: { remove(anchor: Anchor): void }
  /** The character of the needle's text at which the window begins. */
  readonly at: number
  /** How many kept characters of the needle stand before. */
  readonly kept: number
  /** What the window begins, as far as the needle goes, if it is narrow. */
  readonly window: string
  /** Whether that is all of the needle. */
  readonly isWhole: boolean
  /** Four bytes of it, the four behind, and three more where there are as many. */
  readonly low: number
  readonly high: number
  readonly rest: number | undefined
}

/** A text to search for. */
export interface Needle {
  readonly text: string
  /**
   * Folded, from the first kept character to the last; what stands between kept characters is a space, or a line feed
   * where it may as well be missing.
   */
  readonly wanted: string
  /** The other characters before and behind. */
  readonly lead: string
  readonly trail: string
  /** Whether these must be there. */
  readonly isBound: boolean
  readonly form: Form
  readonly entry: Entry
  /** Whether a base64 character on that side is decided in part. */
  readonly left: boolean
  readonly right: boolean
  /** Whether there is too little to keep, so that it is found as it is only. */
  readonly isExact: boolean
  /** The reading of the text that was folded. */
  readonly undone: RegExp
}

/** A text in one form. */
export type Put = (text: string, form: Form, left?: boolean, right?: boolean) => void

/** With fewer kept characters, and others between them, a text is found as it is only. */
const FEWEST_KEPT = 4
/** With fewer, the others before and behind must be there too. */
const FEW_KEPT = 8

/** What is wanted of a folded text. */
export function wantedOf(folded: string): Pick<Needle, 'wanted' | 'lead' | 'trail' | 'isBound' | 'isExact'> {
  if (!OTHER.test(folded)) return { wanted: folded, lead: '', trail: '', isBound: false, isExact: false }
  let from = 0
  let to = folded.length
  while (from < to && kindOf(folded.charCodeAt(from)) !== KEPT) from++
  while (to > from && kindOf(folded.charCodeAt(to - 1)) !== KEPT) to--
  const inner = folded.slice(from, to)
  const wanted = inner.replace(OTHERS, (run) => (/[\r\n]/.test(run) ? '\n' : /[^\0\x1b]/.test(run) ? ' ' : ''))
  const { length: kept } = inner.replace(OTHERS, '')
  return {
    wanted,
    lead: folded.slice(0, from),
    trail: folded.slice(to),
    isBound: kept < FEW_KEPT,
    isExact: kept < FEWEST_KEPT,
  }
}
