/** Makes text inert, so that it holds no reference; and makes references. */

import type { Delimiters } from '../location.ts'
import { requireName } from '../tag.ts'
import { DEFAULT_DELIMITERS } from './delimiters.ts'
import { mayHold, parserOf } from './parse.ts'
import { backslashesBefore, openingsIn } from './scan.ts'

/**
 * The text with a backslash before everything that is, or only starts like, a reference of ours, so that it comes out
 * of a template as it went in.
 *
 * It makes one inserted piece inert. Two pieces that only together form a reference are covered by `authored` alone.
 *
 * @param delimiters those that the template will be read with
 * @throws ERR_INVALID_INPUT for delimiters that are not sound
 */
export function escapeReferences(text: string, delimiters: readonly Delimiters[] = DEFAULT_DELIMITERS): string {
  const parser = parserOf(delimiters)
  if (!mayHold(text)) return text
  let escaped = ''
  let copied = 0
  for (const index of openingsIn(text, parser.delimiters)) {
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
  return field === undefined ? `<< secrets.${name} >>` : `<< secrets.${name}.${requireName(field, 'field')} >>`
}
