/** Needles: one text to search for, decoded, and how it is compared. */

import { byteOf, CLASS, DECODED, INTRODUCER, isLineEnd, KEPT } from './characters.ts'
import { Reader } from './decode.ts'
import { FEW_KEPT, FEWEST_KEPT, MAX_SWALLOWED } from './limits.ts'

/**
 * How well text search can protect a value: `ok` is masked wherever it is, `short` only where no letter, digit, `_` or
 * `-` touches it, `common` (such as `true` or a number of three digits) and `empty` not at all.
 */
export type Verdict = 'ok' | 'short' | 'common' | 'empty'

/** How a value that was found is written; docs/REDACTION.md has an example of each. */
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
  /** Empty once it is forgotten. */
  readonly labels: string[]
  readonly needles: readonly Needle[]
}

/** A text to search for. */
export interface Pattern {
  readonly text: string
  readonly form: Form
  /** Whether the Base64 character just outside this edge also carries bits of the value and is masked with it. */
  readonly sharesBitsBefore: boolean
  readonly sharesBitsAfter: boolean
}

/** Nothing stands between two characters of the value: in a text perhaps what escapes a character, or a line break. */
export const NO_GAP = 0
/** Characters stand there that are not compared: in a text at least one of them. */
export const GAP = 1
/** The same with a line end: in a text perhaps nothing. */
export const LINE_GAP = 2

/** A pattern as it is compared. */
export interface Needle extends Pattern {
  /** Whether it is masked only where no letter or digit touches it. */
  readonly isShort: boolean
  /** What is compared, a byte for each unit, and the units themselves where any is not ASCII. */
  readonly kept: Uint8Array
  readonly units: readonly number[] | undefined
  /** Where each of them stands in the text; undefined where all characters are kept. */
  readonly places: readonly number[] | undefined
  /** What stands before each of them; undefined where it is nothing. */
  readonly gaps: readonly number[] | undefined
  /** What is not compared before the first and after the last of them. */
  readonly prefix: string
  readonly suffix: string
  /** Whether its end may read as part of an escape with what stands after it. */
  readonly mayEndInEscape: boolean
  /** Too few characters to compare: the text is matched literally, and escapes are not undone. */
  readonly isLiteral: boolean
  /** So few characters to compare that prefix and suffix must be there too. */
  readonly needsEdges: boolean
}

const reader = new Reader()
/** Most needles have only such characters (Base64, digits, tokens), and need no decoding. */
const PLAIN = /^[\w.,:=/-]*$/

/** The needle of a pattern of a value. */
export function needleOf(pattern: Pattern, isShort: boolean): Needle {
  const { text } = pattern
  if (!PLAIN.test(text)) return decodedNeedle(pattern, isShort)
  const kept = new Uint8Array(text.length)
  for (let index = 0; index < kept.length; index++) kept[index] = text.charCodeAt(index)
  return {
    ...pattern,
    isShort,
    kept,
    units: undefined,
    places: undefined,
    gaps: undefined,
    prefix: '',
    suffix: '',
    mayEndInEscape: false,
    isLiteral: false,
    needsEdges: false,
  }
}

function decodedNeedle(pattern: Pattern, isShort: boolean): Needle {
  const { codes, places } = reader.read(pattern.text, 0, pattern.text.length)
  const units: number[] = []
  const at: number[] = []
  const gaps: number[] = []
  let prefix = ''
  let between = ''
  for (const [index, code] of codes.entries()) {
    if (DECODED[code] !== KEPT) {
      between += String.fromCharCode(code)
      continue
    }
    if (units.length === 0) prefix = between
    gaps.push(units.length === 0 ? NO_GAP : gapOf(between))
    units.push(code)
    at.push(places[index]!)
    between = ''
  }
  const hasGap = gaps.some((gap) => gap !== NO_GAP)
  const hasEdges = prefix !== '' || between !== ''
  // characters that stand alone, but for what nobody sees of the value, are ordinary text
  const isLess = units.length < pattern.text.length
  return {
    ...pattern,
    isShort,
    kept: Uint8Array.from(units, byteOf),
    units: units.some((code) => code > 127) ? units : undefined,
    places: at,
    gaps: hasGap ? gaps : undefined,
    prefix: units.length === 0 ? between : prefix,
    suffix: units.length === 0 ? '' : between,
    mayEndInEscape: [...pattern.text.slice(-2 * MAX_SWALLOWED)].some((end) => CLASS[end.charCodeAt(0)] === INTRODUCER),
    isLiteral: isLess && units.length < (hasGap || hasEdges ? FEWEST_KEPT : FEW_KEPT),
    needsEdges: isLess && units.length < FEW_KEPT,
  }
}

/** What a text must have where the value has these characters. */
function gapOf(between: string): number {
  let gap = NO_GAP
  for (let index = 0; index < between.length; index++) {
    const code = between.charCodeAt(index)
    if (isLineEnd(code)) return LINE_GAP
    if (code !== 0 && code !== 27) gap = GAP
  }
  return gap
}
