/** What the SQLite storage makes of the errors of each driver, at each moment, and that it repeats nothing of them. */

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type SqliteDatabase, sqliteStorage } from '../../src/storage/sqlite.ts'
import { IN_MEMORY, readOne, recordOf, scratch } from './scratch.ts'
import { type Handle, handles, openLibsql } from './sqlite-handles.ts'

const place = scratch(IN_MEMORY)
const openHandle = handles()
const QUOTED = 'sk-live-0123 in /srv/app/secret.db'

/** An error as each driver gives it for a result code. */
const SHAPES: Readonly<Record<string, (name: string, code: number) => Error>> = {
  'better-sqlite3': (name) => Object.assign(new Error(QUOTED), { code: `SQLITE_${name}` }),
  libsql: (name, code) => Object.assign(new Error(QUOTED), { code: `SQLITE_${name}`, rawCode: code }),
  'node:sqlite': (_, code) =>
    Object.assign(new Error(QUOTED), { code: 'ERR_SQLITE_ERROR', errcode: code, errstr: QUOTED }),
  'bun:sqlite': (name, code) =>
    Object.assign(new Error(QUOTED), { code: `SQLITE_${name}`, errno: code, byteOffset: -1 }),
}

/** Result codes, extended ones among them, and the words that say what happened. */
const CODES = [
  ['READONLY', 8, 'read-only'],
  ['READONLY_DBMOVED', 1032, 'read-only'],
  ['FULL', 13, 'disk of the SQLite database is full'],
  ['IOERR_WRITE', 778, 'disk of the SQLite database failed'],
  ['CANTOPEN_ISDIR', 526, 'cannot be opened'],
  ['TOOBIG', 18, 'larger than'],
  ['CONSTRAINT_CHECK', 275, 'refused the record'],
  ['AUTH', 23, 'authorizer'],
  ['CORRUPT_INDEX', 779, 'damaged'],
  ['NOTADB', 26, 'not an SQLite database'],
  ['ERROR', 1, 'refused the statement'],
  ['MISUSE', 21, 'handle failed'],
] as const

type When = 'BEGIN' | 'SELECT' | 'INSERT' | 'UPDATE' | 'COMMIT' | 'ROLLBACK'

/** A handle that throws, as often as is said, when a statement of that kind is run. */
function failing(database: Handle, ...faults: { when: When; error: Error; times?: number }[]): SqliteDatabase {
  const left = new Map(faults.map((fault) => [fault, fault.times ?? 1]))
  function fail(sql: string): void {
    for (const [fault, times] of left) {
      const isMeant = sql.startsWith(fault.when) && (fault.when !== 'SELECT' || sql.includes('guillemet_records" AS'))
      if (times === 0 || !isMeant) continue
      left.set(fault, times - 1)
      throw fault.error
    }
  }
  return {
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        all(...values) {
          fail(sql)
          return statement.all(...values)
        },
      }
    },
    exec(sql) {
      fail(sql)
      return database.exec(sql)
    },
  }
}

async function migrated(): Promise<Handle> {
  const database = openHandle(openLibsql, place())
  await sqliteStorage({ database }).migrate()
  return database
}

async function failureOf(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('sk-live')
  return error as Error & { code: string }
}

const database = await migrated()
let tags = 0

/** A tag that nobody has used, so that the tests can share a database. */
function newTag(): string {
  return `tag-${tags++}`
}

describe.each(Object.entries(SHAPES))('an error of %s', (_, errorOf) => {
  test.each(CODES)('%s is told by a write that kept nothing, and the handle goes on', async (name, code, words) => {
    const tag = newTag()
    for (const [when, version] of [
      ['BEGIN', 1],
      ['UPDATE', 2],
    ] as const) {
      const storage = sqliteStorage({ database: failing(database, { when, error: errorOf(name, code) }) })
      const { code: told, message } = await failureOf(storage.put(recordOf(tag, version)))
      expect(told).toBe('ERR_STORAGE_UNAVAILABLE')
      expect(message).toContain(words)
      expect(await readOne(storage, tag)).toEqual(version === 1 ? undefined : recordOf(tag))
      await storage.put(recordOf(tag, version))
    }
  })

  test.each(CODES)('%s is told by a read', async (name, code, words) => {
    const tag = newTag()
    const storage = sqliteStorage({ database: failing(database, { when: 'SELECT', error: errorOf(name, code) }) })
    const { code: told, message } = await failureOf(readOne(storage, tag))
    const isDamage = name.startsWith('CORRUPT') || name === 'NOTADB'
    expect(told).toBe(isDamage ? 'ERR_RECORD_CORRUPT' : 'ERR_STORAGE_UNAVAILABLE')
    expect(message).toContain(words)
    expect(await readOne(storage, tag)).toBeUndefined()
  })

  test.each([
    ['BUSY', 5],
    ['BUSY_RECOVERY', 261],
    ['BUSY_SNAPSHOT', 517],
    ['LOCKED_SHAREDCACHE', 262],
  ])('%s is waited for, at each moment', async (name, code) => {
    const tag = newTag()
    const error = errorOf(name, code)
    const faults = (['BEGIN', 'INSERT', 'COMMIT'] as const).map((when) => ({ when, error, times: 2 }))
    const storage = sqliteStorage({ database: failing(database, ...faults) })
    await storage.put(recordOf(tag))
    const reading = sqliteStorage({ database: failing(database, { when: 'SELECT', error, times: 3 }) })
    expect(await readOne(reading, tag)).toEqual(recordOf(tag))
    const never = failing(database, { when: 'BEGIN', error, times: Number.POSITIVE_INFINITY })
    const { message } = await failureOf(sqliteStorage({ database: never, busyTimeout: 5 }).put(recordOf(newTag())))
    expect(message).toContain('busyTimeout')
  })

  test.each([
    ['FULL', 13, 'ERR_STORAGE_UNAVAILABLE'],
    ['IOERR_FSYNC', 1034, 'ERR_OUTCOME_UNKNOWN'],
    ['IOERR', 10, 'ERR_OUTCOME_UNKNOWN'],
    ['CORRUPT', 11, 'ERR_OUTCOME_UNKNOWN'],
    ['NOMEM', 7, 'ERR_OUTCOME_UNKNOWN'],
  ])('%s at the commit is told as what it is', async (name, code, expected) => {
    const tag = newTag()
    const storage = sqliteStorage({ database: failing(database, { when: 'COMMIT', error: errorOf(name, code) }) })
    expect((await failureOf(storage.put(recordOf(tag)))).code).toBe(expected)
    expect(await readOne(storage, tag)).toBeUndefined()
    await storage.put(recordOf(tag))
  })
})

