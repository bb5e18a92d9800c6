/** Where a JSON text that arrives in pieces may be cut: between its tokens, never within a string or a number. */

import { byteText } from '../redact/byte-text.ts'

/** How far a text was read. Offsets count from where what is still held begins. */
export interface Progress {
  readonly isInString: boolean
  readonly isEscaped: boolean
  /** Where the token that is being read begins, outside of strings. */
  readonly runStart: number
  /** Up to here every token is whole. */
  readonly safeEnd: number
  /** Where something begins that is not JSON. */
  readonly brokenAt: number | undefined
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** By byte: white space, brackets, comma, colon; the record separator of JSON sequences; the byte order mark. */
const BETWEEN_TOKENS = /* @__PURE__ */ tableOf(' \t\r\n[]{},:\x1e\xef\xbb\xbf')
const SCALAR = /^(?:true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/
/** No number that a program can use is longer. */
const LONGEST_SCALAR = 1_024

/** Nothing was read. */
export function startOfJson(): Progress {
  return { isInString: false, isEscaped: false, runStart: 0, safeEnd: 0, brokenAt: undefined }
}

/** Reads on from an offset. */
export function scanJson(bytes: Uint8Array, before: Progress, from: number): Progress {
  let { isInString, runStart, safeEnd } = before
  let index = from
  while (index < bytes.length) {
    if (isInString) {
      const end = endOfString(bytes, index, before.isEscaped && index === from)
      if (end < 0)
        return { isInString, isEscaped: endsEscaped(bytes, from, before), runStart, safeEnd, brokenAt: undefined }
      isInString = false
      index = end
      runStart = end
      safeEnd = end
      continue
    }
    const byte = bytes[index]!
    const isBetween = BETWEEN_TOKENS[byte] === 1
    if (isBetween || byte === QUOTE) {
      if (index > runStart && !isScalar(bytes, runStart, index)) return broken(runStart)
      runStart = isBetween ? index + 1 : index
      safeEnd = runStart
      isInString = !isBetween
    }
    index++
  }
  if (!isInString && bytes.length - runStart > LONGEST_SCALAR) return broken(runStart)
  return { isInString, isEscaped: false, runStart, safeEnd, brokenAt: undefined }
}

function broken(brokenAt: number): Progress {
  return { isInString: false, isEscaped: false, runStart: brokenAt, safeEnd: brokenAt, brokenAt }
}

/** The offset after the quote that ends a string, or -1. */
function endOfString(bytes: Uint8Array, from: number, isEscaped: boolean): number {
  for (let quote = bytes.indexOf(QUOTE, from); quote >= 0; quote = bytes.indexOf(QUOTE, quote + 1)) {
    if (!isEscapedAt(bytes, quote, from, isEscaped)) return quote + 1
  }
  return -1
}

/** Whether a backslash of its own stands before the offset; one that ended the last piece counts at `from`. */
function isEscapedAt(bytes: Uint8Array, at: number, from: number, isEscaped: boolean): boolean {
  let backslashes = 0
  while (at - backslashes > from && bytes[at - backslashes - 1] === BACKSLASH) backslashes++
  return (backslashes % 2 === 1) !== (isEscaped && at - backslashes === from)
}

/** Whether a string that goes on in the next piece is cut within an escape. */
function endsEscaped(bytes: Uint8Array, from: number, before: Progress): boolean {
  return isEscapedAt(bytes, bytes.length, from, before.isInString && before.isEscaped)
}

function isScalar(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_SCALAR) return false
  return SCALAR.test(byteText(bytes.subarray(start, end)))
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
