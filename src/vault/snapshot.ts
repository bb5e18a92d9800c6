/** An opened copy of secrets, for resolving without I/O: the same settle, supplied from memory. */

import type { Keyring } from '../crypto/keyring.ts'
import { codeOf, GuillemetError } from '../errors.ts'
import type { SecretValue } from '../secret-value.ts'
import { requireName } from '../tag.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import { missingError, withSuggestions } from '../template/errors.ts'
import { announce, reportingFailure, tellFailure } from './announce.ts'
import { askUse } from './authorize.ts'
import type { EventPart, EventSecret } from './events.ts'
import { type Fetched, type Found, fetchForUse, requireKeysOf } from './fetch.ts'
import { learn } from './learn.ts'
import { liveRecords } from './list.ts'
import { openRecord } from './records.ts'
import { type SettleMemory, type Supply, settle } from './settle.ts'
import type { Prepared, Resolved, ResolveOptions, Snapshot } from './surface.ts'
import { type ResolveRequest, readRequest } from './template.ts'
import { requireKeyrings, requireOpen, type View } from './view.ts'

/** Tags that are read in one round trip. */
const BATCH = 500

/** One tag of a snapshot: a value, one that stays sealed until its rule permits, or why it may not be used. */
interface Entry {
  readonly found: Found | undefined
  readonly error: GuillemetError | undefined
  value: SecretValue | undefined
}

/** Opens these secrets; all that the view may use where no tags are given. */
export async function takeSnapshot(view: View, given: readonly string[] | undefined): Promise<Snapshot> {
  requireOpen(view)
  requireKeyrings(view)
  const named = given === undefined ? undefined : readTags(given)
  const secrets: EventSecret[] = (named ?? []).map((tag) => ({ tag, environment: view.environment }))
  return reportingFailure(
    view,
    () => ({ action: 'use', secrets }),
    async () => {
      const tags = named ?? (await allTags(view))
      const { entries, keyringRow } = await readEntries(view, tags)
      if (named !== undefined) requireAll(entries)
      const keyring = await openFree(view, entries, keyringRow)
      announce(view, { action: 'use', secrets: Array.from(entries, ([tag, entry]) => eventSecret(view, tag, entry)) })
      return createSnapshot(view, entries, keyring)
    },
  )
}

async function readEntries(
  view: View,
  tags: readonly string[],
): Promise<{ readonly entries: Map<string, Entry>; readonly keyringRow: Fetched['keyringRow'] }> {
  const entries = new Map<string, Entry>()
  let keyringRow: Fetched['keyringRow']
  for (let start = 0; start < tags.length; start += BATCH) {
    const batch = tags.slice(start, start + BATCH)
    const { found, unreadable, ...fetched } = await fetchForUse(view, batch)
    keyringRow = fetched.keyringRow
    const denials = await Promise.all(batch.map((tag) => askUse(view, tag, found.get(tag), {})))
    for (const [index, tag] of batch.entries()) {
      const error = denials[index] ?? unreadable.get(tag)
      entries.set(tag, { found: found.get(tag), error, value: undefined })
    }
  }
  return { entries, keyringRow }
}

/** Named tags must all be there and usable; of all tags, an unusable one is an error only where it is used. */
function requireAll(entries: ReadonlyMap<string, Entry>): void {
  const missing: { tag: string; path: string }[] = []
  for (const [tag, { found, error }] of entries) {
    if (error !== undefined) throw error
    if (found === undefined) missing.push({ tag, path: '' })
  }
  if (missing.length > 0) throw missingError(missing)
}

/** Opens what no destination is needed for, and hands back the keys for the rest. */
async function openFree(
  view: View,
  entries: Map<string, Entry>,
  keyringRow: Fetched['keyringRow'],
): Promise<Keyring | undefined> {
  const usable = [...entries].filter(([, { found, error }]) => found !== undefined && error === undefined)
  if (usable.length === 0) return undefined
  const keyring = await requireKeysOf(
    view,
    usable.map(([, { found }]) => found!.record),
    keyringRow,
  )
  for (const [tag, entry] of usable) {
    const { info } = entry.found!.record
    const isBound = info.allow?.hosts !== undefined || info.allow?.methods !== undefined
    // a disabled or expired secret is refused on every resolve, so there is no reason to open it
    const isOver = !info.enabled || (info.expiresAt !== undefined && Date.parse(info.expiresAt) <= view.root.now())
    if (!isBound && !isOver) openEntry(view, tag, entry, keyring)
  }
  return keyring
}

