/** Reading what is known of secrets: describe, list, and the tags for suggestions. Opens nothing, needs no key. */

import { GuillemetError } from '../errors.ts'
import { compareKeys, type RecordKey } from '../ports/storage.ts'
import { parseListFilter } from '../secrets/schema.ts'
import { infoOf, type ListFilter, type SecretInfo, shown } from '../secrets/secret.ts'
import { requireName } from '../tag.ts'
import { KEYRING_KEY } from './keyrings.ts'
import { askPolicy } from './policy.ts'
import { corruptRecord, type LiveRecord, readStored } from './records.ts'
import type { Place } from './seen-versions.ts'
import { environmentsOf, requireOpen, type View } from './view.ts'

const PAGE = 200
/** Suggestions look no further than this many records. */
const SUGGESTION_RECORDS = 1_000

/** What is known of one secret, or undefined. */
export async function describe(view: View, tag: string): Promise<SecretInfo | undefined> {
  requireOpen(view)
  requireName(tag, 'tag')
  const place: Place = { workspace: view.workspace, environment: view.environment, tag }
  const [row] = await view.root.store.get(view.workspace, [place])
  const stored = readStored(row)
  const info = stored.state === 'live' ? infoOf({ ...place, version: stored.version }, stored.info) : undefined
  const denial = await mayRead(view, tag, info)
  if (denial !== undefined) throw denial
  if (stored.state === 'corrupt') throw corruptRecord(tag)
  return info && shown(info)
}

/** The readable secrets of one environment; the unreadable one comes last, as an error. */
export async function* list(view: View, given: ListFilter | undefined): AsyncGenerator<SecretInfo> {
  requireOpen(view)
  const filter = parseListFilter(given)
  const environment = filter.environment ?? view.environment
  if (view.isFixed.environment && environment !== view.environment) {
    throw new GuillemetError(
      'ERR_PERMISSION_DENIED',
      'This view sees one environment only; ask the vault it was made from.',
    )
  }
  let corrupt: string | undefined
  for await (const { tag, version, stored } of records(view, environment)) {
    if (stored.state === 'corrupt') corrupt ??= tag
    if (stored.state !== 'live') continue
    const info = infoOf({ workspace: view.workspace, environment, tag, version }, stored.info)
    if (matches(info, filter) && (await mayRead(view, tag, info)) === undefined) yield shown(info)
  }
  if (corrupt !== undefined) throw corruptRecord(corrupt)
}

/** Tags that the actor may see, in the environments where this view looks; for suggestions, so a failure is no error. */
export async function readableTags(view: View): Promise<readonly string[]> {
  const tags: string[] = []
  let looked = 0
  try {
    for (const environment of environmentsOf(view)) {
      for await (const { tag, version, stored } of records(view, environment)) {
        if (++looked > SUGGESTION_RECORDS) return tags
        if (stored.state !== 'live') continue
        const info = infoOf({ workspace: view.workspace, environment, tag, version }, stored.info)
        if ((await mayRead(view, tag, info)) === undefined) tags.push(tag)
      }
    }
  } catch {
    // the missing reference is the news; that nothing can be suggested is not
  }
  return tags
}

/** Every live record of the environments where this view looks, in their order. */
export async function* liveRecords(view: View): AsyncGenerator<{ place: Place; record: LiveRecord }> {
  for (const environment of environmentsOf(view)) {
    for await (const { tag, stored } of records(view, environment)) {
      if (stored.state === 'live') yield { place: { workspace: view.workspace, environment, tag }, record: stored }
    }
  }
}

async function* records(view: View, environment: string) {
  let after: RecordKey | undefined
  for (;;) {
    const rows = await view.root.store.list(view.workspace, {
      environment,
      limit: PAGE,
      ...(after !== undefined && { after }),
    })
    for (const row of rows) {
      // a storage that forgets where the last page ended would be listed for ever
      if (after !== undefined && compareKeys(after, row) >= 0) throw corruptRecord(row.tag)
      after = { environment: row.environment, tag: row.tag }
      if (row.environment !== environment || row.tag === KEYRING_KEY.tag) continue
      yield { tag: row.tag, version: row.version, stored: readStored(row) }
    }
    if (rows.length < PAGE) return
  }
}

function mayRead(view: View, tag: string, secret: SecretInfo | undefined): Promise<GuillemetError | undefined> {
  return askPolicy(view.root.policy, {
    action: 'read',
    tag,
    ...(secret !== undefined && { secret }),
    ...(view.actor !== undefined && { actor: view.actor }),
    ...(view.purpose !== undefined && { purpose: view.purpose }),
  })
}

function matches(info: SecretInfo, { type, search }: ListFilter): boolean {
  if (type !== undefined && info.type !== type) return false
  if (search === undefined) return true
  const needle = search.toLowerCase()
  return [info.tag, info.name, info.description].some((text) => text?.toLowerCase().includes(needle) ?? false)
}
