/** Changes told by NOTIFY: what other processes write is heard, and a connection that has died is noticed and replaced. */

import pg from 'pg'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { cachedStorage } from '../../src/storage/cached.ts'
import { type PostgresStorage, postgresChanges, postgresStorage } from '../../src/storage/postgres.ts'
import { startPooler } from './postgres-pooler.ts'
import { describeOnPostgres, keepsEveryPromise, outcomeOf, postgresOfFile } from './postgres-stage.ts'
import { keyOf, readOne, recordOf } from './scratch.ts'

const server = postgresOfFile()
const PATIENCE = { timeout: 60_000 }
let count = 0

describe('options', () => {
  test.each<[unknown]>([
    [{}],
    [{ connect: 'postgres://localhost' }],
    [{ connect: () => undefined, heartbeat: 0 }],
    [{ connect: () => undefined, heartbeat: Number.NaN }],
    [{ connect: () => undefined, table: 'a"b' }],
    [{ connect: () => undefined, channel: 'a' }],
  ])('%o are refused', (options) => {
    expect(() => postgresChanges(options as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  })
})

test.each<['on' | 'query']>([['on'], ['query']])('a connection whose %s throws at once is replaced', async (method) => {
  const onUnhandled = vi.fn()
  process.on('unhandledRejection', onUnhandled)
  onTestFinished(() => void process.off('unhandledRejection', onUnhandled))
  let isBroken = true
  let ended = 0
  const fail = (): void => {
    if (isBroken) throw new Error('Client was closed')
  }
  /** Delivers what is sent to its own channel, as the server would. */
  const connect = async () => {
    let deliver: (message: { channel: string }) => void = () => {}
    return {
      on(event: string, listener: typeof deliver) {
        if (method === 'on') fail()
        if (event === 'notification') deliver = listener
      },
      async end() {
        ended++
      },
      query(text: string) {
        if (method === 'query') fail()
        deliver({ channel: text.split(' ').at(-1)! })
        return Promise.resolve()
      },
    }
  }
  const heard = vi.fn()
  const stop = postgresChanges({ connect, heartbeat: 100 })(heard)
  onTestFinished(stop)
  await expect.poll(() => ended, PATIENCE).toBeGreaterThan(0)
  expect(heard).not.toHaveBeenCalled()
  isBroken = false
  await expect.poll(() => heard.mock.calls, PATIENCE).toEqual([[]])
  expect(onUnhandled).not.toHaveBeenCalled()
})

describeOnPostgres('a storage that tells its writes', () => {
  let pool: pg.Pool
  beforeEach(() => {
    pool = new pg.Pool(server().options())
  })
  afterEach(() => pool.end())

  keepsEveryPromise(() => pool, { notify: true, isBrief: true })
})

describeOnPostgres('a listener', () => {
  let pool: pg.Pool
  let table: string
  let storage: PostgresStorage
  let heard: (string | undefined)[]
  let connections: number

  beforeEach(async () => {
    pool = new pg.Pool(server().options())
    onTestFinished(() => pool.end())
    table = `t${count++}`
    storage = postgresStorage({ client: pool, table, notify: true })
    await storage.migrate()
    heard = []
    connections = 0
  })

  const connectOn = (more: pg.ClientConfig) => async () => {
    const client = new pg.Client({ ...server().options(), application_name: 'listener', ...more })
    client.on('error', () => undefined)
    await client.connect()
    connections++
    return client
  }
  function listen(more: pg.ClientConfig = {}): () => Promise<void> {
    const changes = postgresChanges({ table, heartbeat: 300, connect: connectOn(more) })
    const stop = changes((workspace) => heard.push(workspace))
    onTestFinished(stop)
    return stop
  }
  /** Writes the next version of `a`; which one that is. */
  const write = async (workspace = 'default') => {
    const [found] = await storage.get(workspace, [keyOf('a')])
    const version = (found?.version ?? 0) + 1
    await storage.put({ ...recordOf('a', version), workspace })
    return version
  }
  const listeners = "FROM pg_stat_activity WHERE application_name = 'listener'"

  test('hears of each write by its workspace, of no other table, and of nothing that was not written', async () => {
    listen()
    await expect.poll(() => heard, PATIENCE).toEqual([undefined])
    const other = postgresStorage({ client: pool, table: `${table}_other`, notify: true })
    await other.migrate()
    await other.put(recordOf('a'))
    await write()
    expect(await outcomeOf(storage.put(recordOf('a', 1)))).toBe('ERR_CONFLICT')
    expect(await outcomeOf(storage.put(recordOf('a', 7)))).toBe('ERR_CONFLICT')
    await postgresStorage({ client: pool, table }).put(recordOf('a', 2)) // which does not tell
    await write('tenant-7')
    await expect.poll(() => heard, PATIENCE).toEqual([undefined, 'default', 'tenant-7'])
  })

  test('whose connection the server ended is connected again, and takes everything as changed', async () => {
    listen()
    await expect.poll(() => heard.length, PATIENCE).toBe(1)
    await server().sql('postgres', `SELECT pg_terminate_backend(pid) ${listeners}`)
    await write() // in the gap
    await expect.poll(() => heard.filter((one) => one === undefined).length, PATIENCE).toBe(2)
    heard.length = 0
    await write()
    await expect.poll(() => heard, PATIENCE).toContain('default')
  })

  test('whose connection has died without a word is connected again', async () => {
    listen()
    await expect.poll(() => heard.length, PATIENCE).toBe(1)
    const [row] = await server().sql('postgres', `SELECT pid ${listeners}`)
    const pid = row!['pid'] as number
    process.kill(pid, 'SIGSTOP')
    try {
      await expect.poll(() => heard.filter((one) => one === undefined).length, PATIENCE).toBe(2)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    heard.length = 0
    await write()
    await expect.poll(() => heard, PATIENCE).toContain('default')
  })

  test('wakes a cache, also for what was written while nobody listened', async () => {
    const HOUR_MS = 3_600_000
    const changes = postgresChanges({ table, heartbeat: 300, connect: connectOn({}) })
    const cached = cachedStorage(storage, { ttl: HOUR_MS, changes })
    onTestFinished(() => cached.close?.())
    const versionInCache = async () => (await cached.get('default', [keyOf('a')]))[0]?.version
    // past the cache, as another process writes
    await write()
    await expect.poll(() => connections, PATIENCE).toBe(1)
    await expect.poll(versionInCache, PATIENCE).toBe(1)
    await write()
    await expect.poll(versionInCache, PATIENCE).toBe(2)
    await server().restart()
    await expect.poll(() => outcomeOf(write()), PATIENCE).toBe('done')
    await expect.poll(versionInCache, PATIENCE).toBe((await readOne(storage, 'a'))!.version)
  })

  test('outlives a restart of the server', async () => {
    listen()
    await expect.poll(() => heard.length, PATIENCE).toBe(1)
    await server().restart()
    await expect.poll(() => heard.filter((one) => one === undefined).length, PATIENCE).toBe(2)
    await expect.poll(() => outcomeOf(write()), PATIENCE).toBe('done')
    await expect.poll(() => heard, PATIENCE).toContain('default')
  })

  test('through a pooler, which delivers nothing, does not believe for long that it listens', async () => {
    const pooler = await startPooler(server().socket, { database: 'postgres' })
    const stop = listen({ host: pooler.host })
    await expect.poll(() => connections, PATIENCE).toBeGreaterThan(1)
    await stop()
    await pooler.close()
  })

  test('that is stopped closes its connection, whatever it is waiting for, and hears nothing more', async () => {
    const stop = listen()
    await expect.poll(() => heard.length, PATIENCE).toBe(1)
    await stop()
    await expect
      .poll(
        async () => (await server().sql('postgres', `SELECT count(*)::int AS many ${listeners}`))[0]!['many'],
        PATIENCE,
      )
      .toBe(0)
    await write()
    expect(heard).toEqual([undefined])
    for (const connect of [() => new Promise<never>(() => undefined), () => Promise.reject(new Error('refused'))]) {
      await postgresChanges({ connect })(() => expect.unreachable())()
    }
  })
})
