/** Copies of errors. */

import { CONVERSIONS, copyToJSON } from './conversions.ts'
import { defineProperty } from './define-property.ts'
import { functionName } from './empty-copy.ts'
import {
  type FillLater,
  getPrototypeOf,
  hasOwn,
  type Properties,
  type Redact,
  readMember,
  readProperty,
} from './walk.ts'

/** An error of the same class, with its code, its stack frames and all else it has. */
export function errorCopy(source: Error, redact: Redact, fillLater: FillLater): object {
  // frames of our own would only be replaced, and taking them down costs more than all the rest
  const limit = 'stackTraceLimit'
  const before: unknown = Reflect.get(Error, limit)
  Reflect.set(Error, limit, 0)
  const copy = new Error()
  Reflect.set(Error, limit, before)
  return fillLater(source, copy, (isMany) => {
    const prototype = getPrototypeOf(source) as object
    if (!hasOwn(source, 'toJSON')) copyToJSON(source, copy as never, readProperty(source, 'toJSON'), redact, isMany)
    // up to Error.prototype, of any realm
    for (let level = prototype; level !== Error.prototype && getPrototypeOf(level); level = getPrototypeOf(level)) {
      copyInherited(level, source, copy as never, redact, isMany)
    }
    if (!hasOwn(source, 'stack')) copy.stack = redact(source.stack) as string
    // a class whose name holds a value is not shown; last, so that no setter of the class is called
    const name = functionName(prototype.constructor)
    if (redact(name) === name) Object.setPrototypeOf(copy, prototype)
  })
}

/**
 * Hides what the class has other than methods behind hidden properties of the copy, and its conversions behind those
 * of all errors: they would show what they read elsewhere.
 */
function copyInherited(level: object, source: object, copy: Properties, redact: Redact, isMany: boolean): void {
  for (const key of Reflect.ownKeys(level)) {
    // that of an error of Node may be a getter
    if (hasOwn(copy, key) || key === 'constructor') continue
    const { get, value } = Reflect.getOwnPropertyDescriptor(level, key)!
    let item: unknown = value
    if (CONVERSIONS.includes(key)) item = Error.prototype[key as 'toString']
    else if (typeof value !== 'function') item = redact(readMember(source, key, isMany), key)
    if (get || item !== value) defineProperty(copy, key, item)
  }
}
