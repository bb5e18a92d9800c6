/**
 * Redaction of structures: an iterative walk that builds a redacted copy.
 *
 * It fails closed: what cannot be read or copied safely becomes a placeholder. The input is never changed, shared and
 * cyclic references stay shared and cyclic, and any depth is walked without recursion. An own property is read once,
 * since a getter may do anything.
 */

import { builtinCopy } from './builtins.ts'
import {
  CONVERSIONS,
  define,
  getPrototypeOf,
  hasOwn,
  nameOf,
  type Properties,
  UNREADABLE,
  type Walk,
} from './error-shell.ts'

/** What the walk asks of its redactor. */
export interface ValueRules {
  text(text: string): string
  /** Lower-case property names whose value is masked whatever it is. */
  readonly keys: ReadonlySet<string>
  mask(label: string): string
}

/** More objects than this become a placeholder: a structure that makes new parts as it is read would never end. */
const MAX_OBJECTS = 2 ** 20
const isEnumerable = {}.propertyIsEnumerable
/** Empty classes by the prototype whose name they have: to make one takes longer than to fill ten objects. */
const shells = new WeakMap<object, new () => Properties>()

/** A redacted copy of anything. */
export function redactValue<T>(value: T, { text, mask, keys }: ValueRules): T {
  const copies = new Map<object, unknown>()
  const pending: (() => void)[] = []
  let twins = 0

  const masked: Walk['masked'] = (item, written, make = String) => {
    const redacted = text(written)
    return redacted === written ? item : make(redacted)
  }

  const any = (item: unknown, isData?: boolean): unknown => {
    switch (typeof item) {
      case 'string':
        return text(item)
      case 'object':
        return item && object(item, isData)
      case 'function':
        return text(`[Function ${nameOf(item) || 'anonymous'}]`)
      case 'number':
      case 'bigint':
        return masked(item, String(item))
      case 'symbol':
        return masked(item, item.description ?? '', Symbol)
    }
    return item
  }

  const isSensitive = (name: unknown): boolean => typeof name === 'string' && keys.has(name.toLowerCase())

  const named = (name: unknown, item: unknown): unknown => (item != null && isSensitive(name) ? mask('') : any(item))

  const later: Walk['later'] = (source, shell, finish) => {
    pending.push(() => {
      try {
        fill(source as Properties, shell as Properties)
        finish?.()
      } catch {
        define(shell, UNREADABLE, UNREADABLE, true)
      }
    })
    return shell
  }

  /** An instance keeps the name of its class, not its prototype: methods and getters could hold a value. */
  const shellOf = (source: object, name: string): Properties => {
    const prototype = getPrototypeOf(source) as object
    const made = text(name)
    let Shell = shells.get(prototype)
    if (Shell?.name !== made) {
      Shell = { [made]: class {} }[made] as new () => Properties
      shells.set(prototype, Shell)
    }
    return new Shell()
  }

  const walk: Walk = { text, masked, any, named, later, shellOf }

  const object = (source: object, isData?: boolean): unknown => {
    let copy = copies.get(source)
    if (!copy) {
      if (copies.size >= MAX_OBJECTS) return '[Too large]'
      try {
        copy = copyOf(source, isData)
      } catch {
        copy = UNREADABLE // a proxy or an accessor that throws
      }
      copies.set(source, copy)
    }
    return copy
  }

  const copyOf = (source: object, isData?: boolean): unknown => {
    if (Array.isArray(source)) return later(source, [])
    const prototype = getPrototypeOf(source) as Properties | null
    if (!prototype || prototype === Object.prototype) return later(source, prototype ? {} : Object.create(null))
    const builtin = builtinCopy(source, walk)
    if (builtin !== undefined) return builtin
    // an own one is a property like any other
    const toJSON: unknown = Reflect.get(prototype, 'toJSON', source)
    const data: unknown = typeof toJSON === 'function' && !isData ? toJSON.call(source) : source
    if (data !== source) return any(data, true)
    const name = nameOf(prototype['constructor']) || 'Object'
    return later(source, name === 'Object' ? {} : shellOf(source, name))
  }

  /** Copies the own properties, whatever kind they are; keys are redacted too. */
  const fill = (source: Properties, shell: Properties): void => {
    const names: PropertyKey[] = Object.getOwnPropertyNames(source)
    const isArray = Array.isArray(shell)
    const size = isArray ? (source['length'] as number) : names.length
    // so many are enumerable without asking; of an array the items, where none is missing
    const plain = (isArray ? names[size] === 'length' : Object.keys(source).length === size) ? size : 0
    let isPair = false
    let isMasked = false
    let last: unknown
    let codes = ''
    if (isArray) shell.length = size
    const symbols = Object.getOwnPropertySymbols(source)
    if (symbols.length > 0) names.push(...symbols)
    for (let index = 0; index < names.length; index++) {
      const isItem = isArray && index < plain
      const key = isItem ? index : names[index]!
      if (isArray && key === 'length') continue
      let name = isItem ? key : (any(key) as PropertyKey)
      let copy: unknown
      try {
        const item = source[key]
        if (typeof item === 'function' && CONVERSIONS.includes(key)) continue
        if (isArray && typeof item === 'number') codes += String.fromCharCode(item)
        if (keys.size > 0) {
          if (key === 'name' || key === 'key') isPair ||= isSensitive(item)
          // ['authorization', '…'] and flat header lists
          copy = named(isArray && index % 2 > size % 2 ? last : key, item)
          last = item
        } else copy = any(item)
      } catch {
        copy = UNREADABLE
      }
      isMasked ||= name !== key
      // two keys with one mask keep their values
      while (isMasked && hasOwn(shell, name)) name = `${name as string}#${++twins}`
      const enumerable = index < plain || isEnumerable.call(source, key)
      if (name !== '__proto__' && (index < plain || enumerable !== hasOwn(shell, name))) {
        try {
          shell[name] = copy
          continue
        } catch {} // hardened: the prototype has a frozen property of the name
      }
      define(shell, name, copy, enumerable)
    }
    if (isPair && hasOwn(shell, 'value') && shell['value'] != null) shell['value'] = mask('')
    // a list of the bytes or characters of a value
    if (codes) masked(0, codes, (redacted) => Object.assign(shell, { length: 0 }, [redacted]))
  }

  let copy: unknown = UNREADABLE
  try {
    copy = any(value)
  } catch {}
  while (pending.length > 0) pending.pop()!()
  return copy as T
}
