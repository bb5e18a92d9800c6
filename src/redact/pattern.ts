/** Patterns: one text to search for, how it is compared, and how far a match reaches beyond it. */

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
  /** Where its patterns were entered. */
  readonly anchors: Anchor[]
}

/** A window of a pattern in a table; those with equal windows form a list. */
export interface Anchor {
  readonly pattern: Pattern
  readonly table: { remove(anchor: Anchor): void }
  /** Where in the pattern the window stands. */
  readonly at: number
  readonly low: number
  readonly high: number
  next: Anchor | undefined
}

/** A text to search for. */
export interface Pattern {
  readonly text: string
  readonly form: Form
  readonly entry: Entry
  /** Makes the writings of a text alike that count as the same; none where each character counts. */
  readonly normal: Normal | undefined
  /** What is known of the base64 characters around a match. */
  readonly left: number
  readonly right: number
}

/** Keeps the length of the text. */
export type Normal = (text: string) => string

/** Numbers separated by commas: found also where white space stands behind them. */
export const listed: Normal = (text) => text

/** Hexadecimal in any case. */
export const lowerHex: Normal = (text) => text.toLowerCase()

/** Percent-encoding, also of a percent sign, in any case; an escape may be cut off at the end. */
export const upperEscapes: Normal = (text) => text.replace(/%(?:25)?[\da-f]{0,2}/gi, (found) => found.toUpperCase())

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_'
const NO_EDGE = 0
/** A partial character as `\u002B` and padding as `\u003D\u003D`: no match grows by more. */
export const MAX_GROWTH = 18
const PADDING = /(?:=|%3D|\\u003D){1,2}/iy
const ESCAPED_EDGE = /%2[BF]|\\\/|\\u002B/iy

/** What is known of a base64 character: the bits of its value under a mask. */
export function edgeOf(mask: number, bits: number): number {
  return (mask << 6) | (bits & mask)
}

/** Whether the character is a base64 character that agrees with what is known of it. */
export function agrees(character: string | undefined, edge: number): boolean {
  const index = character === undefined || edge === NO_EDGE ? -1 : BASE64.indexOf(character)
  // the last two are the second alphabet's
  return index >= 0 && ((index > 63 ? index - 2 : index) & (edge >> 6)) === (edge & 63)
}

/** Where a match ends: behind the base64 character that the bytes decide in part, and its padding. */
export function grownEnd(text: string, end: number, edge: number): number {
  let grown = end
  if (agrees(text[end], edge)) grown++
  else {
    ESCAPED_EDGE.lastIndex = end
    if (edge === NO_EDGE || !ESCAPED_EDGE.test(text)) return end
    grown = ESCAPED_EDGE.lastIndex
  }
  PADDING.lastIndex = grown
  return PADDING.test(text) ? PADDING.lastIndex : grown
}

/** Whether the pattern stands at the offset, or begins there where the text ends too early. */
export function standsAt(text: string, start: number, { text: wanted, normal }: Pattern): boolean {
  if (normal === undefined && start >= 0 && start + wanted.length <= text.length) return text.startsWith(wanted, start)
  const piece = start < 0 ? '' : text.slice(start, start + wanted.length)
  return piece !== '' && wanted.startsWith(normal === undefined ? piece : normal(piece))
}
