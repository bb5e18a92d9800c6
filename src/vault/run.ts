/** Using plaintext without letting it out: the result and the errors of a function come back redacted. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject } from '../plain-object.ts'
import type { Prepared, ResolveOptions } from './api.ts'
import { resolve } from './resolve.ts'
import { resultRedactor, type View } from './view.ts'

/** A result is looked through this deep and this far before it counts as data. */
const MAX_NODES = 1_000_000

/** Resolves, calls, cleans. */
export async function run<T, R>(
  view: View,
  template: T | Prepared<T>,
  use: (exposed: T) => R | Promise<R>,
  options: ResolveOptions | undefined,
): Promise<R> {
  if (typeof use !== 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'run needs a function that takes the resolved template.')
  }
  const resolved = await resolve(view, template, options)
  const redactor = resultRedactor(view)
  let result: R
  try {
    result = await use(resolved.expose())
  } catch (error) {
    throw redactor.value(error)
  }
  requireData(result)
  return redactor.value(result)
}

/**
 * A live object would carry plaintext out where no copy can be cleaned.
 *
 * @throws ERR_INVALID_INPUT
 */
function requireData(result: unknown): void {
  const seen = new Set<object>()
  const waiting: unknown[] = [result]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'function' || typeof value === 'symbol') throw notData(typeof value)
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (seen.size > MAX_NODES) throw notData('structure of more than a million parts')
    if (Array.isArray(value)) waiting.push(...chunked(value))
    else if (isPlainObject(value)) waiting.push(...plainValues(value))
    else if (value instanceof Map) for (const [key, entry] of value) waiting.push(key, entry)
    else if (value instanceof Set) for (const entry of value) waiting.push(entry)
    else if (!(value instanceof Date || value instanceof Uint8Array || value instanceof Error)) {
      throw notData('class instance, stream or response')
    }
  }
}

/** The elements of an array; a very long one is not spread onto the stack. */
function chunked(value: readonly unknown[]): readonly unknown[] {
  if (value.length > MAX_NODES / 10) throw notData('array of more than 100,000 elements')
  return value
}

function plainValues(value: object): readonly unknown[] {
  return Object.values(Object.getOwnPropertyDescriptors(value)).map((descriptor) => {
    if ('value' in descriptor) return descriptor.value
    throw notData('object with an accessor')
  })
}

function notData(what: string): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    `The function given to run returned a ${what}; return data that can be copied and redacted, such as the parsed body.`,
  )
}
