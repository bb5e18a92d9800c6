/**
 * Needles: one text to search for, decoded, and how it is compared.
 *
 *     text    i t ' s - a - $ e c r e t      found in   "it\'s-a-$$ecret"   and in   it%27s-a-%24ecret
 *     kept    i t   s - a -   e c r e t      what is compared; of a text the same is kept
 *     gaps    . . G . . . . G . . . . .      between two kept characters: something that is not kept, whatever it is
 *     places  0 1   3 4 5 6   8 9 …          where each kept character was written
 *
 * - `prefix`, `suffix`: what is not kept before the first and after the last kept character.
 * - window: seven kept characters in a row, or fifteen, of which the index knows every group of four, or of eight
 *   (`s-a-`, `-a-e`, …): wherever the text is looked at, it meets one of them.
 * - swallowed: first or last characters that read as part of an escape with what stands next to them, so that they are not
 *   kept of the text: `c7` in `%c7jwXPq`. They are compared as they are written.
 * - literal: a needle with so little kept that it is searched for as it is written.
 * - live: begun, and not ended, at the end of a text to which a stream may add more.
 * - inner: the last eight kept characters of a text stand somewhere in a needle, perhaps not at its beginning.
 * - before: what a match may have in front of its first kept character: a prefix, or a Base64 character that shares bits.
 * - label: what a value is called in its mask.
 */

import { utf8Lossy } from '../bytes.ts'
import { byteOf, CLASS, DECODED, INTRODUCER, isLineEnd, KEPT } from './characters.ts'
import { FEW_KEPT, FEWEST_KEPT, MAX_SWALLOWED, PIECE } from './limits.ts'
import { Reader } from './reader.ts'

/**
 * How well text search can protect a value: `ok` is masked wherever it is, `short` only where no letter, digit, `_` or
 * `-` touches it, `common` (such as `true` or a number of three digits) and `empty` not at all.
 */
export type Verdict = 'ok' | 'short' | 'common' | 'empty'

/** Where a text is masked: anywhere; where no letter, digit or `_` touches it; or, `alone`, no `-` either. */
export type Standing = 'anywhere' | 'word' | 'alone'

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
  | 'property'

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
  readonly standing: Standing
  /** Whether it is a row of digits, between which anything may stand that is not compared; hexadecimal ones in any case. */
  readonly digits: 'hex' | 'decimal' | undefined
}

/** Nothing stands between two characters of the value: in a text perhaps what escapes a character, or a line break. */
export const NO_GAP = 0
/** Characters stand there that are not compared: in a text at least one of them. */
export const GAP = 1
/** The same with a line end: in a text perhaps nothing. */
export const LINE_GAP = 2

