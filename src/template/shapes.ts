/** Objects other than plain ones and arrays: which of them are looked into, and how they are made anew. */

import type { EntriesTarget } from './compiled.ts'

/** A class that is looked into; undefined: it is nobody's shape. */
export type InstanceShape = 'map' | 'headers' | 'params' | 'form' | 'url' | undefined

/** By the name that a class gives its instances: undici and others bring classes of their own, as other realms do. */
const SHAPES: ReadonlyMap<unknown, InstanceShape> = new Map([
  ['Map', 'map'],
  ['Headers', 'headers'],
  ['URLSearchParams', 'params'],
  ['FormData', 'form'],
  ['URL', 'url'],
])

type EmptyConstructor = new () => object

/** The class of an object; a subclass is somebody else's, since a copy of it could not be made. May throw. */
export function instanceShape(value: object): InstanceShape {
  const prototype = Object.getPrototypeOf(value) as object
  return Object.hasOwn(prototype, Symbol.toStringTag)
    ? SHAPES.get(Reflect.get(prototype, Symbol.toStringTag))
    : undefined
}

/** The address of a `URL`, read by the getter of its class: one of its own could answer differently each time. */
export function hrefOf(url: object): string {
  return Reflect.get(Object.getPrototypeOf(url) as object, 'href', url) as string
}

/** Makes an empty instance of the same class, to be filled. */
export function makerOf(value: object): () => EntriesTarget {
  const Class = Reflect.get(Object.getPrototypeOf(value) as object, 'constructor') as EmptyConstructor
  return () => {
    const target = new Class()
    const add = fillerOf(target)!
    return { target, add: (name, entry) => add.call(target, name, entry) }
  }
}

/** Whether it is a list of names and values, and can be made anew: axios' headers, for one. May throw. */
export function isRefillable(value: object): value is Iterable<readonly [unknown, unknown]> {
  const isIterable = typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  return isIterable && fillerOf(value) !== undefined && Array.from(value as Iterable<unknown>).every(Array.isArray)
}

/** Adds a name with its value; where a name may stand several times, `set` would keep the last alone. */
function fillerOf(target: object): ((name: unknown, value: unknown) => unknown) | undefined {
  const { append, set } = target as { append?: unknown; set?: unknown }
  const filler = typeof append === 'function' ? append : set
  return typeof filler === 'function' ? (filler as (name: unknown, value: unknown) => unknown) : undefined
}

/** Own and inherited enumerable members, but those of `Object.prototype`: `process.env`, an instance with members. */
export function membersOf(value: object): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (let level: object | null = value; level !== null && !isRoot(level); level = Object.getPrototypeOf(level)) {
    for (const key of Object.keys(level)) {
      // as data, also where a prototype was polluted
      if (!Object.hasOwn(members, key)) Object.defineProperty(members, key, dataProperty(Reflect.get(value, key)))
    }
  }
  return members
}

function dataProperty(value: unknown): PropertyDescriptor {
  return Object.assign(Object.create(null) as object, { value, writable: true, enumerable: true, configurable: true })
}

/** `Object.prototype`, of any realm. */
function isRoot(level: object): boolean {
  return Object.getPrototypeOf(level) === null && Object.hasOwn(level, 'hasOwnProperty')
}
