/** Where a JSON text that arrives in pieces may be cut: between its tokens, never within a string or a number. */

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
/** White space, brackets, comma, colon; the record separator of JSON sequences; the byte order mark. */
const BETWEEN_TOKENS: ReadonlySet<number> = new Set(
  [...' \t\r\n[]{},:\x1e', '\xef', '\xbb', '\xbf'].map((character) => character.charCodeAt(0)),
)
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
  for (let index = from; index < bytes.length; index++) {
    const byte = bytes[index]!
    if (isInString) {
      if (isEscaped) isEscaped = false
      else if (byte === BACKSLASH) isEscaped = true
      else if (byte === QUOTE) {
        isInString = false
        runStart = index + 1
        safeEnd = index + 1
      }
      continue
    }
    const isBetween = BETWEEN_TOKENS.has(byte)
    if (!isBetween && byte !== QUOTE) continue
    if (index > runStart && !isScalar(bytes, runStart, index)) {
      return { isInString, isEscaped, runStart, safeEnd: runStart, brokenAt: runStart }
    }
    runStart = isBetween ? index + 1 : index
    safeEnd = runStart
    isInString = !isBetween
  }
  const isTooLong = !isInString && bytes.length - runStart > LONGEST_SCALAR
  return { isInString, isEscaped, runStart, safeEnd, brokenAt: isTooLong ? runStart : undefined }
}

function isScalar(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > LONGEST_SCALAR) return false
  return SCALAR.test(String.fromCharCode(...bytes.subarray(start, end)))
}
