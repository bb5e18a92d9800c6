/** What a client must know of the secrets in a request to follow its redirects, and the policy's say on each hop. */

import type { Reference } from '../location.ts'
import { ownValue } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { filteredText } from '../template/values.ts'
import { askPolicy } from './authorize.ts'
import { type EventDetails, emitBefore, emitFailure, eventSecrets } from './emit.ts'
import type { FoundSecret } from './records.ts'
import { maskLabel, maskOf, textsInResult } from './redaction.ts'
import type { UsedSecret } from './resolved.ts'
import type { SecretSet } from './secret-set.ts'
import type { View } from './view.ts'

/** A secret as a reference used it; without its texts once its snapshot is closed. */
export function usedSecret(
  view: View,
  reference: Reference,
  { record: { info } }: FoundSecret,
  value: SecretValue | undefined,
): UsedSecret {
  const { tag, path, location } = reference
  const label = maskLabel(reference)
  return {
    tag,
    path,
    location,
    allow: info.allow,
    texts: textsInResult(info, value, reference),
    written: value === undefined ? [] : writtenBy(reference, info, value),
    label: maskOf(view, info, value, reference) === `[secret:${label}]` ? label : '',
  }
}

/** What the reference put into the request: its own field, or the whole secret, and what filters made of it. */
function writtenBy(reference: Reference, { type }: ClearInfo, value: SecretValue): readonly string[] {
  const filtered = reference.filters.length === 0 ? undefined : filteredText(reference, value)
  const made = filtered === undefined ? [] : [filtered]
  if (typeof value === 'string') return [value, ...made]
  const field = ownValue(reference, 'field')
  const fields = field === undefined ? Object.keys(value) : [field]
  // the user name of basic auth is no secret, and is found all over an honest answer
  const isSecret = (name: string): boolean => type !== 'basicAuth' || name !== 'username'
  return [...fields.filter(isSecret).map((name) => String(value[name])), ...made]
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
    destination: origin,
    locations: [...new Set(some.map(({ location }) => location))],
  })
  for (const tag of new Set(carried.map((secret) => secret.tag))) {
    const ofTag = carried.filter((secret) => secret.tag === tag)
    const locations = [...new Set(ofTag.map(({ location }) => location))]
    const found = secrets.find(tag)
    const denial = await askPolicy(view, { action: 'use', tag, found, destination: origin, locations })
    if (denial === undefined) continue
    refused.add(tag)
    emitFailure(view, hopDetails(ofTag), denial)
  }
  const sent = carried.filter(({ tag }) => !refused.has(tag))
  if (sent.length > 0) emitBefore(view, hopDetails(sent))
  return refused
}
