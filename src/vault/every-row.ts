/** Every row of a listing, page after page, in the order of the storage, which is checked: one with gaps must not be believed. */

import { compareKeys, type ListPage, type RecordKey } from '../ports/storage.ts'
import { unorderedListing } from './storage-errors.ts'
import type { ListedRow, Store } from './store.ts'

/**
 * The rows of a workspace, keyring, claims and tombstones included.
 *
 * It ends with an empty page, not with a short one: a storage may give fewer than it was asked for.
 *
 * @param page of which environment, and how many rows at once: a value may be a megabyte
 * @param start the key after which it begins; undefined for the first
 * @throws ERR_RECORD_CORRUPT when they do not come strictly ascending, as from a storage that forgets where the last page
 *   ended; ERR_STORAGE_UNAVAILABLE
 */
export async function* everyRow(
  store: Store,
  workspace: string,
  page: Omit<ListPage, 'after'>,
  start?: RecordKey,
  signal?: AbortSignal,
): AsyncGenerator<ListedRow, undefined> {
  let after = start
  for (;;) {
    const rows = await store.list(workspace, after === undefined ? page : { ...page, after }, signal)
    if (rows.length === 0) return
    for (const row of rows) {
      if (after !== undefined && compareKeys(after, row) >= 0) throw unorderedListing('records')
      after = { environment: row.environment, tag: row.tag }
      yield row
    }
  }
}
