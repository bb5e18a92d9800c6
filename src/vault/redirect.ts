/** What a client must know of the secrets in a request to follow its redirects, and the policy's say on each hop. */

import type { Reference, ReferenceLocation } from '../location.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { SecretValue } from '../secret-value.ts'
import type { StoredRule } from '../secrets/secret.ts'
import type { Resolved } from './api.ts'
import { askPolicy } from './authorize.ts'
import { type EventDetails, emitBefore, emitFailure, eventSecrets } from './emit.ts'
import { resolvedFrom } from './evaluate.ts'
import { groupedBy, usedLocations } from './grouped.ts'
import type { FoundSecret } from './records.ts'
import { maskOf } from './redaction.ts'
import { type ResultContext, resultContextOf, type UsedTemplate } from './resolved.ts'
import { maskLabel, textsInResult, usedTexts } from './used-texts.ts'

/** A secret as one reference used it: what a client must know to send the result on to another destination. */
export interface UsedSecret {
  readonly tag: string
  readonly path: string
  readonly location: ReferenceLocation
  /** The header, parameter or body member that it stands under; undefined where nobody can say. */
  readonly name: string | undefined
  readonly allow: StoredRule | undefined
  /** Its texts, to be found again in what comes back. Plaintext: for floor 3 only, and never kept. */
  readonly texts: readonly string[]
  /** Those of its texts that the reference itself wrote: what is masked where a server sends it back. Plaintext too. */
  readonly written: readonly string[]
  /** The label of its masks; `''` where `tag` or `tag.field` would show a value. */
  readonly label: string
}

/** What whoever follows the redirects of a request must know of it. */
export interface HopContext {
  readonly secrets: readonly UsedSecret[]
  /**
   * Asks the policy about a hop of a redirect, and tells the listener of it.
   *
   * @param carried what the hop would carry, not empty
   * @returns the tags that the policy refuses
   * @throws ERR_PERMISSION_DENIED when the listener refuses
   */
  authorizeHop(carried: readonly UsedSecret[], url: URL, method: string): Promise<ReadonlySet<string>>
}

/** The same of a template that was resolved. */
export function hopContextOf(resolved: Resolved<unknown>): HopContext {
  const context = resultContextOf(resolved)!
  return {
    secrets: usedSecrets(context),
    authorizeHop: (carried, url, method) => authorizeHop(context.used!, carried, { url, method }),
  }
}

/** The secrets of a result, once for each reference. */
export function usedSecrets({ used, redactor }: ResultContext): readonly UsedSecret[] {
  if (used === undefined) return []
  const { compiled, secrets } = used
  return secrets.usedIn(compiled, (reference) => {
    const found = resolvedFrom(reference, secrets)
    if (found === undefined) return []
    return [usedSecret(reference, compiled.names.get(reference), found, secrets.open(reference.tag), redactor)]
  })
}

/** A secret as a reference used it; without its texts once its snapshot is closed. `name` is that of its place. */
function usedSecret(
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
async function authorizeHop(
  { view, secrets }: UsedTemplate,
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
    locations: usedLocations(some),
  })
  for (const [tag, ofTag] of groupedBy(carried, (secret) => secret.tag)) {
    const locations = usedLocations(ofTag)
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