/** A pattern as it is compared. */
export interface Needle extends Pattern {
  /** Whether it is not found across lines or columns: two numbers below each other are no third one. */
  readonly isOneLine: boolean
  /** What is compared, a byte for each unit, and the units themselves where any is not ASCII. */
  readonly kept: Uint8Array
  readonly units: Uint16Array | undefined
  /** Where each of them stands in the text; undefined where all characters are kept. */
  readonly places: Uint16Array | undefined
  /** What stands before each of them; undefined where it is nothing. */
  readonly gaps: Uint8Array | undefined
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
/** What is read of one text: units, where each of them stands, and what stands before it. */
const units = new Uint16Array(PIECE)
const offsets = new Uint16Array(PIECE)
const gaps = new Uint8Array(PIECE)
/** Most needles have only such characters (Base64, digits, tokens), and need no decoding. */
const PLAIN = /^[\w.,:=/-]*$/
/** What may begin an escape, or is not seen. */
const NOT_ITSELF = /[^ -~]|[\\%&]/

/** Whether what is compared of a text is the text itself. */
export function isPlainText(text: string): boolean {
  return PLAIN.test(text)
}

/** The needle of a pattern of a value, which is at most a piece. */
export function needleOf(pattern: Pattern): Needle {
  const { text, form, sharesBitsBefore, sharesBitsAfter, standing, digits } = pattern
  const compared = isPlainText(text) ? AS_WRITTEN : decodedText(text)
  // written out, since a spread takes several times as long
  return {
    text,
    form,
    sharesBitsBefore,
    sharesBitsAfter,
    standing,
    digits,
    isOneLine: standing !== 'anywhere' && /\d/.test(text),
    kept: compared.kept ?? utf8Lossy(text),
    units: compared.units,
    places: compared.places,
    gaps: compared.gaps,
    prefix: compared.prefix,
    suffix: compared.suffix,
    mayEndInEscape: compared.mayEndInEscape,
    isLiteral: compared.isLiteral,
    needsEdges: compared.needsEdges,
  }
}

/** What is compared of a text, and how. */
interface Compared
  extends Pick<
    Needle,
    'units' | 'places' | 'gaps' | 'prefix' | 'suffix' | 'mayEndInEscape' | 'isLiteral' | 'needsEdges'
  > {
  /** Undefined where it is the text itself. */
  readonly kept: Uint8Array | undefined
}

/** A plain text: its own bytes and nothing else. Made once, since an object for each needle takes time. */
const AS_WRITTEN: Compared = {
  kept: undefined,
  units: undefined,
  places: undefined,
  gaps: undefined,
  prefix: '',
  suffix: '',
  mayEndInEscape: false,
  isLiteral: false,
  needsEdges: false,
}

function decodedText(text: string): Compared {
  const { size, hasGap, isAscii, prefix, suffix } = readKept(text)
  const hasEdges = prefix + suffix !== ''
  // characters that stand alone, but for what nobody sees of the value, are ordinary text
  const isLess = size < text.length
  return {
    kept: keptBytes(size),
    units: isAscii ? undefined : units.slice(0, size),
    places: offsets.slice(0, size),
    gaps: hasGap ? gaps.slice(0, size) : undefined,
    prefix,
    suffix,
    mayEndInEscape: [...text.slice(-2 * MAX_SWALLOWED)].some((end) => CLASS[end.charCodeAt(0)] === INTRODUCER),
    isLiteral: isLess && size < (hasGap || hasEdges ? FEWEST_KEPT : FEW_KEPT),
    needsEdges: isLess && size < FEW_KEPT,
  }
}

/** What was read into `units`, `offsets` and `gaps`. */
interface KeptUnits extends Pick<Needle, 'prefix' | 'suffix'> {
  /** How many characters are compared. */
  readonly size: number
  readonly hasGap: boolean
  readonly isAscii: boolean
}

/** Undoes the escapes of a text, and reads what is compared of it. */
function readKept(text: string): KeptUnits {
  // most texts have nothing to undo, and are their own characters
  const decoded = NOT_ITSELF.test(text) ? reader.read(text, 0, text.length) : undefined
  const length = decoded?.codes.length ?? text.length
  let size = 0
  let hasGap = false
  let isAscii = true
  let prefix = ''
  let between = ''
  for (let index = 0; index < length; index++) {
    const code = decoded === undefined ? text.charCodeAt(index) : decoded.codes[index]!
    if (DECODED[code] !== KEPT) {
      between += String.fromCharCode(code)
      continue
    }
    if (size === 0) prefix = between
    gaps[size] = between === '' || size === 0 ? NO_GAP : gapOf(between)
    hasGap ||= gaps[size] !== NO_GAP
    isAscii &&= code < 128
    units[size] = code
    offsets[size++] = decoded === undefined ? index : decoded.places[index]!
    between = ''
  }
  return size === 0
    ? { size, hasGap, isAscii, prefix: between, suffix: '' }
    : { size, hasGap, isAscii, prefix, suffix: between }
}

/** A byte for each of the first units that were read. */
function keptBytes(size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let index = 0; index < size; index++) bytes[index] = byteOf(units[index]!)
  return bytes
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
