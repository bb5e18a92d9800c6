/** What the redactors learn of each opened value, and the mask that stands for it. */

import type { Reference } from '../location.ts'
import { own } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { cleanerOf, type View } from './view.ts'

/** The label of a reference in masks: `tag` or `tag.field`. */
export function labelOf({ tag, field }: Pick<Reference, 'tag' | 'field'>): string {
  return field === undefined ? tag : `${tag}.${field}`
}

/** Teaches a value to the redactor that cleans this view's results, and to the one for process logs. */
export function learn(view: View, tag: string, info: ClearInfo, value: SecretValue): void {
  const redactors = new Set([cleanerOf(view), view.root.redactor])
  for (const redactor of redactors) {
    if (typeof value === 'string') {
      redactor.add(value, tag)
      continue
    }
    for (const [field, scalar] of Object.entries(value)) {
      // the mode of a database is one of two words of this library, not a secret
      if (info.type !== 'database' || field !== 'mode') redactor.add(String(scalar), `${tag}.${field}`)
    }
    const username = own(value, 'username')
    const password = own(value, 'password')
    // the header of basic auth holds the pair, encoded together
    if (typeof username === 'string' && typeof password === 'string') redactor.add(`${username}:${password}`, tag)
  }
}

/** The mask at a reference's position. A label that holds a known value would tell it, so it is left out. */
export function maskOf(view: View, value: SecretValue, reference: Pick<Reference, 'tag' | 'field'>): string {
  const label = labelOf(reference)
  const texts = typeof value === 'string' ? [value] : Object.values(value).map(String)
  const isTold = texts.some((text) => text !== '' && label.includes(text)) || cleanerOf(view).find(label).length > 0
  return isTold ? '[secret]' : `[secret:${label}]`
}
