/**
 * Names with values, in any of the shapes that clients take: a map, `[name, value][]`, `[{ name, value }]`,
 * `[{ key, value }]`, undici's flat `string[]`, `Headers`, `Map`, `URLSearchParams`. Names are never resolved.
 */

import { isPlainObject, ownValue } from '../plain-object.ts'
import type { Context } from './context.ts'
import { isFixedHeader } from './header-names.ts'
import { MODES, type Mode, type Node } from './plan.ts'
import { readText } from './text.ts'
import { kindOf, type ReadMember, readArray, readObject, readStructure, readValue } from './walk.ts'

/** Reads names with values; anything else is read like any value. */
export function readNamed(context: Context, value: unknown, mode: Mode): Node | undefined {
  if (typeof value !== 'object' || value === null) return readValue(context, value, mode)
  const kind = kindOf(context, value)
  if (kind === undefined) return undefined
  if (kind !== 'array') return readStructure(context, value, mode, readNamedValue)
  const list = value as readonly unknown[]
  const isFlat = (mode.syntax === 'header' || mode.syntax === 'env') && typeof peek(list, 0) === 'string'
  return readArray(context, list, mode, isFlat ? flatReader(list) : readListed)
}

/** The value under a name. */
const readNamedValue: ReadMember<unknown> = (context, name, value, mode) => {
  const inner = modeFor(name, mode)
  if (inner.syntax !== 'header' || typeof value !== 'object' || value === null) return readValue(context, value, inner)
  const kind = kindOf(context, value)
  if (kind === undefined) return undefined
  // axios nests: { headers: { common: { … } } }
  return kind === 'array' ? readValue(context, value, inner) : readStructure(context, value, inner, readNamedValue)
}

/** One element of a list: a pair, a record, or anything else. */
const readListed: ReadMember<number> = (context, _index, element, mode) => {
  if (typeof element !== 'object' || element === null) return readValue(context, element, mode)
  const kind = kindOf(context, element)
  if (kind === 'array') {
    const pair = element as readonly unknown[]
    const inner = modeFor(peek(pair, 0), mode)
    return readArray(context, pair, inner, readPairItem)
  }
  const nameKey = kind === 'object' ? nameKeyOf(element) : undefined
  if (nameKey === undefined) return readValue(context, element, mode)
  const entry = element as Readonly<Record<string, unknown>>
  const inner = modeFor(peek(entry, nameKey), mode)
  return readObject(context, entry, inner, (within, key, value) =>
    key === nameKey ? readName(within, value) : readValue(within, value, inner),
  )
}

const readPairItem: ReadMember<number> = (context, index, value, mode) =>
  index === 0 ? readName(context, value) : readValue(context, value, mode)

/** Names and values by turns. */
function flatReader(list: readonly unknown[]): ReadMember<number> {
  return (context, index, value, mode) =>
    index % 2 === 0 ? readName(context, value) : readValue(context, value, modeFor(peek(list, index - 1), mode))
}

function readName(context: Context, name: unknown): undefined {
  if (typeof name === 'string') readText(context, name, MODES.never)
}

function modeFor(name: unknown, mode: Mode): Mode {
  return mode.syntax === 'header' && isFixedHeader(name) ? MODES.never : mode
}

function nameKeyOf(element: object): 'name' | 'key' | undefined {
  if (!Object.hasOwn(element, 'value')) return undefined
  if (Object.hasOwn(element, 'name')) return 'name'
  return Object.hasOwn(element, 'key') ? 'key' : undefined
}

/** A member ahead of its turn; what throws is reported when its turn comes. */
function peek(source: object, key: PropertyKey): unknown {
  try {
    return ownValue(source, key)
  } catch {
    return undefined
  }
}

/** The value of a header, in whatever shape the headers are; undefined when there is none, or none that is a text. */
export function headerOf(headers: unknown, wanted: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  try {
    for (const [name, value] of pairsOf(headers)) {
      if (typeof name !== 'string' || name.trim().toLowerCase() !== wanted) continue
      const first: unknown = Array.isArray(value) ? value[0] : value
      if (typeof first === 'string') return first
    }
  } catch {
    // what cannot be read is reported where the headers themselves are
  }
  return undefined
}

function pairsOf(headers: object): Iterable<readonly unknown[]> {
  if (!Array.isArray(headers)) {
    return isPlainObject(headers) ? Object.entries(headers) : Array.from(headers as Iterable<readonly unknown[]>)
  }
  if (typeof headers[0] === 'string') {
    return headers.flatMap((name: unknown, index) => (index % 2 === 0 ? [[name, headers[index + 1] as unknown]] : []))
  }
  return (headers as readonly unknown[]).map((element) => {
    if (Array.isArray(element)) return element
    const nameKey = typeof element === 'object' && element !== null ? nameKeyOf(element) : undefined
    return nameKey === undefined ? [] : [ownValue(element as object, nameKey), ownValue(element as object, 'value')]
  })
}
