/** What the redactors learn of each opened value, and the mask that is shown in its place. */

import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import { isPublicField } from '../secrets/public-fields.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { filteredText } from '../template/values.ts'
import { resultRedactor, type View } from './view.ts'

/** The label of a reference in masks: `tag` or `tag.field`. */
export function maskLabel(reference: Pick<Reference, 'tag' | 'field'>): string {
  const { tag } = reference
  const field = ownValue(reference, 'field')
  return field === undefined ? tag : `${tag}.${field}`
}

/** Registers a value with the redactor that cleans this view's results, and with the one for process logs. */
export function registerValue(view: View, tag: string, info: ClearInfo, value: SecretValue): void {
  for (const redactor of new Set([resultRedactor(view), view.root.redactor])) {
    if (typeof value === 'string') redactor.add(value, tag)
    else registerFields(redactor, tag, info, value)
  }
  forgetLastMatch()
}

const EMPTY_TEXT = /^$/

/** The engine keeps the text that a pattern matched last, and shows it to anyone as `RegExp.input`. */
export function forgetLastMatch(): void {
  EMPTY_TEXT.test('')
}

function registerFields(redactor: Redactor, tag: string, info: ClearInfo, value: Exclude<SecretValue, string>): void {
  for (const [field, text] of secretFields(info, value)) redactor.add(text, `${tag}.${field}`)
  for (const pair of basicAuthPair(value)) redactor.add(pair, tag)
}

/**
 * Registers what several filters made of a value, one after the other. What one filter makes is among the forms that a
 * redactor knows; what `hex | hex` makes is not.
 */
export function registerFiltered(
  view: View,
  references: readonly Reference[],
  open: (tag: string) => SecretValue | undefined,
  infoOf: (tag: string) => ClearInfo | undefined,
): void {
  for (const reference of references) {
    if (reference.filters.length < 2) continue
    const value = open(reference.tag)
    if (isPublic(infoOf(reference.tag), reference)) continue
    const text = value === undefined ? undefined : filteredText(reference, value)
    if (text === undefined) continue
    const label = maskLabel(reference)
    resultRedactor(view).add(text, label)
    view.root.redactor.add(text, label)
  }
}

/** The fields as texts, except for those that are public. */
function secretFields(info: ClearInfo, value: Exclude<SecretValue, string>): [field: string, text: string][] {
  return Object.entries(value)
    .filter(([field]) => !isPublicField(info, field))
    .map(([field, scalar]) => [field, String(scalar)])
}

/** The texts of a value that are secret; none once its snapshot is closed. */
function secretTexts(info: ClearInfo, value: SecretValue | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : secretFields(info, value).map(([, text]) => text)
}

/** What may be found of a secret in a result: its texts, the pair of basic auth, and what the filters made of it. */
export function textsInResult(
  info: ClearInfo,
  value: SecretValue | undefined,
  reference: Reference,
): readonly string[] {
  if (value === undefined) return []
  if (isPublic(info, reference)) return []
  const filtered = reference.filters.length > 0 ? filteredText(reference, value) : undefined
  return [...secretTexts(info, value), ...basicAuthPair(value), ...(filtered === undefined ? [] : [filtered])]
}

/** The header of basic auth holds user name and password encoded together. */
function basicAuthPair(value: SecretValue): readonly string[] {
  if (typeof value === 'string') return []
  const { username, password } = value
  return typeof username === 'string' && typeof password === 'string' ? [`${username}:${password}`] : []
}

/**
 * What is shown at a reference's position: its mask, or the text of a public field. A label that holds a known value would reveal it, so it is left out.
 */
export function maskOf(
  view: View,
  info: ClearInfo,
  value: SecretValue | undefined,
  reference: Pick<Reference, 'tag' | 'field'>,
): string {
  const shown = publicText(view, info, value, reference)
  if (shown !== undefined) return shown
  const label = maskLabel(reference)
  const revealsValue =
    secretTexts(info, value).some((text) => text !== '' && label.includes(text)) ||
    resultRedactor(view).find(label).length > 0
  return revealsValue ? '[secret]' : `[secret:${label}]`
}

/** Whether the reference names a field that is no secret. */
function isPublic(info: ClearInfo | undefined, reference: Pick<Reference, 'tag' | 'field'>): boolean {
  const field = ownValue(reference, 'field')
  return info !== undefined && field !== undefined && isPublicField(info, field)
}

/** The text of a public field as it stands in a result, cleaned like any other text; undefined for what is secret. */
function publicText(
  view: View,
  info: ClearInfo,
  value: SecretValue | undefined,
  reference: Pick<Reference, 'tag' | 'field'> | Reference,
): string | undefined {
  if (typeof value !== 'object' || !isPublic(info, reference)) return undefined
  const isFiltered = 'filters' in reference && reference.filters.length > 0
  const text = isFiltered ? filteredText(reference, value) : String(value[ownValue(reference, 'field')!])
  return text === undefined ? undefined : resultRedactor(view).text(text)
}
