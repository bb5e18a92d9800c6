/**
 * Names with values, in any of the shapes that clients take: a map, `[name, value][]`, `[{ name, value }]`,
 * `[{ key, value }]`, `['NAME=value']`, `['Name: value']`, undici's flat `string[]`, `Headers`, `Map`, `URLSearchParams`. Names are never resolved.
 */

import { lowerCaseName } from '../header-name.ts'
import { isPlainObject, ownValue } from '../plain-object.ts'
import { type Node, POSITIONS, type Position } from './compiled.ts'
import type { Context } from './context.ts'
import { positionUnder } from './headers.ts'
import { membersOf } from './shapes.ts'
import { readText } from './text.ts'
import { type ReadMember, readContents, readValue, transparentContents } from './walk.ts'

/** Reads names with values; a text is not one of their shapes. */
export function readPairs(context: Context, value: unknown, position: Position): Node | undefined {
  const contents = transparentContents(context, value, position, true)
  return readContents(context, contents, position, contents?.shape === 'array' ? readElement : readUnder)
}

/** The value under a name. */
const readUnder: ReadMember = (context, value, position, name) => {
  const inner = positionUnder(name, position, context.keys.length)
  if (typeof value === 'string') return readText(context, value, inner)
  const isHeader = inner.syntax === 'header'
  const contents = transparentContents(context, value, inner, isHeader)
  // axios nests: { headers: { common: { … } } }
  return readContents(context, contents, inner, isHeader && contents?.shape !== 'array' ? readUnder : readValue)
}

/** One element of a list: a pair, a record, a line, or anything else; in a flat list, a name or a value by turns. */
const readElement: ReadMember = (context, element, position, key, siblings) => {
  const index = key as number
  const list = siblings as readonly unknown[]
  const hasNames = position.syntax === 'header' || position.syntax === 'env'
  if (hasNames && typeof list[0] === 'string') {
    const separator = position.syntax === 'env' ? '=' : ':'
    if (areLines(list, separator)) return readLine(context, element, position, separator)
    return index % 2 === 0
      ? readPairName(context, element)
      : readValue(context, element, positionUnder(list[index - 1], position, context.keys.length))
  }
  if (typeof element === 'string') return readText(context, element, position)
  const contents = transparentContents(context, element, position)
  return isSwitchedOff(contents?.copy) && !context.isOffRead
    ? undefined
    : readContents(context, contents, position, readEntryMember)
}

/** `NAME=value` of an environment, `Name: value` of headers. */
function readLine(context: Context, line: unknown, position: Position, separator: string): Node | undefined {
  if (typeof line !== 'string') return readValue(context, line, position)
  const end = line.indexOf(separator)
  const name = end < 0 ? line : line.slice(0, end)
  readPairName(context, name)
  return end < 0 ? undefined : readText(context, line, positionUnder(name, position, context.keys.length))
}

/** Whether a list is one of lines with a name each, not of names and values by turns: HTTP/2 has names that begin with a colon. */
function areLines([first]: readonly unknown[], separator = ':'): boolean {
  return typeof first === 'string' && first.indexOf(separator) > 0
}

/** Whether a record is one that its client leaves out. */
function isSwitchedOff(record: object | undefined): boolean {
  return ownValue(record, 'enabled') === false || ownValue(record, 'disabled') === true
}

/** A part of `[name, value]`, `{ name, value }` or `{ key, value }`. */
const readEntryMember: ReadMember = (context, value, position, key, siblings) => {
  const nameKeys = Array.isArray(siblings) ? [0] : nameKeysOf(siblings)
  if (nameKeys.some((nameKey) => nameKey === key)) return readPairName(context, value)
  return readValue(context, value, positionIn(siblings, nameKeys, position, context.keys.length))
}

/** Where the value of an entry stands. */
function positionIn(entry: object, nameKeys: readonly PropertyKey[], position: Position, depth: number): Position {
  const [first, second = first] = nameKeys.map((nameKey) => ownValue(entry, nameKey))
  const place = positionUnder(first, position, depth)
  // one client reads `name`, another one `key`: what either of them forbids is forbidden, and no rule with names permits it
  const other = positionUnder(second, position, depth)
  if (second === first || (other.under !== undefined && other.under.name === place.under?.name)) return place
  return { ...(other.syntax === 'no-references' || other.encoding === 'cookie' ? other : place), under: undefined }
}

