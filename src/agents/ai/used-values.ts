/** The values of some results: what is searched for in what a model gives back. */

import { GuillemetError } from '../../errors.ts'
import { createRedactor, type Redactor } from '../../redact/redactor.ts'
import type { Resolved } from '../../vault/api.ts'
import { type ResultContext, resultContextOf } from '../../vault/resolved.ts'

/** Shorter values are everywhere in an honest answer, and a program goes on computing with it. */
const MIN_USED_LENGTH = 8

/** Results of a vault, or a function that gives those there are by now. */
export type UsedResults = readonly Resolved<unknown>[] | (() => readonly Resolved<unknown>[])

/** The results there are by now. @throws ERR_INVALID_INPUT for anything else */
export function resultsOf(of: UsedResults): readonly Resolved<unknown>[] {
  const results: unknown = typeof of === 'function' ? of() : of
  contextsOf(results)
  return results as readonly Resolved<unknown>[]
}

/** What the results know of what they used. @throws ERR_INVALID_INPUT for anything else */
export function contextsOf(results: unknown): readonly ResultContext[] {
  const contexts = Array.isArray(results)
    ? results.map((result: Resolved<unknown>) => resultContextOf(result))
    : [undefined]
  if (!contexts.includes(undefined)) return contexts as ResultContext[]
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The option of must be a list of results of a vault, or a function that gives one.',
  )
}

/** Gives the redactor of some results; the same ones get the same one again. */
export function createRedactors(): (results: readonly Resolved<unknown>[]) => Redactor {
  let last: { readonly results: readonly Resolved<unknown>[]; readonly redactor: Redactor } | undefined
  return (results) => {
    const isSame = last?.results.length === results.length && results.every((each, at) => each === last!.results[at])
    if (last !== undefined && isSame) return last.redactor
    const redactor = createRedactor()
    for (const { label, text } of contextsOf(results).flatMap(({ texts }) => texts)) {
      if (text.length >= MIN_USED_LENGTH) redactor.add(label, text, {})
    }
    last = { results: [...results], redactor }
    return redactor
  }
}
