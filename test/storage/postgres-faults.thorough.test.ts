/** `postgresStorage` where connections are lost at every step, statements arrive late, servers stop and processes are killed. */

import pg from 'pg'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createVault, generateKey } from '../../src/index.ts'
import { type PostgresStorage, postgresStorage } from '../../src/storage/postgres.ts'
import { type Child, nextLine, startChild } from './child-process.ts'
import { expectExactCount } from './counted-updates.ts'
import { startPooler } from './postgres-pooler.ts'
import { type PostgresProxy, startProxy } from './postgres-proxy.ts'
import { describeOnPostgres, outcomeOf, postgresOfFile } from './postgres-stage.ts'
import { keyOf, readOne, recordOf, scratch } from './scratch.ts'

const server = postgresOfFile()
const place = scratch()
let count = 0

/** A pool that ends with the test. */
function poolOf(more: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ ...server().options(), ...more })
  onTestFinished(() => pool.end())
  return pool
}

/** A storage of this pool on an empty table. */
async function emptyStorageOf(pool: pg.Pool, table = `t${count++}`): Promise<PostgresStorage> {
  const storage = postgresStorage({ client: pool, table })
  await storage.migrate()
  return storage
}

/** The same, with version 1 of `a`. */
async function storageOf(pool: pg.Pool, table?: string): Promise<PostgresStorage> {
  const storage = await emptyStorageOf(pool, table)
  if ((await readOne(storage, 'a')) === undefined) await storage.put(recordOf('a'))
  return storage
}

/** Holds a lock on every row of the table until the result is called. */
async function lockRows(table: string): Promise<() => Promise<void>> {
  const holder = new pg.Client(server().options())
  await holder.connect()
  await holder.query('BEGIN')
  await holder.query(`SELECT 1 FROM ${table} FOR UPDATE`)
  return () => holder.end()
}

/** Waits until this many statements wait for a lock. */
async function untilWaiting(many: number): Promise<void> {
  const waiting = "SELECT count(*)::int AS many FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
  await expect.poll(async () => (await server().sql('postgres', waiting))[0]!['many'], { timeout: 60_000 }).toBe(many)
}

async function throughProxy(): Promise<{ proxy: PostgresProxy; pool: pg.Pool }> {
  const proxy = await startProxy(server().socket)
  const pool = poolOf({ host: proxy.host, max: 1 })
  onTestFinished(() => proxy.close())
  return { proxy, pool }
}

describeOnPostgres('a connection that is cut', () => {
  const STEPS = [
    ...['P', 'B', 'D', 'E', 'S'].map((type) => ['toServer', type] as const),
    ...['1', '2', 'T', 'D', 'C', 'Z'].map((type) => ['toClient', type] as const),
  ]

  test('at any step of a put leaves it done or not, and says that nobody knows', async () => {
    const { proxy, pool } = await throughProxy()
    const storage = await storageOf(pool)
    let version = 1
    for (const [direction, type] of STEPS) {
      let isCut = false
      proxy.decide = (where, frame) => {
        if (isCut || where !== direction || frame.type !== type) return 'pass'
        isCut = true
        return 'cut'
      }
      expect([direction, type, await outcomeOf(storage.put(recordOf('a', version + 1)))]).toEqual([
        direction,
        type,
        'ERR_OUTCOME_UNKNOWN',
      ])
      expect(isCut).toBe(true)
      // the same again wins or conflicts, so that the doubt is over whatever the first has done
      const again = await outcomeOf(storage.put(recordOf('a', version + 1)))
      expect([direction, type, again]).toEqual([direction, type, direction === 'toServer' ? 'done' : 'ERR_CONFLICT'])
      version++
      expect(await readOne(storage, 'a')).toEqual(recordOf('a', version))
    }
  })

  test('at any step of what a vault does ends in a success that is true', async () => {
    const { proxy, pool } = await throughProxy()
    const storage = await emptyStorageOf(pool)
    const vault = createVault({ storage, keys: generateKey() })
    await vault.create({ tag: 'counted', value: 'value 0 of the secret' })
    for (const [index, [direction, type]] of STEPS.entries()) {
      let isUpdate = false
      let isCut = false
      proxy.decide = (where, frame) => {
        if (where === 'toServer' && frame.type === 'P') isUpdate = frame.bytes.includes('UPDATE')
        if (isCut || !isUpdate || where !== direction || frame.type !== type) return 'pass'
        isCut = true
        return 'cut'
      }
      const value = `value ${index + 1} of the secret`
      await vault.update('counted', { value })
      expect(isCut).toBe(true)
      const [direct] = await storage.get('default', [keyOf('counted')])
      expect(direct!.version).toBe((await vault.describe('counted'))!.version)
      expect((await vault.resolve('<< secrets.counted >>')).expose()).toBe(value)
    }
  })

  test('at any step of migrate leaves the table whole or not there, and the next call makes it', async () => {
    const { proxy, pool } = await throughProxy()
    for (const step of [...STEPS, ['toServer', 'Q'] as const, ['toClient', 'C'] as const, ['toClient', 'Z'] as const]) {
      for (let skip = 0; skip < 2; skip++) {
        let left = skip
        proxy.decide = (where, { type }) => (where === step[0] && type === step[1] && left-- === 0 ? 'cut' : 'pass')
        const storage = postgresStorage({ client: pool, schema: `cut_${count++}` })
        const outcome = await outcomeOf(storage.migrate())
        expect(['done', 'ERR_OUTCOME_UNKNOWN', 'ERR_STORAGE_UNAVAILABLE']).toContain(outcome)
        proxy.decide = () => 'pass'
        await storage.migrate()
        await storage.put(recordOf('a'))
      }
    }
  })
})

