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
const ZERO = 0x30
const NINE = 0x39
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
  let { isInString, isEscaped, runStart, safeEnd } = before
  const { length } = bytes
  for (let index = from; index < length; ) {
    if (isInString) {
      if (!isEscaped) index = specialAfter(bytes, index)
      if (index >= length) break
      const isEnd = !isEscaped && bytes[index] === QUOTE
      isEscaped = !isEscaped && bytes[index] === BACKSLASH
      index++
      if (!isEnd) continue
      isInString = false
      runStart = safeEnd = index
      continue
    }
    const byte = bytes[index]!
    const isBetween = BETWEEN_TOKENS[byte] === 1
    if (isBetween || byte === QUOTE) {
      if (index > runStart && !isScalar(bytes, runStart, index)) return broken(runStart)
      runStart = safeEnd = isBetween ? index + 1 : index
      isInString = !isBetween
    }
    index++
  }
  if (!isInString && length - runStart > LONGEST_SCALAR) return broken(runStart)
  return { isInString, isEscaped, runStart, safeEnd, brokenAt: undefined }
}

function broken(brokenAt: number): Progress {
  return { isInString: false, isEscaped: false, runStart: brokenAt, safeEnd: brokenAt, brokenAt }
}

/** The offset of the next quote or backslash, or the end. */
function specialAfter(bytes: Uint8Array, from: number): number {
  const { length } = bytes
  let index = from
  while (index < length && bytes[index] !== QUOTE && bytes[index] !== BACKSLASH) index++
  return index
}

function isScalar(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_SCALAR) return false
  // most are digits alone
  let digits = start
  while (digits < end && bytes[digits]! >= ZERO && bytes[digits]! <= NINE) digits++
  return digits === end || SCALAR.test(byteText(bytes.subarray(start, end)))
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
