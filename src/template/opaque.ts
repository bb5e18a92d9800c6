/** What is not looked into, but holds a reference: it would be sent as it stands, so it is refused. */

import { isPlainObject } from '../plain-object.ts'
import type { Position } from './compiled.ts'
import { type Context, pathOf } from './context.ts'
import { opaqueError } from './errors.ts'
import type { Parser } from './parse.ts'
import { membersOf } from './shapes.ts'
import { mayHold } from './syntax.ts'

/** Members of such an object that are looked at, over all levels; it may be anything, also a stream or a client. */
const MAX_LOOKED_AT = 1_000
/** Bytes that are looked at in one go, and how far two pieces overlap: by more than a name with its delimiter takes. */
const SEARCHED_PIECE = 1_048_576
const SEARCHED_OVERLAP = 4_096
const latin1 = new TextDecoder('latin1')

const OPAQUE = {
  code: 'WARN_OPAQUE_VALUE',
  message: 'An object of a class that is not looked into holds a reference, which stays text there; give plain data.',
} as const

/**
 * Reports a reference within bytes or an object of some class: a fault where references are promised to be resolved, a
 * warning elsewhere, since a program may hand on a client that resolves its own.
 */
export function requireTransparent(context: Context, value: unknown, { location, syntax }: Position): void {
  if (typeof value !== 'object' || value === null || syntax === 'no-references') return
  const { handler, parser, keys } = context
  const isFault = location !== 'value'
  if ((!isFault && handler.warn === undefined) || !holdsReference(parser, value)) return
  if (isFault) handler.fault(opaqueError(pathOf(keys)))
  else handler.warn?.(OPAQUE, pathOf(keys))
}

/** Whether bytes, or an object of any class, hold a reference, as far as they can be looked into. */
export function holdsReference(parser: Parser, root: object): boolean {
  const seen = new Set<object>([root])
  for (const value of seen) {
    const content = contentOf(value)
    if (content instanceof Uint8Array) {
      if (bytesHoldReference(parser, content)) return true
      continue
    }
    for (const member of content) {
      if (typeof member === 'object' && member !== null && seen.size < MAX_LOOKED_AT) seen.add(member)
      else if (typeof member === 'string' && isReference(parser, member)) return true
    }
  }
  return false
}

function isReference(parser: Parser, text: string): boolean {
  const parsed = parser.parse(text, 1)
  return parsed !== undefined && parsed.references.length + parsed.invalid.length > 0
}

function bytesHoldReference(parser: Parser, bytes: Uint8Array): boolean {
  for (let from = 0; from < bytes.length; from += SEARCHED_PIECE) {
    const text = latin1.decode(bytes.subarray(from, from + SEARCHED_PIECE + SEARCHED_OVERLAP))
    if (mayHold(text, parser.syntax) && isReference(parser, text)) return true
  }
  return false
}

/** The bytes of a buffer, the text of a boxed one, or the members of any other object; nothing where its own code throws. */
function contentOf(value: object): Uint8Array | readonly unknown[] {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    const tag = Object.prototype.toString.call(value)
    if (tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]')
      return new Uint8Array(value as ArrayBuffer)
    if (tag === '[object String]') return [String(value)]
    if (Array.isArray(value)) return value.slice(0, MAX_LOOKED_AT)
    if (isPlainObject(value)) return Object.values(value)
    if (value instanceof Error) return [value.message, value.stack, value.cause, ...Object.values(value)]
    return [...Object.values(membersOf(value)), ...serialised(value)]
  } catch {
    return []
  }
}

/** What a client would read of an object that is no list of members: its items, and what it gives for JSON. */
function serialised(value: object): readonly unknown[] {
  const {
    toJSON,
    next,
    [Symbol.iterator]: iterate,
  } = value as { toJSON?: unknown; next?: unknown; [Symbol.iterator]?: unknown }
  // an iterator that is read once cannot be looked into and still be sent
  const items =
    typeof iterate === 'function' && typeof next !== 'function' ? Array.from(value as Iterable<unknown>) : []
  return typeof toJSON === 'function' ? [...items, (toJSON as () => unknown).call(value)] : items
}
