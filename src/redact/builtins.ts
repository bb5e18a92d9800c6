/** Copies of what the language and the platform bring along: collections, bytes, URLs, headers, requests. */

import { byteText, textBytes } from './byte-text.ts'
import { errorCopy, getPrototypeOf, hasOwn, type Walk } from './error-shell.ts'

// biome-ignore lint/suspicious/noExplicitAny: the tag tells what it is; a pretender throws
type Make = (source: any, walk: Walk, tag: string) => unknown
// biome-ignore lint/suspicious/noExplicitAny: the classes of the platform by name
type Type = (new (...values: unknown[]) => object) & { prototype: any }
const types = globalThis as unknown as Record<string, Type>

/**
 * The redacted copy of a built-in object, or undefined where it is none.
 *
 * Recognised by tag, since an object of another realm is no `instanceof`; an object that only pretends fails the
 * brand check of the built-in method and is walked as an ordinary one.
 */
export function builtinCopy(source: object, walk: Walk): unknown {
  if (ArrayBuffer.isView(source)) return view(source, walk)
  try {
    if (source instanceof Error) return errorCopy(source, walk)
    // an own tag says nothing, and may be a getter
    const tag = hasOwn(source, Symbol.toStringTag) ? '' : {}.toString.call(source).slice(8, -1)
    return COPIES[tag]?.(source, walk, tag)
  } catch {
    return undefined
  }
}

const unboxed: Make = (source, { any }, tag) => any(types[tag]!.prototype.valueOf.call(source))

type Each = (visit: (value: unknown, key: unknown) => void) => void

const entriesOf = (source: object, forEach: Each): [unknown, unknown][] => {
  const entries: [unknown, unknown][] = []
  forEach.call(source, (value, key) => {
    entries.push([key, value])
  })
  return entries
}

/** By the `forEach` of the object: a package may bring its own `Headers` along. */
const pairs: Make = (source, { text, named }, tag) => {
  const copies = entriesOf(source, source.forEach).map(([name, value]) => [
    text(String(name)),
    typeof value === 'string' ? named(name, value) : `[File ${text(String((value as File).name))}]`,
  ])
  try {
    const shell = new types[tag]!() as unknown as Headers
    for (const [name, value] of copies) shell.append(name as string, value as string)
    return shell
  } catch {
    return copies // a masked name is no header name
  }
}

/** What is written as one text; the copy is asked for it, since the original may lie. */
const written: Make = (source, { masked }, tag) => {
  const copy = new types[tag]!(source)
  return masked(copy, String(copy))
}

/** The head of a message or a file: its body can be read once, or later, only and is not ours to read. */
const head =
  (parts: string): Make =>
  (source, { any, shellOf }, tag) => {
    const copy = shellOf(source, tag)
    for (const part of parts.split(' ')) copy[part] = any(source[part])
    return copy
  }

const collection: Make = (source, { any, named, later }, tag) => {
  const entries = entriesOf(source, types[tag]!.prototype.forEach)
  const shell = new types[tag]!() as unknown as Map<unknown, unknown> & Set<unknown>
  return later(source, shell, () => {
    let twins = 0
    for (const [key, value] of entries) {
      let name = any(key)
      if (tag === 'Set') shell.add(name)
      else {
        // two keys with one mask keep their values
        while (shell.has(name)) name = `${name as string}#${++twins}`
        shell.set(name, named(key, value))
      }
    }
  })
}

const view = (source: ArrayBufferView, { masked }: Walk): unknown => {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
  // the name within, whatever the object says of itself: the class of a Buffer, or of anybody, is not called
  const name = Reflect.get(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, source) ?? 'DataView'
  const copy = new types[name]!(bytes.buffer)
  const isBytes = copy instanceof Uint8Array
  const redacted = masked(copy, byteText(bytes), isBytes ? textBytes : String)
  // the characters of a value may also be numbers of more than a byte
  const isDone = isBytes || redacted !== copy
  return isDone ? redacted : masked(copy, byteText(Uint16Array.from(copy as number[], Number)))
}

const buffer: Make = (source, walk) => (view(new Uint8Array(source), walk) as Uint8Array).buffer

const COPIES = {
  __proto__: null,
  Error: errorCopy,
  DOMException: errorCopy,
  Map: collection,
  Set: collection,
  Date: (source: Date) => new Date(source),
  RegExp: written,
  URL: written,
  String: unboxed,
  Number: unboxed,
  Boolean: unboxed,
  BigInt: unboxed,
  Symbol: unboxed,
  ArrayBuffer: buffer,
  SharedArrayBuffer: buffer,
  URLSearchParams: pairs,
  FormData: pairs,
  Headers: pairs,
  Request: head('method url headers'),
  Response: head('status statusText url headers'),
  Blob: head('type size'),
  File: head('name type size'),
} as unknown as Readonly<Record<string, Make | undefined>>
