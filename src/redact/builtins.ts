/** Copies of what the language and the platform bring along: collections, bytes, URLs, headers, requests. */

import { byteText, textBytes } from './byte-text.ts'

/** What a copy asks of the walk. */
export interface Walk {
  text(text: string): string
  /** The copy of a value; of an object, a shell that is filled later. */
  any(value: unknown): unknown
  /** The copy of a value under a name; a sensitive name masks it whatever it is. */
  named(name: unknown, value: unknown): unknown
  /** Runs when the shells above are made, so that depth costs no stack. */
  later(fill: () => void): void
  /** An empty object whose class has the name. */
  shadow(name: string): Record<PropertyKey, unknown>
}

/**
 * The redacted copy of a built-in object, or undefined where it is none.
 *
 * Recognised by tag, since an object of another realm is no `instanceof`; one that only pretends fails the brand check
 * of the built-in method and is walked as an ordinary object.
 */
export function builtinCopy(source: object, walk: Walk): unknown {
  const tag = Object.prototype.toString.call(source).slice(8, -1)
  try {
    if (ArrayBuffer.isView(source)) return copyBytes(source, walk)
    switch (tag) {
      case 'Map':
        return copyMap(source as Map<unknown, unknown>, walk)
      case 'Set':
        return copySet(source as Set<unknown>, walk)
      case 'Date':
        return new Date(Date.prototype.getTime.call(source))
      case 'RegExp':
      case 'URL':
        return copyText(source as RegExp, walk)
      case 'String':
      case 'Number':
      case 'BigInt':
      case 'Symbol':
        return walk.any(source.valueOf())
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return (copyBytes(new Uint8Array(source as ArrayBuffer), walk) as Uint8Array).buffer
      case 'URLSearchParams':
        return copyPairs(source as URLSearchParams, new URLSearchParams(), walk)
      case 'FormData':
        return copyPairs(source as FormData, new FormData(), walk)
      case 'Headers':
        return copyPairs(source as Headers, new Headers(), walk)
      case 'Request':
      case 'Response':
        return copyMessage(source as Request & Response, tag, walk)
    }
  } catch {
    // not what its tag says
  }
  return undefined
}

function copyMap(source: Map<unknown, unknown>, walk: Walk): Map<unknown, unknown> {
  const shell = new Map<unknown, unknown>()
  Map.prototype.forEach.call(source, (value, key) => {
    walk.later(() => {
      let name = walk.any(key)
      // two keys with one mask keep their entries
      while (shell.has(name)) name = `${String(name)}#`
      shell.set(name, walk.named(key, value))
    })
  })
  return shell
}

function copySet(source: Set<unknown>, walk: Walk): Set<unknown> {
  const shell = new Set<unknown>()
  Set.prototype.forEach.call(source, (item) => walk.later(() => shell.add(walk.any(item))))
  return shell
}

/** What is written as one text: itself again where nothing is to be masked. */
function copyText(source: RegExp | URL, { text }: Walk): unknown {
  const written = String(source)
  const redacted = text(written)
  if (redacted !== written) return redacted
  return source instanceof RegExp ? new RegExp(source.source, source.flags) : new URL(written)
}

function copyBytes(source: ArrayBufferView, { text }: Walk): unknown {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  const written = [byteText(bytes)]
  // the characters of a Uint16Array
  if (source instanceof Uint16Array) written.push(byteText(source))
  for (const units of written) {
    const redacted = text(units)
    if (redacted !== units) return source instanceof Uint8Array ? textBytes(redacted) : redacted
  }
  const own = bytes.slice()
  if (source instanceof Uint8Array) return own
  return new (source.constructor as new (buffer: ArrayBufferLike) => unknown)(own.buffer)
}

interface Pairs {
  append(name: string, value: string): void
  forEach(visit: (value: unknown, name: string) => void): void
}

function copyPairs(source: unknown, shell: unknown, walk: Walk): unknown {
  const pairs: [string, string][] = []
  ;(source as Pairs).forEach((value, name) => {
    pairs.push([walk.text(name), typeof value === 'string' ? String(walk.named(name, value)) : '[File]'])
  })
  try {
    for (const [name, value] of pairs) (shell as Pairs).append(name, value)
    return shell
  } catch {
    return pairs // a masked name is no header name
  }
}

/** The head of a request or response; its body can be read only once and is not ours to read. */
function copyMessage(source: Request & Response, tag: string, walk: Walk): object {
  const shell = walk.shadow(tag)
  for (const part of ['method', 'url', 'status', 'statusText', 'headers'] as const) {
    if (part in source) shell[part] = walk.any(source[part])
  }
  return shell
}
