/**
 * Settling a write of which nobody knows whether it was done: by reading back and, where it is not there, by the same
 * compare-and-set again. The version decides, so that offering it twice cannot write it twice; and not finding it proves
 * nothing while the first offer may still be on its way.
 */

import type { GuillemetError } from '../errors.ts'
import type { StoredRecord } from '../ports/storage.ts'
import { pause } from '../waiting.ts'
import type { CallLimits } from './deadline.ts'
import { doubtfulWrite } from './storage-errors.ts'

/** What a storage says of one put; an error: it is certainly not written by this one. */
export type WriteVerdict = 'written' | 'conflict' | 'unknown' | GuillemetError

/** What settling needs of the storage. */
export interface Settling {
  /** Milliseconds for all of it. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  /** Whether a change is made that must not be made twice. */
  readonly isOnce: boolean
  /** Offers the same record again. */
  offer(limits: CallLimits): Promise<WriteVerdict>
  /** What is stored at its place, past every cache. */
  read(limits: CallLimits): Promise<Pick<StoredRecord, 'version' | 'body'> | undefined>
}

/** How often it is looked for. */
const LOOKS = 5
/** The first pause before another look in milliseconds; each is twice as long as the one before. */
const FIRST_PAUSE_MS = 50

/**
 * Whether the record was written; `false` is a conflict.
 *
 * A first offer that met a conflict may have met itself, since drivers send again what was not answered: a record that is
 * byte for byte the one that was to be written is ours, for each body holds something that occurs once.
 *
 * @param first what the storage said of the first offer
 * @throws ERR_OUTCOME_UNKNOWN when that cannot be found out in time
 */
export async function settleWrite(
  first: 'conflict' | 'unknown',
  record: StoredRecord,
  { timeout, signal, isOnce, offer, read }: Settling,
): Promise<boolean> {
  const end = performance.now() + timeout
  const limits = (): CallLimits => ({ timeout: Math.max(1, end - performance.now()), signal })
  for (let look = 1; look <= LOOKS; look++) {
    const stored = await read(limits()).then(
      (row) => compareWritten(row, record),
      () => 'unreadable' as const,
    )
    if (stored === 'same') return true
    // a version is written once, so what is not ours there was there first
    if (stored === 'other') return false
    // others have gone on: what was there before them nobody can tell any more
    if (first === 'conflict' && (stored === 'older' || (stored === 'newer' && !isOnce))) return false
    if (stored === 'newer' || look === LOOKS || signal?.aborted || performance.now() >= end) break
    if (stored === 'older' && (await offer(limits())) === 'written') return true
    await pause(Math.min(FIRST_PAUSE_MS * 2 ** (look - 1), Math.max(0, end - performance.now())))
  }
  throw doubtfulWrite()
}

function compareWritten(
  row: Pick<StoredRecord, 'version' | 'body'> | undefined,
  record: StoredRecord,
): 'same' | 'other' | 'newer' | 'older' {
  if (row === undefined || row.version < record.version) return 'older'
  if (row.version > record.version) return 'newer'
  return row.body === record.body ? 'same' : 'other'
}
