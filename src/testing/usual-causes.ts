/** Guesses at what is wrong with an adapter, from what came back; each `''`, or in brackets after a space. */

import { utf8Lossy } from '../bytes.ts'

/** Longest text in bytes of columns that cut in silence: TINYTEXT or VARCHAR(255), TEXT, and MEDIUMTEXT of MySQL. */
const CUTS = [255, 65_535, 16_777_215]

/** Of a version that is another one than was put. */
export function versionHint(version: unknown): string {
  if (typeof version === 'string') return ' (a BIGINT that the driver gives as text?)'
  return typeof version === 'bigint' ? ' (a BIGINT that the driver gives as a bigint?)' : ''
}

/** Of a body that came back changed. */
export function bodyHint(actual: unknown, expected: string): string {
  if (typeof actual !== 'string') return ' (bytes, or JSON that the driver has parsed?)'
  const length = utf8Lossy(actual).length
  if (expected !== '' && actual === '') return ' (an empty text in place of it: a write that is not awaited?)'
  if (actual === expected.trim()) return ' (trimmed?)'
  if (actual === expected.trimEnd()) return ' (white space at its end is gone: a CHAR column?)'
  if (expected.startsWith('\ufeff') && actual === expected.slice(1)) return ' (a decoder that drops a U+FEFF?)'
  if (expected.startsWith(actual)) {
    const what = CUTS.some((cut) => length <= cut && length > cut - 4)
      ? 'a column for short texts'
      : 'a limit of a column'
    return ` (cut after ${length} bytes: ${what}, without strict mode?)`
  }
  if (actual.normalize('NFKC') === expected.normalize('NFKC')) return ' (normalised?)'
  if (actual.replace(/\r\n?/g, '\n') === expected.replace(/\r\n?/g, '\n')) return ' (line ends made alike?)'
  if (/[?\ufffd]/.test(actual)) return ' (another character set than UTF-8, or one without emoji such as utf8mb3?)'
  return ''
}

/** Of records that are not those that were expected, both as they are shown. */
export function orderHint(seen: readonly string[], wanted: readonly string[]): string {
  if (new Set(seen).size < seen.length && new Set(wanted).size === wanted.length) {
    return ' (one of them twice: a cursor that includes its record?)'
  }
  if ([...seen].sort().join() === [...wanted].sort().join()) {
    return ' (the right ones in another order: ORDER BY, or a collation that is not bytewise?)'
  }
  const lacking = wanted.filter((one) => !seen.includes(one))
  if (seen.length < wanted.length && lacking.length > 0 && seen.every((one) => wanted.includes(one))) {
    return ` (without ${lacking.slice(0, 3).join(', ')})`
  }
  const more = seen.filter((one) => !wanted.includes(one))
  return more.length > 0 ? ` (${more.slice(0, 3).join(', ')} should not be there)` : ''
}
