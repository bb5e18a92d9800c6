/**
 * Redaction of structures: an iterative walk that builds a redacted copy.
 *
 * It fails closed: what cannot be read or copied safely becomes a placeholder. The input is never changed, shared and
 * cyclic references stay shared and cyclic, and any depth is walked without recursion. An own property is read once,
 * since a getter may do anything.
 */

import { builtinCopy } from './builtins.ts'
import {
  type Any,
  CONVERSIONS,
  define,
  getPrototypeOf,
  hasOwn,
  type Later,
  masked,
  nameOf,
  type Properties,
  shellOf,
  UNREADABLE,
} from './error-shell.ts'

/** What the walk asks of its redactor. */
export interface ValueRules {
  text(text: string): string
  /** Lower-case property names whose value is masked whatever it is. */
  readonly keys: ReadonlySet<string>
  mask(label: string): string
}

/** More objects than this become a placeholder: a structure that makes new parts as it is read would never end. */
const MAX_OBJECTS = 1e6
const isEnumerable = {}.propertyIsEnumerable

/**
 * A redacted copy of anything.
 *
 * @param isWanted asked of each object, function and symbol before it is copied; one that is not becomes a placeholder
 */
export function redactValue<T>(
  value: T,
  { text, mask, keys }: ValueRules,
  isWanted: (part: object | symbol) => boolean = () => true,
): T {
  const copies = new Map<object, unknown>()
  const pending: (() => void)[] = []
  /** What a `toJSON` gave last: its own is not called. */
  let answer: unknown

  const isSensitive = (name: unknown): boolean =>
    typeof name === 'string' && keys.size > 0 && keys.has(name.toLowerCase())

  const any: Any = (item, name) => {
    if (item != null && isSensitive(name)) return mask('')
    switch (typeof item) {
      case 'string':
        return text(item)
      case 'object':
      case 'function':
        return item && object(item)
      case 'symbol':
        return isWanted(item) ? masked(text, item, item.description ?? '', Symbol) : UNREADABLE
      case 'number':
      case 'bigint':
        return masked(text, item, String(item))
    }
    return item
  }

  const later: Later = (source, shell, finish) => {
    pending.push(() => {
      try {
        fill(source as Properties, shell as Properties)
        finish?.()
      } catch {
        ;(shell as Properties)[UNREADABLE] = UNREADABLE
      }
    })
    return shell
  }

  const object = (source: object): unknown => {
    let copy = copies.get(source)
    if (!copy) {
      try {
        copy = copies.size >= MAX_OBJECTS ? '[Too large]' : isWanted(source) ? copyOf(source) : UNREADABLE
      } catch {
        copy = UNREADABLE // a proxy or an accessor that throws
      }
      copies.set(source, copy)
    }
    return copy
  }

  const copyOf = (source: object): unknown => {
    if (typeof source === 'function') return text(`[Function ${nameOf(source) || 'anonymous'}]`)
    if (Array.isArray(source)) return later(source, [])
    const prototype = getPrototypeOf(source) as object | null
    if (!prototype || prototype === Object.prototype) return later(source, prototype ? {} : Object.create(null))
    return builtinCopy(source, any, later) ?? instance(source, prototype)
  }

  /** As `JSON.stringify` sees it, where its class says so. */
  const instance = (source: object, prototype: object): unknown => {
    if (source !== answer) {
      // an own one is a property like any other
      const toJSON: unknown = Reflect.get(prototype, 'toJSON', source)
      if (typeof toJSON === 'function') {
        answer = toJSON.call(source)
        return any(answer)
      }
    }
    // a root is the Object.prototype of another realm
    return later(source, getPrototypeOf(prototype) ? shellOf(source, any) : {})
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
    names.push(...Object.getOwnPropertySymbols(source))
    for (let index = 0; index < names.length; index++) {
      const isItem = isArray && index < plain
      const key = isItem ? index : names[index]!
      if (isArray && key === 'length') continue
      let name = isItem ? key : (any(key) as PropertyKey)
      let item: unknown
      try {
        item = source[key]
      } catch {
        item = UNREADABLE
      }
      if (typeof item === 'function' && CONVERSIONS.includes(key)) continue
      if (isArray && typeof item === 'number') codes += String.fromCharCode(item)
      if (key === 'name' || key === 'key') isPair ||= isSensitive(item)
      // ['authorization', '…'] and flat header lists
      const copy = any(item, isArray && index % 2 > size % 2 ? last : key)
      last = item
      isMasked ||= name !== key
      // two keys with one mask keep their values
      while (isMasked && hasOwn(shell, name)) name = `${name as string}#${index}`
      const enumerable = index < plain || isEnumerable.call(source, key)
      // defined where the prototype has the name: it may be frozen, or a setter
      if (isItem || (enumerable ? !(name in shell) : hasOwn(shell, name))) shell[name] = copy
      else define(shell, name, copy, enumerable)
    }
    if (isPair && hasOwn(shell, 'value') && shell['value'] != null) shell['value'] = mask('')
    // a list of the bytes or characters of a value
    if (codes) masked(text, 0, codes, (redacted) => Object.assign(shell, { length: 0 }, [redacted]))
  }

  const copy = any(value)
  while (pending.length > 0) pending.pop()!()
  return copy as T
}
