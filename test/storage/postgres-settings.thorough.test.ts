/** `postgresStorage` behind a pooler, on databases with other defaults, and through other drivers. */

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresStorage } from '../../src/storage/postgres.ts'
import { type Pooler, startPooler } from './postgres-pooler.ts'
import { countTogether, describeOnPostgres, keepsEveryPromise, postgresOfFile } from './postgres-stage.ts'
import { keyOf, recordOf } from './scratch.ts'

const server = postgresOfFile()

describeOnPostgres('a pooler that gives each transaction another connection', () => {
  let pooler: Pooler
  let pool: pg.Pool
  let database: string
  beforeAll(async () => {
    database = await server().createDatabase()
    pooler = await startPooler(server().socket, { database })
    pool = new pg.Pool({ ...server().options(database), host: pooler.host })
  })
  afterAll(async () => {
    await pool?.end()
    await pooler?.close()
  })

  keepsEveryPromise(() => pool)

  test('loses no update of eight writers, and is left without a lock', async () => {
    const storages = Array.from({ length: 8 }, () => postgresStorage({ client: pool, table: 'counted' }))
    await Promise.all(storages.map((storage) => storage.migrate()))
    expect(await countTogether(storages, 25)).toBe(200)
    expect(pooler.transactions.every((of) => of > 100)).toBe(true)
    expect(
      await server().sql(database, "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'"),
    ).toEqual([{ locks: 0 }])
  })
})

describeOnPostgres.each([['repeatable read'], ['serializable']])('a database whose default is %s', (level) => {
  let pool: pg.Pool
  beforeAll(async () => {
    const database = await server().createDatabase()
    await server().sql(database, `ALTER DATABASE ${database} SET default_transaction_isolation = '${level}'`)
    pool = new pg.Pool(server().options(database))
  })
  afterAll(() => pool?.end())

  keepsEveryPromise(() => pool)

  test('loses no update of eight writers', async () => {
    const storages = Array.from({ length: 8 }, () => postgresStorage({ client: pool, table: 'counted' }))
    await storages[0]!.migrate()
    expect(await countTogether(storages, 50)).toBe(400)
  })
})

describeOnPostgres('a database ordered as a language orders', () => {
  let pool: pg.Pool
  let database: string
  beforeAll(async () => {
    database = await server().createDatabase("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    pool = new pg.Pool(server().options(database))
  })
  afterAll(() => pool?.end())

  keepsEveryPromise(() => pool)

  test('lists bytewise, in pages of one', async () => {
    const storage = postgresStorage({ client: pool, table: 'ordered' })
    await storage.migrate()
    const tags = ['XGeU', 'XeLu', 'a_z', 'ab', 'z', 'é']
    expect(await server().sql(database, "SELECT 'a_z' < 'XeLu' AS differs")).toEqual([{ differs: true }])
    for (const tag of [...tags].reverse()) await storage.put(recordOf(tag))
    const seen: string[] = []
    for (;;) {
      const last = seen.at(-1)
      const page = await storage.list('default', last === undefined ? { limit: 1 } : { after: keyOf(last), limit: 1 })
      if (page.length === 0) break
      seen.push(page[0]!.tag)
    }
    expect(seen).toEqual(tags)
  })
})
