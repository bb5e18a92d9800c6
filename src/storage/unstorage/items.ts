/** Items of unstorage as records: what is not whole is never taken for absent. */

import type { GuillemetError } from '../../errors.ts'
import type { RecordKey, StoredRecord } from '../../ports/storage.ts'
import { pause } from '../../waiting.ts'
import { corrupt, unavailable } from '../failures.ts'
import { bodyFromDatabase, versionFromDatabase } from '../records.ts'

/** A `Storage` of unstorage, as `createStorage()` or `prefixStorage()` makes it. Only these three methods are used. */
export interface UnstorageItems {
  /** The value of a key, read as JSON where it can be; `null` where there is none. */
  getItem(key: string): Promise<unknown>
  /** Stores a text. */
  setItem(key: string, value: string): Promise<unknown>
  /** The keys that begin with this one and a separator. */
  getKeys(base: string): Promise<readonly string[]>
}

/** What was read: no record, a record, or something that is being written, or was not written to its end. */
type Item =
  | { readonly state: 'absent' }
  | { readonly state: 'torn' }
  | { readonly state: 'whole'; readonly record: StoredRecord }

/** How long after such a read the item is read again: a writer of another process may be in the middle of it. */
const AGAIN_AFTER_MS = 20

/**
 * The record of a key, undefined where there is none.
 *
 * @param isListed whether the key was listed, so that it is not believed that there is none
 * @throws ERR_STORAGE_UNAVAILABLE when it was torn twice, or listed and twice not there; ERR_RECORD_CORRUPT when it is the
 *   record of another place
 */
export async function readItem(
  items: UnstorageItems,
  key: string,
  workspace: string,
  place: RecordKey,
  isListed = false,
): Promise<StoredRecord | undefined> {
  const read = async (): Promise<Item> => itemOf(await ask(() => items.getItem(key)))
  let item = await read()
  if (item.state === 'torn' || (item.state === 'absent' && isListed)) {
    await pause(AGAIN_AFTER_MS)
    item = await read()
  }
  if (item.state === 'absent') {
    if (isListed) throw listedButAbsent()
    return undefined
  }
  if (item.state === 'torn') {
    throw unavailable(
      'A record in the unstorage storage is empty, cut off, or could not be read',
      'try again; if it stays so, a write was interrupted: restore the record from a backup',
    )
  }
  const { record } = item
  const isHere = record.workspace === workspace && record.environment === place.environment && record.tag === place.tag
  if (!isHere) throw corrupt('The unstorage storage answered with the record of another place')
  return record
}

/** A key that is listed has a record: a backend of copies has not brought it here yet, or has lost it. */
export function listedButAbsent(): GuillemetError {
  return unavailable(
    'The unstorage storage lists a record and answers that it is not there',
    'try again; if it stays so, restore the record from a backup, or remove its key',
  )
}

/** A question to the driver, whose words are not repeated: they may quote a connection string. */
export async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch {
    throw unavailable('The unstorage driver failed', 'check that its backend can be reached')
  }
}

/** The text of a record. */
export function itemText({ workspace, environment, tag, version, body }: StoredRecord): string {
  return JSON.stringify({ workspace, environment, tag, version, body })
}

/** Drivers answer with an error as the value, with text that is no JSON, or with an empty text: all that is no record yet. */
function itemOf(value: unknown): Item {
  if (value === null || value === undefined) return { state: 'absent' }
  if (typeof value !== 'object' || !Object.hasOwn(value, 'body')) return { state: 'torn' }
  const { workspace, environment, tag, version, body } = value as StoredRecord
  return {
    state: 'whole',
    record: { workspace, environment, tag, version: versionFromDatabase(version), body: bodyFromDatabase(body) },
  }
}
