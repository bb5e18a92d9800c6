/**
 * Redaction of structures: an iterative walk that builds a redacted copy.
 *
 * It fails closed: what cannot be read or copied safely becomes a placeholder. The input is never changed, shared and
 * cyclic references stay shared and cyclic, and any depth is walked without recursion. An own property is read once,
 * since a getter may do anything.
 */

import type { IsSensitive } from '../property-names.ts'
import { builtinCopy, isLive } from './builtins.ts'
import { copyPrinters, hasPrinters } from './conversions.ts'
import { emptyInstance, functionName } from './empty-copy.ts'
import { copyProperties } from './own-properties.ts'
import {
  type FillLater,
  getPrototypeOf,
  type Properties,
  type Redact,
  TOO_LARGE,
  UNREADABLE,
  unlessRedacted,
} from './walk.ts'

/** What the walk asks of its redactor. */
export interface ValueRules {
  text(text: string): string
  /** Whether the value under the name is masked whatever it is; without it, under none. */
  readonly isSensitive: IsSensitive | undefined
  mask(label: string): string
  /** Whether a number of this text is masked; without it, where the text has a match. */
  readonly isSecretNumber: ((text: string) => boolean) | undefined
  /** Whether what is no data, such as a stream, is a placeholder rather than a copy of what can be seen of it. */
  readonly isDataOnly: boolean
}

/** More objects than this become a placeholder: a structure that makes new parts as it is read would never end. */
const MAX_OBJECTS = 1e6
/** After these no object is looked into that a getter or a proxy gives. */
const MANY_OBJECTS = 50_000

/** A redacted copy of anything. */
export function redactValue<T>(value: T, rules: ValueRules): T {
  const { text, mask, isSensitive, isSecretNumber, isDataOnly } = rules
  const copies = new Map<object, unknown>()
  const unfilled: (() => void)[] = []

  const redact: Redact = (item, name) => {
    if (item == null) return item
    if (isSensitive !== undefined && typeof name === 'string' && isSensitive(name, item)) return mask('')
    if (typeof item === 'string') return text(item)
    if (typeof item === 'object' || typeof item === 'function') return copyOnce(item)
    if (typeof item === 'symbol') return unlessRedacted(redact, item, String(item.description), Symbol)
    if (typeof item === 'boolean' || isSecretNumber?.(String(item)) === false) return item
    return unlessRedacted(redact, item, String(item))
  }

  const redactLate: Redact = (item) => redactValue(item, rules)
  const fillLater: FillLater = (source, copy, finish) => {
    unfilled.push(() => {
      try {
        const isMany = copies.size >= MANY_OBJECTS
        copyProperties(source as Properties, copy as Properties, redact, redactLate, isMany)
        finish?.(isMany)
      } catch {
        ;(copy as Properties)[UNREADABLE] = UNREADABLE
      }
    })
    return copy
  }

  const copyObject = objectCopier(redact, fillLater, isDataOnly, redactLate)
  const copyOnce = (source: object): unknown => {
    let copy = copies.get(source)
    if (!copy) {
      try {
        copy = copies.size >= MAX_OBJECTS ? TOO_LARGE : copyObject(source)
      } catch {
        copy = UNREADABLE // a proxy or an accessor that throws
      }
      copies.set(source, copy)
    }
    return copy
  }

  const copy = redact(value)
  while (unfilled.length > 0) unfilled.pop()!()
  return copy as T
}

/** Copies objects of all kinds, as far as their class says what they are; the rest is filled later. */
function objectCopier(
  redact: Redact,
  fillLater: FillLater,
  isDataOnly: boolean,
  redactLate: Redact,
): (source: object) => unknown {
  /** What a `toJSON` gave last: if that has one too, `JSON.stringify` does not call it. */
  let plain: unknown

  const copyInstance = (source: object, prototype: object): unknown => {
    // one of its own is a property like any other
    const toJSON: unknown = source === plain ? 0 : Reflect.get(prototype, 'toJSON', source)
    if (typeof toJSON === 'function') {
      plain = toJSON.call(source)
      return redact(plain)
    }
    if (isDataOnly && isLive(source)) return redact(`[${functionName(prototype.constructor) || 'Object'}]`)
    // the Object.prototype of another realm has no prototype
    if (!getPrototypeOf(prototype)) return fillLater(source, {})
    const copy = emptyInstance(source, redact)
    if (!hasPrinters(prototype as Properties)) return fillLater(source, copy)
    return fillLater(source, copy, () => copyPrinters(prototype as Properties, source, copy, redactLate))
  }

  return (source) => {
    if (typeof source === 'function') return redact(`[Function ${functionName(source) || 'anonymous'}]`)
    if (Array.isArray(source)) return fillLater(source, [])
    const prototype = getPrototypeOf(source) as object | null
    if (!prototype) return fillLater(source, Object.create(null))
    if (prototype === Object.prototype) return fillLater(source, {})
    return builtinCopy(source, redact, fillLater, isDataOnly) ?? copyInstance(source, prototype)
  }
}