function readPairName(context: Context, name: unknown): undefined {
  if (typeof name === 'string') readText(context, name, POSITIONS.noReferences)
}

function nameKeysOf(element: object): readonly ('name' | 'key')[] {
  if (!Object.hasOwn(element, 'value')) return []
  return (['name', 'key'] as const).filter((key) => Object.hasOwn(element, key))
}

/**
 * The names of the rows of a list, in their order: by them, not by its index, a row is the same one after an edit.
 *
 * Of a flat list, and of lines, each value has the name that it stands under. Undefined for what has none.
 */
export function rowNames(list: readonly unknown[], isHeaders: boolean): readonly (string | undefined)[] {
  const nameOf = (name: unknown) => {
    if (typeof name !== 'string') return undefined
    return isHeaders ? lowerCaseName(name.trim()) : name
  }
  if (isHeaders && typeof list[0] === 'string') {
    const isOfLines = areLines(list)
    return list.map((line, index) => {
      if (isOfLines) return typeof line === 'string' ? nameOf(line.split(':', 1)[0]) : undefined
      return index % 2 === 0 ? undefined : nameOf(list[index - 1])
    })
  }
  return list.map((row) => {
    if (Array.isArray(row)) return nameOf(row[0])
    const names = isPlainObject(row) ? nameKeysOf(row).map((key) => nameOf(ownValue(row, key))) : []
    // one client reads `name`, another one `key`
    return new Set(names).size === 1 ? names[0] : names.length === 0 ? undefined : JSON.stringify(names)
  })
}

/**
 * The values of a header, in whatever shape the headers are; none of entries that are switched off, nor what is no text.
 *
 * axios nests `{ headers: { common: { … }, post: { … } } }`: a name of the headers themselves wins over that of the
 * method, and that over the common one; those of other methods are not sent.
 *
 * @param method of the request, in any case. @default GET
 */
export function headerValues(headers: unknown, wanted: string, method: unknown): readonly string[] {
  if (typeof headers !== 'object' || headers === null) return []
  try {
    const pairs = pairsOf(headers)
    const group = typeof method === 'string' && method !== '' ? method.toLowerCase() : 'get'
    const nested = [group, 'common'].map((name) => pairs.find(([key]) => key === name)?.[1])
    const levels = [pairs, ...nested.map((inner) => (isPlainObject(inner) ? Object.entries(inner) : []))]
    const found = levels.map((level) =>
      level.flatMap(([name, value]) => {
        if (typeof name !== 'string' || lowerCaseName(name.trim()) !== wanted) return []
        const first: unknown = Array.isArray(value) ? value[0] : value
        return typeof first === 'string' ? [first] : []
      }),
    )
    return found.find((values) => values.length > 0) ?? []
  } catch {
    // what cannot be read is reported where the headers themselves are
    return []
  }
}

function pairsOf(headers: object): readonly (readonly unknown[])[] {
  if (!Array.isArray(headers)) {
    const isList = !isPlainObject(headers) && Symbol.iterator in headers
    return isList ? Array.from(headers as Iterable<readonly unknown[]>) : Object.entries(membersOf(headers))
  }
  if (areLines(headers)) {
    return headers.map((line: unknown) => (typeof line === 'string' ? line.split(/:(.*)/s) : []))
  }
  if (typeof headers[0] === 'string') {
    return headers.flatMap((name: unknown, index) => (index % 2 === 0 ? [[name, headers[index + 1] as unknown]] : []))
  }
  return (headers as readonly unknown[]).map((element) => {
    if (Array.isArray(element)) return element
    const [nameKey] = typeof element === 'object' && element !== null ? nameKeysOf(element) : []
    return nameKey === undefined || isSwitchedOff(element as object)
      ? []
      : [ownValue(element as object, nameKey), ownValue(element as object, 'value')]
  })
}
