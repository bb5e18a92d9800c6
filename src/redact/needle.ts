/** Needles: one text to search for, and how it is compared. */

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

/** A window of a needle in a table; those with equal windows form a list. */
export interface Anchor {
  readonly needle: Needle
  readonly table: { remove(anchor: Anchor): void }
  /** The character of the needle at which the window begins. */
  readonly at: number
  readonly low: number
  readonly high: number
  next: Anchor | undefined
}

/** A text to search for. */
export interface Needle {
  /** Unescaped; a line feed stands for any border of lines. */
  readonly text: string
  readonly form: Form
  readonly entry: Entry
  /** Whether a base64 character on that side is decided in part. */
  readonly left: boolean
  readonly right: boolean
}

/** A text in one form. */
export type Put = (text: string, form: Form, left?: boolean, right?: boolean) => void

const BREAKS = /[\r\n][ \t\r\n]*/g
const INVISIBLE = /[\u200b-\u200f\u2060-\u2064\ufeff\xad]/g

/** The text as a needle has it: borders of lines are alike, however they are written, and what nobody sees is left out. */
export function unwrapped(text: string): string {
  return /[^ -~]/.test(text) ? text.replace(INVISIBLE, '').replace(BREAKS, '\n').replace(/^\n/, '') : text
}

const PLAIN = Uint8Array.from({ length: 128 }, (_, code) => Number(/[\w.-]/.test(String.fromCharCode(code))))

/** Whether no writer escapes the character and no escape begins with it. */
export function isPlain(code: number): boolean {
  return PLAIN[code] === 1
}
