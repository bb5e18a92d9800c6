/** Every record of a workspace, as commands visit them: what is stored, opened by nobody yet. */

import { everyRow } from '../vault/every-row.ts'
import type { RecordPlace } from '../vault/seen-versions.ts'
import type { ListedRow } from '../vault/store.ts'
import type { View } from '../vault/view.ts'

/** A row as it was listed, and where it is. */
export interface ScannedRecord {
  readonly place: RecordPlace
  readonly row: ListedRow
}

/** A value may be a megabyte, and a page is held at once. */
const RECORDS_PER_PAGE = 64

/** The records of users, tombstones and claims included, up to the one at hand when the signal is aborted. */
export async function* everyRecord(
  { root, workspace }: View,
  signal: AbortSignal | undefined,
): AsyncGenerator<ScannedRecord, undefined> {
  if (signal?.aborted) return
  for await (const row of everyRow(root.store, workspace, { limit: RECORDS_PER_PAGE })) {
    if (signal?.aborted) return
    const { environment, tag } = row
    await root.turns.next()
    // `$` begins what is the library's own, such as the keyring
    if (environment.startsWith('$') || tag.startsWith('$')) continue
    yield { place: { workspace, environment, tag }, row }
    // before another page is asked for
    if (signal?.aborted) return
  }
}
