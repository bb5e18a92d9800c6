/** Conformance: no write is unconditional, and of several at once one wins. */

import { codeOf } from '../errors.ts'
import type { StoredRecord, VaultStorage } from '../ports/storage.ts'
import { defaultKeys, readBack, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { expectCode, expectNone, expectRecord, expectRecords, expectThat, outcomeOf } from './expect.ts'

const WRITERS = 8
const ROUNDS = 5

export const compareAndSetCases: readonly StorageCase[] = [
  storageCase('a put of version 1 creates a record that was not there', async ({ storage }) => {
    await storage.put(recordOf('created'))
    expectRecord(await readBack(storage, 'created'), recordOf('created'))
  }),

  storageCase('each put of the next version replaces the record', async ({ storage }) => {
    for (const version of [1, 2, 3]) {
      await storage.put(recordOf('counted', version))
      expectRecord(await readBack(storage, 'counted'), recordOf('counted', version))
    }
  }),

  storageCase('a put of version 1 over a record is a conflict and changes nothing', async ({ storage }) => {
    await storage.put(recordOf('taken'))
    await expectCode(storage.put(recordOf('taken', 1, { body: 'second' })), 'ERR_CONFLICT', 'the second create')
    expectRecord(await readBack(storage, 'taken'), recordOf('taken'))
  }),

  storageCase('a put of a version that was already written is a conflict and changes nothing', async ({ storage }) => {
    for (const version of [1, 2, 3]) await storage.put(recordOf('moved-on', version))
    for (const version of [1, 2, 3]) {
      const stale = recordOf('moved-on', version, { body: 'stale' })
      await expectCode(storage.put(stale), 'ERR_CONFLICT', `a put of version ${version} over version 3`)
    }
    expectRecord(await readBack(storage, 'moved-on'), recordOf('moved-on', 3))
  }),

  storageCase('a put that skips a version is a conflict and changes nothing', async ({ storage }) => {
    await storage.put(recordOf('gap'))
    await expectCode(storage.put(recordOf('gap', 3)), 'ERR_CONFLICT', 'a put of version 3 over version 1')
    expectRecord(await readBack(storage, 'gap'), recordOf('gap'))
    await storage.put(recordOf('gap', 2))
    expectRecord(await readBack(storage, 'gap'), recordOf('gap', 2))
  }),

  storageCase('a put of version 2 where there is no record is a conflict and creates nothing', async ({ storage }) => {
    await expectCode(storage.put(recordOf('absent', 2)), 'ERR_CONFLICT', 'an update of nothing')
    expectNone(await readBack(storage, 'absent'))
    expectRecords(await storage.list(WORKSPACE, { limit: 10 }), [])
  }),

  storageCase('versions go on after a deletion, which is a put like any other', async ({ storage }) => {
    await storage.put(recordOf('deleted'))
    await storage.put(recordOf('deleted', 2, { body: '' }))
    for (const version of [1, 2]) {
      const replay = recordOf('deleted', version, { body: 'replayed' })
      await expectCode(storage.put(replay), 'ERR_CONFLICT', `a put of version ${version} after the deletion`)
    }
    expectRecord(await readBack(storage, 'deleted'), recordOf('deleted', 2, { body: '' }))
    await storage.put(recordOf('deleted', 3))
    expectRecord(await readBack(storage, 'deleted'), recordOf('deleted', 3))
  }),

  storageCase(
    'a put that changes nothing but the version is a put',
    async ({ storage }) => {
      for (const version of [1, 2, 3]) {
        await storage.put(recordOf('same', version, { body: 'the same body' }))
        expectRecord(await readBack(storage, 'same'), recordOf('same', version, { body: 'the same body' }))
      }
      // a driver sends again what was not answered, so that an adapter may take the very same record for its own
      const again = await outcomeOf(storage.put(recordOf('same', 3, { body: 'the same body' })))
      expectThat(
        again === 'done' || again === 'ERR_CONFLICT',
        `the stored record, put again, was rejected with ${again}`,
      )
      expectRecord(await readBack(storage, 'same'), recordOf('same', 3, { body: 'the same body' }))
    },
    { hint: 'The suite put the same body under the next version: are changed rows counted, not matched ones?' },
  ),

  storageCase('versions are compared as numbers, beyond 9 too', async ({ storage }) => {
    for (let version = 1; version <= 12; version++) await storage.put(recordOf('counts', version))
    const [found] = await storage.get(WORKSPACE, defaultKeys('counts'), { fresh: true })
    expectRecord(found, recordOf('counts', 12))
    await expectCode(storage.put(recordOf('counts', 10)), 'ERR_CONFLICT', 'a put of version 10 over version 12')
    await expectCode(storage.put(recordOf('counts', 121)), 'ERR_CONFLICT', 'a put of version 121 over version 12')
  }),

  storageCase(
    'of parallel puts of one version exactly one wins',
    async ({ storage }) => {
      await raceForVersions([storage])
    },
    { hint: 'The suite put one version many times at once: is the comparison part of the write?' },
  ),

  storageCase(
    'of parallel puts through two handles exactly one wins',
    async ({ storage, again }) => {
      await raceForVersions([storage, await again()])
    },
    { needs: 'processes', hint: 'The suite put one version through two handles at once' },
  ),

  storageCase(
    'parallel puts of different records are all kept',
    async ({ storage }) => {
      const tags = Array.from({ length: WRITERS }, (_, index) => `apart-${index}`)
      for (let version = 1; version <= ROUNDS; version++) {
        await Promise.all(tags.map((tag) => storage.put(recordOf(tag, version))))
        const expected = tags.map((tag) => recordOf(tag, version))
        expectRecords(await storage.get(WORKSPACE, defaultKeys(...tags), { fresh: true }), expected)
      }
    },
    { hint: 'The suite put different records at once: is a transaction shared, or everything written as one?' },
  ),
]

/** Many writers of one version, again and again; the losers must know, and the reader must see the winner's body. */
async function raceForVersions(handles: readonly VaultStorage[]): Promise<void> {
  for (let version = 1; version <= ROUNDS; version++) {
    const offers: StoredRecord[] = []
    for (let writer = 0; writer < WRITERS; writer++) {
      offers.push(recordOf('raced', version, { body: `writer ${writer} at ${version}` }))
    }
    const outcomes = await Promise.allSettled(
      offers.map((offer, writer) => handles[writer % handles.length]!.put(offer)),
    )
    const winners = offers.filter((_, writer) => outcomes[writer]!.status === 'fulfilled')
    expectThat(winners.length === 1, `${winners.length} of ${WRITERS} parallel puts of version ${version} won`)
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue
      const code = codeOf(outcome.reason)
      expectThat(code === 'ERR_CONFLICT', `a put that lost must be rejected with ERR_CONFLICT, but was with ${code}`)
    }
    for (const handle of handles) expectRecord(await readBack(handle, 'raced'), winners[0]!)
  }
}
