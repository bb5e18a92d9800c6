/** Copies of what the language and the platform bring along: collections, bytes, URLs, headers, requests. */

import { byteText, textBytes } from '../byte-text.ts'
import { emptyInstance } from './empty-copy.ts'
import { errorCopy } from './errors.ts'
import { type FillLater, getPrototypeOf, hasOwn, type Properties, type Redact, unlessRedacted } from './walk.ts'

// biome-ignore lint/suspicious/noExplicitAny: a class of the platform, by the tag of an object
type Class = (new (...values: unknown[]) => any) & { prototype: any }
// biome-ignore lint/suspicious/noExplicitAny: the tag says what it is; what only pretends throws
type Copier = (source: any, redact: Redact, fillLater: FillLater, tag: string) => unknown
const classes = globalThis as unknown as Record<string, Class>

/**
 * The redacted copy of a built-in object, or undefined for any other object.
 *
 * Recognised by tag, since an object of another realm is not an `instanceof`. An object that only pretends fails the
 * brand check of the built-in method and is copied like any other.
 */
export function builtinCopy(source: object, redact: Redact, fillLater: FillLater, isDataOnly: boolean): unknown {
  if (ArrayBuffer.isView(source)) return viewCopy(source, redact)
  try {
    if (source instanceof Error) return errorCopy(source, redact, fillLater)
    // a tag of its own says nothing, and may be a getter
    const tag = hasOwn(source, Symbol.toStringTag) ? '' : tagOf(source)
    return isDataOnly && HAS_BODY.test(tag) ? undefined : COPIERS[tag]?.(source, redact, fillLater, tag)
  } catch {
    return undefined
  }
}

/** Their body is not in the object, or can be read only once. */
const HAS_BODY = /^(?:Re[qs]|Blob|File)/
/** Methods of streams, emitters and what can be awaited: what has one is a part of a running program. */
const LIVE_METHODS = ['pipe', 'emit', 'dispatchEvent', 'then']

/** Whether an instance is no data, so that a program cannot go on computing with a copy: a response, a stream, a promise, a key. */
export function isLive(source: object): boolean {
  const tag = tagOf(source)
  // classes of the platform have a tag, and all that they hold is hidden
  const isHidden = tag !== 'Object' && Object.keys(source).length === 0
  return (
    isHidden || HAS_BODY.test(tag) || LIVE_METHODS.some((name) => typeof (source as Properties)[name] === 'function')
  )
}

const tagOf = (source: object): string => ({}).toString.call(source).slice(8, -1)

const unboxed: Copier = (source, redact, _, tag) => redact(classes[tag]!.prototype.valueOf.call(source))

/** By the `forEach` of the object: a package may bring its own `Headers` along. */
const copyPairs: Copier = (source, redact, _, tag) => {
  const pairs: unknown[][] = []
  source.forEach((value: unknown, name: unknown) => {
    pairs.push([
      redact(name),
      typeof value === 'string' ? redact(value, name) : `[File ${redact((value as File).name)}]`,
    ])
  })
  try {
    const copy = new classes[tag]!()
    for (const pair of pairs) copy.append(...pair)
    return copy
  } catch {
    return pairs // a mask is not a valid header name
  }
}

/** Of what is written as one text. The copy is asked for it, since the original may lie. */
const viaText: Copier = (source, redact, _, tag) => {
  const copy = new classes[tag]!(source)
  return unlessRedacted(redact, copy, String(copy))
}

/** Of a message or a file: its body is not ours to read, it can be read only once, or only later. */
const copyMetadata =
  (...names: string[]): Copier =>
  (source, redact) => {
    const copy = emptyInstance(source, redact)
    for (const name of names) copy[name] = redact(source[name])
    return copy
  }

const copyCollection: Copier = (source, redact, fillLater, tag) => {
  const { prototype } = classes[tag]!
  Reflect.get(prototype, 'size', source) // the brand check
  const copy = new classes[tag]!()
  return fillLater(source, copy, () => {
    prototype.forEach.call(source, (value: unknown, key: unknown) => {
      let name = redact(key)
      if (tag === 'Set') copy.add(name)
      else {
        // two keys with one mask keep their values
        while (copy.has(name)) name = `${name as string}#${copy.size}`
        copy.set(name, redact(value, key))
      }
    })
  })
}

const viewCopy = (source: ArrayBufferView, redact: Redact): unknown => {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
  const text = byteText(bytes)
  // the name within, whatever the object says of itself: the class of a Buffer, or of anybody, is not called
  const name = Reflect.get(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag, source) ?? 'DataView'
  const copy = new classes[name]!(bytes.buffer)
  if (copy instanceof Uint8Array) return likeSource(source, unlessRedacted(redact, copy, text, textBytes) as Uint8Array)
  // the characters of a value may also be numbers of more than a byte
  return unlessRedacted(redact, unlessRedacted(redact, copy, text), byteText(Uint16Array.from(copy, Number)))
}

/** With the methods of a Buffer where the source is one: a program would go on with a list of numbers. */
const likeSource = (source: object, copy: Uint8Array): Uint8Array => {
  const prototype = classes['Buffer']?.prototype
  return prototype && getPrototypeOf(source) === prototype ? Object.setPrototypeOf(copy, prototype) : copy
}

const copyBuffer: Copier = (source, redact) => (viewCopy(new Uint8Array(source), redact) as Uint8Array).buffer

const COPIERS = {
  __proto__: null,
  Error: errorCopy,
  DOMException: errorCopy,
  Map: copyCollection,
  Set: copyCollection,
  Date: (source: Date) => new Date(source),
  RegExp: viaText,
  URL: viaText,
  String: unboxed,
  Number: unboxed,
  Boolean: unboxed,
  BigInt: unboxed,
  Symbol: unboxed,
  ArrayBuffer: copyBuffer,
  SharedArrayBuffer: copyBuffer,
  URLSearchParams: copyPairs,
  FormData: copyPairs,
  Headers: copyPairs,
  Request: copyMetadata('method', 'url', 'headers'),
  Response: copyMetadata('status', 'statusText', 'url', 'headers'),
  Blob: copyMetadata('type', 'size'),
  File: copyMetadata('name', 'type', 'size'),
} as unknown as Readonly<Record<string, Copier | undefined>>