test('a transaction that cannot be ended is told, and refused until it is', async () => {
  const database = await migrated()
  const error = SHAPES['libsql']!('IOERR', 10)
  for (const [when, expected] of [
    ['INSERT', 'ERR_STORAGE_UNAVAILABLE'],
    ['COMMIT', 'ERR_OUTCOME_UNKNOWN'],
  ] as const) {
    const storage = sqliteStorage({ database: failing(database, { when, error }, { when: 'ROLLBACK', error }) })
    expect((await failureOf(storage.put(recordOf('a')))).code).toBe(expected)
    expect((await failureOf(storage.put(recordOf('a')))).message).toContain('inside a transaction')
    database.exec('ROLLBACK')
    expect(await readOne(storage, 'a')).toBeUndefined()
  }
})

test('a conflict while the rollback fails is no conflict that one could go on from', async () => {
  const database = await migrated()
  const error = SHAPES['libsql']!('IOERR', 10)
  await sqliteStorage({ database }).put(recordOf('a'))
  const storage = sqliteStorage({ database: failing(database, { when: 'ROLLBACK', error }) })
  const failure = await failureOf(storage.put(recordOf('a')))
  expect(failure).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('open a new one') })
  database.exec('ROLLBACK')
})

test('an error that is not an error of SQLite is told without its words', async () => {
  const database = await migrated()
  const odd: unknown[] = [
    new TypeError(QUOTED),
    QUOTED,
    undefined,
    null,
    { errno: -2 },
    { errcode: '5' },
    Object.create(null),
  ]
  for (const error of odd) {
    const storage = sqliteStorage({ database: failing(database, { when: 'INSERT', error: error as Error }) })
    const { code, message } = await failureOf(storage.put(recordOf('a')))
    expect(code).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(message).toContain('handle failed')
  }
})

test('rows that are not what was written are corrupt', async () => {
  const database = await migrated()
  const storage = sqliteStorage({ database })
  await storage.put(recordOf('a'))
  for (const change of ["version = 'x'", 'version = 0', "body = x'00ff'", 'version = 1.5']) {
    database.exec(`UPDATE guillemet_records SET version = 1, body = 'a@1'`)
    database.exec(`UPDATE guillemet_records SET ${change}`)
    await expect(readOne(storage, 'a')).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    await expect(storage.list('default', { limit: 5 })).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  }
})

describe('a handle that answers with promises', () => {
  const REFUSED = { code: 'ERR_INVALID_INPUT', message: expect.stringContaining('answers at once') }

  test.each<[string, SqliteDatabase]>([
    ['for prepare', { prepare: (async () => ({})) as never, exec: async () => undefined }],
    ['for rows', { prepare: () => ({ all: async () => [] }), exec: async () => undefined }],
  ])('%s is refused by every call', async (_, database) => {
    const storage = sqliteStorage({ database })
    await expect(storage.migrate()).rejects.toMatchObject(REFUSED)
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(REFUSED)
    await expect(readOne(storage, 'a')).rejects.toMatchObject(REFUSED)
    expect(storage.where).toBe('the table guillemet_records of the SQLite database')
  })
})

test('options are checked when the storage is made', () => {
  const database = openHandle(openLibsql, ':memory:')
  const wrong: unknown[] = [
    undefined,
    null,
    database,
    {},
    { database: undefined },
    { database: 'app.db' },
    { database: { prepare() {} } },
    { database, tables: 'x' },
    { database, busyTimeout: -1 },
    { database, busyTimeout: Number.NaN },
    { database, busyTimeout: '5' },
    { database, busyTimeout: 600_001 },
    { database, table: 7 },
  ]
  for (const options of wrong) {
    expect(() => sqliteStorage(options as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  }
})
