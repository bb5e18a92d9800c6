/** Records by tag, through the environments in which a view looks: one round trip for all of them. */

import type { GuillemetError } from '../errors.ts'
import { LoopTurns } from '../waiting.ts'
import type { FreshReads } from './fresh-reads.ts'
import { KEYRING_KEY } from './keyrings.ts'
import { readStored, type Stored } from './records.ts'
import { SecretSet } from './secret-set.ts'
import { isOlder, type RecordPlace, rolledBack, type Seen } from './seen-versions.ts'
import type { Row } from './store.ts'
import type { View } from './view.ts'

const ABSENT: Stored = /* @__PURE__ */ Object.freeze({ state: 'absent', version: 0 })

/**
 * The secrets of these tags, to be used, and the keyring along with them where it is not loaded yet.
 *
 * Only an absent secret falls through to the next environment; a deleted or unreadable one stops the search.
 *
 * @param isFresh whether to ask past every cache
 * @param batch how many tags are read in one round trip. @default all of them
 */
export async function findForUse(
  view: View,
  tags: readonly string[],
  isFresh: boolean,
  batch = tags.length,
): Promise<SecretSet> {
  const { store, keyrings } = view.root
  const secrets = new SecretSet(view)
  const turns = tags.length > batch ? new LoopTurns() : undefined
  let needsKeyring = keyrings?.loaded(view.workspace) === undefined
  for (let start = 0; start < tags.length; start += batch) {
    await turns?.next()
    const some = tags.slice(start, start + batch)
    const places = placesOf(view, some)
    const keys = needsKeyring ? [...places, KEYRING_KEY] : places
    const rows = await store.get(view.workspace, keys, { isFresh, signal: view.signal })
    if (needsKeyring) secrets.addKeyring({ row: rows[places.length] })
    needsKeyring = false
    const isCurrent = addRecords(secrets, view, places, rows, view.root.seenVersions.of)
    // a slow or cached read may be older than what this vault has written since: ask once more, past every cache
    if (!isCurrent) await addFresh(secrets, view, places)
  }
  return secrets
}

/**
 * The secrets that are found, and their data keys.
 *
 * @param find is asked once more, past every cache, where a data key is in the keyring no more: a cache may have kept the
 *   record from before a rotation, whose old data key was destroyed since
 */
export async function findWithKeys(
  find: (isFresh: boolean) => Promise<SecretSet>,
  isFresh: boolean,
): Promise<SecretSet> {
  const secrets = await find(isFresh)
  return (await secrets.loadKeys()) || isFresh ? secrets : findWithKeys(find, true)
}

/** Reads past every cache, and holds the answer against what had been seen when it was asked for. */
async function addFresh(secrets: SecretSet, view: View, places: readonly RecordPlace[]): Promise<void> {
  const { store, seenVersions } = view.root
  const before = places.map(seenVersions.of)
  const rows = await store.get(view.workspace, places, { isFresh: true, signal: view.signal })
  addRecords(secrets, view, places, rows, (_place, index) => before[index])
}

/**
 * The secrets of these tags as a fresh read of several calls found them, to be used.
 *
 * @param since how many fresh reads had begun when what was used before was read
 */
export async function findAgain(
  view: View,
  tags: readonly string[],
  reads: FreshReads,
  since: number,
): Promise<SecretSet> {
  const places = placesOf(view, tags)
  const rows = await reads.get(places, since)
  const secrets = new SecretSet(view)
  addRecords(secrets, view, places, rows, view.root.seenVersions.of)
  return secrets
}

/** The secrets of these tags, to say what is known of them: none is opened, and what was seen is not consulted. */
export async function findForCheck(view: View, tags: readonly string[], isFresh: boolean): Promise<SecretSet> {
  const secrets = new SecretSet(view)
  const places = placesOf(view, tags)
  const rows = await view.root.store.get(view.workspace, places, { isFresh, signal: view.signal })
  addRecords(secrets, view, places, rows, undefined)
  return secrets
}

/** The secret of one tag in the view's own environment, read past every cache. */
export async function findForReveal(view: View, tag: string): Promise<SecretSet> {
  const secrets = new SecretSet(view)
  const place = ownPlace(view, tag)
  const { stored, rollback } = await lookFresh(view, place)
  secrets.add(place, rollback === undefined ? stored : ABSENT, rollback)
  return secrets
}

/** The place of a tag in the view's own environment. */
export function ownPlace({ workspace, environment }: View, tag: string): RecordPlace {
  return { workspace, environment, tag }
}

/** What a fresh read of one place has found. */
export interface FreshLook {
  readonly stored: Stored
  /** Where that is older than what was seen: to be thrown once the policy has spoken, since it tells that there is a secret. */
  readonly rollback: GuillemetError | undefined
}

/** What is stored at a place, read past every cache, as a change needs it. */
export async function lookFresh(view: View, place: RecordPlace): Promise<FreshLook> {
  // before it is asked for: what this vault writes while the answer is on its way makes it no rollback
  const seen = view.root.seenVersions.of(place)
  const row = await view.root.store.getFresh(place.workspace, place, view.signal)
  const stored = readStored(row)
  const isOld = isOlder(seen, stored.version, stored.state === 'absent')
  return { stored, rollback: isOld ? rolledBack(place) : undefined }
}

/** Where the view looks for these tags: for each in all environments, in their order. */
function placesOf({ workspace, environments }: View, tags: readonly string[]): readonly RecordPlace[] {
  const places: RecordPlace[] = []
  for (const tag of tags) for (const environment of environments) places.push({ workspace, environment, tag })
  return places
}

/**
 * Adds for each tag the first record that counts; the rows are in the order of the places.
 *
 * @param seenOf what was seen of a record: one that is older counts as unreadable; undefined where that is not consulted
 * @returns whether none was so old
 */
function addRecords(
  secrets: SecretSet,
  { environments }: View,
  places: readonly RecordPlace[],
  rows: readonly (Row | undefined)[],
  seenOf: ((place: RecordPlace, index: number) => Seen | undefined) | undefined,
): boolean {
  let isCurrent = true
  for (let start = 0; start < places.length; start += environments.length) {
    const asked = places.slice(start, start + environments.length)
    let isFound = false
    for (let offset = 0; offset < asked.length && !isFound; offset++) {
      const place = asked[offset]!
      const read = readStored(rows[start + offset])
      const isOld =
        seenOf !== undefined && isOlder(seenOf(place, start + offset), read.version, read.state === 'absent')
      isFound = isOld || read.state !== 'absent'
      if (isFound) secrets.add(place, isOld ? ABSENT : read, isOld ? rolledBack(place) : undefined)
      isCurrent &&= !isOld
    }
    if (!isFound) secrets.add(asked[0]!, ABSENT, undefined, asked)
  }
  return isCurrent
}
