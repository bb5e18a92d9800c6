/** The classes next to plain objects and arrays that hold text: told apart, and made anew. */

import type { EntriesTarget } from './compiled.ts'

/** A class that is looked into; undefined: the instance passes as it is. */
export type InstanceShape = 'map' | 'headers' | 'params' | 'url' | undefined

/** The class of an object; a subclass is somebody else's, since a copy of it could not be made. May throw. */
export function instanceShape(value: object): InstanceShape {
  const prototype = Object.getPrototypeOf(value) as object
  if (prototype === Map.prototype) return 'map'
  if (prototype === URL.prototype) return 'url'
  if (prototype === URLSearchParams.prototype) return 'params'
  // undici and others bring a class of their own by the same name
  const tag: unknown = Object.hasOwn(prototype, Symbol.toStringTag) ? Reflect.get(prototype, Symbol.toStringTag) : ''
  return tag === 'Headers' ? 'headers' : undefined
}

/** Makes an empty instance of the same class, to be filled. */
export function makerOf(shape: 'map' | 'headers' | 'params', value: object): () => EntriesTarget {
  if (shape === 'map') {
    return () => {
      const target = new Map<unknown, unknown>()
      return { target, add: (name, entry) => target.set(name, entry) }
    }
  }
  const Class = (Object.getPrototypeOf(value) as { constructor: new () => Headers | URLSearchParams }).constructor
  return () => {
    const target = new Class()
    return { target, add: (name, entry) => target.append(name as string, entry as string) }
  }
}
