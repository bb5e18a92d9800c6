/** The pairs that open and close a reference, and which pairs may be chosen. */

import { GuillemetError } from '../errors.ts'
import type { Delimiters } from '../location.ts'

const MAX_PAIRS = 8
/** UTF-16 code units. */
const MAX_DELIMITER_LENGTH = 16
// a letter, digit, dot, hyphen or `_` could be part of a name, `&` and white space are the tag's own, a backslash escapes
const FORBIDDEN = /[\s\\&.\-\w]/

/** Both `<< >>` and `{{ }}`. */
export const DEFAULT_DELIMITERS: readonly Delimiters[] = Object.freeze([pair('<<', '>>'), pair('{{', '}}')])

const checked = new WeakSet<readonly Delimiters[]>([DEFAULT_DELIMITERS])

/** Whether the list came from `checkDelimiters`, so that it is sound and cannot change. */
export function isChecked(delimiters: readonly Delimiters[]): boolean {
  return checked.has(delimiters)
}

/**
 * A frozen copy of the pairs, or the default ones for `undefined`.
 *
 * @param delimiters 1 to 8 pairs of 1 to 16 characters each, without white space, letters, digits, `_ . & -` and
 *   backslash; no two pairs may open alike, and `|` alone cannot close, since it separates filters
 * @throws ERR_INVALID_INPUT when they are anything else
 */
export function checkDelimiters(delimiters: unknown): readonly Delimiters[] {
  if (delimiters === undefined) return DEFAULT_DELIMITERS
  if (!Array.isArray(delimiters) || delimiters.length === 0 || delimiters.length > MAX_PAIRS) {
    throw delimitersError(`must be a list of 1 to ${MAX_PAIRS} pairs such as ['<<', '>>']`)
  }
  const copy: Delimiters[] = []
  for (const given of delimiters as unknown[]) {
    if (!Array.isArray(given) || given.length !== 2) throw delimitersError("must be pairs such as ['<<', '>>']")
    const [open, close] = given as unknown[]
    if (!isDelimiter(open) || !isDelimiter(close)) {
      throw delimitersError(
        `must be 1 to ${MAX_DELIMITER_LENGTH} characters without white space, letters, digits, backslash and any of "_.&-"`,
      )
    }
    if (close === '|') throw delimitersError('cannot close with "|", which separates filters')
    if (copy.some(([known]) => known === open)) throw delimitersError('must open differently')
    copy.push(pair(open, close))
  }
  const frozen = Object.freeze(copy)
  checked.add(frozen)
  return frozen
}

function isDelimiter(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_DELIMITER_LENGTH && !FORBIDDEN.test(value)
}

function pair(open: string, close: string): Delimiters {
  return Object.freeze([open, close] as const)
}

function delimitersError(rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The delimiters ${rule}.`)
}
