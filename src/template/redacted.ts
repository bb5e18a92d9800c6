/** A template as JSON with masks in place of its values: what a result prints. */

import { base64 } from '../encode/base64.ts'
import type { Reference } from '../location.ts'
import { isPlainObject, setOwn } from '../plain-object.ts'
import type { ArrayNode, CompiledTemplate, Node, ObjectNode, TextNode } from './compiled.ts'
import { MAX_MEMBERS, MAX_NESTING } from './context.ts'
import { hrefOf, instanceShape } from './shapes.ts'

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/** What stands in place of references and of everything else. */
export interface Masks {
  /** The mask of a reference, or undefined where the reference itself stays. */
  mask(reference: Reference): string | undefined
  /** A literal text, cleaned of known values. */
  text(literal: string): string
}

interface Walk {
  readonly masks: Masks
  /** How many members were read. */
  count: number
  /** The objects around the place that is read. */
  readonly around: Set<object>
  /** What an object of a class of its own becomes. */
  instance(value: object, walk: Walk, depth: number): JsonValue
}

/** The members that hold references, by key or index. */
type Changing = ReadonlyMap<unknown, Node>

const UNCHANGING: Changing = new Map()

/**
 * The template as JSON: each reference is its mask, each literal text cleaned. `Headers`, `Map` and `URLSearchParams`
 * are `[name, value][]`, a `URL` is its text, a `Date` is ISO text; what JSON has no form for is a placeholder such as
 * `[Readable]`. Never throws, and reads at most `MAX_MEMBERS` members down to `MAX_NESTING` levels.
 */
export function renderRedacted({ root, template }: CompiledTemplate, masks: Masks): JsonValue {
  const walk: Walk = { masks, count: 0, around: new Set(), instance: classNameMask }
  return root === undefined ? constant(template, walk, 0) : redactNode(root, walk, 0)
}

/**
 * Redacted data as JSON, in the same way, with nothing more masked. An object of a class of its own is its members, a Set
 * a list, bytes are Base64, numbers of another size a list.
 *
 * @param data a copy that a redactor has made: it has no methods and no getters that could read anything else
 * @param clean cleans a text that is written here: the Base64 of bytes may be a value although the bytes are none
 */
export function redactedJson(data: unknown, clean: (text: string) => string): JsonValue {
  const masks: Masks = { mask: () => undefined, text: (text) => text }
  const instance: Walk['instance'] = (value, walk, depth) => {
    const bytes = bytesIn(value)
    return bytes === undefined ? instanceAsJson(value, walk, depth) : clean(base64(bytes))
  }
  return constant(data, { masks, count: 0, around: new Set(), instance }, 0)
}

function instanceAsJson(value: object, walk: Walk, depth: number): JsonValue {
  if (value instanceof Set) return redactArray([...value], UNCHANGING, walk, depth)
  if (value instanceof RegExp) return String(value)
  if (value instanceof Date) return null // an invalid one, as in JSON
  if (ArrayBuffer.isView(value)) return redactArray(Array.from(value as Int8Array), UNCHANGING, walk, depth)
  return redactObject(value as Record<string, unknown>, UNCHANGING, walk, depth)
}

