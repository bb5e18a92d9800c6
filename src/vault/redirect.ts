/** What a client must know of the secrets in a request to follow its redirects, and the policy's say on each hop. */

import type { Reference } from '../location.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import { askPolicy } from './authorize.ts'
import { type EventDetails, emitBefore, emitFailure, eventSecrets } from './emit.ts'
import type { FoundSecret } from './records.ts'
import { maskOf } from './redaction.ts'
import type { UsedSecret } from './resolved.ts'
import type { SecretSet } from './secret-set.ts'
import { maskLabel, textsInResult, usedTexts } from './used-texts.ts'
import type { View } from './view.ts'

/** A secret as a reference used it; without its texts once its snapshot is closed. `name` is that of its place. */
export function usedSecret(
  reference: Reference,
  name: string | undefined,
  { record: { info } }: FoundSecret,
  value: SecretValue | undefined,
  redactor: Redactor,
): UsedSecret {
  const { tag, path, location } = reference
  const label = maskLabel(reference)
  const used = value === undefined ? [] : usedTexts(reference, info, value)
  return {
    tag,
    path,
    location,
    name,
    allow: info.allow,
    texts: textsInResult(info, value, reference),
    written: used.map(({ text }) => text),
    label: maskOf(redactor, used, reference) === `[secret:${label}]` ? label : '',
  }
}

/**
 * Asks the policy about every secret that a hop would carry, with the hop's own origin, and tells the listener: one use
 * of those that go, one failure for those that do not.
 */
export async function authorizeHop(
  view: View,
  secrets: SecretSet,
  carried: readonly UsedSecret[],
  destination: { readonly url: URL; readonly method: string },
): Promise<ReadonlySet<string>> {
  const { origin } = destination.url
  const refused = new Set<string>()
  const hopDetails = (some: readonly UsedSecret[]): EventDetails => ({
    action: 'use',
    secrets: eventSecrets(view, [...new Set(some.map(({ tag }) => tag))], secrets),
    // an event shows no host that came out of a secret
    destination: carried.some(({ location }) => location === 'host') ? undefined : origin,
    locations: [...new Set(some.map(({ location }) => location))],
  })
  for (const tag of new Set(carried.map((secret) => secret.tag))) {
    const ofTag = carried.filter((secret) => secret.tag === tag)
    const locations = [...new Set(ofTag.map(({ location }) => location))]
    const { place, record } = secrets.entry(tag)!
    const denial = await askPolicy(view, { action: 'use', place, record, destination: origin, locations })
    if (denial === undefined) continue
    refused.add(tag)
    await emitFailure(view, hopDetails(ofTag), denial)
  }
  const sent = carried.filter(({ tag }) => !refused.has(tag))
  if (sent.length > 0) await emitBefore(view, hopDetails(sent))
  return refused
}