describeOnPostgres('a statement that arrives two seconds after its connection is gone', () => {
  const LATE_MS = 2000

  test('is outcome unknown, and a pool of one goes on answering', async () => {
    const { proxy, pool } = await throughProxy()
    const storage = await storageOf(pool)
    proxy.delay = LATE_MS
    proxy.decide = (where, { type, bytes }) =>
      where === 'toServer' && type === 'P' && bytes.includes('UPDATE') ? 'late' : 'pass'
    const late = storage.put(recordOf('a', 2), { signal: AbortSignal.timeout(200) })
    expect(await outcomeOf(late)).toBe('ERR_OUTCOME_UNKNOWN')
    proxy.decide = () => 'pass'
    expect(await readOne(storage, 'a')).toEqual(recordOf('a')) // which proves nothing
    for (let read = 0; read < 50; read++) expect(await readOne(storage, 'a')).toBeDefined()
    await expect.poll(() => proxy.lateAnswers, { timeout: 60_000 }).toBe(1)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
  })

  test.each([[1], [Number.POSITIVE_INFINITY]])(
    'is never called unavailable by a vault whose first %d writes are late',
    async (many) => {
      const { proxy, pool } = await throughProxy()
      const storage = await emptyStorageOf(pool)
      const vault = createVault({ storage, keys: generateKey() })
      await vault.create({ tag: 'counted', value: 'the first value' })
      let left = many
      let lates = 0
      proxy.delay = LATE_MS
      proxy.decide = (where, { type, bytes }) => {
        if (where !== 'toServer' || type !== 'P' || !bytes.includes('UPDATE') || left === 0) return 'pass'
        left--
        lates++
        return 'late'
      }
      const outcome = await outcomeOf(vault.update('counted', { value: 'the second value' }))
      // with one that is not late, the doubt can be ended; else it is as long as the vault has patience
      expect(many === 1 ? ['done'] : ['done', 'ERR_OUTCOME_UNKNOWN']).toContain(outcome)
      proxy.decide = () => 'pass'
      for (let read = 0; read < 50; read++) expect(await readOne(storage, 'counted')).toBeDefined()
      await expect.poll(() => proxy.lateAnswers, { timeout: 60_000 }).toBe(lates)
      expect((await vault.describe('counted'))!.version).toBe((await readOne(storage, 'counted'))!.version)
      expect((await vault.resolve('<< secrets.counted >>')).expose()).toBe('the second value')
    },
  )

  test('because another session holds the row loses or wins against the same once more, never both', async () => {
    const pool = poolOf({ max: 1 })
    const table = `t${count++}`
    const storage = await storageOf(pool, table)
    const unlock = await lockRows(table)
    const first = storage.put(recordOf('a', 2, 'first'), { signal: AbortSignal.timeout(200) })
    expect(await outcomeOf(first)).toBe('ERR_OUTCOME_UNKNOWN')
    for (let read = 0; read < 50; read++) expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    const second = outcomeOf(storage.put(recordOf('a', 2, 'second')))
    await untilWaiting(2)
    await unlock()
    expect(await second).toBe('ERR_CONFLICT')
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2, 'first'))
  })
})

