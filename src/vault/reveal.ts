/** Showing the value of a masked secret to a person: asked of the policy, told to the listener. */

import { GuillemetError } from '../errors.ts'
import type { SecretValue } from '../secret-value.ts'
import { type ClearInfo, infoOf } from '../secrets/secret.ts'
import { requireName } from '../tag.ts'
import type { Resolved } from './api.ts'
import { notFound } from './change.ts'
import { announce, reportingFailure } from './emit.ts'
import { askPolicy } from './policy.ts'
import { corruptRecord, openRecord } from './records.ts'
import { learn, maskOf } from './redaction.ts'
import { createResolved } from './resolved.ts'
import { fetchFresh, requireKeysOf } from './secret-set.ts'
import { cleanerOf, requireKeyrings, requireOpen, type View } from './view.ts'

/** The value of a masked secret. `enabled`, `expiresAt` and `allow` govern use, not this. */
export async function reveal(view: View, tag: string): Promise<Resolved<SecretValue>> {
  requireOpen(view)
  requireName(tag, 'tag')
  requireKeyrings(view)
  const { environment } = view
  return reportingFailure(
    view,
    () => ({ action: 'reveal', secrets: [{ tag, environment }] }),
    async () => {
      const { place, stored } = await fetchFresh(view, tag)
      const info = stored.state === 'live' ? infoOf({ ...place, version: stored.version }, stored.info) : undefined
      const denial = await askPolicy(view.root.policy, {
        action: 'reveal',
        tag,
        ...(info !== undefined && { secret: info }),
        ...(view.actor !== undefined && { actor: view.actor }),
        ...(view.purpose !== undefined && { purpose: view.purpose }),
      })
      if (denial !== undefined) throw denial
      if (stored.state === 'corrupt') throw corruptRecord(tag)
      if (stored.state !== 'live') throw notFound(tag)
      if (stored.info.visibility !== 'masked') {
        throw new GuillemetError(
          'ERR_NOT_REVEALABLE',
          `The secret "${tag}" is restricted: nobody can read its value again; set a new one if it is lost.`,
          { tag },
        )
      }
      const value = openRecord(place, stored, await requireKeysOf(view, [stored]))
      view.root.marks.raise(place, stored.version)
      learn(view, tag, stored.info, value)
      announce(view, { action: 'reveal', secrets: [{ tag, environment, version: stored.version }] })
      return createResolved<SecretValue>(value, {
        redacted: () => masked(view, tag, stored.info, value),
        references: () => [],
        sending: () => ({ grants: [], cleaner: cleanerOf(view) }),
      })
    },
  )
}

function masked(view: View, tag: string, info: ClearInfo, value: SecretValue) {
  if (typeof value === 'string') return maskOf(view, info, value, { tag })
  return Object.fromEntries(Object.keys(value).map((field) => [field, maskOf(view, info, value, { tag, field })]))
}