/** What holds bytes, by whatever name. */
function bytesIn(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  const isBuffer = /^\[object (?:Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
  return isBuffer ? new Uint8Array(value as ArrayBuffer) : undefined
}

function redactNode(node: Node, walk: Walk, depth: number): JsonValue {
  switch (node.kind) {
    case 'text':
      return redactText(node, walk.masks)
    case 'url':
      return redactText(node.text, walk.masks)
    case 'object':
      return redactObject(node.base, changingIn(node), walk, depth)
    case 'array':
      return redactArray(node.base, changingIn(node), walk, depth)
    case 'entries': {
      const values = redactNode(node.values, walk, depth) as readonly JsonValue[]
      return node.names.map((name, index) => [constant(name, walk, depth + 1), values[index] ?? null])
    }
  }
}

function changingIn({ keys, nodes }: ObjectNode | ArrayNode): Changing {
  return new Map(keys.map((key, index) => [key, nodes[index]!]))
}

function redactText({ literals, placeholders }: TextNode, masks: Masks): string {
  let text = literals[0] === '' ? '' : masks.text(literals[0]!)
  for (let index = 0; index < placeholders.length; index++) {
    const { reference, source } = placeholders[index]!
    const literal = literals[index + 1]!
    text += masks.mask(reference) ?? source
    if (literal !== '') text += masks.text(literal)
  }
  return text
}

/** A part of the template without references, which its author may have changed since it was read. */
function constant(value: unknown, walk: Walk, depth: number): JsonValue {
  switch (typeof value) {
    case 'string':
      return walk.masks.text(value)
    case 'number':
      return constantNumber(value, walk)
    case 'boolean':
      return value
    case 'bigint':
      return walk.masks.text(String(value))
    case 'undefined':
      return null
    case 'object':
      if (value === null) return null
      if (walk.around.has(value)) return '[Circular]'
      if (++walk.count > MAX_MEMBERS || depth >= MAX_NESTING) return '[Truncated]'
      walk.around.add(value)
      try {
        return constantObject(value, walk, depth)
      } catch {
        return '[Unreadable]' // a getter or proxy that throws; its error may hold anything
      } finally {
        walk.around.delete(value)
      }
    default:
      return typeof value === 'function' ? '[Function]' : '[Symbol]'
  }
}

/** A number, unless its digits are a known value. */
function constantNumber(value: number, { masks }: Walk): JsonValue {
  if (!Number.isFinite(value)) return null
  const text = masks.text(String(value))
  return text === String(value) ? value : text
}

function constantObject(value: object, walk: Walk, depth: number): JsonValue {
  if (Array.isArray(value)) return redactArray(value, UNCHANGING, walk, depth)
  if (isPlainObject(value)) return redactObject(value, UNCHANGING, walk, depth)
  switch (instanceShape(value)) {
    case 'map':
    case 'headers':
    case 'params':
    case 'form':
      return Array.from(value as Iterable<readonly [unknown, unknown]>, ([name, child]) => [
        constant(name, walk, depth + 1),
        constant(child, walk, depth + 1),
      ])
    case 'url':
      return walk.masks.text(hrefOf(value))
    default:
      if (value instanceof Error) return walk.masks.text(`[${value.name}: ${value.message}]`)
      return value instanceof Date && !Number.isNaN(value.getTime())
        ? value.toISOString()
        : walk.instance(value, walk, depth)
  }
}

function redactArray(values: readonly unknown[], changing: Changing, walk: Walk, depth: number): JsonValue {
  const copy: JsonValue[] = []
  for (let index = 0; index < values.length; index++) {
    if (++walk.count > MAX_MEMBERS) return [...copy, '[Truncated]']
    copy.push(redactMember(values[index], changing.get(index), walk, depth))
  }
  return copy
}

function redactObject(
  values: Readonly<Record<string, unknown>>,
  changing: Changing,
  walk: Walk,
  depth: number,
): JsonValue {
  const copy: Record<string, JsonValue> = {}
  for (const key of Object.keys(values)) {
    const node = changing.get(key)
    const value = values[key]
    if (value === undefined && node === undefined) continue
    const isOver = ++walk.count > MAX_MEMBERS
    setOwn(copy, walk.masks.text(key), isOver ? '[Truncated]' : redactMember(value, node, walk, depth))
  }
  return copy
}

function redactMember(value: unknown, node: Node | undefined, walk: Walk, depth: number): JsonValue {
  return node === undefined ? constant(value, walk, depth + 1) : redactNode(node, walk, depth + 1)
}

const SHOWN_CLASS_NAME = /^[A-Za-z_$][\w$]{0,63}$/

/** The class name in brackets, such as `[Readable]`. */
function classNameMask(value: object): string {
  const { constructor: Class } = value as { constructor?: unknown }
  const name = typeof Class === 'function' ? Class.name : ''
  return SHOWN_CLASS_NAME.test(name) ? `[${name}]` : '[Object]'
}
