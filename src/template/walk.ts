/** Reads a template whatever its shape: each member once, by own key, down to a bounded depth. */

import { isPlainObject, withoutPrototype } from '../plain-object.ts'
import { type Node, POSITIONS, type Position } from './compiled.ts'
import { type Context, enter, MAX_MEMBERS, pathOf } from './context.ts'
import { templateError } from './errors.ts'
import { positionUnder } from './headers.ts'
import { requireTransparent } from './opaque.ts'
import { type InstanceShape, instanceShape, isRefillable, makerOf, membersOf } from './shapes.ts'
import { mayHold } from './syntax.ts'
import { readText } from './text.ts'
import { readUrlInstance } from './url-instance.ts'

const BRACED = /^\{[^{}]{1,2048}\}$/
const LOST_REFERENCE =
  'has a map in place of a reference, since in YAML one in braces needs quotes; put it in quotes, or write "<< … >>"'

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

/** What is inside of a value, each member read once. */
export interface Contents {
  readonly value: object
  readonly shape: 'array' | 'object' | 'list' | Exclude<InstanceShape, undefined>
  /** Undefined for an array. */
  readonly names: readonly unknown[] | undefined
  readonly values: readonly unknown[]
  /** What a reader may look at next to the member: a copy of the object or array; empty for anything else. */
  readonly copy: object
}

/** Reads any value; undefined when it comes out as it is. */
export function readValue(context: Context, value: unknown, position: Position): Node | undefined {
  if (typeof value === 'string') return readText(context, value, position)
  return readContents(context, transparentContents(context, value, position), position, readValue)
}

/** What is inside of a value at a place where references are promised to be resolved; a fault where one cannot be. */
export function transparentContents(
  context: Context,
  value: unknown,
  position: Position,
  isMap = false,
): Contents | undefined {
  const contents = contentsOf(context, value, isMap)
  if (contents === undefined) requireTransparent(context, value, position)
  return contents
}

/** Reads a text as what `text` says, and anything else as what `others` says, by `read`. */
export function readAs(
  others: Position,
  read: (context: Context, value: unknown, position: Position) => Node | undefined = readValue,
  text: Position = others,
): (context: Context, value: unknown) => Node | undefined {
  return (context, value) => (typeof value === 'string' ? readText(context, value, text) : read(context, value, others))
}

/**
 * What is inside of a value; undefined for what passes as it is, and, with a fault, for what cannot be read.
 *
 * @param isMap whether names with values stand here, so that an object of any class is read for its members
 */
export function contentsOf(context: Context, value: unknown, isMap = false): Contents | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    if (Array.isArray(value)) {
      const values = elementsOf(value)
      return { value, shape: 'array', names: undefined, values, copy: values }
    }
    if (isPlainObject(value)) {
      // neither way follows a setter: `__proto__` is copied as data, and a polluted prototype is not met
      const copy: Record<string, unknown> =
        Object.getPrototypeOf(value) === null ? withoutPrototype(value) : { ...value }
      return { value, shape: 'object', names: Object.keys(copy), values: Object.values(copy), copy }
    }
    const shape = instanceShape(value)
    if (shape === 'url') return { value, shape, names: [], values: [], copy: {} }
    if (shape !== undefined) return entriesIn(value as EntryPairs, shape)
    if (!isMap || ArrayBuffer.isView(value) || value instanceof String) return undefined
    if (isRefillable(value)) return entriesIn(value, 'list')
    // a client reads what it iterates over
    if (Symbol.iterator in value) return undefined
    const copy = membersOf(value)
    // entries that it keeps in a map of its own (Metadata of gRPC): a copy of its members would not be one of its kind
    if (Object.values(copy).some(isMapInstance)) return undefined
    return { value, shape: 'object', names: Object.keys(copy), values: Object.values(copy), copy }
  } catch {
    // the error of a getter or proxy may hold anything and is not passed on
    const rule = 'cannot be read, since a getter or proxy threw an error; give plain data'
    context.handler.fault(templateError(rule, pathOf(context.keys)))
    return undefined
  }
}

