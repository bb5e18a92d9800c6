/** Values of entries in a text: `- name: DB_PASSWORD` with `value: …` in the next line, and both in one line. */

import { NAME_KEYS, VALUE_KEYS } from './entry-names.ts'

/** A value in a text, with what names it. */
export interface NamedValue {
  readonly name: string
  /** As it stands there, with its quotes or without. */
  readonly value: string
  /** Where it begins. */
  readonly index: number
}

const QUOTE_PATTERN = '\\\\{0,3}["\']'
const NAME = '[A-Za-z][\\w.-]{1,63}'
/** A member with a name, in YAML, JSON, JSON within JSON, HCL and XML. */
const ENTRY_NAME = /* @__PURE__ */ new RegExp(
  `(?<![\\w.$-])(?:${QUOTE_PATTERN})?(?:${NAME_KEYS.join('|')})(?:${QUOTE_PATTERN})?\\s{0,8}[:=]\\s{0,8}(?:${QUOTE_PATTERN}(${NAME})${QUOTE_PATTERN}|(${NAME})(?=[\\s,;}\\]]|$))`,
  'g',
)
const ENTRY_VALUE = /* @__PURE__ */ new RegExp(
  `(?<![\\w.$-])(?:${QUOTE_PATTERN})?(?:${VALUE_KEYS.join('|')})(?:${QUOTE_PATTERN})?\\s{0,8}[:=]\\s{0,8}(?:${QUOTE_PATTERN}(?=([^"'\\\\\\n]{1,4096}))|(?=((?:[A-Za-z]{1,8} )?[^\\s"'\`,;{}[\\]]{1,4096})))`,
)
/** How far a value may stand from its name, in characters of a line and in lines. */
const NEAR = 400
const NEAR_LINES = 4
/** What a line begins with before its first member. */
const INDENT = /^[\s{([-]{0,256}/
/** A list of YAML has a new entry here. */
const NEW_ENTRY = /^\s{0,256}-\s/

/** The values of the entries that a text has, in the order of their names. @param isWanted asked of each name */
export function namedEntriesIn(text: string, isWanted: (name: string) => boolean): readonly NamedValue[] {
  const entries: NamedValue[] = []
  // most texts have none
  if (!/alue/.test(text)) return entries
  for (const match of text.matchAll(ENTRY_NAME)) {
    const name = match[1] ?? match[2]!
    if (!isWanted(name)) continue
    const end = match.index + match[0].length
    const found =
      inLine(text, match.index, end) ?? inLinesAfter(text, match.index, end) ?? inLinesBefore(text, match.index)
    if (found !== undefined) entries.push({ name, ...found })
  }
  return entries
}

type UnnamedValue = Omit<NamedValue, 'name'>

/** The value next to its name: after it, or before it, without a bracket of another object between them. */
function inLine(text: string, start: number, end: number): UnnamedValue | undefined {
  const [after] = /^[^\n{}<>]{0,400}/.exec(text.slice(end, end + NEAR))!
  const found = valueIn(after, end)
  if (found !== undefined) return found
  const from = Math.max(0, start - NEAR)
  const before = text.slice(from, start)
  const cut = Math.max(...['\n', '{', '}', '>'].map((sign) => before.lastIndexOf(sign))) + 1
  return valueIn(before.slice(cut), from + cut)
}

/** The value in one of the next lines of the entry, which begin in the same column. */
function inLinesAfter(text: string, start: number, end: number): UnnamedValue | undefined {
  const column = offsetInLine(text, start)
  let lineStart = text.indexOf('\n', end) + 1
  for (let lines = 0; lines < NEAR_LINES && lineStart > 0; lines++) {
    const line = text.slice(lineStart, lineStart + NEAR)
    const indent = INDENT.exec(line)![0].length
    if (indent < column || (indent === column && NEW_ENTRY.test(line))) return undefined
    const found = indent === column ? entryValueAt(text, lineStart + indent) : undefined
    if (found !== undefined) return found
    lineStart = text.indexOf('\n', lineStart) + 1
  }
  return undefined
}

/** The value in one of the lines before, up to the one with the dash. */
function inLinesBefore(text: string, start: number): UnnamedValue | undefined {
  const column = offsetInLine(text, start)
  let lineStart = lineStartAt(text, start)
  for (let lines = 0; lines < NEAR_LINES && lineStart > 0; lines++) {
    if (NEW_ENTRY.test(text.slice(lineStart, lineStart + NEAR))) return undefined
    lineStart = lineStartAt(text, lineStart - 1)
    const indent = INDENT.exec(text.slice(lineStart, lineStart + NEAR))![0].length
    if (indent < column) return undefined
    const found = indent === column ? entryValueAt(text, lineStart + indent) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** Where the line begins that an offset is in; a longer line than any that people write is cut. */
function lineStartAt(text: string, index: number): number {
  const from = Math.max(0, index - NEAR)
  const found = text.slice(from, index).lastIndexOf('\n')
  return found < 0 ? from : from + found + 1
}

function offsetInLine(text: string, index: number): number {
  return index - lineStartAt(text, index)
}

/** The value where a member with one begins. */
function entryValueAt(text: string, index: number): UnnamedValue | undefined {
  const match = ENTRY_VALUE.exec(text.slice(index, index + NEAR))
  return match?.index === 0 ? entryValueOf(match, index) : undefined
}

function valueIn(piece: string, from: number): UnnamedValue | undefined {
  const match = ENTRY_VALUE.exec(piece)
  return match === null ? undefined : entryValueOf(match, from)
}

function entryValueOf({ 0: { length }, 1: quoted, 2: bare, index }: RegExpExecArray, from: number): UnnamedValue {
  return { value: quoted ?? bare!, index: from + index + length }
}
