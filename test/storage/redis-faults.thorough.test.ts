/** The Redis storage among processes that are killed, connections that are cut, and servers that restart or forget. */

import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { createVault, generateKey } from '../../src/index.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type RedisClient, redisStorage } from '../../src/storage/redis.ts'
import { expectExactCount } from './counted-updates.ts'
import { keyOf, readOne, recordOf, scratch } from './scratch.ts'
import { type CuttingProxy, startProxy } from './servers/proxy.ts'
import { type RedisServer, redisMissing, startRedis } from './servers/redis.ts'
import { describeWith, eventually } from './servers/server-process.ts'

const place = scratch()

describeWith('eight processes that count in Redis, one of them killed again and again', redisMissing, () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.end())

  test('lose no acknowledged update', async () => {
    await expectExactCount({ kind: 'redis', address: String(server.port), processes: 8, updates: 200, kills: 6 }, place)
  })
})

describeWith('a connection that is cut', redisMissing, () => {
  const PUTS = 60
  const quick = { retryStrategy: () => 1, reconnectStrategy: () => 1 }
  let server: RedisServer
  let proxy: CuttingProxy
  let direct: Redis
  let count = 0
  let isArmed = false
  const closes: (() => void)[] = []

  beforeAll(async () => {
    server = await startRedis()
    proxy = await startProxy(server.port)
    direct = new Redis(server.port, '127.0.0.1')
  })
  afterEach(() => proxy.rule({}))
  afterAll(async () => {
    for (const close of closes) close()
    direct?.disconnect()
    await proxy?.end()
    await server?.end()
  })

  function ioredis(more = {}): RedisClient {
    const client = new Redis(proxy.port, '127.0.0.1', { ...quick, ...more })
    closes.push(() => client.disconnect())
    return client
  }
  async function nodeRedis() {
    const client = createClient({ socket: { port: proxy.port, host: '127.0.0.1', ...quick } })
    await client.connect()
    closes.push(() => client.destroy())
    return client
  }
  /** Resolves when the cut that was asked for has been made. */
  const isCut = (): Promise<void> => eventually(() => expect(isArmed).toBe(false))

  /** Resolves when the driver has connected again; until then some of them leave a call pending for ever. */
  const isBack = (storage: VaultStorage): Promise<unknown> =>
    eventually(() => storage.get('default', [keyOf('t')], { signal: AbortSignal.timeout(50) }))

  /** Cuts once: as soon as a put passes, before or after the server has it. */
  function cutNextPut(moment: 'before' | 'after'): void {
    let isPut = false
    isArmed = true
    const cut = () => {
      isArmed = false
      proxy.rule({})
      return 'cut' as const
    }
    proxy.rule({
      toServer: (piece) => {
        if (!piece.includes("'ZADD', KEYS[2]")) return 'pass'
        isPut = true
        return moment === 'after' ? 'pass' : cut()
      },
      toClient: () => (isPut ? cut() : 'pass'),
    })
  }

  const UNSETTLED = 'ioredis that does not resend'
  const DRIVERS: readonly [driver: string, resends: boolean, connect: () => RedisClient | Promise<RedisClient>][] = [
    ['ioredis', true, () => ioredis()],
    [UNSETTLED, false, () => ioredis({ autoResendUnfulfilledCommands: false })],
    ['node-redis', false, () => nodeRedis()],
  ]

  describe.each(DRIVERS)('on %s', (driver, resends, connect) => {
    test('after the server has the put: it is in doubt, or meets itself when it is sent again', async () => {
      const prefix = `after${count++}:`
      const storage = redisStorage({ client: await connect(), prefix })
      const check = redisStorage({ client: direct, prefix })
      await storage.put(recordOf('t'))
      for (let version = 2; version <= PUTS; version++) {
        cutNextPut('after')
        const given = new AbortController()
        const outcome = storage.put(recordOf('t', version), { signal: given.signal }).then(() => 'written', codeOf)
        await eventually(async () => expect(await readOne(check, 't')).toEqual(recordOf('t', version)))
        // a driver that does not send again may leave it pending for ever, which the deadline of a vault ends
        if (!resends) given.abort()
        expect(await outcome).toBe(resends ? 'ERR_CONFLICT' : 'ERR_OUTCOME_UNKNOWN')
        await isCut()
        await isBack(storage)
      }
    })

    test('before the server has the put: written by a second sending, or in doubt and not written', async () => {
      const prefix = `before${count++}:`
      const storage = redisStorage({ client: await connect(), prefix })
      await storage.put(recordOf('t'))
      for (let version = 2; version <= PUTS; version++) {
        cutNextPut('before')
        const given = new AbortController()
        const outcome = storage.put(recordOf('t', version), { signal: given.signal }).then(() => 'written', codeOf)
        await isCut()
        if (!resends) given.abort()
        expect(await outcome).toBe(resends ? 'written' : 'ERR_OUTCOME_UNKNOWN')
        await isBack(storage)
        if (!resends) await storage.put(recordOf('t', version))
      }
    })

    // where a call never settles, only the deadline of the vault ends it: test/vault/deadline.test.ts
    if (driver === UNSETTLED) return
    test('a vault over it creates and updates without a conflict', async () => {
      const storage = redisStorage({ client: await connect(), prefix: `vault${count++}:` })
      const vault = createVault({ storage, keys: generateKey() })
      await vault.create({ tag: 'first', value: 'the first value' })
      for (let turn = 0; turn < 10; turn++) {
        cutNextPut(turn % 2 === 0 ? 'after' : 'before')
        await vault.create({ tag: `t${turn}`, value: `value number ${turn}` })
        cutNextPut('after')
        await vault.update(`t${turn}`, { value: `newer value ${turn}` })
        expect((await vault.resolve(`<< secrets.t${turn} >>`)).expose()).toBe(`newer value ${turn}`)
      }
    })
  })

  test('node-redis sends with its greeting: a put that it took before it was ready is in doubt', async () => {
    const prefix = `greeting${count++}:`
    const client = await nodeRedis()
    const storage = redisStorage({ client, prefix })
    await storage.put(recordOf('t'))
    for (let version = 2; version <= 20; version++) {
      const isConnecting = new Promise((resolve) => client.once('reconnecting', resolve))
      proxy.rule({ toServer: () => 'cut' })
      await Promise.all([client.ping().catch(() => {}), isConnecting])
      cutNextPut('after')
      const outcome = await storage.put(recordOf('t', version)).then(() => 'written', codeOf)
      await isCut()
      expect(await readOne(redisStorage({ client: direct, prefix }), 't')).toEqual(recordOf('t', version))
      expect(outcome).toBe('ERR_OUTCOME_UNKNOWN')
      await isBack(storage)
    }
  })

  test('an error that answers a second sending does not say that the first was not carried out', async () => {
    const prefix = `doubt${count++}:`
    const storage = redisStorage({ client: ioredis(), prefix })
    await storage.put(recordOf('t'))
    // the put is carried out, its answer lost, and what the driver reaches then is a replica that has not copied it
    const failOver = async (of: string): Promise<void> => {
      await server.admin.hset(`${of}{default}:records`, 'default!t', '1:t@1')
      await server.admin.replicaof('127.0.0.1', 1)
    }
    let isPut = false
    let switching: Promise<unknown> | undefined
    proxy.rule({
      toServer: (piece) => {
        isPut ||= piece.includes("'ZADD', KEYS[2]")
        return 'pass'
      },
      toClient: () => {
        if (!isPut || switching !== undefined) return 'pass'
        switching = failOver(prefix)
        return 'cut'
      },
    })
    try {
      expect(await storage.put(recordOf('t', 2)).then(() => 'written', codeOf)).toBe('ERR_OUTCOME_UNKNOWN')
      await switching
    } finally {
      await server.admin.replicaof('NO', 'ONE')
    }
  })
})

