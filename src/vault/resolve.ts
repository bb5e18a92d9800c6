/** The one way of a resolve: plan → tags → one read → policy → settle → one event. */

import type { GuillemetError, MissingReference } from '../errors.ts'
import { codeOf } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import type { SecretValue } from '../secret-value.ts'
import { suggest } from '../suggest.ts'
import type { Plan } from '../template/compile.ts'
import { destinationOf } from '../template/request.ts'
import { announce, tellFailure } from './announce.ts'
import { askUse } from './authorize.ts'
import type { EventPart } from './events.ts'
import { type Fetched, fetchSecrets, requireKeysOf } from './fetch.ts'
import { learn } from './learn.ts'
import { readableTags } from './list.ts'
import { openRecord } from './records.ts'
import { missingSecrets, type Settled, type Supply, settle } from './settle.ts'
import type { Prepared, Resolved, ResolveOptions } from './surface.ts'
import { type ResolveRequest, readRequest } from './template.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

/** Puts the secrets into a copy of the template. */
export async function resolve<T>(
  view: View,
  template: T | Prepared<T>,
  options: ResolveOptions | undefined,
): Promise<Resolved<T>> {
  requireOpen(view)
  requireKeyrings(view)
  const request = readRequest(view, template, options)
  const { plan } = request
  const { tags } = plan
  if (tags.length === 0) return settleWithout(view, request)
  const origin = originOf(request)
  let fetched: Fetched | undefined
  try {
    fetched = await fetchSecrets(view, tags, { isUsed: true })
    const { resolved } = await settleFetched(view, request, tags, fetched, origin)
    announce(view, eventOf(view, plan, tags, fetched, origin))
    return resolved
  } catch (error) {
    tellFailure(view, eventOf(view, plan, tags, fetched, origin), error)
    throw error
  }
}

/** A template without references meets no storage, no policy and no event: nothing is used. */
function settleWithout<T>(view: View, request: ResolveRequest<T>): Resolved<T> {
  return settle(view, request, { found: () => undefined, value: () => undefined, memory: undefined }).resolved
}

async function settleFetched<T>(
  view: View,
  request: ResolveRequest<T>,
  tags: readonly string[],
  { found, unreadable }: Fetched,
  origin: string | undefined,
): Promise<Settled<T>> {
  const locations = locationsByTag(request.plan.references)
  const answers = await Promise.all(
    tags.map((tag) =>
      askUse(view, tag, found.get(tag), {
        locations: [...locations.get(tag)!],
        ...(origin !== undefined && { destination: origin }),
      }),
    ),
  )
  const denial = answers.find((answer) => answer !== undefined)
  if (denial !== undefined) throw denial
  for (const tag of tags) {
    const error = unreadable.get(tag)
    if (error !== undefined) throw error
  }
  const records = Array.from(found.values(), ({ record }) => record)
  const opened = new Map<string, SecretValue>()
  // the data keys are at hand before the first value is opened, so that the rest needs no I/O
  const keyring = records.length === 0 ? undefined : await requireKeysOf(view, records)
  const supply: Supply = {
    found: (tag) => found.get(tag),
    value(tag) {
      const known = opened.get(tag)
      const its = found.get(tag)
      if (known !== undefined || its === undefined) return known
      const { place, record } = its
      const value = openRecord(place, record, keyring!)
      view.root.marks.raise(place, record.version)
      learn(view, tag, record.info, value)
      opened.set(tag, value)
      return value
    },
    memory: undefined, // it would keep plaintext for as long as the plan is kept
  }
  try {
    return settle(view, request, supply)
  } catch (error) {
    if (codeOf(error) !== 'ERR_MISSING_SECRETS') throw error
    throw await withSuggestions(view, (error as GuillemetError).missing ?? [])
  }
}

/** Names the tags that were perhaps meant, only from those that the actor may see. */
async function withSuggestions(view: View, missing: readonly MissingReference[]): Promise<GuillemetError> {
  const tags = await readableTags(view)
  return missingSecrets(
    missing.map((entry) => {
      if (entry.field !== undefined || entry.suggestion !== undefined) return entry
      const suggestion = suggest(entry.tag, tags)
      return suggestion === undefined ? entry : { ...entry, suggestion }
    }),
  )
}

/** Where the references of each tag stand, each location once. */
function locationsByTag(references: readonly Reference[]): ReadonlyMap<string, ReadonlySet<ReferenceLocation>> {
  const byTag = new Map<string, Set<ReferenceLocation>>()
  for (const { tag, location } of references) {
    const known = byTag.get(tag)
    if (known === undefined) byTag.set(tag, new Set([location]))
    else known.add(location)
  }
  return byTag
}

/** The origin that policy and events are told: the request's own, or the option's; nothing while a secret stands in the host. */
function originOf({ plan, destination }: ResolveRequest<unknown>): string | undefined {
  if (plan.references.some(({ location }) => location === 'host')) return undefined
  const own = plan.as === 'request' ? destinationOf(plan, () => undefined) : undefined
  return (own ?? destination)?.url.origin
}

function eventOf(
  view: View,
  plan: Plan,
  tags: readonly string[],
  fetched: Fetched | undefined,
  origin: string | undefined,
): EventPart {
  return {
    action: 'use',
    secrets: tags.map((tag) => {
      const found = fetched?.found.get(tag)
      return found === undefined
        ? { tag, environment: view.environment }
        : { tag, environment: found.place.environment, version: found.record.version }
    }),
    ...(origin !== undefined && { destination: origin }),
    locations: [...new Set(plan.references.map(({ location }) => location))],
  }
}
