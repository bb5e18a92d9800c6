/** Makes text inert, so that it holds no reference; and makes references. */

import { backslashesBefore } from '../encode/quote.ts'
import { requireName } from '../tag.ts'
import { openingsIn } from './scan.ts'
import { DEFAULT_SYNTAX, mayHold, type Syntax } from './syntax.ts'

/**
 * The text with a backslash before everything that is, or only starts like, a reference of ours, so that it comes out
 * of a template as it went in.
 *
 * It makes one inserted piece inert. Two pieces that only together form a reference are covered by `authored` alone.
 */
export function makeInert(text: string, syntax: Syntax): string {
  if (!mayHold(text, syntax)) return text
  let escaped = ''
  let copied = 0
  for (const index of openingsIn(text, syntax)) {
    // the backslashes that stand there must come out again, so each is doubled, and one more escapes
    escaped += text.slice(copied, index) + '\\'.repeat(backslashesBefore(text, index, 0) + 1)
    copied = index
  }
  return escaped + text.slice(copied)
}

/**
 * The reference to a tag, or to one of its fields: `<< secrets.tag.field >>`.
 *
 * @throws ERR_INVALID_INPUT for a name outside the grammar
 */
export function referenceTo(tag: string, field?: string): string {
  const name = requireName(tag, 'tag')
  return writeReference(field === undefined ? name : `${name}.${requireName(field, 'field')}`, DEFAULT_SYNTAX)!
}

/**
 * A reference as it is written in this syntax; undefined where no prefix takes what it names.
 *
 * @param name a tag, or tag and field with a dot between them; filters may follow
 */
export function writeReference(name: string, { delimiters, prefixes }: Syntax): string | undefined {
  const dotted = prefixes.find((prefix) => prefix.endsWith('.'))
  const prefix = dotted ?? (name.includes('.') ? undefined : prefixes[0])
  const [open, close] = delimiters[0]!
  return prefix === undefined ? undefined : `${open} ${prefix}${name} ${close}`
}
