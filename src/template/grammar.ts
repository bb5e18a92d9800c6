/**
 * What one reference says. Mustache decides what its tag looks like, this library what its name means.
 *
 * Only Mustache's parser is called, on one candidate at a time. Its `render` never is: it escapes HTML, reads inherited
 * properties, calls functions, deletes unknown tags and keeps every template for ever.
 */

import mustache from 'mustache'
import type { Delimiters } from '../location.ts'
import { NAME_PATTERN } from '../tag.ts'
import { type FilterName, isFilter, isPairFilter } from './filter-names.ts'
import type { Syntax } from './syntax.ts'

/** What a reference names. */
export interface Name {
  /** Tells it from an invalid reference by an own member, whatever stands on a polluted prototype. */
  readonly code: undefined
  readonly tag: string
  readonly field: string | undefined
  readonly filters: readonly FilterName[]
}

/** Why a text that starts like a reference is not one. */
export interface InvalidReference {
  readonly code: 'ERR_UNCLOSED_REFERENCE' | 'ERR_MALFORMED_REFERENCE' | 'ERR_UNKNOWN_FILTER'
  readonly filter: string | undefined
}

/** Chained filters could make a value grow without bound. */
const MAX_FILTERS = 8
const TAG = new RegExp(`^(${NAME_PATTERN})$`)
const TAG_AND_FIELD = new RegExp(`^(${NAME_PATTERN})(?:\\.(${NAME_PATTERN}))?$`)
// what looks like a filter's name; anything after it may be a committed secret and is not repeated in an error
const FILTER_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}/
// Mustache looks for `\s*` before the closing delimiter, which is quadratic on long runs of white space
const SPACES = /\s+/g

/** What Mustache or this grammar does not read. */
export const MALFORMED: InvalidReference = Object.freeze({ code: 'ERR_MALFORMED_REFERENCE', filter: undefined })

const writer = new mustache.Writer() as mustache.Writer & { templateCache: unknown }
writer.templateCache = undefined // it would keep every text for ever

/** Reads one whole reference, delimiters included. */
export function readReference(
  source: string,
  [open, close]: Delimiters,
  { longestFirst }: Syntax,
): Name | InvalidReference {
  const [[, text]] = writer.parse(source.replace(SPACES, ' '), [open, close]) as [[type: string, text: string]]
  const [name, ...pieces] = text.split('|')
  const match = readName(name!.trim(), longestFirst)
  if (match === null) return MALFORMED
  const [, tag, field] = match
  const filters: FilterName[] = []
  for (const piece of pieces) {
    const filter = piece.trim()
    if (!isFilter(filter)) return notFilter(filter)
    filters.push(filter)
    // these take a secret with its fields, which only the first filter of a reference without a field gets, and `trim` before it
    const isFirst = filters.length === 1 || (filters.length === 2 && filters[0] === 'trim')
    if (isPairFilter(filter) && (!isFirst || field !== undefined)) return MALFORMED
  }
  if (filters.length > MAX_FILTERS) return MALFORMED
  return { code: undefined, tag: tag!, field, filters: Object.freeze(filters) }
}

/** The tag and, after a prefix that ends with a dot, the field; of two prefixes that fit, the longer counts. */
function readName(name: string, longestFirst: readonly string[]): RegExpExecArray | null {
  const prefix = longestFirst.find((each) => name.startsWith(each))
  if (prefix === undefined) return null
  return (prefix.endsWith('.') ? TAG_AND_FIELD : TAG).exec(name.slice(prefix.length))
}

function notFilter(text: string): InvalidReference {
  const filter = FILTER_NAME.exec(text)?.[0]
  return filter === undefined || isFilter(filter) ? MALFORMED : { code: 'ERR_UNKNOWN_FILTER', filter }
}
