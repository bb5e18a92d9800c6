/** The members of a JSON map, each with the place of its text. */

import { ownValue } from '../plain-object.ts'
import type { Assignment, ParsedEnv } from './env-assignments.ts'
import { meantDoubts } from './env-value.ts'

/** A text of JSON, or one of the characters that give it its structure. */
const STRING_OR_SIGN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/gs

/** Whether the text is a JSON map and not lines of assignments. */
export function isJsonMap(text: string): boolean {
  return text.trimStart().startsWith('{')
}

/** The members of the outermost map by name; those that are not texts have no place. */
export function jsonMembersOf(text: string, parsed: ParsedEnv): ReadonlyMap<string, Assignment> {
  const found = new Map<string, Assignment>()
  const tokens = [...text.matchAll(STRING_OR_SIGN)]
  let depth = 0
  let line = 1
  let counted = 0
  for (const [at, { 0: token, index }] of tokens.entries()) {
    if (token === '{' || token === '[') depth++
    if (token === '}' || token === ']') depth--
    if (depth !== 1 || !token.startsWith('"') || tokens[at + 1]?.[0] !== ':') continue
    line += text.slice(counted, index).split('\n').length - 1
    counted = index
    const name: string = JSON.parse(token)
    const member = memberAt(name, line, tokens[at + 2], parsed)
    found.set(name, found.has(name) ? { ...member, span: undefined } : member)
  }
  return found
}

function memberAt(name: string, line: number, next: RegExpExecArray | undefined, parsed: ParsedEnv): Assignment {
  const assignment = { name, key: name, line, hasText: true, raw: '', restLines: [] }
  const isText = next?.[0].startsWith('"') === true
  if (!isText || JSON.parse(next[0]) !== ownValue(parsed, name)) return { ...assignment, span: undefined }
  const [start, end] = [next.index + 1, next.index + next[0].length - 1]
  return { ...assignment, span: { start, end, doubts: meantDoubts(JSON.parse(next[0])) } }
}