function isMapInstance(member: unknown): boolean {
  return typeof member === 'object' && member !== null && !Array.isArray(member) && instanceShape(member) === 'map'
}

type EntryPairs = Iterable<readonly [unknown, unknown]>

function entriesIn(value: EntryPairs, shape: Exclude<Contents['shape'], 'array' | 'object'>): Contents {
  const entries = Array.from(value)
  return { value, shape, names: entries.map(([name]) => name), values: entries.map(([, entry]) => entry), copy: {} }
}

/** The elements; holes stay holes. A length that is too large is not read, only counted. */
function elementsOf(source: readonly unknown[]): readonly unknown[] {
  const { length } = source
  const values = new Array<unknown>(length)
  for (let index = 0; index < length && length <= MAX_MEMBERS; index++) {
    if (Object.hasOwn(source, index)) values[index] = source[index]
  }
  return values
}

/** Reads what is inside of a value; undefined when it comes out as it is. */
export function readContents(
  context: Context,
  contents: Contents | undefined,
  position: Position,
  read: ReadMember,
): Node | undefined {
  if (contents === undefined) return undefined
  const { value, shape, names, values } = contents
  if (shape === 'url') return readUrlInstance(context, value as URL, position)
  if (!enter(context, value, values.length)) return undefined
  const keys: (string | number)[] = []
  const nodes: Node[] = []
  for (const [index, member] of values.entries()) {
    const name = names === undefined ? index : names[index]
    context.keys.push(typeof name === 'string' || typeof name === 'number' ? name : index)
    if (typeof name === 'string') readName(context, name, shape, position)
    const node = read(context, member, positionOfMember(context, shape, name, position), name, contents.copy)
    context.keys.pop()
    if (node === undefined) continue
    keys.push(shape === 'object' ? (name as string) : index)
    nodes.push(node)
  }
  context.ancestors.pop()
  return nodes.length === 0 ? undefined : nodeOf(contents, keys, nodes)
}

/** A name holds no reference; where it does, that is a fault. */
function readName(context: Context, name: string, shape: Contents['shape'], position: Position): void {
  if (isLostReference(name, context, position))
    context.handler.fault(templateError(LOST_REFERENCE, pathOf(context.keys)))
  if (shape !== 'object' || mayHold(name, context.parser.syntax)) readText(context, name, POSITIONS.noReferences)
}

/** Whether a key is what a reader of YAML has made of a reference in braces without quotes: a map in a map. */
function isLostReference(name: string, { parser }: Context, { syntax }: Position): boolean {
  // js-yaml 4 writes such a key so; elsewhere it is anybody's
  if (name === '[object Object]') return syntax === 'header' || syntax === 'env'
  return BRACED.test(name) && parser.syntax.prefixes.some((prefix) => name.slice(1).trimStart().startsWith(prefix))
}

function nodeOf(
  { value, shape, names, values, copy }: Contents,
  keys: readonly (string | number)[],
  nodes: readonly Node[],
): Node {
  if (shape === 'object')
    return { kind: 'object', base: copy as Record<string, unknown>, keys: keys as string[], nodes }
  const array = { kind: 'array', base: values, keys: keys as number[], nodes } as const
  if (shape === 'array') return array
  return { kind: 'entries', names: names!, values: array, make: makerOf(value) }
}

/** Where the value under a name stands in a value of that shape. */
function positionOfMember(context: Context, shape: Contents['shape'], name: unknown, position: Position): Position {
  if (shape === 'array' || shape === 'object' || position.syntax === 'no-references') return position
  const depth = context.keys.length
  // whatever `Headers` stand in: a value that the class itself refuses would be in the error of the class
  if (shape === 'headers') return positionUnder(name, POSITIONS.header, depth)
  // a form takes texts and files, no numbers
  return positionUnder(name, shape === 'form' ? POSITIONS.bodyText : position, depth)
}