describeWith('a server that restarts', redisMissing, () => {
  async function restarted(
    settings: readonly string[],
    act: (storage: VaultStorage, restart: () => Promise<void>) => Promise<void>,
  ) {
    const server = await startRedis(settings)
    const client = new Redis(server.port, '127.0.0.1', { retryStrategy: () => 5 })
    try {
      await act(redisStorage({ client }), () => server.restart())
    } finally {
      client.disconnect()
      await server.end()
    }
  }

  test.each(['always', 'everysec'])(
    'killed with an append-only file (%s) keeps every put that returned',
    async (sync) => {
      await restarted(['--appendonly', 'yes', '--appendfsync', sync], async (storage, restart) => {
        for (let version = 1; version <= 100; version++) await storage.put(recordOf('kept', version))
        await restart()
        expect(await readOne(storage, 'kept')).toEqual(recordOf('kept', 100))
        await storage.put(recordOf('kept', 101))
      })
    },
  )

  test('killed without one has forgotten all, which a vault that knew better says', async () => {
    await restarted([], async (storage, restart) => {
      const vault = createVault({ storage, keys: generateKey() })
      await vault.create({ tag: 'gone', value: 'a value to lose' })
      await vault.resolve('<< secrets.gone >>')
      await restart()
      expect(await storage.get('default', [keyOf('gone')])).toEqual([undefined])
      const error = await vault.resolve('<< secrets.gone >>').catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'rolled-back' })
    })
  })
})

describeWith('a server that evicts', redisMissing, () => {
  test('takes half a workspace away: that is said, and no new keyring is made', async () => {
    const server = await startRedis(['--maxmemory-policy', 'allkeys-random'])
    try {
      const storage = redisStorage({ client: server.admin, allowEviction: true })
      const keys = generateKey()
      await createVault({ storage, keys }).create({ tag: 'evicted', value: 'a value to lose' })
      const names = ['guillemet:{default}:records', 'guillemet:{default}:index']
      await server.admin.config('SET', 'maxmemory', '3mb')
      for (let filler = 0; (await server.admin.exists(...names)) === 2; filler++) {
        await server.admin.set(`filler${filler}`, 'x'.repeat(10_000))
      }
      await server.admin.config('SET', 'maxmemory', '0')
      expect(await server.admin.exists(...names)).toBe(1)
      const vault = createVault({ storage, keys })
      const code = (attempt: Promise<unknown>) => attempt.then(() => 'done', codeOf)
      expect(await code(vault.resolve('<< secrets.evicted >>'))).toBe('ERR_RECORD_CORRUPT')
      expect(await code(vault.create({ tag: 'other', value: 'another value' }))).toBe('ERR_RECORD_CORRUPT')
      expect(await server.admin.exists(...names)).toBe(1)
    } finally {
      await server.end()
    }
  })
})
