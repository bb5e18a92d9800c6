/** Visiting one record during a scan: what is stored now, tried again where somebody else was faster. */

import { codeOf, GuillemetError, type GuillemetErrorCode, type UnreadableReason } from '../errors.ts'
import { readBody } from '../secrets/body.ts'
import { corruptRecord, readStored, type Stored } from '../vault/records.ts'
import { MAX_TRIES, pauseForRivals } from '../vault/rivals.ts'
import { isOlder, type RecordPlace, rolledBack, type Seen } from '../vault/seen-versions.ts'
import type { Row } from '../vault/store.ts'
import type { View } from '../vault/view.ts'
import { newWriteId, put } from '../vault/write.ts'
import type { ScannedRecord } from './every-record.ts'

/** Why a record was left as it is. */
export interface Unreadable {
  readonly outcome: 'unreadable'
  readonly code: GuillemetErrorCode
  readonly reason?: UnreadableReason
}

/** What is done with a record; undefined where somebody else was faster, so that it is read again. */
export type Visit<O> = (stored: Stored, row: Row) => Promise<O | undefined>

/**
 * Runs the visit on what the listing gave, and on what is read past every cache where that was old, does not open, or lost
 * against somebody else.
 *
 * @throws ERR_CONFLICT when others were faster again and again; what the storage throws
 */
export async function visitRecord<O>(
  view: View,
  { place, row: listed }: ScannedRecord,
  visit: Visit<O>,
): Promise<O | Unreadable> {
  let row: Row | undefined = listed
  let seen = view.root.seenVersions.of(place)
  for (let count = 1; count <= MAX_TRIES; count++) {
    const outcome = await attempt(view, place, { row, seen }, visit)
    if (outcome !== undefined && !('failure' in outcome)) return outcome.done
    // what a listing shows may be older than what is stored: only a fresh read counts as a failure
    if (outcome !== undefined && count > 1) return unreadableOutcome(outcome.failure)
    // before it is asked for: what this vault writes while the answer is on its way makes it no rollback
    seen = view.root.seenVersions.of(place)
    row = await view.root.store.getFresh(place.workspace, place)
    if (outcome === undefined) await pauseForRivals(count)
  }
  throw new GuillemetError(
    'ERR_CONFLICT',
    `Others changed the secret "${place.tag}" faster, ${MAX_TRIES} times in a row; run the command again.`,
    { tag: place.tag },
  )
}

/**
 * Writes a claim or a tombstone once more, as one that is like no other: anyone who was about to write over it conflicts, and
 * reads the keyring again.
 */
export function bumpVersion(view: View, place: RecordPlace, row: Row): Promise<boolean> {
  const body = readBody(row.body)
  if (body.state === 'live') throw corruptRecord(place.tag)
  return put(view, place, row.version + 1, { ...body, writeId: newWriteId() })
}

async function attempt<O>(
  view: View,
  place: RecordPlace,
  { row, seen }: { readonly row: Row | undefined; readonly seen: Seen | undefined },
  visit: Visit<O>,
): Promise<{ readonly done: O } | { readonly failure: unknown } | undefined> {
  const stored = readStored(row)
  const isAbsent = stored.state === 'absent'
  if (row === undefined || isOlder(seen, row.version, isAbsent)) return { failure: rolledBack(place) }
  if (isOlder(view.root.seenVersions.of(place), row.version, isAbsent)) return undefined
  if (stored.state === 'corrupt') return { failure: corruptRecord(place.tag) }
  try {
    const done = await visit(stored, row)
    return done === undefined ? undefined : { done }
  } catch (error) {
    if (codeOf(error) === 'ERR_RECORD_UNREADABLE' || codeOf(error) === 'ERR_RECORD_CORRUPT') return { failure: error }
    // one of the two writes loses for certain, and a fresh read says which
    if (codeOf(error) === 'ERR_OUTCOME_UNKNOWN') return undefined
    throw error
  }
}

function unreadableOutcome(failure: unknown): Unreadable {
  const { code, reason } = failure as GuillemetError
  return reason === undefined ? { outcome: 'unreadable', code } : { outcome: 'unreadable', code, reason }
}
