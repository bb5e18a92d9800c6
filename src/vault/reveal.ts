/** Showing the value of a masked secret to a person: the policy is asked, the listener is told. */

import { GuillemetError } from '../errors.ts'
import type { SecretValue } from '../secret-value.ts'
import { requireName } from '../tag.ts'
import type { Resolved } from './api.ts'
import { detailsOf, emitBefore, eventSecrets, withFailureEvent } from './emit.ts'
import { findForReveal } from './find.ts'
import { notFound } from './not-found.ts'
import type { FoundSecret } from './records.ts'
import { maskOf } from './redaction.ts'
import { ResolvedValue } from './resolved.ts'
import { requireKeyrings, requireOpen, resultRedactor, type View } from './view.ts'

/** The value of a masked secret. `enabled`, `expiresAt` and `allow` govern use, not this. */
export async function reveal(view: View, tag: string): Promise<Resolved<SecretValue>> {
  requireOpen(view)
  requireName(tag, 'tag')
  requireKeyrings(view)
  const failed = () => detailsOf('reveal', eventSecrets(view, [tag], undefined))
  return withFailureEvent(view, failed, async () => {
    const secrets = await findForReveal(view, tag)
    await secrets.authorize('reveal', undefined)
    const found = secrets.find(tag)
    if (found === undefined) throw await notFound(view, tag)
    if (found.record.info.visibility !== 'masked') throw notRevealable(tag)
    await secrets.loadKeys()
    const value = secrets.open(tag)!
    await emitBefore(view, detailsOf('reveal', eventSecrets(view, [tag], secrets)))
    return new ResolvedValue<SecretValue>(value, () => ({
      redacted: () => maskedValue(view, found, value),
      references: () => [],
      redirectContext: () => ({ secrets: [], redactor: resultRedactor(view) }),
    }))
  })
}

function maskedValue(view: View, { place, record }: FoundSecret, value: SecretValue) {
  const { tag } = place
  if (typeof value === 'string') return maskOf(view, record.info, value, { tag })
  const masks = Object.keys(value).map((field) => [field, maskOf(view, record.info, value, { tag, field })] as const)
  return Object.fromEntries(masks)
}

function notRevealable(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_NOT_REVEALABLE',
    `The secret "${tag}" is restricted: nobody can read its value again; set a new one if it is lost.`,
    { tag },
  )
}
