/** Records by tag, through the environments in which a view looks: one round trip for all of them. */

import type { Keyring } from '../crypto/keyring.ts'
import { keyIdOf } from '../crypto/seal.ts'
import type { GuillemetError } from '../errors.ts'
import type { RecordKey } from '../ports/storage.ts'
import { KEYRING_KEY, missingKeyring } from './keyrings.ts'
import { corruptRecord, type LiveRecord, readStored, type Stored } from './records.ts'
import { type Place, rolledBack } from './seen-versions.ts'
import type { Row } from './store.ts'
import { environmentsOf, requireKeyrings, type View } from './view.ts'

/** A secret that is there, and where it was found. */
export interface Found {
  readonly place: Place
  readonly record: LiveRecord
  /** One text without rule or end, and enabled: it may stand anywhere at any time, so a resolve has nothing to check. */
  readonly isUnconditional: boolean
}

/** What was found for each tag; a tag without a live record is not among them. */
export type FoundSecrets = ReadonlyMap<string, Found>

/** What reading some tags gave. */
export interface Fetched {
  readonly found: FoundSecrets
  /** Where a record stood that could not be read, by tag: it stops the search, and is an error where it is used. */
  readonly unreadable: ReadonlyMap<string, GuillemetError>
  /** The keyring, where it came along; it is opened only after policy and rules have spoken. */
  readonly keyringRow: { readonly row: Row | undefined } | undefined
}

/**
 * Reads the records of these tags to use them, and the keyring along with them where it is not loaded yet.
 *
 * Only an absent secret falls through to the next environment; a deleted or unreadable one stops there.
 */
export async function fetchForUse(view: View, tags: readonly string[]): Promise<Fetched> {
  const { store, keyrings } = view.root
  const keys = keysOf(view, tags)
  const needsKeyring = keyrings !== undefined && keyrings.loaded(view.workspace) === undefined
  const rows = await store.get(view.workspace, needsKeyring ? [...keys, KEYRING_KEY] : keys)
  const keyringRow = needsKeyring ? { row: rows[keys.length] } : undefined
  // a slow or cached read may be older than what this vault has written since: ask once more, past every cache
  const isStale = keys.some((key, index) => isOlder(view, key, rows[index]))
  const current = isStale ? await store.get(view.workspace, keys, true) : rows
  return { ...choose(view, tags, current, (place, row) => isOlder(view, place, row)), keyringRow }
}

/** Reads the records of these tags to say what is known of them; nothing is opened, and no mark is consulted. */
export async function fetchForCheck(view: View, tags: readonly string[]): Promise<Fetched> {
  const rows = await view.root.store.get(view.workspace, keysOf(view, tags))
  return { ...choose(view, tags, rows, () => false), keyringRow: undefined }
}

function keysOf(view: View, tags: readonly string[]): readonly RecordKey[] {
  const environments = environmentsOf(view)
  return tags.flatMap((tag) => environments.map((environment) => ({ environment, tag })))
}

/** For each tag the first record that counts, in the order of the environments. */
function choose(
  view: View,
  tags: readonly string[],
  rows: readonly (Row | undefined)[],
  isRolledBack: (place: Place, row: Row | undefined) => boolean,
): Pick<Fetched, 'found' | 'unreadable'> {
  const environments = environmentsOf(view)
  const found = new Map<string, Found>()
  const unreadable = new Map<string, GuillemetError>()
  for (const [index, tag] of tags.entries()) {
    const first = index * environments.length
    for (const [offset, environment] of environments.entries()) {
      const row = rows[first + offset]
      const place: Place = { workspace: view.workspace, environment, tag }
      if (isRolledBack(place, row)) {
        unreadable.set(tag, rolledBack(place))
        break
      }
      const stored = readStored(row)
      if (stored.state === 'live') found.set(tag, foundAt(place, stored))
      if (stored.state === 'corrupt') unreadable.set(tag, corruptRecord(tag))
      if (stored.state !== 'absent') break
    }
  }
  return { found, unreadable }
}

function foundAt(place: Place, record: LiveRecord): Found {
  const { allow, enabled, expiresAt, fields } = record.info
  const isUnconditional = enabled && allow === undefined && expiresAt === undefined && fields === null
  return { place, record, isUnconditional }
}

function isOlder(view: View, key: RecordKey, row: Row | undefined): boolean {
  return view.root.marks.isOlder({ workspace: view.workspace, ...key }, row?.version ?? 0)
}

/** The one record at a view's own environment, read past every cache, as a change needs it. */
export async function fetchFresh(view: View, tag: string): Promise<{ readonly place: Place; readonly stored: Stored }> {
  const place: Place = { workspace: view.workspace, environment: view.environment, tag }
  const [row] = await view.root.store.get(view.workspace, [place], true)
  if (isOlder(view, place, row)) throw rolledBack(place)
  return { place, stored: readStored(row) }
}

/**
 * Makes sure that the keyring holds the data keys of these records, reading it again at most once.
 *
 * @throws ERR_KEYRING_MISSING when records are there and the keyring is not
 */
export async function requireKeysOf(
  view: View,
  records: Iterable<LiveRecord>,
  keyringRow?: Fetched['keyringRow'],
): Promise<Keyring> {
  const keyrings = requireKeyrings(view)
  const adopted = keyringRow && (await keyrings.adopt(view.workspace, keyringRow.row))
  const loaded = adopted ?? keyrings.loaded(view.workspace)
  if (loaded !== undefined && Array.from(records).every((record) => loaded.key(keyIdOf(record.sealed)) !== undefined)) {
    return loaded
  }
  return (await keyrings.reload(view.workspace)) ?? missingKeyring()
}
