/** Showing the value of a masked secret to a person: the policy is asked, the listener is told. */

import { GuillemetError } from '../errors.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import { isPublicField } from '../secrets/public-fields.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { requireName } from '../tag.ts'
import type { Resolved } from './api.ts'
import { detailsOf, emitBefore, eventSecrets, withFailureEvent } from './emit.ts'
import { findForReveal } from './find.ts'
import { notFound } from './not-found.ts'
import type { WaitOptions } from './option-types.ts'
import { maskOf, resultRedactor, teach } from './redaction.ts'
import { ResolvedValue } from './resolved.ts'
import { readSignal } from './signal.ts'
import { secretTexts, type UsedText } from './used-texts.ts'
import { requireKeyrings, requireOpen, type View, viewOfCall } from './view.ts'

/** The value of a masked secret. `enabled`, `expiresAt` and `allow` govern use, not this. */
export async function reveal(
  lasting: View,
  tag: string,
  options: WaitOptions | undefined,
): Promise<Resolved<SecretValue>> {
  requireOpen(lasting)
  requireName(tag, 'tag')
  requireKeyrings(lasting)
  const view = viewOfCall(lasting, readSignal(options))
  const failed = () => detailsOf('reveal', eventSecrets(view, [tag], undefined))
  return withFailureEvent(view, failed, async () => {
    const secrets = await findForReveal(view, tag)
    await secrets.authorize('reveal', undefined)
    const found = secrets.find(tag)
    if (found === undefined) throw await notFound(view, tag)
    if (found.record.info.visibility !== 'masked') throw notRevealable(tag)
    await secrets.loadKeys()
    const value = secrets.open(tag)!
    const texts = secretTexts(tag, found.record.info, value)
    teach(view, found.place.environment, texts)
    await emitBefore(view, detailsOf('reveal', eventSecrets(view, [tag], secrets)))
    return new ResolvedValue<SecretValue>(value, () => ({
      redacted: () => maskedSecret(resultRedactor(view, texts), texts, tag, found.record.info, value),
      references: () => [],
      context: () => ({ redactor: resultRedactor(view, texts), texts, used: undefined }),
    }))
  })
}

function maskedSecret(
  redactor: Redactor,
  texts: readonly UsedText[],
  tag: string,
  info: ClearInfo,
  value: SecretValue,
) {
  if (typeof value === 'string') return maskOf(redactor, texts, { tag })
  return Object.fromEntries(
    Object.entries(value).map(([field, scalar]) => [
      field,
      isPublicField(info, field) ? redactor.text(String(scalar)) : maskOf(redactor, texts, { tag, field }),
    ]),
  )
}

function notRevealable(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_NOT_REVEALABLE',
    `The secret "${tag}" is restricted: nobody can read its value again; set a new one if it is lost.`,
    { tag },
  )
}
