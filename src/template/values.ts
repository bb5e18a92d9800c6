/** The value of a reference: its secret, or one field of it, after its filters; and which of them are missing. */

import type { GuillemetError, MissingReference } from '../errors.ts'
import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { Scalar, SecretValue } from '../secret-value.ts'
import { suggest } from '../suggest.ts'
import type { Placeholder } from './compiled.ts'
import { fieldError, missingError, valueError } from './errors.ts'
import { type FilterName, pairFilterOf, pairIn, takesFields } from './filter-names.ts'
import { applyFilters, pairRule } from './filters.ts'

/** Only the first unknown fields get a suggestion: a template of thousands must cost no more than one of few. */
const MAX_SUGGESTED = 5
/** `pass` is short of `password`; two letters could be short of anything. */
const SHORTEST_SHORT_FORM = 3

/** The fields of a secret in their order; `null` for one text without fields. */
export type FieldNames = readonly string[] | null

/** The value of a tag, or undefined when there is none. Asked once for each reference; must answer alike each time. */
export type Lookup = (tag: string) => SecretValue | undefined

/** What is wrong with references that are written correctly. */
export interface FieldErrors {
  /** Every occurrence, in the order given; without suggestions for tags. */
  readonly missing: MissingReference[]
  /** `ERR_FIELD_REQUIRED` for the first reference that needs a field, or a filter's fields. */
  readonly fieldRequired: GuillemetError | undefined
}

/** What one rendering needs to know at every reference. */
export interface Rendering {
  /** Those that an error may list. */
  readonly references: readonly Reference[]
  readonly lookup: Lookup
  /** Whether a missing reference is an error or stays as it is. */
  readonly onMissing: 'error' | 'keep'
}

/**
 * Finds references whose secret or field does not exist, or that do not say which field they mean.
 *
 * It needs field names alone, so it runs before any secret is opened.
 *
 * @param fieldsOf the field names of a tag, `null` for a secret without fields, undefined for one that is missing
 */
export function checkFields(
  references: readonly Reference[],
  fieldsOf: (tag: string) => FieldNames | undefined,
): FieldErrors {
  const missing: MissingReference[] = []
  let unknownFields = 0
  let fieldRequired: GuillemetError | undefined
  for (const reference of references) {
    const { tag, path, filters } = reference
    const fields = fieldsOf(tag)
    const field = ownValue(reference, 'field')
    if (fields === null && field === undefined && filters.length === 0) continue
    if (fields === undefined) missing.push({ tag, path })
    else if (field === undefined) fieldRequired ??= requiredField(reference, fields)
    else if (fields === null || !fields.includes(field)) {
      const isFew = ++unknownFields <= MAX_SUGGESTED
      missing.push({ tag, field, path, ...fieldHint(field, fields, isFew) })
    }
  }
  return { missing, fieldRequired }
}

/** What an author can be told of a field that is not there. */
function fieldHint(field: string, fields: FieldNames, isFew: boolean): Partial<MissingReference> {
  if (fields === null) return { hasNoFields: true }
  const isShortOf = (name: string) => field.length >= SHORTEST_SHORT_FORM && name.startsWith(field)
  const suggestion = isFew ? (suggest(field, fields) ?? fields.find(isShortOf)) : undefined
  return suggestion === undefined ? {} : { suggestion }
}

function requiredField({ tag, path, filters }: Reference, fields: FieldNames): GuillemetError | undefined {
  const hasPair = fields !== null && pairIn(fields) !== undefined
  const pairFilter = pairFilterOf(filters)
  if (pairFilter !== undefined) return hasPair ? undefined : fieldError(tag, path, fields, pairRule(pairFilter))
  if (fields === null || takesFields(filters)) return undefined
  const example = hasPair ? `"Basic << secrets.${tag} | basic >>"` : `"secrets.${tag}.${fields[0]}"`
  return fieldError(tag, path, fields, `has the fields ${fields.join(', ')}; name one, as in ${example}`)
}

/** The value that stands in place of a reference, or undefined where the reference itself is kept. */
export function valueFor({ reference, tag, field, filters }: Placeholder, rendering: Rendering): Scalar | undefined {
  const secret = rendering.lookup(tag)
  if (typeof secret === 'string' && field === undefined && filters.length === 0) return secret
  const rule = ruleBroken(secret, field)
  if (rule !== undefined) throw valueError(tag, reference.path, rule)
  const named = secret === undefined ? undefined : namedValue(secret, field, filters)
  if (named !== undefined) return applyFilters(filters, named, reference)
  if (rendering.onMissing === 'keep' && (secret === undefined || field !== undefined)) return undefined
  throw firstError(rendering)
}

/** What is wrong with the answer of a look-up, if anything; only the field that is wanted is looked at. */
function ruleBroken(secret: unknown, field: string | undefined): string | undefined {
  if (secret === undefined || typeof secret === 'string') return undefined
  if (typeof secret !== 'object' || secret === null) return 'must be a string or an object of fields'
  if (field === undefined || !Object.hasOwn(secret, field)) return undefined
  const isScalar = ['string', 'number', 'boolean'].includes(typeof (secret as Record<string, unknown>)[field])
  return isScalar ? undefined : 'must have fields that are strings, numbers or booleans'
}

/** What the filters of a reference make of a secret; undefined where its field is missing, or one must be named. */
export function filteredText(reference: Reference, secret: SecretValue): string | undefined {
  const filters = reference.filters as readonly FilterName[]
  const named = namedValue(secret, ownValue(reference, 'field'), filters)
  return named === undefined ? undefined : String(applyFilters(filters, named, reference))
}

function namedValue(
  secret: SecretValue,
  field: string | undefined,
  filters: readonly FilterName[],
): SecretValue | Scalar | undefined {
  if (field === undefined) return typeof secret === 'string' || takesFields(filters) ? secret : undefined
  return typeof secret === 'object' && Object.hasOwn(secret, field) ? secret[field] : undefined
}

/** The one error for all that is missing; only when nothing is, the one for the first field that is not named. */
function firstError({ references, lookup, onMissing }: Rendering): Error {
  const { missing, fieldRequired } = checkFields(references, (tag) => {
    const secret = lookup(tag)
    return typeof secret === 'object' && secret !== null ? Object.keys(secret) : secret === undefined ? undefined : null
  })
  return fieldRequired !== undefined && (onMissing === 'keep' || missing.length === 0)
    ? fieldRequired
    : missingError(missing)
}
