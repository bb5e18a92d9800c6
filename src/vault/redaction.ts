/** What the redactors learn of each use, what cleans its results, and the mask that is shown in place of a value. */

import type { Reference } from '../location.ts'
import type { Redactor } from '../redact/redactor.ts'
import { maskLabel, type UsedText } from './used-texts.ts'
import type { View } from './view.ts'

/** Teaches what a use has put somewhere to the redactor for process logs, and to that of the view. */
export function teach(view: View, environment: string, texts: readonly UsedText[]): void {
  const { root, redactor, learned, workspace } = view
  for (const { label, text, source } of texts) {
    const place = `${workspace}/${environment}/${source ?? label}`
    root.redactor.add(label, text, { of: place })
    if (redactor !== root.redactor) redactor?.add(label, text, { of: place })
    learned?.add(place, label, text)
  }
  forgetLastMatch()
}

const EMPTY_TEXT = /^$/

/** The engine keeps the text that a pattern matched last, and shows it to anyone as `RegExp.input`. */
export function forgetLastMatch(): void {
  EMPTY_TEXT.test('')
}

/**
 * The redactor that cleans what a use gives back: of what that very use has opened, since a mask anywhere else would
 * confirm a guess to somebody who may not use the secret. A redactor that was given to the view takes its place.
 */
export function resultRedactor({ root, redactor }: View, texts: readonly UsedText[]): Redactor {
  return redactor ?? root.resultRedactors.of(texts)
}

/** The mask at a reference's position. A label that holds a used value would reveal it, so it is left out. */
export function maskOf(
  redactor: Redactor,
  texts: readonly UsedText[],
  reference: Pick<Reference, 'tag' | 'field'>,
): string {
  const label = maskLabel(reference)
  const revealsValue = texts.some(({ text }) => text !== '' && label.includes(text)) || redactor.find(label).length > 0
  return revealsValue ? '[secret]' : `[secret:${label}]`
}
