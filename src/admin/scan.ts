/** Every record of a workspace, in the order of the storage, which is checked: a scan with gaps must not be believed. */

import { compareKeys, type RecordKey } from '../ports/storage.ts'
import type { RecordPlace } from '../vault/seen-versions.ts'
import type { ListedRow } from '../vault/store.ts'
import type { View } from '../vault/view.ts'
import { outOfOrder } from './workspaces.ts'

/** A row as it was listed, and where it is. */
export interface ScannedRecord {
  readonly place: RecordPlace
  readonly row: ListedRow
}

/** A value may be a megabyte, and a page is held at once. */
const RECORDS_PER_PAGE = 64

/**
 * The records of users, tombstones and claims included.
 *
 * It ends with an empty page, not with a short one: a storage may give fewer than it was asked for.
 *
 * @throws ERR_RECORD_CORRUPT when they do not come strictly ascending
 */
export async function* everyRecord(
  { root, workspace }: View,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScannedRecord, undefined> {
  let after: RecordKey | undefined
  while (!signal?.aborted) {
    const rows = await root.store.list(
      workspace,
      after === undefined ? { limit: RECORDS_PER_PAGE } : { limit: RECORDS_PER_PAGE, after },
    )
    if (rows.length === 0) return
    for (const row of rows) {
      if (after !== undefined && compareKeys(after, row) >= 0) throw outOfOrder('records')
      after = { environment: row.environment, tag: row.tag }
      // `$` begins what is the library's own, such as the keyring
      await root.turns.next()
      if (row.environment.startsWith('$') || row.tag.startsWith('$')) continue
      if (signal?.aborted) return
      yield { place: { workspace, environment: row.environment, tag: row.tag }, row }
    }
  }
}
