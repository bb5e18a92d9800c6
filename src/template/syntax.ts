/** How references are written: the pairs that open and close one, what its name begins with, and what of this may be chosen. */

import { GuillemetError } from '../errors.ts'
import type { Delimiters } from '../location.ts'

const MAX_PAIRS = 8
/** UTF-16 code units. */
const MAX_DELIMITER_LENGTH = 16
// a letter, digit, dot, hyphen or `_` could be part of a name, `&` and white space are the tag's own, a backslash escapes
const FORBIDDEN = /[\s\\&.\-\w]/

/** How references are written in the templates of one vault; made by {@link createSyntax} only. */
export interface Syntax {
  readonly delimiters: readonly Delimiters[]
  /** What the name of a reference begins with, as they were given. */
  readonly prefixes: readonly string[]
  /** The same, the longest first: of two that fit, it is the longer. */
  readonly longestFirst: readonly string[]
  /** Finds where a name begins; global, so its reader sets where to look from. */
  readonly nameStart: RegExp
}

const DEFAULT_PREFIXES: readonly string[] = Object.freeze(['secrets.', 'RUNPOD_SECRET_'])
const MAX_PREFIXES = 8
// no sign that Mustache reads as another kind of tag, and none of what separates filters or escapes
const PREFIX = /^[A-Za-z_$@][A-Za-z0-9_$@.:-]{1,63}$/

/** Both `<< >>` and `{{ }}`, with `secrets.` or `RUNPOD_SECRET_`. */
export const DEFAULT_SYNTAX: Syntax = createSyntax(undefined, undefined)

/**
 * How references are written.
 *
 * @param delimiters 1 to 8 pairs of 1 to 16 characters each, without white space, letters, digits, `_ . & -` and
 *   backslash; no two pairs may open alike, and `|` alone cannot close, since it separates filters.
 *   Both `<< >>` and `{{ }}` for undefined
 * @param prefixes 1 to 8 beginnings of a name, of 2 to 64 letters, digits and `_ $ @ . : -`, not beginning with a digit or
 *   one of `. : -`; one that ends with `.` takes a field. `secrets.` and `RUNPOD_SECRET_` for undefined
 * @throws ERR_INVALID_INPUT when they are anything else
 */
export function createSyntax(delimiters: unknown, prefixes: unknown): Syntax {
  const names = prefixes === undefined ? DEFAULT_PREFIXES : checkPrefixes(prefixes)
  const longestFirst = Object.freeze([...names].sort((one, other) => other.length - one.length))
  const nameStart = new RegExp(longestFirst.map((prefix) => prefix.replace(/[.$]/g, '\\$&')).join('|'), 'g')
  return Object.freeze({ delimiters: checkDelimiters(delimiters), prefixes: names, longestFirst, nameStart })
}

/** Whether the text can hold a reference at all; most texts cannot, and cost nothing more. */
export function mayHold(text: string, { prefixes }: Syntax): boolean {
  for (const prefix of prefixes) if (text.includes(prefix)) return true
  return false
}

function checkDelimiters(delimiters: unknown): readonly Delimiters[] {
  if (delimiters === undefined) return Object.freeze([pair('<<', '>>'), pair('{{', '}}')])
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
  return Object.freeze(copy)
}

function checkPrefixes(prefixes: unknown): readonly string[] {
  if (!Array.isArray(prefixes) || prefixes.length === 0 || prefixes.length > MAX_PREFIXES) {
    throw prefixesError(`must be a list of 1 to ${MAX_PREFIXES} texts such as 'secrets.'`)
  }
  const copy = Array.from(prefixes as unknown[])
  if (!copy.every((prefix) => typeof prefix === 'string' && PREFIX.test(prefix))) {
    throw prefixesError('must be 2 to 64 letters, digits and any of "_$@.:-", and begin with a letter, "_", "$" or "@"')
  }
  if (new Set(copy).size < copy.length) throw prefixesError('must differ')
  return Object.freeze(copy as string[])
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

function prefixesError(rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The prefixes ${rule}.`)
}
