/**
 * The methods that the language and its printers call by themselves. Those of a copy give what the source's give,
 * redacted, and cannot reach the source.
 */

import { defineProperty } from './define-property.ts'
import { functionName } from './empty-copy.ts'
import { getPrototypeOf, hasOwn, type Properties, type Redact, TOO_LARGE, UNREADABLE } from './walk.ts'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')
/** How an object is printed, to a text and to the console. */
const PRINTERS: readonly PropertyKey[] = ['toString', INSPECT]

/** What they are called. In a copy, the source's would read what it lacks, or the source. */
export const CONVERSIONS: readonly PropertyKey[] = [...PRINTERS, 'valueOf', 'toJSON', Symbol.toPrimitive]

type Conversion = (...given: unknown[]) => unknown

/** In place of a method that the source has for itself. */
export function copyConversion(
  source: object,
  copy: Properties,
  name: PropertyKey,
  method: Conversion,
  redact: Redact,
  isMany: boolean,
): void {
  if (name === 'toJSON') copyToJSON(source, copy, method, redact, isMany)
  else if (PRINTERS.includes(name) && !Array.isArray(copy) && !(copy instanceof Error)) {
    copyPrinter(getPrototypeOf(source) as object, copy, name, method, redact)
  }
}

/** Whether its class has printers other than those of all objects. */
export function hasPrinters(prototype: Properties): boolean {
  return prototype['toString'] !== Object.prototype.toString || INSPECT in prototype
}

/** In place of the printers that its class has. */
export function copyPrinters(prototype: Properties, source: object, copy: Properties, redact: Redact): void {
  for (const name of PRINTERS) {
    const method: unknown = hasOwn(source, name) ? undefined : Reflect.get(prototype, name, source)
    if (typeof method !== 'function' || method === Object.prototype.toString) continue
    copyPrinter(prototype, copy, name, method as Conversion, redact)
  }
}

/**
 * In place of `toJSON`: what it gives now, which may be less than the copy has, or without its cycles. With many objects no
 * other one, since it may make them without end.
 */
export function copyToJSON(source: object, copy: Properties, method: unknown, redact: Redact, isMany: boolean): void {
  if (typeof method !== 'function') return
  let plain: unknown
  try {
    const given: unknown = method.call(source)
    plain = isMany && Object(given) === given ? TOO_LARGE : redact(given)
  } catch {
    plain = UNREADABLE
  }
  defineProperty(copy, 'toJSON', () => plain)
}

/** The method is called when somebody prints the copy, and sees nothing but the copy: what it hides stays hidden. */
function copyPrinter(
  prototype: object | null,
  copy: Properties,
  name: PropertyKey,
  method: Conversion,
  redact: Redact,
): void {
  defineProperty(copy, name, (...given: unknown[]): unknown => {
    const members: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(copy)
    for (const each of CONVERSIONS) delete members[each as string]
    const receiver = Object.create(prototype, members) as object
    try {
      const result = Reflect.apply(method, receiver, given)
      // for `inspect`, that is: as ever
      return result === receiver ? copy : redact(result)
    } catch {
      // it needs what is hidden in the source
      return `[${redact(functionName(prototype?.constructor)) as string}]`
    }
  })
}
