/** Reads a template whatever its shape: each member once, by own key, down to a bounded depth. */

import { isPlainObject, setOwn } from '../plain-object.ts'
import { type Context, MAX_NODES } from './context.ts'
import { templateError } from './faults.ts'
import { isFixedHeader } from './header-names.ts'
import { type ArrayNode, type EntriesNode, MODES, type Mode, type Node, type ObjectNode } from './plan.ts'
import { mayHold } from './scan.ts'
import { makerOf, type Shape, shapeOf } from './shapes.ts'
import { readText } from './text.ts'
import { readUrlInstance } from './url-instance.ts'

/** Reads one member of a template; undefined when it comes out as it is. */
export type ReadMember<K> = (context: Context, key: K, value: unknown, mode: Mode) => Node | undefined

/** Reads any value; undefined when it comes out as it is. */
export function readValue(context: Context, value: unknown, mode: Mode): Node | undefined {
  if (typeof value === 'string') return readText(context, value, mode)
  if (typeof value !== 'object' || value === null) return undefined
  return readStructure(context, value, mode, readMember)
}

/** Reads an object whose members are read by `read`. */
export function readStructure(
  context: Context,
  value: object,
  mode: Mode,
  read: ReadMember<unknown>,
): Node | undefined {
  const kind = kindOf(context, value)
  switch (kind) {
    case undefined:
      return undefined
    case 'array':
      return readArray(context, value as readonly unknown[], mode, read)
    case 'object':
      return readObject(context, value as Readonly<Record<string, unknown>>, mode, read)
    case 'url':
      return readUrlInstance(context, value as URL, mode)
    default:
      return readEntries(context, value as Iterable<readonly [unknown, unknown]>, kind, mode, read)
  }
}

const readMember: ReadMember<unknown> = (context, _key, value, mode) => readValue(context, value, mode)

/** What to make of an object; undefined: it passes as it is. */
export function kindOf(context: Context, value: object): 'array' | 'object' | Shape {
  try {
    if (Array.isArray(value)) return 'array'
    return isPlainObject(value) ? 'object' : shapeOf(value)
  } catch {
    context.fault(unreadable(context))
    return undefined
  }
}

/** Reads the own, enumerable members under string keys. */
export function readObject(
  context: Context,
  source: Readonly<Record<string, unknown>>,
  mode: Mode,
  read: ReadMember<string>,
): ObjectNode | undefined {
  if (!context.enter(source)) return undefined
  const { names, values } = membersOf(context, source)
  const isBare = Object.getPrototypeOf(source) === null
  const keys: string[] = []
  const nodes: Node[] = []
  for (let index = 0; index < values.length && context.count(); index++) {
    const name = names[index]!
    context.keys.push(name)
    if (mayHold(name)) readText(context, name, MODES.never)
    const node = read(context, name, values[index], mode)
    context.keys.pop()
    if (node === undefined) continue
    keys.push(name)
    nodes.push(node)
  }
  context.leave()
  if (nodes.length === 0) return undefined
  const base: Record<string, unknown> = {}
  for (let index = 0; index < values.length; index++) setOwn(base, names[index]!, values[index])
  return { kind: 'object', base, isBare, keys, nodes }
}

/** Reads the elements; holes stay holes. */
export function readArray(
  context: Context,
  source: readonly unknown[],
  mode: Mode,
  read: ReadMember<number>,
): ArrayNode | undefined {
  if (!context.enter(source)) return undefined
  const base = elementsOf(context, source)
  const indexes: number[] = []
  const nodes: Node[] = []
  for (let index = 0; index < base.length && context.count(); index++) {
    context.keys.push(index)
    const node = read(context, index, base[index], mode)
    context.keys.pop()
    if (node === undefined) continue
    indexes.push(index)
    nodes.push(node)
  }
  context.leave()
  return nodes.length === 0 ? undefined : { kind: 'array', base, indexes, nodes }
}

/** Reads a `Map`, `Headers` or `URLSearchParams`. */
function readEntries(
  context: Context,
  source: Iterable<readonly [unknown, unknown]>,
  shape: 'map' | 'headers' | 'params',
  mode: Mode,
  read: ReadMember<unknown>,
): EntriesNode | undefined {
  if (!context.enter(source)) return undefined
  const entries: [unknown, unknown, Node | undefined][] = []
  for (const [name, value] of pairsOf(context, source)) {
    if (!context.count()) break
    context.keys.push(typeof name === 'string' || typeof name === 'number' ? name : entries.length)
    if (typeof name === 'string') readText(context, name, MODES.never)
    entries.push([name, value, read(context, name, value, shape === 'headers' ? headerMode(name, mode) : mode)])
    context.keys.pop()
  }
  context.leave()
  if (entries.every(([, , node]) => node === undefined)) return undefined
  return { kind: 'entries', entries, make: makerOf(shape, source) }
}

/** Whatever `Headers` stand in: a value that the class itself refuses would be in the error of the class. */
function headerMode(name: unknown, mode: Mode): Mode {
  return isFixedHeader(name) || mode.syntax === 'never' ? MODES.never : MODES.header
}

function membersOf(
  context: Context,
  source: Readonly<Record<string, unknown>>,
): { readonly names: readonly string[]; readonly values: readonly unknown[] } {
  const values: unknown[] = []
  try {
    const names = Object.keys(source)
    for (const name of names) values.push(source[name])
    return { names, values }
  } catch {
    context.fault(unreadable(context))
    return { names: [], values: [] }
  }
}

function elementsOf(context: Context, source: readonly unknown[]): readonly unknown[] {
  try {
    const { length } = source
    if (length > MAX_NODES) {
      context.fault(templateError(`has more than ${MAX_NODES} members`, context.path()))
      return []
    }
    const elements = new Array<unknown>(length)
    for (let index = 0; index < length; index++) {
      if (Object.hasOwn(source, index)) elements[index] = source[index]
    }
    return elements
  } catch {
    context.fault(unreadable(context))
    return []
  }
}

function pairsOf(
  context: Context,
  source: Iterable<readonly [unknown, unknown]>,
): readonly (readonly [unknown, unknown])[] {
  try {
    return Array.from(source)
  } catch {
    context.fault(unreadable(context))
    return []
  }
}

/** A getter or proxy threw; its error may hold anything and is not passed on. */
function unreadable(context: Context) {
  return templateError('cannot be read: a getter or proxy threw an error', context.path())
}