function openEntry(view: View, tag: string, entry: Entry, keyring: Keyring | undefined): SecretValue {
  if (entry.value !== undefined) return entry.value
  const { place, record } = entry.found!
  const value = openRecord(place, record, keyring!)
  view.root.marks.raise(place, record.version)
  learn(view, tag, record.info, value)
  entry.value = value
  return value
}

function createSnapshot(view: View, entries: Map<string, Entry>, keyring: Keyring | undefined): Snapshot {
  let isClosed = false
  const usable = (tag: string): Entry | undefined => {
    const entry = entries.get(tag)
    if (entry?.error !== undefined) throw entry.error
    return entry?.found && entry
  }
  const supply = {
    found: (tag: string) => usable(tag)?.found,
    value(tag: string) {
      const entry = usable(tag)
      return entry === undefined || isClosed ? undefined : openEntry(view, tag, entry, keyring)
    },
    memory: { unconditional: new WeakSet() } as SettleMemory | undefined,
  } satisfies Supply
  return {
    resolve<T>(template: T | Prepared<T>, options?: ResolveOptions): Resolved<T> {
      requireOpen(view)
      if (isClosed) throw new GuillemetError('ERR_INVALID_INPUT', 'The snapshot is closed; take a new one.')
      const request = readRequest(view, template, options)
      try {
        const { resolved, origin } = settle(view, request, supply)
        if (view.root.onEvent !== undefined) announceUse(view, request, entries, origin)
        return resolved
      } catch (error) {
        throw failedUse(view, request, entries, error)
      }
    },
    close() {
      isClosed = true
      // what results that live on may still ask for is clear information
      for (const entry of entries.values()) entry.value = undefined
    },
  }
}

function announceUse(
  view: View,
  { plan }: ResolveRequest<unknown>,
  entries: ReadonlyMap<string, Entry>,
  origin: string | undefined,
): void {
  if (plan.tags.length > 0) announce(view, useOf(view, plan, entries, origin))
}

/** The error as the caller gets it, with suggestions from this snapshot; the listener is told. */
function failedUse(
  view: View,
  { plan, destination }: ResolveRequest<unknown>,
  entries: ReadonlyMap<string, Entry>,
  error: unknown,
): unknown {
  tellFailure(view, useOf(view, plan, entries, destination?.url.origin), error)
  if (codeOf(error) !== 'ERR_MISSING_SECRETS') return error
  const usable = [...entries].filter(([, entry]) => entry.found !== undefined && entry.error === undefined)
  return withSuggestions(
    error as GuillemetError,
    usable.map(([tag]) => tag),
  )
}

function useOf(
  view: View,
  plan: CompiledTemplate,
  entries: ReadonlyMap<string, Entry>,
  origin: string | undefined,
): EventPart {
  return {
    action: 'use',
    secrets: plan.tags.map((tag) => eventSecret(view, tag, entries.get(tag))),
    ...(origin !== undefined && { destination: origin }),
    locations: [...new Set(plan.references.map(({ location }) => location))],
  }
}

function eventSecret(view: View, tag: string, entry: Entry | undefined): EventSecret {
  if (entry?.found === undefined) return { tag, environment: view.environment }
  return { tag, environment: entry.found.place.environment, version: entry.found.record.version }
}

function readTags(given: readonly string[]): readonly string[] {
  if (!Array.isArray(given)) throw new GuillemetError('ERR_INVALID_INPUT', 'The tags of a snapshot must be an array.')
  return [...new Set(given.map((tag) => requireName(tag, 'tag')))]
}

async function allTags(view: View): Promise<readonly string[]> {
  const tags = new Set<string>()
  for await (const { place } of liveRecords(view)) tags.add(place.tag)
  return [...tags]
}
