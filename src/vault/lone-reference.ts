/** A value that is nothing but a reference: a config's own text, sent back in place of the value that it refers to. */

import { GuillemetError } from '../errors.ts'
import type { SecretValue } from '../secret-value.ts'
import { nameIn, scan } from '../template/scan.ts'
import { mayHold, type Syntax } from '../template/syntax.ts'

/** UTF-16 code units; a reference is not longer, so a long value is not looked through. */
const MAX_LENGTH = 4_096

/**
 * Refuses a value, or a field, that is a reference and nothing else.
 *
 * @throws ERR_INVALID_INPUT with the `path`
 */
export function requireNoReference(value: SecretValue | undefined, syntax: Syntax): void {
  if (value === undefined) return
  if (typeof value === 'string') requireNoLoneReference(value, 'value', syntax)
  else for (const [field, text] of Object.entries(value)) requireNoLoneReference(text, `value.${field}`, syntax)
}

function requireNoLoneReference(text: unknown, path: string, syntax: Syntax): void {
  if (typeof text !== 'string' || !isLoneReference(text, syntax)) return
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The value is a reference, which would be stored and never resolved; give the value itself.',
    { path },
  )
}

/** Whether the text is one reference of ours, white space around it aside. */
export function isLoneReference(text: string, syntax: Syntax): boolean {
  if (text.length > MAX_LENGTH || !mayHold(text, syntax)) return false
  const trimmed = text.trim()
  // not by the parser, which keeps the texts that it has read: this one may be a value
  const [cut] = scan(trimmed, syntax, 1)
  return cut !== undefined && nameIn(cut) !== undefined && cut.start === 0 && cut.end === trimmed.length
}
