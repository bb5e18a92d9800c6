/** The SQLite storage among real processes that are killed and that write at once, on disks that are full or read-only. */

import { copyFileSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterEach, describe, expect, test } from 'vitest'
import { type SqliteStorage, sqliteStorage } from '../../src/storage/sqlite.ts'
import { buildChild, nextLine } from './child-process.ts'
import { mountsMissing, mountTmpfs, remountReadOnly } from './mounts.ts'
import { IN_MEMORY, readOne, recordOf, scratch } from './scratch.ts'
import { type Handle, handles, openLibsql, rowsOf } from './sqlite-handles.ts'

const TAGS = ['a', 'b', 'c', 'd']
const place = scratch()
const placeInMemory = scratch(IN_MEMORY)
const openHandle = handles()
const startChild = buildChild('sqlite')
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one()
})

/** Whether to skip, said aloud. */
function isMissing(reason: string | undefined, what: string): boolean {
  if (reason !== undefined) console.warn(`SKIPPED "${what}": ${reason}`)
  return reason !== undefined
}

async function openStorage(path: string): Promise<{ database: Handle; storage: SqliteStorage }> {
  const database = openHandle(openLibsql, path)
  const storage = sqliteStorage({ database })
  await storage.migrate()
  return { database, storage }
}

interface Acknowledged {
  readonly tag: string
  readonly version: number
  readonly counted: number
}

function readLog(path: string): Acknowledged[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [tag = '', version, counted] = line.split(' ')
    return { tag, version: Number(version), counted: Number(counted) }
  })
}

/** How often each process has counted in each tag, as it is stored; checks that no count was lost on the way. */
async function counts(storage: SqliteStorage): Promise<ReadonlyMap<string, Record<string, number>>> {
  const found = new Map<string, Record<string, number>>()
  for (const tag of TAGS) {
    const record = await readOne(storage, tag)
    const by = record === undefined ? {} : (JSON.parse(record.body) as Record<string, number>)
    expect(record?.version ?? 0).toBe(Object.values(by).reduce((sum, counted) => sum + counted, 0))
    found.set(tag, by)
  }
  return found
}

