/** Reads a template whatever its shape: each member once, by own key, down to a bounded depth. */

import { isPlainObject } from '../plain-object.ts'
import { type Node, POSITIONS, type Position } from './compiled.ts'
import { type Context, enter, MAX_MEMBERS, pathOf } from './context.ts'
import { templateError } from './errors.ts'
import { positionUnder } from './headers.ts'
import { mayHold } from './parse.ts'
import { type InstanceShape, instanceShape, makerOf } from './shapes.ts'
import { readText } from './text.ts'
import { readUrlInstance } from './url-instance.ts'

/** How a value is looked into; undefined: it passes as it is. */
export type Shape = 'array' | 'object' | InstanceShape

/**
 * Reads one member of a template; undefined when it comes out as it is.
 *
 * @param siblings the members of the same object or array, already copied
 */
export type ReadMember = (
  context: Context,
  value: unknown,
  position: Position,
  key: unknown,
  siblings: object,
) => Node | undefined

/** The members of a value, each read once. */
interface Members {
  /** Undefined for an array. */
  readonly names: readonly unknown[] | undefined
  readonly values: readonly unknown[]
  /** What a reader may look at next to the member: a copy of the object or array; empty for anything else. */
  readonly copy: object
}

/** Reads any value; undefined when it comes out as it is. */
export function readValue(context: Context, value: unknown, position: Position): Node | undefined {
  if (typeof value === 'string') return readText(context, value, position)
  return readContents(context, value, position, readValue)
}

/** Reads a text as what `text` says, and anything else as what `others` says, by `read`. */
export function readAs(
  others: Position,
  read: (context: Context, value: unknown, position: Position) => Node | undefined = readValue,
  text: Position = others,
): (context: Context, value: unknown) => Node | undefined {
  return (context, value) => (typeof value === 'string' ? readText(context, value, text) : read(context, value, others))
}

/** The shape of a value that has members; undefined for what passes as it is. */
export function shapeIn(context: Context, value: unknown): Shape {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    if (Array.isArray(value)) return 'array'
    return isPlainObject(value) ? 'object' : instanceShape(value)
  } catch {
    context.handler.fault(unreadable(context))
    return undefined
  }
}

/** Reads what is inside of a value; undefined when it comes out as it is, as what has no members does. */
export function readContents(
  context: Context,
  value: unknown,
  position: Position,
  read: ReadMember,
  shape: Shape = shapeIn(context, value),
): Node | undefined {
  if (shape === undefined) return undefined
  if (shape === 'url') return readUrlInstance(context, value as URL, position)
  const members = membersOf(context, value as object, shape)
  if (!enter(context, value as object, members.values.length)) return undefined
  const keys: (string | number)[] = []
  const nodes: Node[] = []
  for (const [index, member] of members.values.entries()) {
    const name = members.names === undefined ? index : members.names[index]
    context.keys.push(typeof name === 'string' || typeof name === 'number' ? name : index)
    if (typeof name === 'string' && (shape !== 'object' || mayHold(name))) {
      readText(context, name, POSITIONS.noReferences)
    }
    const within = shape === 'headers' ? headerIn(name, position) : position
    const node = read(context, member, within, name, members.copy)
    context.keys.pop()
    if (node === undefined) continue
    keys.push(shape === 'object' ? (name as string) : index)
    nodes.push(node)
  }
  context.ancestors.pop()
  return nodes.length === 0 ? undefined : nodeOf(value as object, shape, members, keys, nodes)
}

function nodeOf(
  value: object,
  shape: Exclude<Shape, 'url' | undefined>,
  { names, values, copy }: Members,
  keys: readonly (string | number)[],
  nodes: readonly Node[],
): Node {
  if (shape === 'object') {
    const hasPrototype = Object.getPrototypeOf(value) !== null
    return { kind: 'object', base: copy as Record<string, unknown>, hasPrototype, keys: keys as string[], nodes }
  }
  const array = { kind: 'array', base: values, keys: keys as number[], nodes } as const
  return shape === 'array' ? array : { kind: 'entries', names: names!, values: array, make: makerOf(shape, value) }
}

/** Whatever `Headers` stand in: a value that the class itself refuses would be in the error of the class. */
function headerIn(name: unknown, position: Position): Position {
  return position.syntax === 'no-references' ? position : positionUnder(name, POSITIONS.header)
}

/** The members of an object, the elements, or the entries of a value; none, with a fault, where it cannot be read. */
function membersOf(context: Context, value: object, shape: Exclude<Shape, 'url' | undefined>): Members {
  try {
    if (shape === 'array') return elementsOf(value as readonly unknown[])
    if (shape === 'object') {
      // a spread copies `__proto__` as data, and meets no setter on a polluted prototype
      const copy: Record<PropertyKey, unknown> = { ...value }
      for (const symbol of Object.getOwnPropertySymbols(copy)) delete copy[symbol]
      return { names: Object.keys(copy), values: Object.values(copy), copy }
    }
    const entries = Array.from(value as Iterable<readonly [unknown, unknown]>)
    return { names: entries.map(([name]) => name), values: entries.map(([, entry]) => entry), copy: {} }
  } catch {
    context.handler.fault(unreadable(context))
    return { names: [], values: [], copy: {} }
  }
}

/** The elements; holes stay holes. A length that is too large is not read, only counted. */
function elementsOf(source: readonly unknown[]): Members {
  const { length } = source
  const values = new Array<unknown>(length)
  for (let index = 0; index < length && length <= MAX_MEMBERS; index++) {
    if (Object.hasOwn(source, index)) values[index] = source[index]
  }
  return { names: undefined, values, copy: values }
}

/** A getter or proxy threw; its error may hold anything and is not passed on. */
function unreadable(context: Context) {
  return templateError('cannot be read, since a getter or proxy threw an error; give plain data', pathOf(context.keys))
}
