/** Conformance: the order of a listing, its pages, its filter. */

import { compareKeys, type RecordKey, type StoredRecord, type VaultStorage } from '../ports/storage.ts'
import { defaultKeys, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { everyStoredRecord } from './every-page.ts'
import { expectRecords, expectThat } from './expect.ts'

/** Sorted bytewise; a locale, or a comparison without case, sorts them otherwise. */
const SORTED_TAGS = [
  '-',
  '--',
  '0',
  '10',
  '9',
  'A',
  'B',
  'XGeU',
  'XeLu',
  'Z',
  '_',
  '__proto__',
  'a',
  'a-b',
  'a0',
  'aB',
  'a_b',
  'aa',
  'ab',
  'z',
]
const SORTED_ENVIRONMENTS = ['$', '-x', '1', 'Production', '_x', 'default', 'default-2', 'production']

export const listCases: readonly StorageCase[] = [
  storageCase('list of a workspace that nobody wrote to is empty', async ({ storage }) => {
    expectRecords(await storage.list('unknown', { limit: 10 }), [])
    await storage.put(recordOf('a'))
    expectRecords(await storage.list('unknown', { limit: 10 }), [])
    expectRecords(await storage.list(WORKSPACE, { environment: 'unknown', limit: 10 }), [])
  }),

  storageCase('list is ordered by tag, bytewise', async ({ storage }) => {
    const sorted = SORTED_TAGS.map((tag) => recordOf(tag))
    for (const record of shuffled(sorted)) await storage.put(record)
    expectRecords(await everyStoredRecord(storage, { limit: 100 }), sorted)
  }),

  storageCase('list is ordered by environment before tag, bytewise', async ({ storage }) => {
    const sorted = await fill(storage)
    expectRecords(await everyStoredRecord(storage, { limit: 100 }), sorted)
  }),

  storageCase('list with an environment gives that environment only', async ({ storage }) => {
    const sorted = await fill(storage)
    for (const environment of SORTED_ENVIRONMENTS) {
      const expected = sorted.filter((record) => record.environment === environment)
      expectRecords(await everyStoredRecord(storage, { environment, limit: 100 }), expected)
    }
    expectRecords(await storage.list(WORKSPACE, { environment: 'prod', limit: 100 }), [])
  }),

  storageCase(
    'list gives at most as many as the limit, the first ones, and none only at the end',
    async ({ storage }) => {
      const sorted = await fill(storage)
      for (const limit of [1, 2, sorted.length - 1, sorted.length, sorted.length + 1]) {
        const found = await storage.list(WORKSPACE, { limit })
        expectThat(found.length > 0 && found.length <= limit, `a page of ${limit} held ${found.length} records`)
        expectRecords(found, sorted.slice(0, found.length))
      }
    },
  ),

  storageCase('the cursor is exclusive, and pages of any size give every record once', async ({ storage }) => {
    const sorted = await fill(storage)
    for (const limit of [1, 2, 3, 7]) expectRecords(await everyStoredRecord(storage, { limit }), sorted)
    const last = sorted.at(-1)!
    expectRecords(await storage.list(WORKSPACE, { after: last, limit: 10 }), [])
  }),

  storageCase('the cursor and the environment work together', async ({ storage }) => {
    const sorted = await fill(storage)
    const environment = 'default'
    const expected = sorted.filter((record) => record.environment === environment)
    expectRecords(await everyStoredRecord(storage, { environment, limit: 1 }), expected)
    const beyond = { environment: 'production', tag: 'a' }
    expectRecords(await storage.list(WORKSPACE, { environment, after: beyond, limit: 10 }), [])
    const before = { environment: '$', tag: 'z' }
    expectRecords(await everyStoredRecord(storage, { environment, after: before, limit: 10 }), expected)
  }),

  storageCase('the cursor need not be a record', async ({ storage }) => {
    const sorted = await fill(storage)
    const cursors: RecordKey[] = [
      { environment: '$', tag: '$' },
      { environment: 'default', tag: 'aZ' },
      { environment: 'default-1', tag: 'zz' },
      { environment: 'zzz', tag: 'a' },
    ]
    for (const after of cursors) {
      const expected = sorted.filter((record) => compareKeys(record, after) > 0)
      expectRecords(await everyStoredRecord(storage, { after, limit: 100 }), expected)
    }
  }),

  storageCase('the cursor holds while records are written, deleted and created around it', async ({ storage }) => {
    for (const tag of ['b', 'd', 'f']) await storage.put(recordOf(tag))
    expectRecords(await everyStoredRecord(storage, { limit: 2 }), [recordOf('b'), recordOf('d'), recordOf('f')])
    await storage.put(recordOf('a'))
    await storage.put(recordOf('c'))
    await storage.put(recordOf('e'))
    await storage.put(recordOf('d', 2, { body: '' }))
    const after = { environment: 'default', tag: 'd' }
    expectRecords(await everyStoredRecord(storage, { after, limit: 10 }), [recordOf('e'), recordOf('f')])
  }),

  storageCase('list gives the newest version of each record, deleted ones included', async ({ storage }) => {
    await storage.put(recordOf('kept'))
    await storage.put(recordOf('gone'))
    await storage.put(recordOf('gone', 2, { body: '' }))
    await storage.put(recordOf('kept', 2))
    await storage.put(recordOf('kept', 3))
    expectRecords(await everyStoredRecord(storage, { limit: 10 }), [
      recordOf('gone', 2, { body: '' }),
      recordOf('kept', 3),
    ])
  }),

  storageCase(
    'the page given to list is copied',
    async ({ storage }) => {
      for (const tag of ['a', 'b', 'c']) await storage.put(recordOf(tag))
      const after = { environment: 'default', tag: 'a' }
      const page = { after, limit: 1 }
      const listing = storage.list(WORKSPACE, page)
      after.tag = 'c'
      page.limit = 10
      expectRecords(await listing, [recordOf('b')])
    },
    { hint: 'The suite changed the page it had given: copy it before you wait' },
  ),

  storageCase('workspaces are apart in get, put and list', async ({ storage }) => {
    const workspaces = ['main', 'Main', 'mai', 'other']
    for (const workspace of workspaces) await storage.put(recordOf('same', 1, { workspace }))
    await storage.put(recordOf('same', 2, { workspace: 'other' }))
    await storage.put(recordOf('more', 1, { workspace: 'other' }))
    for (const workspace of workspaces.slice(0, 3)) {
      const own = recordOf('same', 1, { workspace })
      expectRecords(await storage.get(workspace, defaultKeys('same')), [own])
      expectRecords(await everyStoredRecord(storage, { limit: 10 }, workspace), [own])
    }
    const others = ['more', 'same'].map((tag) => recordOf(tag, tag === 'same' ? 2 : 1, { workspace: 'other' }))
    expectRecords(await everyStoredRecord(storage, { limit: 10 }, 'other'), others)
  }),
]

/** Three tags in each environment, written in another order than they are listed. */
async function fill(storage: VaultStorage): Promise<StoredRecord[]> {
  const sorted: StoredRecord[] = []
  for (const environment of SORTED_ENVIRONMENTS) {
    for (const tag of ['Z', '_', 'a']) sorted.push(recordOf(tag, 1, { environment }))
  }
  for (const record of shuffled(sorted)) await storage.put(record)
  return sorted
}

/** Always the same other order: every fifth, then the ones between. */
function shuffled(records: readonly StoredRecord[]): StoredRecord[] {
  return [4, 2, 0, 3, 1].flatMap((rest) => records.filter((_, index) => index % 5 === rest))
}
