/** Sealing one record again under the active data key: value, rule, state and times stay, the version counts on by one. */

import { envelopeOf, type LiveRecord, openRecord, type Stored, sealRecord } from '../vault/records.ts'
import type { RecordPlace } from '../vault/seen-versions.ts'
import type { Row } from '../vault/store.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { put } from '../vault/write.ts'
import type { ScannedRecord } from './every-record.ts'
import { bumpVersion, type Unreadable, visitRecord } from './visit.ts'

/** What became of one record: `current` was sealed under the active data key already. */
export type Resealed = { readonly outcome: 'rotated' | 'bumped' | 'current' } | Unreadable

const ROTATED: Resealed = { outcome: 'rotated' }
const BUMPED: Resealed = { outcome: 'bumped' }
const CURRENT: Resealed = { outcome: 'current' }

/** Seals a record again, or writes a claim or a tombstone once more. One that does not open is left as it is. */
export function reseal(view: View, record: ScannedRecord): Promise<Resealed> {
  return visitRecord(view, record, (stored, row) =>
    stored.state === 'live' ? resealLive(view, record.place, stored) : bumpOne(view, record.place, row),
  )
}

/** Whether a record could be sealed again: opens it and writes nothing. */
export function tryToOpen(view: View, record: ScannedRecord): Promise<Resealed> {
  return visitRecord(view, record, async (stored) => {
    if (stored.state !== 'live') return BUMPED
    await openStored(view, record.place, stored)
    return ROTATED
  })
}

/** Whether the record is sealed under a data key that is not active, and opens: a rotation has not come to it. */
export async function isLeftOver(view: View, record: ScannedRecord): Promise<boolean> {
  const seen = await visitRecord(view, record, async (stored: Stored) => {
    if (stored.state !== 'live') return CURRENT
    const { keyId } = envelopeOf(record.place, stored)
    if (keyId === requireKeyrings(view).loaded(view.workspace)?.active.id) return CURRENT
    await openStored(view, record.place, stored)
    return ROTATED
  })
  return seen.outcome === 'rotated'
}

async function bumpOne(view: View, place: RecordPlace, row: Row): Promise<Resealed | undefined> {
  return (await bumpVersion(view, place, row)) ? BUMPED : undefined
}

async function resealLive(view: View, place: RecordPlace, live: LiveRecord): Promise<Resealed | undefined> {
  const { keyId } = envelopeOf(place, live)
  // one under the active data key too: only what opens is done
  const { keyring, value } = await openStored(view, place, live)
  if (keyId === keyring.active.id) return CURRENT
  const version = live.version + 1
  const body = sealRecord(place, version, live.info, value, keyring)
  return (await put(view, place, version, body)) ? ROTATED : undefined
}

/** The value of a record, and the keyring that opened it, which is read again where it does not know the data key. */
export async function openStored(view: View, place: RecordPlace, live: LiveRecord) {
  const envelope = envelopeOf(place, live)
  const keyring = await requireKeyrings(view).holding(view.workspace, [envelope.keyId], undefined)
  const value = openRecord(place, live, envelope, keyring)
  view.root.seenVersions.saw(place, live.version, live.sealed)
  return { keyring, value }
}
