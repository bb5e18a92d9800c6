/** Copies of what the language and the platform bring along: collections, bytes, URLs, headers, requests. */

import { byteText, textBytes } from './byte-text.ts'

/** What a copy asks of the walk. */
export interface Copy {
  text(text: string): string
  any(value: unknown): unknown
  named(name: unknown, value: unknown): unknown
  later(fill: () => void): void
}

type Make = (source: never, copy: Copy) => unknown

/**
 * The redacted copy of a built-in object, or undefined where it is none.
 *
 * Recognised by tag, since an object of another realm is no `instanceof`; an object that only pretends fails the
 * brand check of the built-in method and is walked as an ordinary one.
 */
export function builtinCopy(source: object, copy: Copy): { copy: unknown } | undefined {
  if (ArrayBuffer.isView(source)) return { copy: copyBytes(source, copy) }
  const make = BUILTINS.get(Object.prototype.toString.call(source).slice(8, -1))
  if (make === undefined) return undefined
  try {
    return { copy: make(source as never, copy) }
  } catch {
    return undefined
  }
}

const BUILTINS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['Map', copyMap],
  ['Set', copySet],
  ['Date', (source: Date) => new Date(Date.prototype.getTime.call(source))],
  ['RegExp', copyRegExp],
  ['String', (source: string, copy) => copy.any(String.prototype.valueOf.call(source))],
  ['Number', (source: number, copy) => copy.any(Number.prototype.valueOf.call(source))],
  ['BigInt', (source: bigint, copy) => copy.any(BigInt.prototype.valueOf.call(source))],
  ['Symbol', (source: symbol, copy) => copy.any(Symbol.prototype.valueOf.call(source))],
  ['ArrayBuffer', (source: ArrayBuffer, copy) => copyBuffer(source, copy)],
  ['SharedArrayBuffer', (source: ArrayBuffer, copy) => copyBuffer(source, copy)],
  ['URL', copyUrl],
  ['URLSearchParams', (source: URLSearchParams, copy) => fillPairs(source, new URLSearchParams(), copy)],
  ['Headers', copyHeaders],
  ['FormData', copyFormData],
  ['Request', (source: Request, copy) => copyMessage('Request', source, ['method', 'url', 'headers'], copy)],
  [
    'Response',
    (source: Response, copy) => copyMessage('Response', source, ['status', 'statusText', 'url', 'headers'], copy),
  ],
])

function copyMap(source: Map<unknown, unknown>, copy: Copy): Map<unknown, unknown> {
  const entries = [...Map.prototype.entries.call(source)] as [unknown, unknown][]
  const shell = new Map<unknown, unknown>()
  copy.later(() => {
    for (const [key, value] of entries) {
      const name = copy.any(key)
      let free = name
      for (let count = 2; shell.has(free); count++) free = `${String(name)}#${count}`
      shell.set(free, copy.named(key, value))
    }
  })
  return shell
}

function copySet(source: Set<unknown>, copy: Copy): Set<unknown> {
  const items = [...Set.prototype.values.call(source)] as unknown[]
  const shell = new Set<unknown>()
  copy.later(() => {
    for (const item of items) shell.add(copy.any(item))
  })
  return shell
}

function copyRegExp(source: RegExp, copy: Copy): unknown {
  const redacted = copy.text(source.source)
  return redacted === source.source ? new RegExp(source.source, source.flags) : redacted
}

function copyBytes(source: ArrayBufferView, copy: Copy): unknown {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  const written = byteText(bytes)
  const redacted = copy.text(written)
  if (redacted !== written) {
    return source instanceof Uint8Array ? textBytes(redacted) : redacted
  }
  if (source instanceof Uint16Array) {
    const codes = byteText(source)
    const masked = copy.text(codes)
    if (masked !== codes) return masked
  }
  const own = bytes.slice().buffer
  const Type = source.constructor as { new (buffer: ArrayBufferLike): unknown; BYTES_PER_ELEMENT?: number }
  // a Buffer's constructor is not for general use; a copy of its bytes is
  return Object.getPrototypeOf(Object.getPrototypeOf(source)) === Uint8Array.prototype ? bytes.slice() : new Type(own)
}

function copyBuffer(source: ArrayBuffer, copy: Copy): unknown {
  const redacted = copyBytes(new DataView(source), copy)
  return redacted instanceof DataView ? redacted.buffer : redacted
}

function copyUrl(source: URL, copy: Copy): unknown {
  const { href } = source
  const redacted = copy.text(href)
  return redacted === href ? new URL(href) : redacted
}

interface Pairs {
  forEach(visit: (value: string, name: string) => void): void
}

function fillPairs<T extends { append(name: string, value: string): void }>(source: Pairs, shell: T, copy: Copy): T {
  source.forEach((value, name) => {
    shell.append(copy.text(name), copy.named(name, value) as string)
  })
  return shell
}

function copyHeaders(source: Headers, copy: Copy): unknown {
  try {
    return fillPairs(source, new Headers(), copy)
  } catch {
    // a masked name is no header name
    const pairs: unknown[] = []
    source.forEach((value, name) => {
      pairs.push([copy.text(name), copy.named(name, value)])
    })
    return pairs
  }
}

function copyFormData(source: FormData, copy: Copy): FormData {
  const shell = new FormData()
  source.forEach((value, name) => {
    const redacted = typeof value === 'string' ? copy.named(name, value) : `[File ${copy.text(value.name)}]`
    shell.append(copy.text(name), redacted as string)
  })
  return shell
}

/** The head of a request or response; its body can be read only once and is not ours to read. */
function copyMessage<T extends object>(name: string, source: T, parts: readonly (keyof T)[], copy: Copy): object {
  const shadow = { [name]: class {} }[name]!
  const shell = Object.create(shadow.prototype) as Record<PropertyKey, unknown>
  for (const part of parts) shell[part] = copy.any(source[part])
  return shell
}
