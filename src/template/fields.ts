/** Which references are missing, and which need a field: decided on field names alone, before anything is opened. */

import type { GuillemetError, MissingReference } from '../errors.ts'
import type { Reference } from '../location.ts'
import { suggest } from '../suggest.ts'
import { fieldError } from './faults.ts'
import { takesFields } from './filter-names.ts'

/** The fields of a secret in their order; `null` for one text without fields. */
export type FieldNames = readonly string[] | null

/** What is wrong with references beside their syntax. */
export interface FieldFaults {
  /** Every occurrence, in the order given; without suggestions for tags. */
  readonly missing: MissingReference[]
  /** `ERR_FIELD_REQUIRED` for the first reference that needs a field, or a filter's fields. */
  readonly fieldRequired?: GuillemetError | undefined
}

/**
 * Sorts out references whose secret or field is not there, or that do not say which field they mean.
 *
 * @param fieldsOf the field names of a tag, `null` for a secret without fields, undefined for one that is missing
 */
export function faultsOf(
  references: readonly Reference[],
  fieldsOf: (tag: string) => FieldNames | undefined,
): FieldFaults {
  const missing: MissingReference[] = []
  let fieldRequired: GuillemetError | undefined
  for (const reference of references) {
    const { tag, path } = reference
    const fields = fieldsOf(tag)
    const field = Object.hasOwn(reference, 'field') ? reference.field : undefined
    if (fields === undefined) missing.push({ tag, path })
    else if (field === undefined) fieldRequired ??= requirement(reference, fields)
    else if (fields === null || !fields.includes(field)) {
      const suggestion = fields === null ? undefined : suggest(field, fields)
      missing.push({ tag, field, path, ...(suggestion !== undefined && { suggestion }) })
    }
  }
  return { missing, fieldRequired }
}

function requirement({ tag, path, filters }: Reference, fields: FieldNames): GuillemetError | undefined {
  const isPair = fields?.includes('username') && fields.includes('password')
  if (filters[0] === 'basic') {
    if (isPair) return undefined
    return fieldError(tag, path, fields, 'needs the fields username and password for the filter "basic"')
  }
  if (fields === null || takesFields(filters)) return undefined
  const example = isPair ? `"Basic << secrets.${tag} | basic >>"` : `"secrets.${tag}.${fields[0]}"`
  return fieldError(tag, path, fields, `has the fields ${fields.join(', ')}; name one, as in ${example}`)
}
