/** Using plaintext without letting it out: what a function gives back prints as redacted, and its errors are. */

import { requireValid } from '../read-options.ts'
import type { Redactor } from '../redact/redactor.ts'
import { type JsonValue, redactedJson } from '../template/redacted.ts'
import type { Outcome, Prepared } from './api.ts'
import type { ResolveOptions } from './option-types.ts'
import { resolve } from './resolve.ts'
import { ResolvedValue, resultContextOf } from './resolved.ts'
import type { View } from './view.ts'

/** Resolves, calls, redacts. */
export async function use<T, R>(
  view: View,
  template: T | Prepared<T>,
  work: (exposed: T) => R | Promise<R>,
  options: ResolveOptions | undefined,
): Promise<Outcome<R>> {
  requireValid(typeof work === 'function', 'use needs a function that takes the resolved template.')
  const resolved = await resolve(view, template, options)
  // what cleans the result is looked for when there is one: most outcomes are never printed
  const redactor = (): Redactor => resultContextOf(resolved)!.redactor
  let result: R
  try {
    result = await work(resolved.expose())
  } catch (error) {
    throw redactor().value(error)
  }
  return new ResolvedValue(result, () => ({
    redacted: () => redactedData(result, redactor()),
    references: () => resolved.references,
    context: () => resultContextOf(resolved)!,
  }))
}

/** What `redactor.data` makes of the result, as JSON. */
function redactedData(result: unknown, redactor: Redactor): JsonValue {
  return redactedJson(redactor.data(result), redactor.data)
}
