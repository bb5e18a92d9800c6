/** Where a JSON text that arrives in pieces may be cut: between its tokens, never within a string or a number. */

import { isJsonScalar, LONGEST_JSON_SCALAR } from '../json.ts'
import { byteText } from '../redact/byte-text.ts'

/** How far a text was read. Offsets count from where what is still held begins. */
export interface Progress {
  /** Between tokens, in a number or word, in a string, or after a backslash of one. */
  readonly state: number
  /** Where the token that is being read begins. */
  readonly tokenStart: number
  /** Up to here every token is whole. */
  readonly safeEnd: number
  /** Where something begins that is not JSON. */
  readonly brokenAt: number | undefined
}

const BETWEEN = 0
const IN_SCALAR = 1
const IN_STRING = 2
const AFTER_BACKSLASH = 3
const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** White space, brackets, comma, colon; the record separator of JSON sequences; the byte order mark. */
const BETWEEN_TOKENS = ' \t\r\n[]{},:\x1e\xef\xbb\xbf'
/** The next state, by state and byte. */
const NEXT = /* @__PURE__ */ transitions()

/** Nothing was read. */
export function startOfJson(): Progress {
  return { state: BETWEEN, tokenStart: 0, safeEnd: 0, brokenAt: undefined }
}

/** Whether JSON can end after these bytes: not within a string, nor in what is no number and no word of JSON. */
export function mayEnd(bytes: Uint8Array, { state, tokenStart }: Progress): boolean {
  return state === BETWEEN || isScalar(bytes, tokenStart, bytes.length)
}

/** Reads on from an offset. */
export function scanJson(bytes: Uint8Array, before: Progress, from: number): Progress {
  let { state, tokenStart } = before
  const { length } = bytes
  const nextOf = NEXT // a local one costs the loop nothing
  for (let index = from; index < length; index++) {
    if (state === IN_STRING) {
      index = quoteFrom(bytes, index)
      if (index > length) state = AFTER_BACKSLASH
      if (index >= length) break
    }
    const next = nextOf[(state << 8) | bytes[index]!]!
    if (next === state) continue
    if (state < IN_STRING) {
      if (state === IN_SCALAR && !isScalar(bytes, tokenStart, index)) return broken(tokenStart)
      tokenStart = index
    }
    state = next
  }
  if (state === IN_SCALAR && length - tokenStart > LONGEST_JSON_SCALAR) return broken(tokenStart)
  return { state, tokenStart, safeEnd: state === BETWEEN ? length : tokenStart, brokenAt: undefined }
}

function broken(brokenAt: number): Progress {
  return { state: BETWEEN, tokenStart: brokenAt, safeEnd: brokenAt, brokenAt }
}

function transitions(): Uint8Array {
  const table = new Uint8Array(4 * 256)
  table.fill(IN_SCALAR, 0, IN_STRING << 8).fill(IN_STRING, IN_STRING << 8)
  for (const state of [BETWEEN, IN_SCALAR]) {
    for (const character of BETWEEN_TOKENS) table[(state << 8) | character.charCodeAt(0)] = BETWEEN
    table[(state << 8) | QUOTE] = IN_STRING
  }
  table[(IN_STRING << 8) | QUOTE] = BETWEEN
  return table
}

/** Where the quote is that ends a string, from within it; one after the end where the last byte is a backslash. */
function quoteFrom(bytes: Uint8Array, from: number): number {
  const { length } = bytes
  let index = from
  for (; index < length; index++) {
    const byte = bytes[index]!
    if (byte === QUOTE) break
    if (byte === BACKSLASH) index++
  }
  return index
}

function isScalar(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_JSON_SCALAR) return false
  // most are digits, perhaps with a point among them
  const first = start + Number(bytes[start] === MINUS)
  const whole = digitsEnd(bytes, first, end)
  if (whole > first && whole === end) return true
  const hasFraction = whole > first && whole + 1 < end && bytes[whole] === POINT
  if (hasFraction && digitsEnd(bytes, whole + 1, end) === end) return true
  return isJsonScalar(byteText(bytes.subarray(start, end)))
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) at++
  return at
}
