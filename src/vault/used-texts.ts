/** The texts that a use put somewhere: what the redactors learn of it, and what its results are cleaned of. */

import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import { isPublicField } from '../secrets/public-fields.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { makesNewText, pairIn } from '../template/filter-names.ts'
import { filteredText } from '../template/values.ts'

/** One text, and the label that its mask shows. */
export interface UsedText {
  readonly label: string
  readonly text: string
  /** What a reference to it says, such as `db.password` or `db | basic`; undefined where none gives this text. */
  readonly source: string | undefined
}

/** What a reference to a secret may name: all of it, or one field, as filters make it. */
export type Usage = Pick<Reference, 'tag' | 'field' | 'filters' | 'path' | 'location' | 'index'>

/** The label of a reference in masks: `tag` or `tag.field`. */
export function maskLabel(reference: Pick<Reference, 'tag' | 'field'>): string {
  const { tag } = reference
  const field = ownValue(reference, 'field')
  return field === undefined ? tag : `${tag}.${field}`
}

/**
 * The secret texts that a reference resolves to: of a field that field alone, since host, port and user name next to it
 * were not used and are in every log; of a secret with fields as a whole, all of them.
 */
export function usedTexts(reference: Usage, info: ClearInfo, value: SecretValue): readonly UsedText[] {
  const { tag, filters } = reference
  const field = ownValue(reference, 'field')
  if (typeof value === 'string') {
    const whole = [{ label: tag, text: value, source: tag }]
    return filters.length === 0 ? whole : withFiltered(whole, reference, value)
  }
  if (field === undefined) {
    const pair = basicAuthPair(value).map((text) => ({ label: tag, text, source: undefined }))
    const all = [...fieldTexts(tag, info, value), ...pair]
    return filters.length === 0 ? all : withFiltered(all, reference, value)
  }
  const own = fieldTexts(tag, info, value, field)
  return own.length === 0 || filters.length === 0 ? own : withFiltered(own, reference, value)
}

/** The texts of a whole secret. */
export function secretTexts(tag: string, info: ClearInfo, value: SecretValue): readonly UsedText[] {
  return usedTexts({ tag, filters: [], path: '', location: 'value', index: 0 }, info, value)
}

/** What may be found of a secret in a result: its texts, the pair of basic auth, and what the filters made of it. */
export function textsInResult(
  info: ClearInfo,
  value: SecretValue | undefined,
  reference: Reference,
): readonly string[] {
  if (value === undefined || isPublic(reference, info)) return []
  const filtered = reference.filters.length > 0 ? filteredText(reference, value) : undefined
  const all = secretTexts(reference.tag, info, value).map(({ text }) => text)
  return filtered === undefined ? all : [...all, filtered]
}

/** Whether a reference names a field that is no secret. */
function isPublic(reference: Pick<Reference, 'field'>, info: ClearInfo): boolean {
  const field = ownValue(reference, 'field')
  return field !== undefined && isPublicField(info, field)
}

/** What a reference to a public field resolves to, which results show; undefined for any other reference. */
export function publicText(reference: Reference, info: ClearInfo, value: SecretValue | undefined): string | undefined {
  if (typeof value !== 'object' || !isPublic(reference, info)) return undefined
  return reference.filters.length > 0
    ? filteredText(reference, value)
    : String(ownValue(value, ownValue(reference, 'field')!))
}

/**
 * What one filter makes of a text is among the forms that a redactor knows; what `hex | hex` makes is not, nor what a
 * filter makes of several fields.
 */
function withFiltered(texts: readonly UsedText[], reference: Usage, value: SecretValue): readonly UsedText[] {
  const isKnown =
    !makesNewText(reference.filters) && (typeof value === 'string' || ownValue(reference, 'field') !== undefined)
  const text = isKnown ? undefined : filteredText(reference, value)
  if (text === undefined) return texts
  const label = maskLabel(reference)
  return [...texts, { label, text, source: [label, ...reference.filters].join(' | ') }]
}

/** Secret fields as texts. */
function fieldTexts(tag: string, info: ClearInfo, value: Exclude<SecretValue, string>, only?: string): UsedText[] {
  return Object.entries(value)
    .filter(([field]) => (only === undefined || field === only) && !isPublicField(info, field))
    .map(([field, scalar]) => ({ label: `${tag}.${field}`, text: String(scalar), source: `${tag}.${field}` }))
}

/** The header of basic auth holds user name and password encoded together. */
function basicAuthPair(value: Exclude<SecretValue, string>): readonly string[] {
  const pair = pairIn(Object.keys(value))
  return pair === undefined ? [] : [pair.map((field) => String(value[field])).join(':')]
}
