/** What the redactors learn of each opened value, and the mask that stands for it. */

import type { Reference } from '../location.ts'
import { own } from '../plain-object.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import type { Lookup } from '../template/values.ts'
import { filteredText } from '../template/values.ts'
import { cleanerOf, type View } from './view.ts'

/** The label of a reference in masks: `tag` or `tag.field`. */
export function labelOf(reference: Pick<Reference, 'tag' | 'field'>): string {
  const { tag } = reference
  const field = own(reference, 'field')
  return field === undefined ? tag : `${tag}.${field}`
}

/** Teaches a value to the redactor that cleans this view's results, and to the one for process logs. */
export function learn(view: View, tag: string, info: ClearInfo, value: SecretValue): void {
  const cleaner = cleanerOf(view)
  teach(cleaner, tag, info, value)
  if (view.root.redactor !== cleaner) teach(view.root.redactor, tag, info, value)
}

function teach(redactor: Redactor, tag: string, info: ClearInfo, value: SecretValue): void {
  if (typeof value === 'string') {
    redactor.add(value, tag)
    return
  }
  for (const [field, text] of secretFields(info, value)) redactor.add(text, `${tag}.${field}`)
  for (const pair of pairOf(value)) redactor.add(pair, tag)
}

/** The fields as texts, but for the mode of a database: one of two words of this library, which is no secret. */
function secretFields(info: ClearInfo, value: Exclude<SecretValue, string>): [field: string, text: string][] {
  return Object.entries(value)
    .filter(([field]) => info.type !== 'database' || field !== 'mode')
    .map(([field, scalar]) => [field, String(scalar)])
}

/** The texts of a secret that are one; none once its snapshot is closed. */
export function textsOf(info: ClearInfo, value: SecretValue | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : secretFields(info, value).map(([, text]) => text)
}

/** The texts of a secret, the pair of basic auth, and what the filters of a reference made of it. */
export function writtenTexts(info: ClearInfo, value: SecretValue | undefined, reference: Reference): readonly string[] {
  if (value === undefined) return []
  const filtered = reference.filters.length > 0 ? filteredText(reference, value) : undefined
  return [...textsOf(info, value), ...pairOf(value), ...(filtered === undefined ? [] : [filtered])]
}

/** The header of basic auth holds user name and password encoded together. */
function pairOf(value: SecretValue): readonly string[] {
  if (typeof value === 'string') return []
  const username = own(value, 'username')
  const password = own(value, 'password')
  return typeof username === 'string' && typeof password === 'string' ? [`${username}:${password}`] : []
}

/**
 * Teaches what several filters made of a value, one after the other. What one filter makes is among the forms that a
 * redactor knows; what `hex | hex` makes is not.
 */
export function learnFiltered(view: View, references: readonly Reference[], lookup: Lookup): void {
  for (const reference of references) {
    const value = reference.filters.length > 1 ? lookup(reference.tag) : undefined
    const text = value === undefined ? undefined : filteredText(reference, value)
    if (text === undefined) continue
    cleanerOf(view).add(text, labelOf(reference))
    view.root.redactor.add(text, labelOf(reference))
  }
}

/** The mask at a reference's position. A label that holds a known value would tell it, so it is left out. */
export function maskOf(
  view: View,
  info: ClearInfo,
  value: SecretValue | undefined,
  reference: Pick<Reference, 'tag' | 'field'>,
): string {
  const label = labelOf(reference)
  const isTold =
    textsOf(info, value).some((text) => text !== '' && label.includes(text)) || cleanerOf(view).find(label).length > 0
  return isTold ? '[secret]' : `[secret:${label}]`
}