describeOnPostgres('a statement that the server ends', () => {
  test.each([
    ['statement_timeout', { statement_timeout: 100 }],
    ['lock_timeout', { lock_timeout: 100 }],
  ])('by %s is certainly not written, and its connection is used again', async (_, limit) => {
    const table = `t${count++}`
    await storageOf(poolOf(), table)
    const pool = poolOf({ ...limit, max: 1 })
    const removed: unknown[] = []
    pool.on('remove', () => removed.push(1))
    const storage = postgresStorage({ client: pool, table })
    const unlock = await lockRows(table)
    expect(await outcomeOf(storage.put(recordOf('a', 2)))).toBe('ERR_STORAGE_UNAVAILABLE')
    await unlock()
    await storage.put(recordOf('a', 2))
    expect(removed).toEqual([])
  })

  test("by the driver's own limit is unknown, and a pool of one goes on answering", async () => {
    const table = `t${count++}`
    await storageOf(poolOf(), table)
    const storage = postgresStorage({ client: poolOf({ query_timeout: 500, max: 1 }), table })
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    const unlock = await lockRows(table)
    expect(await outcomeOf(storage.put(recordOf('a', 2)))).toBe('ERR_OUTCOME_UNKNOWN')
    for (let read = 0; read < 50; read++) expect(await readOne(storage, 'a')).toBeDefined()
    await unlock()
  })

  test('with its connection is unknown', async () => {
    const table = `t${count++}`
    const storage = await storageOf(poolOf({ max: 1 }), table)
    const unlock = await lockRows(table)
    const waiting = outcomeOf(storage.put(recordOf('a', 2)))
    await untilWaiting(1)
    await server().sql(
      'postgres',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    )
    expect(await waiting).toBe('ERR_OUTCOME_UNKNOWN')
    await unlock()
    await storage.put(recordOf('a', 2))
  })

  test('because the role may not, or has too many connections, is certainly not written', async () => {
    const table = `t${count++}`
    await storageOf(poolOf(), table)
    await server().sql('postgres', 'CREATE ROLE guest LOGIN CONNECTION LIMIT 1')
    const guest = poolOf({ user: 'guest' })
    await expect(postgresStorage({ client: guest, table }).put(recordOf('a', 2))).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/42501.*grant/),
    })
    const crowded = postgresStorage({ client: poolOf({ user: 'guest' }), table })
    await expect(crowded.put(recordOf('a', 2))).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/connections.*53300/),
    })
    await expect(postgresStorage({ client: guest, schema: 'of_guest' }).migrate()).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/42501/),
    })
    await server().sql('postgres', `GRANT SELECT, INSERT, UPDATE ON ${table} TO guest`)
    await postgresStorage({ client: guest, table }).put(recordOf('a', 2))
    await postgresStorage({ client: guest, table }).migrate() // which only looks
  })
})

