/** `postgresStorage` through every driver that docs/STORAGE.md names, and through a pg whose type parsers were changed. */

import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { postgresStorage } from '../../src/storage/postgres.ts'
import { nextLine, startChild } from './child-process.ts'
import { type Pooler, startPooler } from './postgres-pooler.ts'
import { postgresJs } from './postgres-shims.ts'
import { countTogether, describeOnPostgres, keepsEveryPromise, outcomeOf, postgresOfFile } from './postgres-stage.ts'
import { readOne, recordOf, scratch } from './scratch.ts'

const server = postgresOfFile()
const place = scratch()
const INT8 = 20

describeOnPostgres('pg with a parser of bigint that gives', () => {
  const { getTypeParser } = pg.types
  const original = getTypeParser(INT8)
  afterAll(() => pg.types.setTypeParser(INT8, original))

  describe.each<[string, (text: string) => unknown]>([
    ['numbers', Number],
    ['bigints', BigInt],
  ])('%s', (_, parser) => {
    let pool: pg.Pool
    beforeAll(async () => {
      pg.types.setTypeParser(INT8, parser)
      pool = new pg.Pool(server().options(await server().createDatabase()))
    })
    afterAll(() => pool?.end())
    keepsEveryPromise(() => pool)
  })
})

describeOnPostgres('one Client of pg', () => {
  let client: pg.Client
  beforeAll(async () => {
    client = new pg.Client(server().options(await server().createDatabase()))
    await client.connect()
  })
  afterAll(() => client?.end())
  keepsEveryPromise(() => client)

  test('inside a transaction of the application is not written through, since it could take the write back', async () => {
    const storage = postgresStorage({ client, table: 'not_alone' })
    await storage.migrate()
    await client.query('BEGIN')
    expect(await outcomeOf(storage.put(recordOf('a')))).toBe('ERR_STORAGE_UNAVAILABLE')
    await client.query('ROLLBACK')
    expect(await outcomeOf(storage.put(recordOf('a')))).toBe('done')
  })
})

describeOnPostgres('postgres.js by its shim', () => {
  let sql: postgres.Sql
  let database: string
  beforeAll(async () => {
    database = await server().createDatabase()
    sql = postgres({ ...server().options(database), max: 4 })
  })
  afterAll(() => sql?.end())
  keepsEveryPromise(() => postgresJs(sql))

  test('is given a connection back by a statement that nobody waits for', async () => {
    const narrow = postgres({ ...server().options(database), max: 1 })
    onTestFinished(() => narrow.end())
    const storage = postgresStorage({ client: postgresJs(narrow), table: 'narrow' })
    await storage.migrate()
    await storage.put(recordOf('a'))
    const holder = new pg.Client(server().options(database))
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM narrow FOR UPDATE')
    const waiting = storage.put(recordOf('a', 2), { signal: AbortSignal.timeout(200) })
    expect(await outcomeOf(waiting)).toBe('ERR_OUTCOME_UNKNOWN')
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    await holder.end()
    await storage.put(recordOf('a', 2))
  })

  test('behind a pooler loses no update of eight writers', async () => {
    const pooler: Pooler = await startPooler(server().socket, { database })
    onTestFinished(() => pooler.close())
    const pooled = postgres({ ...server().options(database), host: pooler.host, max: 8 })
    onTestFinished(() => pooled.end())
    const storages = Array.from({ length: 8 }, () => postgresStorage({ client: postgresJs(pooled), table: 'pooled' }))
    await Promise.all(storages.map((storage) => storage.migrate()))
    expect(await countTogether(storages, 25)).toBe(200)
  })
})

describe('PGlite', () => {
  let client: PGlite
  beforeAll(async () => {
    client = await PGlite.create()
  })
  afterAll(() => client?.close())
  keepsEveryPromise(() => client, { without: 'processes' })

  test('on a folder refuses a second process, and the data of the first opens afterwards', async () => {
    const folder = place()
    const first = startChild('postgres-pglite', folder, 'a')
    expect(await nextLine(first)).toBe('written')
    const second = startChild('postgres-pglite', folder, 'b')
    expect(await nextLine(second)).toBe(
      `${folder} is used by another process; if none is running, remove ${folder}.lock`,
    )
    await second.ended
    first.process.stdin!.write('end\n')
    await first.ended
    const third = startChild('postgres-pglite', folder, 'c')
    expect(await nextLine(third)).toBe('written')
    third.process.stdin!.write('end\n')
    await third.ended
    const reopened = await PGlite.create(folder)
    onTestFinished(() => reopened.close())
    const storage = postgresStorage({ client: reopened })
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    expect(await readOne(storage, 'c')).toEqual(recordOf('c'))
  })
})