test('eight processes that count 200 times each lose no count', async () => {
  const PROCESSES = 8
  const COUNTS = 200
  const path = place()
  const { database, storage } = await openStorage(path)
  const logs = Array.from({ length: PROCESSES }, () => place())
  const children = logs.map((log, index) => startChild(path, 'count', `p${index}`, String(COUNTS), log))
  for (const child of children) child.process.stdout!.resume()
  expect(await Promise.all(children.map((child) => child.ended))).toEqual(Array(PROCESSES).fill(0))

  const versions = logs.flatMap(readLog).map(({ tag, version }) => `${tag}@${version}`)
  expect(new Set(versions).size).toBe(PROCESSES * COUNTS)
  const stored = await counts(storage)
  for (let index = 0; index < PROCESSES; index++) {
    const counted = [...stored.values()].reduce((sum, by) => sum + by[`p${index}`]!, 0)
    expect(counted).toBe(COUNTS)
  }
  expect(rowsOf(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
})

test('two hundred kills of a writer, at any moment, lose no acknowledged write', async () => {
  const KILLS = 200
  const AT_ONCE = 4
  const path = place()
  const { database, storage } = await openStorage(path)
  const logs = Array.from({ length: AT_ONCE }, () => place())
  async function killAgainAndAgain(index: number): Promise<void> {
    for (let kill = 0; kill < KILLS / AT_ONCE; kill++) {
      const victim = startChild(path, 'count', `p${index}`, '1000000', logs[index]!)
      await nextLine(victim)
      // some moments later, which is anywhere in the next writes
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
      victim.process.kill('SIGKILL')
      expect(await victim.ended).toBeNull()
    }
  }
  await Promise.all(logs.map((_, index) => killAgainAndAgain(index)))

  const stored = await counts(storage)
  let unheard = 0
  for (const [index, log] of logs.entries()) {
    const own = readLog(log)
    expect(own.length).toBeGreaterThanOrEqual(KILLS / AT_ONCE)
    for (const tag of TAGS) {
      const acknowledged = own.filter((line) => line.tag === tag)
      const counted = stored.get(tag)![`p${index}`] ?? 0
      expect(counted).toBeGreaterThanOrEqual(acknowledged.at(-1)?.counted ?? 0)
      unheard += counted - acknowledged.length
    }
  }
  // a kill may fall between the write and its acknowledgement, no more than once each
  expect(unheard).toBeLessThanOrEqual(KILLS)
  expect(rowsOf(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
})

test('four processes that migrate at once all succeed, and make one table', async () => {
  for (let round = 0; round < 5; round++) {
    const path = place()
    const started = Array.from({ length: 4 }, () => startChild(path, 'migrate'))
    expect(await Promise.all(started.map(nextLine))).toEqual(Array(4).fill('ready'))
    for (const child of started) child.process.stdin!.write('go\n')
    expect(await Promise.all(started.map(nextLine))).toEqual(Array(4).fill('migrated'))
    for (const child of started) child.process.stdin!.end()
    await Promise.all(started.map((child) => child.ended))
    const { database, storage } = await openStorage(path)
    expect(rowsOf(database, 'SELECT version FROM guillemet_records_schema')).toEqual([{ version: 1 }])
    await storage.put(recordOf('a'))
  }
})

test('another process that holds the lock for half a second stops neither the event loop nor what comes after', async () => {
  const path = placeInMemory()
  const { storage } = await openStorage(path)
  const child = startChild(path, 'hold')
  await nextLine(child)
  const tell = async (line: string) => {
    child.process.stdin!.write(`${line}\n`)
    expect(await nextLine(child)).toBe(line)
  }
  await tell('BEGIN IMMEDIATE')
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let turns = 0
  const ticking = setInterval(() => turns++, 5)
  delay.enable()
  const writing = storage.put(recordOf('a'))
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await readOne(storage, 'a')).toBeUndefined()
  delay.disable()
  clearInterval(ticking)
  // a driver that waited by itself would have let none of them happen
  expect(turns).toBeGreaterThan(10)
  console.log(`longest turn of the event loop while waiting: ${(delay.max / 1e6).toFixed(1)} ms`)
  await tell('COMMIT')
  await writing
  for (let version = 2; version <= 100; version++) await storage.put(recordOf('a', version))
  await tell('BEGIN IMMEDIATE')
  await tell('COMMIT')
  child.process.stdin!.end()
  expect(await child.ended).toBe(0)
  expect(await readOne(storage, 'a')).toEqual(recordOf('a', 100))
})

test('a copy of the file without its log is old, and VACUUM INTO holds everything', async () => {
  const path = placeInMemory()
  const { database, storage } = await openStorage(path)
  await storage.put(recordOf('a'))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.exec('PRAGMA wal_autocheckpoint = 0')
  for (let version = 2; version <= 100; version++) await storage.put(recordOf('a', version))
  const [copied, vacuumed] = [placeInMemory(), placeInMemory()]
  copyFileSync(path, copied)
  database.exec(`VACUUM INTO '${vacuumed}'`)
  expect(await readOne((await openStorage(copied)).storage, 'a')).toEqual(recordOf('a', 1))
  expect(await readOne((await openStorage(vacuumed)).storage, 'a')).toEqual(recordOf('a', 100))
})

describe('on a disk of its own', () => {
  const skip = isMissing(mountsMissing('tmpfs'), 'a full disk and a read-only one')

  test.skipIf(skip)('a full disk keeps what it has, says so, and takes more once there is room', async () => {
    const path = place()
    undo.push(mountTmpfs(path, '1m'))
    const filler = join(path, 'filler')
    writeFileSync(filler, Buffer.alloc(300_000))
    const file = join(path, 'app.db')
    const database = openLibsql(file)
    const storage = sqliteStorage({ database })
    await storage.migrate()
    const body = 'x'.repeat(20_000)
    let count = 0
    let failure: unknown
    while (failure === undefined && count < 100) {
      failure = await storage.put(recordOf(`t${count}`, 1, body)).then(
        () => void count++,
        (error: unknown) => error,
      )
    }
    expect(failure).toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/disk.*(full|failed)/),
    })
    expect(count).toBeGreaterThan(0)
    const expected = Array.from({ length: count }, (_, index) => recordOf(`t${index}`, 1, body))
    const byTag = expected.sort((a, b) => (a.tag < b.tag ? -1 : 1))
    expect(await storage.list('default', { limit: 100 })).toEqual(byTag)
    unlinkSync(filler)
    await storage.put(recordOf('t0', 2, body))
    database.close()
    const again = openLibsql(file)
    undo.push(() => again.close())
    const all = await sqliteStorage({ database: again }).list('default', { limit: 100 })
    expect(all).toEqual(byTag.map((record) => (record.tag === 't0' ? { ...record, version: 2, body } : record)))
  })

  test.skipIf(skip)('a read-only file system says why nothing is written, and what is there stays', async () => {
    const path = place()
    undo.push(mountTmpfs(path, '2m'))
    const file = join(path, 'app.db')
    const source = place()
    const { database: before, storage: writer } = await openStorage(source)
    await writer.put(recordOf('a'))
    before.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    copyFileSync(source, file)
    remountReadOnly(path)
    const database = openLibsql(file)
    undo.push(() => database.close())
    const storage = sqliteStorage({ database })
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/read-only|cannot be opened/),
    })
    const copy = place()
    copyFileSync(file, copy)
    expect(await readOne((await openStorage(copy)).storage, 'a')).toEqual(recordOf('a'))
  })

  test.skipIf(skip)('a database that its handle may only read can be read', async () => {
    const file = placeInMemory()
    const { database, storage } = await openStorage(file)
    await storage.put(recordOf('a'))
    database.exec('PRAGMA query_only = ON')
    await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringContaining('read-only'),
    })
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
  })
})
