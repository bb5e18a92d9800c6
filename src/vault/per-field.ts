/** The option `perField`: one secret in one field of a template, as some platforms promise their users. */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { groupedBy } from './grouped.ts'

/** An error for each field that holds more than one reference. */
export function crowdedFields(references: readonly Reference[]): readonly GuillemetError[] {
  const fields = [...groupedBy(references, ({ path }) => path)]
  return fields.filter(([, inField]) => inField.length > 1).map(([path]) => crowdedField(path))
}

function crowdedField(path: string): GuillemetError {
  const where = path === '' ? 'The template' : `The field ${path}`
  return new GuillemetError('ERR_INVALID_INPUT', `${where} holds more than one secret; use one in each field.`, {
    path,
  })
}
