/** Storages with one fault in how they write, and the case that has to catch it. */

import { memoryStorage } from '../../src/storage/memory.ts'
import type { MakeStorage } from '../../src/testing.ts'
import { type BrokenStorage, conflictUnless, naive, tick, versionIn, wrapped, write } from './breaking.ts'

/** The others here are this one with a fault. */
export const soundOne: MakeStorage = naive(async (records, record) => {
  conflictUnless(versionIn(records, record) === record.version - 1)
  write(records, record)
})

export const brokenWrites: readonly BrokenStorage[] = [
  {
    fault: 'forgets the expected version',
    make: naive(async (records, record) => write(records, record)),
    caughtBy: 'a put of version 1 over a record is a conflict',
  },
  {
    fault: 'takes any version that is newer',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) < record.version)
      write(records, record)
    }),
    caughtBy: 'a put that skips a version is a conflict',
  },
  {
    fault: 'checks only that there is a record',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) > 0 || record.version === 1)
      if (record.version === 1) conflictUnless(versionIn(records, record) === 0)
      write(records, record)
    }),
    caughtBy: 'a put of a version that was already written is a conflict',
  },
  {
    fault: 'updates what is not there',
    make: naive(async (records, record) => {
      const stored = versionIn(records, record)
      conflictUnless(stored === record.version - 1 || stored === 0)
      write(records, record)
    }),
    caughtBy: 'a put of version 2 where there is no record is a conflict',
  },
  {
    fault: 'reports a conflict without its code',
    make: wrapped((sound) => ({
      put: (record) =>
        sound.put(record).catch(() => {
          throw new Error('duplicate key')
        }),
    })),
    caughtBy: 'a put of version 1 over a record is a conflict',
  },
  {
    fault: 'says nothing of a conflict',
    make: wrapped((sound) => ({ put: (record) => sound.put(record).catch(() => undefined) })),
    caughtBy: 'of parallel puts of one version exactly one wins',
  },
  {
    fault: 'compares first and writes later',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      await tick()
      write(records, record)
    }),
    caughtBy: 'of parallel puts of one version exactly one wins',
  },
  {
    fault: 'loses one of two parallel writes',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      const next = records.map((stored) => ({ ...stored }))
      await tick()
      write(next, record)
      records.splice(0, records.length, ...next)
    }),
    caughtBy: 'parallel puts of different records are all kept',
  },
  {
    fault: 'acknowledges before it is written',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      void tick().then(() => write(records, record))
    }),
    caughtBy: 'an acknowledged put is seen by the next get and list',
  },
  {
    fault: 'keeps what is written to itself',
    make: () => memoryStorage(),
    caughtBy: 'an acknowledged put is seen through a second handle',
  },
  {
    fault: 'removes a deleted record and starts again at version 1',
    make: naive(async (records, record) => {
      conflictUnless(versionIn(records, record) === record.version - 1)
      write(records, record)
      if (record.body === '') records.splice(records.indexOf(record), 1)
    }),
    caughtBy: 'versions go on after a deletion',
  },
]