describeOnPostgres('a server', () => {
  test('of which one process stands still is unknown to who waits for it, and the next connection answers', async () => {
    const pool = poolOf({ max: 1 })
    const storage = await storageOf(pool)
    const { rows } = await pool.query('SELECT pg_backend_pid() AS pid')
    const { pid } = rows[0] as { pid: number }
    process.kill(pid, 'SIGSTOP')
    try {
      const stopped = storage.put(recordOf('a', 2, 'stopped'), { signal: AbortSignal.timeout(200) })
      expect(await outcomeOf(stopped)).toBe('ERR_OUTCOME_UNKNOWN')
      await storage.put(recordOf('a', 2, 'next'))
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const gone = `SELECT count(*)::int AS many FROM pg_stat_activity WHERE pid = ${pid}`
    await expect.poll(async () => (await server().sql('postgres', gone))[0]!['many'], { timeout: 60_000 }).toBe(0)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2, 'next'))
  })

  test('that accepts nobody while it stands still is certainly not written to', async () => {
    const storage = await storageOf(poolOf())
    const fresh = postgresStorage({ client: poolOf() })
    process.kill(server().pid(), 'SIGSTOP')
    try {
      expect(await outcomeOf(fresh.put(recordOf('a'), { signal: AbortSignal.timeout(200) }))).toBe(
        'ERR_STORAGE_UNAVAILABLE',
      )
    } finally {
      process.kill(server().pid(), 'SIGCONT')
    }
    await storage.put(recordOf('a', 2))
  })

  test('that is restarted ends no process, and is written to again', async () => {
    const pool = poolOf()
    const storage = await storageOf(pool)
    const lone = new pg.Client(server().options())
    await lone.connect()
    const throughOne = postgresStorage({ client: lone, table: 'lone' })
    await throughOne.migrate()
    await server().restart()
    await expect.poll(() => outcomeOf(storage.put(recordOf('a', 2))), { timeout: 60_000 }).toMatch(/done|CONFLICT/)
    expect(await outcomeOf(throughOne.put(recordOf('a')))).toMatch(/ERR_OUTCOME_UNKNOWN|ERR_STORAGE_UNAVAILABLE/)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
  })

  test('takes what looks like SQL as the name and the body that it is', async () => {
    const storage = await storageOf(poolOf())
    const evil = `'); DROP TABLE t0; --" $1 \\' E'\\\\`
    const record = { workspace: evil, environment: evil, tag: evil, version: 1, body: evil }
    await storage.put(record)
    await storage.put({ ...record, version: 2 })
    expect(await storage.get(evil, [record])).toEqual([{ ...record, version: 2 }])
    expect(
      await storage.list(evil, { environment: evil, after: { environment: evil, tag: '' }, limit: 5 }),
    ).toHaveLength(1)
    expect(await storage.workspaces!({ after: 'default', limit: 5 })).toEqual([])
    expect(await storage.workspaces!({ limit: 5 })).toEqual([evil, 'default'])
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
  })
})

describeOnPostgres('eight processes', () => {
  const PROCESSES = 8

  test('that update the same records, one of them killed again and again, lose no acknowledged write', async () => {
    const { host } = server().options()
    await postgresStorage({ client: poolOf() }).migrate()
    await expectExactCount({ kind: 'postgres', address: host, processes: PROCESSES, updates: 200, kills: 6 }, place)
  })

  describe.each([
    ['directly', 50],
    ['through a pooler', 10],
  ] as const)('that call migrate at once %s', (way, rounds) => {
    let host: string
    beforeAll(async () => {
      host = server().host
      if (way === 'directly') return undefined
      const pooler = await startPooler(server().socket, { database: 'postgres' })
      host = pooler.host
      return () => pooler.close()
    })

    test('all succeed, also when one is killed, and leave no lock', async () => {
      const start = async (): Promise<Child> => {
        const child = startChild('postgres-migrates', host, 'postgres')
        expect(await nextLine(child)).toBe('ready')
        return child
      }
      const children = await Promise.all(Array.from({ length: PROCESSES }, start))
      for (let round = 0; round < rounds; round++) {
        const schema = `round_${way.length}_${round}`
        for (const child of children) child.process.stdin!.write(`${schema}\n`)
        const isKilled = round % 10 === 9
        if (isKilled) children[0]!.process.kill('SIGKILL')
        const rest = isKilled ? children.slice(1) : children
        for (const child of rest) expect(await nextLine(child)).toBe('migrated')
        if (!isKilled) continue
        await children[0]!.ended
        children[0] = await start()
        children[0].process.stdin!.write(`${schema}\n`)
        expect(await nextLine(children[0])).toBe('migrated')
        await postgresStorage({ client: poolOf(), schema }).put(recordOf('a'))
      }
      for (const child of children) child.process.stdin!.end()
      await Promise.all(children.map((child) => child.ended))
      const locks = "SELECT count(*)::int AS locks FROM pg_locks WHERE locktype = 'advisory'"
      expect(await server().sql('postgres', locks)).toEqual([{ locks: 0 }])
    })
  })
})
