/**
 * The SQLite storage: creating, reading a batch and listing, beside the same reads of the bare driver, at three sizes that
 * show whether the cost of one record stays what it is.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqliteDatabase, SqliteStorage } from 'guillemet/storage/sqlite'
import { sqliteStorage } from 'guillemet/storage/sqlite'
import { median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

const SIZES = [1_000, 10_000, 100_000]
const BATCH = 50
const PAGE = 1_000
const CREATES = 200
const ROUNDS = 9
/** Characters of a sealed record of one token, with its clear information. */
const BODY = 'x'.repeat(700)

interface Handle extends SqliteDatabase {
  prepare(sql: string): { all(...values: (string | number)[]): unknown[]; run(...values: (string | number)[]): unknown }
  close(): void
}

/** What one size of the table takes, in nanoseconds for each record. */
interface Measured {
  readonly size: number
  readonly times: Readonly<Record<'create' | 'get' | 'bareGet' | 'list' | 'bareList', number[]>>
}

export const title = 'SQLite storage, on libsql'

export async function run(): Promise<readonly Row[]> {
  const home = await mkdtemp(join(tmpdir(), 'guillemet-bench-'))
  try {
    const measured: Measured[] = []
    for (const size of SIZES) measured.push(await measure(join(home, `${size}.db`), size))
    return [...measured.flatMap(rowsOfSize), ...growthRows(measured)]
  } finally {
    await rm(home, { recursive: true })
  }
}

async function measure(path: string, size: number): Promise<Measured> {
  const Database = createRequire(import.meta.url)('libsql') as new (path: string) => Handle
  const database = new Database(path)
  const storage = sqliteStorage({ database })
  await storage.migrate()
  fill(database, size)
  const times: Measured['times'] = { create: [], get: [], bareGet: [], list: [], bareList: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    const works: Record<keyof typeof times, () => Promise<number>> = {
      create: () => create(storage, size, round),
      get: () => batch(storage, size, round),
      bareGet: () => bareBatch(database, size, round),
      list: () => list(storage, size),
      bareList: () => bareList(database, size),
    }
    for (const [name, work] of Object.entries(works)) {
      const start = performance.now()
      const records = await work()
      const each = ((performance.now() - start) * 1e6) / records
      // the first round is for lazily built structures and the page cache
      if (round > 0) times[name as keyof typeof times].push(each)
    }
  }
  database.close()
  return { size, times }
}

/** As the storage writes them, but in one transaction. */
function fill(database: Handle, size: number): void {
  const insert = database.prepare('INSERT INTO guillemet_records VALUES (?, ?, ?, 1, ?)')
  database.exec('BEGIN')
  for (let index = 0; index < size; index++) insert.run('default', 'default', tagOf(index), BODY)
  database.exec('COMMIT')
}

function tagOf(index: number): string {
  return `tag-${String(index).padStart(7, '0')}`
}

/** Other records in each round, spread over the table. */
function batchTags(size: number, round: number): string[] {
  return Array.from({ length: BATCH }, (_, index) => tagOf(((index * 7_919 + round * 104_729) * 13) % size))
}

async function create(storage: SqliteStorage, size: number, round: number): Promise<number> {
  for (let index = 0; index < CREATES; index++) {
    const tag = `new-${size}-${round}-${index}`
    await storage.put({ workspace: 'created', environment: 'default', tag, version: 1, body: BODY })
  }
  return CREATES
}

const GETS = 100

async function batch(storage: SqliteStorage, size: number, round: number): Promise<number> {
  for (let count = 0; count < GETS; count++) {
    const keys = batchTags(size, round * GETS + count).map((tag) => ({ environment: 'default', tag }))
    const records = await storage.get('default', keys)
    if (records.some((record) => record === undefined)) throw new Error('a record is missing')
  }
  return GETS * BATCH
}

async function bareBatch(database: Handle, size: number, round: number): Promise<number> {
  const select = database.prepare(
    'SELECT version, body FROM guillemet_records WHERE workspace = ? AND environment = ? AND tag = ?',
  )
  for (let count = 0; count < GETS; count++) {
    for (const tag of batchTags(size, round * GETS + count)) {
      if (select.all('default', 'default', tag).length !== 1) throw new Error('a record is missing')
    }
  }
  return GETS * BATCH
}

async function list(storage: SqliteStorage, size: number): Promise<number> {
  let after: { environment: string; tag: string } | undefined
  let count = 0
  for (;;) {
    const page = await storage.list('default', after === undefined ? { limit: PAGE } : { after, limit: PAGE })
    count += page.length
    const last = page.at(-1)
    if (last === undefined) break
    after = { environment: last.environment, tag: last.tag }
  }
  if (count !== size) throw new Error(`listed ${count} of ${size}`)
  return count
}

async function bareList(database: Handle, size: number): Promise<number> {
  const select = database.prepare(
    `SELECT environment, tag, version, body FROM guillemet_records
      WHERE workspace = ? AND environment = ? AND tag > ? ORDER BY tag LIMIT ${PAGE}`,
  )
  let after = ''
  let count = 0
  for (;;) {
    const rows = select.all('default', 'default', after) as { tag: string }[]
    count += rows.length
    if (rows.length === 0) break
    after = rows.at(-1)!.tag
  }
  if (count !== size) throw new Error(`listed ${count} of ${size}`)
  return count
}

function rowsOfSize({ size, times }: Measured): Row[] {
  const among = `among ${size.toLocaleString('en')} records`
  const beside = (own: readonly number[], bare: readonly number[]) => ({
    ratio: `${timesAsLong(own, bare).toFixed(2)} × the time`,
    figure: `${shown(own)} a record, against ${shown(bare)} of the bare driver`,
  })
  return [
    { work: `create a record ${among}`, ratio: '', figure: `${shown(times.create)}, with its sync to the disk` },
    { work: `read ${BATCH} records at once ${among}`, ...beside(times.get, times.bareGet) },
    { work: `list all, ${PAGE.toLocaleString('en')} a page, ${among}`, ...beside(times.list, times.bareList) },
  ]
}

/** How much more one record costs in the largest table than in the smallest. */
function growthRows(measured: readonly Measured[]): Row[] {
  const [least, most] = [measured[0]!, measured.at(-1)!]
  const works = [
    ['create', 'create', 2],
    // a tree that is one level deeper, and no longer in the page cache of SQLite
    ['read', 'get', 4],
    ['list', 'list', 2],
  ] as const
  return works.map(([work, name, atMost]) => {
    const growth = median(most.times[name]) / median(least.times[name])
    return {
      work: `${work}: a record of ${most.size.toLocaleString('en')} beside one of ${least.size.toLocaleString('en')}`,
      ratio: `${growth.toFixed(2)} × the time`,
      figure: `${shown(most.times[name])} against ${shown(least.times[name])}`,
      budget: `at most ${atMost} × for a hundred times as many`,
      met: growth <= atMost,
    }
  })
}
