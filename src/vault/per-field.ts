/** The option `perField`: one secret in one field of a template, as some platforms promise their users. */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'

/** An error for each field that holds more than one reference. */
export function crowdedFields(references: readonly Reference[]): readonly GuillemetError[] {
  const errors: GuillemetError[] = []
  const counts = new Map<string, number>()
  for (const { path } of references) {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    if (count === 2) errors.push(crowdedField(path))
  }
  return errors
}

function crowdedField(path: string): GuillemetError {
  const where = path === '' ? 'The template' : `The field ${path}`
  return new GuillemetError('ERR_INVALID_INPUT', `${where} holds more than one secret; use one in each field.`, {
    path,
  })
}
