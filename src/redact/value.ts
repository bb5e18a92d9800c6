/**
 * Redaction of structures: an iterative walk that builds a redacted copy.
 *
 * It fails closed: what cannot be read or copied safely becomes a placeholder. The input is never changed, shared and
 * cyclic references stay shared and cyclic, and any depth is walked without recursion.
 */

import { isPlainObject } from '../plain-object.ts'
import { builtinCopy, type Walk } from './builtins.ts'
import { errorShell, isError } from './error-shell.ts'

/** More objects than this become a placeholder: a structure that makes new parts as it is read would never end. */
const MAX_OBJECTS = 1_000_000
const UNREADABLE = '[Unreadable]'
/** Fewer numbers are no bytes of a value. */
const MIN_BYTES = 4
const MAX_BYTES = 65_536

/** What the walk asks of its redactor. */
export interface ValueRules {
  text(text: string): string
  mask(label: string): string
  /** Whether a value of this name is masked whatever it is. */
  isSensitive(name: string): boolean
}

/** A redacted copy of anything. */
export function redactValue(value: unknown, { text, mask, isSensitive }: ValueRules): unknown {
  const copies = new Map<object, unknown>()
  const pending: (() => void)[] = []

  const walk: Walk = {
    text,
    later: (fill) => pending.push(fill),
    named: (name, item) => (item != null && typeof name === 'string' && isSensitive(name) ? mask('') : walk.any(item)),
    shadow(name) {
      const made = text(name)
      return new { [made]: class {} }[made]!() as Record<PropertyKey, unknown>
    },
    any(item) {
      switch (typeof item) {
        case 'string':
          return text(item)
        case 'number':
        case 'bigint':
          return unlessMasked(item, String(item), (masked) => masked)
        case 'symbol':
          return unlessMasked(item, item.description ?? '', Symbol)
        case 'function':
          return text(`[Function ${item.name}]`)
        case 'object':
          return item === null ? null : object(item)
        default:
          return item
      }
    },
  }

  /** The item itself where its text holds nothing to mask. */
  const unlessMasked = (item: unknown, written: string, make: (masked: string) => unknown): unknown => {
    const masked = text(written)
    return masked === written ? item : make(masked)
  }

  const guarded = (read: () => unknown): unknown => {
    try {
      return read()
    } catch {
      return UNREADABLE // a proxy or an accessor that throws
    }
  }

  const object = (source: object): unknown => {
    if (!copies.has(source)) {
      copies.set(source, UNREADABLE)
      copies.set(source, copies.size > MAX_OBJECTS ? '[Too large]' : guarded(() => shellOf(source)))
    }
    return copies.get(source)
  }

  const shellOf = (source: object): unknown => {
    if (Array.isArray(source)) return array(source)
    if (isError(source))
      return filled(
        source,
        errorShell(source, (read) => guarded(() => walk.any(read()))),
      )
    const builtin = builtinCopy(source, walk)
    if (builtin instanceof Map || builtin instanceof Set) return filled(source, builtin)
    if (builtin !== undefined) return builtin
    if (isPlainObject(source)) return filled(source, Object.create(Object.getPrototypeOf(source) && Object.prototype))
    const { toJSON } = source as { toJSON?: unknown }
    const data: unknown = typeof toJSON === 'function' ? toJSON.call(source) : source
    // an instance keeps the name of its class, not its prototype: methods and getters could hold a value
    return data === source ? filled(source, walk.shadow(String(source.constructor.name))) : walk.any(data)
  }

  const array = (source: unknown[]): unknown => {
    const isBytes = source.length >= MIN_BYTES && source.length <= MAX_BYTES && source.every(isByte)
    const written = isBytes ? String.fromCharCode(...(source as number[])) : ''
    const redacted = text(written)
    if (redacted !== written) return redacted
    const shell: unknown[] = []
    shell.length = source.length
    filled(source, shell)
    // ['authorization', '…'] and flat header lists
    if (source.length % 2 === 0 && source.every((item) => typeof item === 'string')) {
      walk.later(() => {
        for (let index = 0; index < source.length; index += 2) {
          shell[index + 1] = walk.named(source[index], source[index + 1])
        }
      })
    }
    return shell
  }

  /** Copies the own properties later, whatever kind they are; keys are redacted too. */
  const filled = (source: object, shell: object): object => {
    walk.later(() => {
      const keys = guarded(() => Reflect.ownKeys(source))
      for (const key of Array.isArray(keys) ? (keys as PropertyKey[]) : []) {
        if (key === 'length' && Array.isArray(shell)) continue
        const descriptor = guarded(() => Reflect.getOwnPropertyDescriptor(source, key)) as
          | PropertyDescriptor
          | undefined
        let name = typeof key === 'symbol' ? (walk.any(key) as symbol) : text(String(key))
        // two keys with one mask keep their values
        while (name !== key && typeof name === 'string' && Object.hasOwn(shell, name)) name += '#'
        Object.defineProperty(shell, name, {
          value: guarded(() => walk.named(nameOf(source, key), Reflect.get(source, key))),
          enumerable: descriptor?.enumerable !== false,
          writable: true,
          configurable: true,
        })
      }
    })
    return shell
  }

  const copy = walk.any(value)
  for (let index = 0; index < pending.length; index++) pending[index]!()
  return copy
}

function isByte(item: unknown): boolean {
  return typeof item === 'number' && (item & 255) === item
}

/** The name of a property, or of the `value` in `{ name, value }` and `{ key, value }`. */
function nameOf(source: object, key: PropertyKey): unknown {
  if (key !== 'value') return key
  const { name, key: other } = source as { name?: unknown; key?: unknown }
  return name ?? other ?? key
}
