/** Empty copies that show the class of the source and cannot reach the source. */

import { getPrototypeOf, type Properties, type Redact } from './walk.ts'

/** The name that a class or a function gives itself. */
export function functionName(type: unknown): string {
  return String((type as { name?: unknown } | undefined)?.name ?? '')
}

/** Empty classes by the prototype whose name they have: making one takes longer than filling ten objects. */
const emptyClasses = new WeakMap<object, new () => object>()

/** An instance of an empty class of the same name: methods and getters of the real one could hold a value. */
export function emptyInstance(source: object, redact: Redact): Properties {
  const prototype = getPrototypeOf(source) as object
  const name = redact(functionName(prototype.constructor)) as string
  let Empty = emptyClasses.get(prototype)
  if (Empty?.name !== name) {
    Empty = { [name]: class {} }[name]!
    emptyClasses.set(prototype, Empty)
  }
  return new Empty() as Properties
}
