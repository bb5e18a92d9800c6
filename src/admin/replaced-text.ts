/** The text of a file with references in place of values, and what its parser makes of it. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject, ownValue } from '../plain-object.ts'
import { writeReference } from '../template/escape.ts'
import type { Syntax } from '../template/syntax.ts'
import type { Assignment, ParsedEnv } from './env-assignments.ts'
import { isJsonMap } from './json-assignments.ts'

/** Reads the text of a file, as the program does that it is for. */
export type Parse = (text: string) => unknown

/** What gets a reference in place of its value; it must be found in the text. */
interface Replaced {
  readonly assignment: Assignment
}

/** What the parser reads. @throws ERR_INVALID_INPUT where it is no map of names */
export function parsedBy(parse: Parse, text: string): ParsedEnv {
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch {
    parsed = undefined // what a parser throws may quote the text
  }
  if (isPlainObject(parsed)) return parsed
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The parser did not read the text as a map of names: ${adviceFor(text)}.`,
  )
}

function adviceFor(text: string): string {
  if (!isJsonMap(text)) return 'check the file'
  if (text.startsWith('\ufeff')) return 'it is JSON after a byte order mark; take that away, or parse without it'
  return 'it begins as JSON, which has no comments and no comma before a closing brace; check the file'
}

/** The text with a reference in place of each value. */
export function withReferences(text: string, replaced: readonly Replaced[], syntax: Syntax): string {
  let result = ''
  let copied = 0
  const ordered = [...replaced].sort((a, b) => a.assignment.span!.start - b.assignment.span!.start)
  for (const { assignment } of ordered) {
    const { start, end } = assignment.span!
    result += text.slice(copied, start) + writeReference(assignment.name, syntax)!
    copied = end
  }
  return result + text.slice(copied)
}

/** Whether the parser reads the new text as it read the old one, but for the references. */
export function isReadAs(
  parse: Parse,
  text: string,
  parsed: ParsedEnv,
  replaced: readonly Replaced[],
  syntax: Syntax,
): boolean {
  const again = parsedBy(parse, text)
  const references = new Map(replaced.map(({ assignment: { key, name } }) => [key, writeReference(name, syntax)!]))
  const keys = Object.keys(parsed)
  if (Object.keys(again).length !== keys.length) return false
  return keys.every((key) => {
    const expected = references.get(key) ?? ownValue(parsed, key)
    // what is not a text is a member of a JSON map, and stays
    return typeof expected !== 'string' || ownValue(again, key) === expected
  })
}
