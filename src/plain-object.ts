/**
 * Objects that come from outside, read and copied by own key only.
 *
 * `__proto__`, `constructor` and a polluted `Object.prototype` are the attack: an option that nobody gave must not
 * be found on the prototype, and a config's own `__proto__` key must stay data.
 */

import { GuillemetError } from './errors.ts'

/** Whether the value is an object literal or has no prototype: something that JSON or an author wrote. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null) return true
  // an object literal of another realm has a prototype without a prototype, which still owns hasOwnProperty
  return (
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
  )
}

/** The value under an own key, or undefined. */
export function own<T extends object, K extends PropertyKey>(
  object: T | null | undefined,
  key: K,
): (K extends keyof T ? T[K] : unknown) | undefined {
  return object !== null && object !== undefined && Object.hasOwn(object, key)
    ? (object as Record<PropertyKey, never>)[key]
    : undefined
}

/** Writes an own, enumerable property, `__proto__` included. */
export function define(target: object, key: PropertyKey, value: unknown): void {
  if (key !== '__proto__') (target as Record<PropertyKey, unknown>)[key] = value
  else {
    const descriptor = { __proto__: null, value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(target, key, descriptor as object)
  }
}

/** A record without a prototype, holding the given entries. */
export function record<T>(entries: Iterable<readonly [string, T]> = []): Record<string, T> {
  const target: Record<string, T> = Object.create(null)
  for (const [key, value] of entries) target[key] = value
  return target
}

/** The same members without a prototype: one that is absent must not be found on a polluted one. */
export function bare<T extends object>(members: T): T {
  return Object.assign(Object.create(null), members)
}

/**
 * The options by own key, without a prototype, so that `options.x` can be read plainly afterwards.
 *
 * @throws ERR_INVALID_INPUT when it is no object or holds a key that is not among those known
 */
export function readOptions<T extends object>(options: T | undefined, what: string, known: readonly (keyof T)[]): T {
  const target: Record<string, unknown> = Object.create(null)
  if (options === undefined) return target as T
  // what is no object has an unknown key
  for (const key of typeof options === 'object' && options !== null ? Object.keys(options) : ['']) {
    if (!(known as readonly string[]).includes(key)) {
      const all = known.join(', ')
      throw new GuillemetError('ERR_INVALID_INPUT', `The ${what} must be an object that holds nothing but ${all}.`)
    }
    target[key] = (options as Record<string, unknown>)[key]
  }
  return target as T
}

/** The members that are not `undefined`: what is handed out holds no key for what is not there. */
export function withoutUndefined<T extends object>(members: T): Partial<T> {
  const target: Partial<T> = {}
  for (const key of Object.keys(members) as (keyof T)[]) {
    if (members[key] !== undefined) target[key] = members[key]
  }
  return target
}
