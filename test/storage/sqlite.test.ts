/** The SQLite storage on real databases. */

import { describe, expect, test } from 'vitest'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { type SqliteStorage, type SqliteStorageOptions, sqliteStorage } from '../../src/storage/sqlite.ts'
import { storageConformance } from '../../src/testing.ts'
import { keyOf, putUpTo, readOne, recordOf, scratch } from './scratch.ts'
import { drivers, type Handle, handles, rowsOf } from './sqlite-handles.ts'

const place = scratch()
const openHandle = handles()

describe.each([...drivers])('sqliteStorage on %s', (driver, open) => {
  const openAt = (path: string) => openHandle(open, path)

  async function openStorage(
    options: Partial<SqliteStorageOptions> = {},
  ): Promise<{ path: string; database: Handle; storage: SqliteStorage }> {
    const path = place()
    const database = openAt(path)
    const storage = sqliteStorage({ database, ...options })
    await storage.migrate()
    return { path, database, storage }
  }

  describe('keeps every promise of the port', () => {
    const files = new WeakMap<VaultStorage, string>()
    async function makeStorage(sameDataAs?: VaultStorage): Promise<VaultStorage> {
      const path = (sameDataAs && files.get(sameDataAs)) ?? place()
      const storage = sqliteStorage({ database: openAt(path) })
      files.set(storage, path)
      await storage.migrate()
      return storage
    }
    for (const { name, run } of storageConformance) test(name, () => run(makeStorage))
  })

  describe('migrate', () => {
    test('is asked for by every call that comes before it', async () => {
      const database = openAt(place())
      const storage = sqliteStorage({ database })
      const failure = {
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringContaining('migrate() of the sqliteStorage'),
      }
      await expect(storage.get('default', [keyOf('a')])).rejects.toMatchObject(failure)
      await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
      await expect(storage.list('default', { limit: 1 })).rejects.toMatchObject(failure)
      await expect(storage.workspaces({ limit: 1 })).rejects.toMatchObject(failure)
      expect(rowsOf(database, 'SELECT name FROM sqlite_master')).toEqual([])
      await storage.migrate()
      await storage.put(recordOf('a'))
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    })

    test('switches the database to WAL mode, and may be called again over records', async () => {
      const { path, storage } = await openStorage()
      await storage.put(recordOf('a'))
      await storage.migrate()
      const again = openAt(path)
      await sqliteStorage({ database: again }).migrate()
      expect(rowsOf(again, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    })

    test('takes a database in memory', async () => {
      const storage = sqliteStorage({ database: openAt(':memory:') })
      await storage.migrate()
      await storage.put(recordOf('a'))
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    })

    test('refuses a database that answers with another journal mode', async () => {
      const database = openAt(place())
      const refusing = {
        prepare: (sql: string) =>
          sql.includes('journal_mode') ? { all: () => [{ journal_mode: 'delete' }] } : database.prepare(sql),
        exec: (sql: string) => database.exec(sql),
      }
      await expect(sqliteStorage({ database: refusing }).migrate()).rejects.toMatchObject({
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringContaining('WAL'),
      })
    })

    test('refuses a newer schema, and so does every other call', async () => {
      const { path, database } = await openStorage()
      database.exec('UPDATE guillemet_records_schema SET version = 2')
      const storage = sqliteStorage({ database: openAt(path) })
      const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('update guillemet') }
      await expect(storage.migrate()).rejects.toMatchObject(failure)
      await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
      await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
      expect(rowsOf(database, 'SELECT version FROM guillemet_records_schema')).toEqual([{ version: 2 }])
    })

    test.each([
      ['another table', 'CREATE TABLE guillemet_records (id INTEGER PRIMARY KEY)'],
      ['one whose name differs by case', 'CREATE TABLE Guillemet_Records (id INTEGER PRIMARY KEY)'],
    ])('leaves %s of that name alone', async (_, statement) => {
      const database = openAt(place())
      database.exec(statement)
      await expect(sqliteStorage({ database }).migrate()).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
      expect(rowsOf(database, "SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table'")).toEqual([
        { tables: 1 },
      ])
    })

    test('refuses a table that is compared without case', async () => {
      const { path, database } = await openStorage()
      const [{ sql }] = rowsOf(database, "SELECT sql FROM sqlite_master WHERE name = 'guillemet_records'") as [
        { sql: string },
      ]
      database.exec('DROP TABLE guillemet_records')
      database.exec(sql.replace('tag TEXT NOT NULL', 'tag TEXT NOT NULL COLLATE NOCASE'))
      const storage = sqliteStorage({ database: openAt(path) })
      const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('bytewise') }
      await expect(storage.migrate()).rejects.toMatchObject(failure)
      await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    })
  })

  describe('names', () => {
    const HOSTILE = [`'; DROP TABLE other; --`, '"', '`', "' OR '1'='1", 'a"b', '%', '\\', '?1', '$[0]', '"]}']

    test('of records are values, whatever is in them', async () => {
      const { database, storage } = await openStorage()
      database.exec('CREATE TABLE other (kept TEXT)')
      for (const name of HOSTILE) {
        const record: StoredRecord = { workspace: name, environment: name, tag: name, version: 1, body: name }
        await storage.put(record)
        await storage.put({ ...record, version: 2 })
        await expect(storage.put(record)).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
        expect(await storage.get(name, [record, keyOf('a')])).toEqual([{ ...record, version: 2 }, undefined])
        expect(await storage.list(name, { environment: name, limit: 9 })).toEqual([{ ...record, version: 2 }])
      }
      expect(await storage.workspaces({ limit: 100 })).toEqual([...HOSTILE].sort())
      expect(rowsOf(database, 'SELECT * FROM other')).toEqual([])
    })

    test.each([...HOSTILE, '', 'a b', 'sqlite_records', 'SQLite_x', '1a', 'ä', 'x'.repeat(64), 'a.b', 'a\0'])(
      'of the table are never a statement: %j',
      (table) => {
        const database = openAt(':memory:')
        expect(() => sqliteStorage({ database, table })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
      },
    )

    test('of tables keep two storages of one database apart, words of SQL included', async () => {
      const { database, storage } = await openStorage({ table: 'select' })
      const other = sqliteStorage({ database, table: 'Order' })
      await other.migrate()
      await storage.put(recordOf('a'))
      expect(await readOne(other, 'a')).toBeUndefined()
    })

    test('of a temporary table do not hide the real one', async () => {
      const { database, storage } = await openStorage()
      await storage.put(recordOf('a'))
      database.exec('CREATE TEMP TABLE guillemet_records AS SELECT * FROM main.guillemet_records WHERE false')
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    })

    test('that are not texts are refused before a driver sees them', async () => {
      const { storage } = await openStorage()
      for (const odd of [true, {}, new Date(0), null, undefined, 1n, new ArrayBuffer(1)]) {
        const name = odd as unknown as string
        const failure = { code: 'ERR_INVALID_INPUT' }
        for (const part of ['workspace', 'environment', 'tag', 'body']) {
          await expect(storage.put({ ...recordOf('a'), [part]: name })).rejects.toMatchObject(failure)
        }
        await expect(storage.get(name, [keyOf('a')])).rejects.toMatchObject(failure)
        await expect(storage.get('default', [keyOf(name)])).rejects.toMatchObject(failure)
        await expect(storage.list(name, { limit: 1 })).rejects.toMatchObject(failure)
        const limit = odd as unknown as number
        await expect(storage.list('default', { limit })).rejects.toMatchObject(failure)
        await expect(storage.workspaces({ limit })).rejects.toMatchObject(failure)
      }
    })
  })

  describe('a handle in the transaction of the application', () => {
    test('is refused by every call, and the transaction goes on', async () => {
      const { path, database, storage } = await openStorage()
      await storage.put(recordOf('a'))
      database.exec('CREATE TABLE jobs (name TEXT)')
      database.exec('BEGIN')
      database.exec("INSERT INTO jobs VALUES ('mine')")
      const failure = {
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringContaining('transaction of the application'),
      }
      await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject(failure)
      await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
      await expect(storage.list('default', { limit: 1 })).rejects.toMatchObject(failure)
      await expect(storage.migrate()).rejects.toMatchObject(failure)
      database.exec('COMMIT')
      expect(rowsOf(openAt(path), 'SELECT * FROM jobs')).toEqual([{ name: 'mine' }])
      await storage.put(recordOf('a', 2))
    })
  })

  describe('another connection that writes', () => {
    test('is waited for while the event loop goes on', async () => {
      const { path, storage } = await openStorage()
      const other = openAt(path)
      other.exec('BEGIN IMMEDIATE')
      let isReleased = false
      // only an event loop that goes on can call this
      setTimeout(() => {
        isReleased = true
        other.exec('COMMIT')
      }, 30)
      await storage.put(recordOf('a'))
      expect(isReleased).toBe(true)
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    })

    test('is not waited for by the driver, however long the application lets it', async () => {
      const { path, database } = await openStorage()
      database.exec('PRAGMA busy_timeout = 20000')
      const timeouts: unknown[] = []
      const watched = {
        prepare: (sql: string) => database.prepare(sql),
        exec(sql: string) {
          if (sql === 'BEGIN IMMEDIATE') timeouts.push(...Object.values(rowsOf(database, 'PRAGMA busy_timeout')[0]!))
          database.exec(sql)
        },
      }
      await sqliteStorage({ database: watched }).put(recordOf('a'))
      expect(timeouts).toEqual([0])
      expect(await readOne(sqliteStorage({ database: openAt(path) }), 'a')).toEqual(recordOf('a'))
    })

    test('does not keep others from reading', async () => {
      const { path, storage } = await openStorage({ busyTimeout: 0 })
      await storage.put(recordOf('a'))
      const other = openAt(path)
      other.exec('BEGIN IMMEDIATE')
      expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
      expect(await storage.list('default', { limit: 5 })).toEqual([recordOf('a')])
      other.exec('COMMIT')
    })

    test('for too long is told, and leaves the handle as good as before', async () => {
      const { path, database, storage } = await openStorage({ busyTimeout: 0 })
      const [other, third] = [openAt(path), openAt(path)]
      await storage.put(recordOf('a'))
      other.exec('BEGIN IMMEDIATE')
      for (let count = 0; count < 5; count++) {
        await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject({
          code: 'ERR_STORAGE_UNAVAILABLE',
          message: expect.stringContaining('busyTimeout'),
        })
      }
      other.exec('COMMIT')
      for (let version = 2; version <= 100; version++) {
        await storage.put(recordOf('a', version))
        expect(await readOne(sqliteStorage({ database: third }), 'a')).toEqual(recordOf('a', version))
      }
      third.exec('BEGIN IMMEDIATE')
      third.exec('COMMIT')
      // a statement of the application on the same handle is committed as well
      database.exec('CREATE TABLE jobs (name TEXT)')
      database.prepare("INSERT INTO jobs VALUES ('mine')").run()
      expect(rowsOf(other, 'SELECT * FROM jobs')).toEqual([{ name: 'mine' }])
    })

    test('is not waited for once the signal has aborted', async () => {
      const { path, storage } = await openStorage({ busyTimeout: 600_000 })
      const other = openAt(path)
      other.exec('BEGIN IMMEDIATE')
      const controller = new AbortController()
      const writing = storage.put(recordOf('a'), { signal: controller.signal })
      controller.abort()
      await expect(writing).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
      other.exec('COMMIT')
      expect(await readOne(storage, 'a')).toBeUndefined()
      await storage.put(recordOf('a'))
    })
  })

  test('a put is committed with synchronous=FULL, and the busy timeout of the application stays', async () => {
    const { database, storage } = await openStorage()
    const settings = () => [
      Object.values(rowsOf(database, 'PRAGMA synchronous')[0]!)[0],
      Object.values(rowsOf(database, 'PRAGMA busy_timeout')[0]!)[0],
    ]
    database.exec('PRAGMA synchronous = NORMAL')
    database.exec('PRAGMA busy_timeout = 1234')
    await storage.put(recordOf('a'))
    expect(settings()).toEqual([2, 1234])
    database.exec('PRAGMA synchronous = EXTRA')
    await storage.put(recordOf('a', 2))
    expect(settings()).toEqual([3, 1234])
  })

  test('a statement that the application left unfinished is noticed: nothing is acknowledged that is not committed', async () => {
    const { path, database, storage } = await openStorage()
    const other = openAt(path)
    await storage.put(recordOf('a'))
    database.exec('CREATE TABLE jobs (name TEXT)')
    database.exec('PRAGMA busy_timeout = 0')
    const own = database.prepare("INSERT INTO jobs VALUES ('mine')")
    other.exec('BEGIN IMMEDIATE')
    expect(() => own.run()).toThrow()
    other.exec('COMMIT')
    const outcome = await storage.put(recordOf('a', 2)).then(
      () => 2,
      (error) => {
        expect(error).toMatchObject({
          code: 'ERR_STORAGE_UNAVAILABLE',
          message: expect.stringContaining('unfinished on this SQLite handle'),
        })
        return 1
      },
    )
    // libsql leaves it unfinished, node:sqlite does not
    expect(outcome).toBe(driver === 'libsql' ? 1 : 2)
    const reader = sqliteStorage({ database: other })
    expect(await readOne(reader, 'a')).toEqual(recordOf('a', outcome))
    await reader.put(recordOf('a', outcome + 1))
    own.run()
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', outcome + 1))
    await storage.put(recordOf('a', outcome + 2))
  })

  test('a handle that is closed is unavailable, and does not end the process', async () => {
    const { database, storage } = await openStorage()
    database.close()
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('check that it is open') }
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
    expect(storage.where).toBe('the table guillemet_records of the SQLite database')
  })

  test('a file that is not a database is corrupt to a reader, and nothing is written to it', async () => {
    const { path, database } = await openStorage()
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()
    const garbage = Buffer.alloc(8192, 'not a database ')
    const { readFileSync, writeFileSync } = await import('node:fs')
    writeFileSync(path, garbage)
    const storage = sqliteStorage({ database: openAt(path) })
    await expect(readOne(storage, 'a')).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(readFileSync(path).equals(garbage)).toBe(true)
  })

  test('workspaces come in pages, each name once', async () => {
    const { storage } = await openStorage()
    const names = ['Z', '_', 'a', 'b', 'c']
    for (const workspace of names) {
      for (const tag of ['x', 'y']) await storage.put({ ...recordOf(tag), workspace })
    }
    expect(await storage.workspaces({ limit: 100 })).toEqual(names)
    expect(await storage.workspaces({ limit: 2 })).toEqual(['Z', '_'])
    expect(await storage.workspaces({ after: '_', limit: 2 })).toEqual(['a', 'b'])
    expect(await storage.workspaces({ after: 'c', limit: 2 })).toEqual([])
  })

  test('where names the file and the table', async () => {
    const { path, storage } = await openStorage({ table: 'app_secrets' })
    expect(storage.where).toBe(`the table app_secrets of the SQLite database "${path}"`)
  })

  test('a handle with bigints gives the same versions', async () => {
    const { path, storage } = await openStorage()
    await putUpTo(storage, 'a', 3)
    const database = openAt(path) as Handle & { defaultSafeIntegers?(): void }
    const withBigints = {
      prepare(sql: string) {
        const statement = database.prepare(sql) as ReturnType<Handle['prepare']> & {
          setReadBigInts?(on: boolean): void
        }
        statement.setReadBigInts?.(true)
        return statement
      },
      exec: (sql: string) => database.exec(sql),
    }
    database.defaultSafeIntegers?.()
    const second = sqliteStorage({ database: withBigints })
    expect(await readOne(second, 'a')).toEqual(recordOf('a', 3))
    await second.put(recordOf('a', 4))
    await expect(second.put(recordOf('a', 4))).rejects.toMatchObject({ code: 'ERR_CONFLICT' })
    await second.put({ ...recordOf('a', 5), tag: 'a' })
    expect(await storage.list('default', { limit: 1 })).toEqual([recordOf('a', 5)])
  })
})
