/** The one way of a resolve: plan → tags → one read → policy → settle → one event. */

import { codeOf, type GuillemetError } from '../errors.ts'
import type { Reference, ReferenceLocation } from '../location.ts'
import type { SecretValue } from '../secret-value.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { withSuggestions } from '../template/errors.ts'
import { announce, tellFailure } from './announce.ts'
import { askUse } from './authorize.ts'
import type { EventPart } from './events.ts'
import { type Fetched, fetchForUse, requireKeysOf } from './fetch.ts'
import { learn } from './learn.ts'
import { readableTags } from './list.ts'
import { openRecord } from './records.ts'
import { type Settled, type Supply, settle } from './settle.ts'
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
  const origin = request.destination?.url.origin
  let fetched: Fetched | undefined
  try {
    fetched = await fetchForUse(view, tags)
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
  { found, unreadable, keyringRow }: Fetched,
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
  const keyring = records.length === 0 ? undefined : await requireKeysOf(view, records, keyringRow)
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
    memory: undefined,
  }
  try {
    return settle(view, request, supply)
  } catch (error) {
    if (codeOf(error) !== 'ERR_MISSING_SECRETS') throw error
    throw withSuggestions(error as GuillemetError, await readableTags(view))
  }
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

function eventOf(
  view: View,
  plan: CompiledTemplate,
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
