/** Properties of copies. */

import { hasOwn, type Properties } from './walk.ts'

/** Adds an own property, even where the prototype has one of that name: it may be frozen there, or a setter. */
export function defineProperty(copy: Properties, name: PropertyKey, value: unknown, enumerable?: boolean): void {
  if (enumerable ? !(name in copy) : hasOwn(copy, name)) copy[name] = value
  else {
    const descriptor = { __proto__: null, value, enumerable, writable: true, configurable: true }
    Object.defineProperty(copy, name, descriptor as PropertyDescriptor)
  }
}
