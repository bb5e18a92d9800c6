/** Patterns: one text to search for, how it is compared, and how far a match reaches beyond it. */

import type { Form } from './spans.ts'

/** How well text search can protect a value. */
export type Verdict = 'ok' | 'short' | 'common' | 'empty'

/** One known value; several labels may share it. */
export interface Entry {
  readonly key: string
  readonly verdict: Verdict
  readonly labels: string[]
  /** Which nodes of the matcher belong to it. */
  readonly nodes: number[]
}

/** How a pattern is compared with a text. */
export const Compare = {
  /** Character by character. */
  Exact: 0,
  /** Hexadecimal digits behind `%` and `%25` in any case, all else exactly. */
  Percent: 1,
  /** In any case. */
  Hex: 2,
  /** With white space allowed behind commas. */
  List: 3,
} as const
export type Compare = (typeof Compare)[keyof typeof Compare]

/** What is known of a base64 character next to a match: `value & mask` is `bits`. */
export interface Edge {
  readonly mask: number
  readonly bits: number
}

/** A text to search for, and the value because of which it is. */
export interface Pattern {
  readonly text: string
  readonly form: Form
  readonly compare: Compare
  readonly left: Edge | undefined
  readonly right: Edge | undefined
  readonly entry: Entry
}

/** Takes one form of a value. */
export type Put = (text: string, form: Form, compare?: Compare, left?: Edge, right?: Edge) => void

const NO_VALUE = 64
const BASE64_VALUES = new Uint8Array(128).fill(NO_VALUE)
for (const alphabet of ['+/', '-_']) {
  const characters = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`
  for (let value = 0; value < 64; value++) BASE64_VALUES[characters.charCodeAt(value)] = value
}

/** Whether the character at the index is a base64 character that agrees with what is known of it. */
export function agrees(text: string, index: number, edge: Edge): boolean {
  const code = text.charCodeAt(index)
  // no character at all is NaN, which is not below 128
  return code < 128 && BASE64_VALUES[code] !== NO_VALUE && (BASE64_VALUES[code]! & edge.mask) === edge.bits
}

/** Where the match begins: before the base64 character that the bytes decide in part. */
export function growLeft(text: string, start: number, pattern: Pattern): number {
  return pattern.left !== undefined && start > 0 && agrees(text, start - 1, pattern.left) ? start - 1 : start
}

/** A partial character as `%2B`, and padding as `%3D%3D`: no match grows by more. */
export const MAX_GROWTH = 9
const PADDING = /(?:=|%3[Dd]|\\u003[Dd]){1,2}/y
const ESCAPED_EDGE = /%2[BFbf]|\\\/|\\u002[Bb]/y

/** Where the match ends: behind the base64 character that the bytes decide in part, and its padding. */
export function growRight(text: string, end: number, pattern: Pattern): number {
  if (pattern.right === undefined) return end
  let grown = end
  ESCAPED_EDGE.lastIndex = end
  if (agrees(text, end, pattern.right)) grown++
  else if (ESCAPED_EDGE.test(text)) grown = ESCAPED_EDGE.lastIndex
  else return end
  PADDING.lastIndex = grown
  return PADDING.test(text) ? PADDING.lastIndex : grown
}

/** Lower case for ASCII letters; other characters that this mixes up are told apart by the comparison. */
export function fold(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code
}

/** Whether the character of the pattern is a hexadecimal digit of a percent escape. */
export function isEscapeDigit(pattern: string, index: number): boolean {
  const first = pattern[index - 1] === '%' || pattern[index - 2] === '%'
  // the second level of %252F
  return first || pattern.startsWith('%25', index - 3) || pattern.startsWith('%25', index - 4)
}

/**
 * How many characters of the text from `start` agree with the pattern, or -1 where they do not.
 *
 * A text that ends inside the pattern agrees as far as it goes when `isPrefixEnough`.
 */
export function compareAt(text: string, start: number, pattern: Pattern, isPrefixEnough = false): number {
  const wanted = pattern.text
  if (start < 0) return -1
  if (pattern.compare === Compare.List) return compareList(text, start, wanted, isPrefixEnough)
  const isShort = text.length - start < wanted.length
  if (isShort && !isPrefixEnough) return -1
  const length = isShort ? text.length - start : wanted.length
  if (pattern.compare === Compare.Exact) {
    return (isShort ? wanted.startsWith(text.slice(start)) : text.startsWith(wanted, start)) ? length : -1
  }
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(start + index)
    const other = wanted.charCodeAt(index)
    if (code === other) continue
    if (fold(code) !== fold(other)) return -1
    if (pattern.compare === Compare.Percent && !isEscapeDigit(wanted, index)) return -1
  }
  return length
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function compareList(text: string, start: number, wanted: string, isPrefixEnough: boolean): number {
  let at = start
  for (let index = 0; index < wanted.length; index++, at++) {
    if (wanted[index - 1] === ',') while (isSpace(text.charCodeAt(at)) && at - start < 8 * wanted.length) at++
    if (at >= text.length) return isPrefixEnough ? at - start : -1
    if (text.charCodeAt(at) !== wanted.charCodeAt(index)) return -1
  }
  return at - start
}
