/** Copies of what the language and the platform bring along: collections, bytes, URLs, headers, requests. */

import { byteText, textBytes } from '../byte-text.ts'
import { type Any, errorCopy, getPrototypeOf, hasOwn, type Later, masked, shellOf } from './error-copy.ts'

// biome-ignore lint/suspicious/noExplicitAny: the class of the platform by the tag of an object
type Type = (new (...values: unknown[]) => any) & { prototype: any }
// biome-ignore lint/suspicious/noExplicitAny: the tag tells what it is; a pretender throws
type Make = (source: any, any: Any, tag: string, later: Later) => unknown
const types = globalThis as unknown as Record<string, Type>

/**
 * The redacted copy of a built-in object, or undefined where it is none.
 *
 * Recognised by tag, since an object of another realm is no `instanceof`; an object that only pretends fails the
 * brand check of the built-in method and is walked as an ordinary one.
 */
export function builtinCopy(source: object, any: Any, later: Later): unknown {
  if (ArrayBuffer.isView(source)) return view(source, any)
  try {
    if (source instanceof Error) return errorCopy(source, any, '', later)
    // an own tag says nothing, and may be a getter
    const tag = hasOwn(source, Symbol.toStringTag) ? '' : {}.toString.call(source).slice(8, -1)
    return COPIES[tag]?.(source, any, tag, later)
  } catch {
    return undefined
  }
}

const unboxed: Make = (source, any, tag) => any(types[tag]!.prototype.valueOf.call(source))

/** By the `forEach` of the object: a package may bring its own `Headers` along. */
const pairs: Make = (source, any, tag) => {
  const copies: unknown[][] = []
  source.forEach((value: unknown, name: unknown) => {
    copies.push([any(name), typeof value === 'string' ? any(value, name) : `[File ${any((value as File).name)}]`])
  })
  try {
    const shell = new types[tag]!()
    for (const pair of copies) shell.append(...pair)
    return shell
  } catch {
    return copies // a masked name is no header name
  }
}

/** What is written as one text; the copy is asked for it, since the original may lie. */
const written: Make = (source, any, tag) => {
  const copy = new types[tag]!(source)
  return masked(any, copy, String(copy))
}

/** The head of a message or a file: its body can be read once, or later, only and is not ours to read. */
const head =
  (...parts: string[]): Make =>
  (source, any) => {
    const copy = shellOf(source, any)
    for (const part of parts) copy[part] = any(source[part])
    return copy
  }

const collection: Make = (source, any, tag, later) => {
  Reflect.get(types[tag]!.prototype, 'size', source) // the brand check
  const shell = new types[tag]!()
  return later(source, shell, () => {
    types[tag]!.prototype.forEach.call(source, (value: unknown, key: unknown) => {
      let name = any(key)
      if (tag === 'Set') shell.add(name)
      else {
        // two keys with one mask keep their values
        while (shell.has(name)) name = `${name as string}#${shell.size}`
        shell.set(name, any(value, key))
      }
    })
  })
}

const view = (source: ArrayBufferView, any: Any): unknown => {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
  const text = byteText(bytes)
  // the name within, whatever the object says of itself: the class of a Buffer, or of anybody, is not called
  const name = Reflect.get(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, source) ?? 'DataView'
  const copy = new types[name]!(bytes.buffer)
  if (copy instanceof Uint8Array) return masked(any, copy, text, textBytes)
  // the characters of a value may also be numbers of more than a byte
  return masked(any, masked(any, copy, text), byteText(Uint16Array.from(copy, Number)))
}

const buffer: Make = (source, any) => (view(new Uint8Array(source), any) as Uint8Array).buffer

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
  Request: head('method', 'url', 'headers'),
  Response: head('status', 'statusText', 'url', 'headers'),
  Blob: head('type', 'size'),
  File: head('name', 'type', 'size'),
} as unknown as Readonly<Record<string, Make | undefined>>
