/** Conformance: what get gives, in which order, and whose objects they are. */

import type { RecordKey, StoredRecord } from '../ports/storage.ts'
import { defaultKeys, readBack, recordOf, type StorageCase, storageCase, WORKSPACE } from './conformance-case.ts'
import { expectNone, expectRecord, expectRecords, expectThat } from './expect.ts'

const MANY = 300
/** Names that are special to JavaScript or to a file system; `a` and `A` are two. */
const AWKWARD_NAMES = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'then',
  'a',
  'A',
  'zenDesk',
  'Zendesk',
  'con',
  'NUL',
  'com1',
  '-',
  '_',
  '--help',
  '0',
  '007',
  '7',
  'a-b',
  'a_b',
  'X'.repeat(128),
  'x'.repeat(128),
]

export const readCases: readonly StorageCase[] = [
  storageCase(
    'get answers in the order of the keys, undefined where there is no record',
    async ({ storage }) => {
      for (const tag of ['a', 'b', 'c']) await storage.put(recordOf(tag))
      const found = await storage.get(WORKSPACE, defaultKeys('c', 'missing', 'a', 'b', 'none'))
      expectThat(found.length === 5, `5 keys must give 5 answers, but gave ${found.length}`)
      expectRecord(found[0], recordOf('c'))
      expectNone(found[1])
      expectRecord(found[2], recordOf('a'))
      expectRecord(found[3], recordOf('b'))
      expectNone(found[4])
    },
    { hint: 'The suite asked for c, missing, a, b, none: are the rows put back into the order of the keys?' },
  ),

  storageCase('get answers a key as often as it is asked', async ({ storage }) => {
    await storage.put(recordOf('twice'))
    await storage.put(recordOf('once'))
    const found = await storage.get(WORKSPACE, defaultKeys('twice', 'once', 'twice'))
    expectRecords(found, [recordOf('twice'), recordOf('once'), recordOf('twice')])
  }),

  storageCase('a name that begins another one is not that one', async ({ storage }) => {
    await storage.put(recordOf('token-2'))
    await storage.put(recordOf('in', 1, { environment: 'prod-eu' }))
    expectNone((await storage.get(WORKSPACE, defaultKeys('token')))[0])
    expectNone((await storage.get(WORKSPACE, [{ environment: 'prod', tag: 'in' }]))[0])
    await storage.put(recordOf('token'))
    expectRecords(await storage.get(WORKSPACE, defaultKeys('token', 'token-2')), [
      recordOf('token'),
      recordOf('token-2'),
    ])
  }),

  storageCase('get of no keys, and of a workspace that nobody wrote to, finds nothing', async ({ storage }) => {
    expectRecords(await storage.get(WORKSPACE, []), [])
    expectNone((await storage.get('unknown', defaultKeys('a')))[0])
    await storage.put(recordOf('a'))
    expectRecords(await storage.get(WORKSPACE, []), [])
    expectNone((await storage.get('unknown', defaultKeys('a')))[0])
  }),

  storageCase(
    'an acknowledged put is seen by the next get and list',
    async ({ storage }) => {
      for (const version of [1, 2]) {
        await storage.put(recordOf('seen', version))
        expectRecords(await storage.get(WORKSPACE, defaultKeys('seen'), { fresh: true }), [recordOf('seen', version)])
        expectRecords(await storage.list(WORKSPACE, { limit: 10 }), [recordOf('seen', version)])
      }
    },
    {
      hint: 'The suite read with fresh: true after the put had returned: a put that is not awaited, a replica, a cache?',
    },
  ),

  storageCase(
    'an acknowledged put is seen through a second handle',
    async ({ storage, again }) => {
      const second = await again()
      for (const version of [1, 2, 3]) {
        const [writer, reader] = version % 2 ? [storage, second] : [second, storage]
        await writer.put(recordOf('shared', version))
        expectRecord(await readBack(reader, 'shared'), recordOf('shared', version))
        expectRecords(await reader.list(WORKSPACE, { limit: 10 }), [recordOf('shared', version)])
      }
    },
    { needs: 'processes', hint: 'The suite wrote through one handle and read through the other with fresh: true' },
  ),

  storageCase('get takes the option fresh, true or false', async ({ storage }) => {
    await storage.put(recordOf('asked'))
    for (const fresh of [true, false]) {
      expectRecords(await storage.get(WORKSPACE, defaultKeys('asked'), { fresh }), [recordOf('asked')])
    }
    expectRecords(await storage.get(WORKSPACE, defaultKeys('asked'), {}), [recordOf('asked')])
  }),

  storageCase(
    'the object given to put is copied, and never changed',
    async ({ storage }) => {
      const given = { ...recordOf('given') }
      const writing = storage.put(given)
      given.body = 'changed while it was written'
      given.version = 9
      await writing
      given.tag = 'other'
      expectRecord(await readBack(storage, 'given'), recordOf('given'))
      await storage.put(Object.freeze(recordOf('given', 2)))
      expectRecord(await readBack(storage, 'given'), recordOf('given', 2))
    },
    { hint: 'The suite changed the object it had given to put while that was under way: copy it before you wait' },
  ),

  storageCase(
    'what get and list give is a copy of what is stored',
    async ({ storage }) => {
      await storage.put(recordOf('lent'))
      const [got, same] = await storage.get(WORKSPACE, defaultKeys('lent', 'lent'))
      expectThat(got !== same, 'a key asked twice must give two objects')
      const [listed] = await storage.list(WORKSPACE, { limit: 1 })
      for (const lent of [got!, listed!]) {
        // a frozen copy refuses, which is as good
        Reflect.set(lent, 'body', 'changed by the reader')
        Reflect.set(lent, 'version', 9)
      }
      expectRecord(await readBack(storage, 'lent'), recordOf('lent'))
      expectRecords(await storage.list(WORKSPACE, { limit: 1 }), [recordOf('lent')])
      await storage.put(recordOf('lent', 2))
    },
    { hint: 'The suite changed the objects that it had been given: hand out copies' },
  ),

  storageCase(
    'the keys given to get are copied',
    async ({ storage }) => {
      for (const tag of ['asked', 'other']) await storage.put(recordOf(tag))
      const keys = defaultKeys('asked', 'asked') as { environment: string; tag: string }[]
      const reading = storage.get(WORKSPACE, keys)
      for (const key of keys) key.tag = 'other'
      keys.length = 0
      expectRecords(await reading, [recordOf('asked'), recordOf('asked')])
    },
    { hint: 'The suite renamed the keys in the array it had given, and emptied it: copy them before you wait' },
  ),

  storageCase(
    'names special to JavaScript or a file system, or apart by case alone, are ordinary',
    async ({ storage }) => {
      const expected: StoredRecord[] = []
      for (const tag of AWKWARD_NAMES) expected.push(recordOf(tag))
      for (const environment of AWKWARD_NAMES) expected.push(recordOf('in', 1, { environment }))
      for (const record of expected) expectNone((await storage.get(WORKSPACE, [keyOfRecord(record)]))[0])
      for (const record of expected) await storage.put(record)
      expectRecords(await storage.get(WORKSPACE, expected.map(keyOfRecord)), expected)
      for (const workspace of AWKWARD_NAMES) {
        expectNone((await storage.get(workspace, defaultKeys('in')))[0])
        await storage.put(recordOf('in', 1, { workspace }))
        expectRecord((await storage.get(workspace, defaultKeys('in')))[0], recordOf('in', 1, { workspace }))
      }
    },
  ),

  storageCase('places whose names run together are apart', async ({ storage }) => {
    const records: StoredRecord[] = []
    for (const sign of ['', '-', '_', '__']) {
      records.push(recordOf(`b${sign}c`, 1, { environment: 'a' }), recordOf('c', 1, { environment: `a${sign}b` }))
    }
    for (const record of records) await storage.put(record)
    expectRecords(await storage.get(WORKSPACE, records.map(keyOfRecord)), records)
    for (const workspace of ['main-a', 'main_a', 'maina']) {
      expectNone((await storage.get(workspace, [{ environment: 'b', tag: 'c' }]))[0])
      await storage.put(recordOf('c', 1, { workspace, environment: 'b' }))
    }
  }),

  storageCase('the record of the keyring, environment $ and tag $keyring, is a record', async ({ storage }) => {
    const keyring = recordOf('$keyring', 1, { environment: '$' })
    await storage.put(recordOf('keyring', 1, { environment: '$' }))
    await storage.put(keyring)
    expectRecords(await storage.get(WORKSPACE, [keyOfRecord(keyring)]), [keyring])
    expectNone((await storage.get(WORKSPACE, defaultKeys('$keyring')))[0])
  }),
]

/** What costs too much to be done twice. */
export const manyKeysCases: readonly StorageCase[] = [
  storageCase(`get answers ${MANY} keys of several environments at once`, async ({ storage }) => {
    const records: StoredRecord[] = []
    for (let index = 0; index < MANY; index++)
      records.push(recordOf(`many-${index}`, 1, { environment: `e${index % 3}` }))
    for (const record of records) await storage.put(record)
    records.reverse()
    const keys = records.map(({ environment, tag }) => ({ environment, tag }))
    expectRecords(await storage.get(WORKSPACE, keys), records)
  }),
]

function keyOfRecord({ environment, tag }: StoredRecord): RecordKey {
  return { environment, tag }
}
