/** The assignments of a `.env` text, each with the place of its value, held against what a parser has read. */

import { ownValue } from '../plain-object.ts'
import { type EnvDoubt, locateValue, type ValueSpan } from './env-value.ts'

/** One name of the file. */
export interface Assignment {
  readonly name: string
  /** The name as the parser gave it: with a byte order mark before the first one, some keep that. */
  readonly key: string
  /** From 1; of the last assignment of the name. */
  readonly line: number
  /** Whether anything but quotes stands after its `=` on that line. */
  readonly hasText: boolean
  /** What stands after its `=` on that line, without quotes: what the parser may have left out. Empty in JSON. */
  readonly raw: string
  /** Undefined where the value was not found as the parser gave it. */
  readonly span: ValueSpan | undefined
  /** The lines with text that may belong to the value and stays where a reference takes its place, from 1, in order. */
  readonly restLines: readonly number[]
}

/** What a parser gave: texts by name, where it is a `.env` file. */
export type ParsedEnv = Readonly<Record<string, unknown>>

const BOM = '\ufeff'
const OPENING_QUOTE = /^\s*(["'`])/

/** The assignments by name, in the order of the text; of a name that is there several times the last one. */
export function assignmentsOf(text: string, parsed: ParsedEnv): ReadonlyMap<string, Assignment> {
  const found = new Map<string, Assignment>()
  let last: string | undefined
  for (let start = 0, line = 1; start < text.length; ) {
    const read = readAssignment(text, start, line, parsed)
    const end = read?.end ?? endOfLine(text, start)
    if (read !== undefined) {
      last = read.assignment.name
      const earlier = found.get(last)
      found.delete(last)
      found.set(last, earlier === undefined ? read.assignment : asRepeated(read.assignment, earlier))
    } else if (last !== undefined && isStray(text.slice(start, end))) {
      const before = found.get(last)!
      found.set(last, { ...before, restLines: [...before.restLines, line] })
    }
    line += text.slice(start, end + 1).split('\n').length - 1
    start = end + 1
  }
  return found
}

/** A line that is neither an assignment nor a comment: perhaps the rest of a value of several lines. */
function isStray(text: string): boolean {
  return /^\s*[^\s#]/.test(text)
}

/** The last assignment of a name that is there several times: the earlier values stay. */
function asRepeated(assignment: Assignment, { line, hasText, restLines }: Assignment): Assignment {
  const rest = [...restLines, ...(hasText ? [line] : []), ...assignment.restLines]
  return { ...withDoubt(assignment, 'duplicate'), restLines: [...new Set(rest)].sort((a, b) => a - b) }
}

/** The same assignment with one doubt more. */
function withDoubt(assignment: Assignment, doubt: EnvDoubt): Assignment {
  const { span } = assignment
  return span === undefined ? assignment : { ...assignment, span: { ...span, doubts: [...span.doubts, doubt] } }
}

function readAssignment(
  text: string,
  start: number,
  line: number,
  parsed: ParsedEnv,
): { readonly assignment: Assignment; readonly end: number } | undefined {
  const end = endOfLine(text, start)
  const equals = start + text.slice(start, end).indexOf('=')
  if (equals < start) return undefined
  const hasMark = start === 0 && text.startsWith(BOM)
  const name = variableIn(text.slice(hasMark ? 1 : start, equals))
  if (name === undefined) return undefined
  const key = hasMark && Object.hasOwn(parsed, BOM + name) ? BOM + name : name
  const value = ownValue(parsed, key)
  const raw = text.slice(equals + 1, end).replace(/^[\s"'`]+|[\s"'`]+$/g, '')
  const assignment = { name, key, line, hasText: raw !== '', raw, restLines: [] }
  if (typeof value !== 'string') return { assignment: { ...assignment, span: undefined }, end }
  const several = severalLines(text, equals + 1, end, value)
  const span = several?.span ?? locateValue(text.slice(equals + 1, end), value, equals + 1)
  const isLeft = span?.doubts.includes('left-over') === true
  const restLines = isLeft ? [line + text.slice(start, span.end).split('\n').length - 1] : []
  const located: Assignment = { ...assignment, span, restLines }
  return { assignment: hasMark ? withDoubt(located, 'bom') : located, end: several?.end ?? end }
}

/** The name before the `=`; a comment is not one, nor is anything with white space in it. */
function variableIn(before: string): string | undefined {
  const name = before.trim().replace(/^export\s+/, '')
  return name === '' || name.startsWith('#') || /\s/.test(name) ? undefined : name
}

/** The value as one in quotes that end on a later line, if that is what the parser read. */
function severalLines(
  text: string,
  from: number,
  end: number,
  value: string,
): { readonly span: ValueSpan; readonly end: number } | undefined {
  const quote = value.includes('\n') ? OPENING_QUOTE.exec(text.slice(from, end))?.[1] : undefined
  if (quote === undefined) return undefined
  // its text has at most as many line breaks as the value
  let last = end
  for (let breaks = value.split('\n').length - 1; breaks > 0 && last < text.length; breaks--) {
    last = endOfLine(text, last + 1)
  }
  const first = locateValue(text.slice(from, last), value, from)
  if (first === undefined || first.end <= end) return undefined
  // what is left over is looked for on the line where it ends
  last = endOfLine(text, first.end)
  return { span: locateValue(text.slice(from, last), value, from) ?? first, end: last }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}
