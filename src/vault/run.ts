/** Using plaintext without letting it out: the result and the errors of a function come back redacted. */

import { GuillemetError } from '../errors.ts'
import { isPlainObject } from '../plain-object.ts'
import { redactValue } from '../redact/structure/redact-value.ts'
import type { Prepared, ResolveOptions } from './api.ts'
import { resolve } from './resolve.ts'
import { resultRedactor, type View } from './view.ts'

/** The most objects, functions and symbols of one result. */
const MAX_RESULT_PARTS = 1_000_000
/** A longer list is not a result but a stream of data. */
const MAX_ELEMENTS = 100_000

/** Resolves, calls, redacts. */
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
 * A live object would carry plaintext out where no copy can be redacted. The redactor's own walk looks for one.
 *
 * @throws ERR_INVALID_INPUT
 */
function requireData(result: unknown): void {
  let refused: string | undefined
  let parts = 0
  const isWanted = (part: object | symbol): boolean => {
    refused ??= ++parts > MAX_RESULT_PARTS ? 'structure of more than a million parts' : whyNotData(part)
    // errors may hold anything: they are copied as those that are thrown
    return refused === undefined && !(part instanceof Error)
  }
  redactValue(result, { text: (text) => text, mask: () => '' }, isWanted)
  if (refused === undefined) return
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    `The function given to run returned a ${refused}; return data that can be copied and redacted, such as the parsed body.`,
  )
}

/** What it is instead of data; undefined for data. */
function whyNotData(part: object | symbol): string | undefined {
  if (typeof part !== 'object') return typeof part
  if (Array.isArray(part)) return part.length > MAX_ELEMENTS ? 'array of more than 100,000 elements' : undefined
  if (isPlainObject(part)) {
    const members = Object.values(Object.getOwnPropertyDescriptors(part))
    return members.every((member) => Object.hasOwn(member, 'value')) ? undefined : 'object with an accessor'
  }
  const isData = [Map, Set, Date, Uint8Array, Error].some((type) => part instanceof type)
  return isData ? undefined : 'class instance, stream or response'
}
