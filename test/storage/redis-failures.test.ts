/** What the Redis storage does when Redis refuses, forgets, is gone or is not the server it should be. */

import { Redis } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import {
  type RedisClient,
  type RedisStorageOptions,
  type RedisSubscriber,
  redisChanges,
  redisStorage,
} from '../../src/storage/redis.ts'
import { skipIfPolluted } from '../log/capture.ts'
import { keyOf, readOne, recordOf } from './scratch.ts'
import { type RedisServer, redisMissing, startRedis } from './servers/redis.ts'
import { describeWith, eventually } from './servers/server-process.ts'

describe('redisStorage refuses', () => {
  const client = { status: 'ready', on: () => {}, eval: async () => '' }
  test.each<[string, unknown]>([
    ['no options', undefined],
    ['no client', {}],
    ['something that is not a client', { client: { get: async () => '' } }],
    ['a URL for a client', { client: 'redis://:password@localhost' }],
    ['an option that it does not know', { client, keyPrefix: 'x' }],
    ['a prefix with a brace, which would change the slot', { client, prefix: '{x}' }],
    ['a prefix that is too long', { client, prefix: 'x'.repeat(65) }],
    ['a choice that is not true or false', { client, allowEviction: 'yes' }],
  ])('%s', (_, options) => {
    let error: unknown
    try {
      redisStorage(options as RedisStorageOptions)
    } catch (thrown) {
      error = thrown
    }
    expect(codeOf(error)).toBe('ERR_INVALID_INPUT')
    expect(String(error)).not.toContain('password')
  })
})

test('the sample of the documents has a storage at once, whether the server is there or not', () => {
  // #region redis
  const client = new Redis(process.env['REDIS_URL'] ?? 'redis://localhost')
  const storage = redisStorage({ client, prefix: 'shop:' })
  // #endregion
  client.disconnect()
  expect(storage.where).toBe('Redis, keys that begin with "shop:"')
})

describeWith('redisStorage', redisMissing, () => {
  let server: RedisServer
  let client: Redis
  let storage: VaultStorage
  let count = 0
  const closes: (() => void)[] = []

  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.port, '127.0.0.1')
  })
  afterAll(async () => {
    for (const close of closes) close()
    client?.disconnect()
    await server?.end()
  })
  afterEach(async () => {
    await server.admin.replicaof('NO', 'ONE')
    await server.admin.config('SET', 'maxmemory', '0')
    await server.admin.config('SET', 'maxmemory-policy', 'noeviction')
  })

  function fresh(more: Partial<RedisStorageOptions> = {}): { prefix: string; storage: VaultStorage } {
    const prefix = `t${count++}:`
    storage = redisStorage({ client, prefix, ...more })
    return { prefix, storage }
  }

  async function subscriberOf(driver: string): Promise<RedisSubscriber> {
    if (driver === 'ioredis') {
      const own = new Redis(server.port, '127.0.0.1', { retryStrategy: () => 5 })
      closes.push(() => own.disconnect())
      await own.ping()
      return own
    }
    const own = createClient({ socket: { port: server.port, host: '127.0.0.1', reconnectStrategy: () => 5 } })
    await own.connect()
    closes.push(() => own.destroy())
    return own
  }

  /** The message of a failure, which must have this code and quote nothing. */
  async function failure(attempt: Promise<unknown>, code: string): Promise<string> {
    const error = await attempt.then(
      () => new Error('it did not fail'),
      (thrown: Error) => thrown,
    )
    expect([codeOf(error), error.message]).toEqual([code, expect.any(String)])
    expect(error.cause).toBeUndefined()
    expect(`${error.message}${error.stack}`).not.toMatch(new RegExp(`127\\.0\\.0\\.1|${server.port}|canary`))
    return error.message
  }

  const canary = (tag: string, version = 1): StoredRecord => recordOf(tag, version, 'canary of a body')

  test('a read-only replica: certainly not written, and all is well after the switch back', async () => {
    fresh()
    await storage.put(canary('moved'))
    await server.admin.replicaof('127.0.0.1', 1)
    expect(await failure(storage.put(canary('moved', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/read-only replica/)
    expect(await readOne(storage, 'moved')).toEqual(canary('moved'))
    await server.admin.replicaof('NO', 'ONE')
    await storage.put(canary('moved', 2))
    expect(await readOne(storage, 'moved')).toEqual(canary('moved', 2))
  })

  test('no memory left: certainly not written, reads go on', async () => {
    fresh()
    await storage.put(canary('full'))
    await server.admin.config('SET', 'maxmemory', '1')
    expect(await failure(storage.put(canary('full', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/no memory/)
    expect(await readOne(storage, 'full')).toEqual(canary('full'))
  })

  test('too few replicas: certainly not written', async () => {
    fresh()
    await storage.put(canary('kept'))
    await server.admin.config('SET', 'min-replicas-to-write', '1')
    expect(await failure(storage.put(canary('kept', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/fewer replicas/)
    await server.admin.config('SET', 'min-replicas-to-write', '0')
    expect(await readOne(storage, 'kept')).toEqual(canary('kept'))
  })

  test('a server that evicts keys is refused until it does not, unless that is allowed', async () => {
    await server.admin.config('SET', 'maxmemory', '200mb')
    await server.admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    fresh()
    expect(await failure(storage.put(canary('a')), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/evicts/)
    await failure(storage.get('default', [keyOf('a')]), 'ERR_STORAGE_UNAVAILABLE')
    await failure(storage.list('default', { limit: 1 }), 'ERR_STORAGE_UNAVAILABLE')
    await fresh({ allowEviction: true }).storage.put(canary('a'))
    fresh()
    await server.admin.config('SET', 'maxmemory-policy', 'volatile-lru') // nothing of ours has an expiry
    await storage.put(canary('a'))
    expect(await server.admin.ttl(`t${count - 1}:{default}:records`)).toBe(-1)
  })

  test('a user who may not ask for the policy is served, one who may not run scripts is told so', async (context) => {
    skipIfPolluted(context)
    const { prefix } = fresh()
    await server.admin.call('ACL', 'SETUSER', 'few', 'on', '>canary', `~${prefix}*`, ...RIGHTS)
    await server.admin.call('ACL', 'SETUSER', 'none', 'on', '>canary', '~*', '+ping')
    for (const username of ['few', 'none']) {
      const own = new Redis(server.port, '127.0.0.1', { username, password: 'canary', enableReadyCheck: false })
      closes.push(() => own.disconnect())
      const as = redisStorage({ client: own, prefix })
      if (username === 'few') await as.put(canary('acl'))
      else expect(await failure(as.put(canary('acl', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/refuses this user/)
    }
    expect(await readOne(storage, 'acl')).toEqual(canary('acl'))
    expect(await storage.workspaces!({ limit: 5 })).toEqual(['default'])
  })

  test.for(['hset', 'zadd'])('a user without the right to %s alone writes nothing, not even half', async (right) => {
    const { prefix } = fresh()
    await storage.put(canary('whole'))
    // to the list of workspaces it may write, or it would never come to the records
    const rights = ['~*', '&*', '+@all', `-${right}`, `(+eval +zadd ~${prefix}workspaces)`]
    await server.admin.call('ACL', 'SETUSER', `no-${right}`, 'on', '>canary', ...rights)
    const own = new Redis(server.port, '127.0.0.1', { username: `no-${right}`, password: 'canary' })
    closes.push(() => own.disconnect())
    const as = redisStorage({ client: own, prefix })
    for (const record of [canary('new'), canary('whole', 2), { ...canary('new'), workspace: 'other' }]) {
      expect(await failure(as.put(record), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/refuses this user/)
    }
    expect(await storage.list('default', { limit: 5 })).toEqual([canary('whole')])
    await storage.put(canary('new'))
    await storage.put({ ...canary('new'), workspace: 'other' })
    expect(await storage.list('default', { limit: 5 })).toEqual([canary('new'), canary('whole')])
  })

  test.each(['records', 'index'])('a workspace that has lost its %s is not an empty one', async (part) => {
    const { prefix } = fresh()
    await storage.put(canary('lost'))
    await storage.put(canary('lost', 2))
    await server.admin.del(`${prefix}{default}:${part}`)
    await failure(storage.get('default', [keyOf('lost')]), 'ERR_RECORD_CORRUPT')
    await failure(storage.list('default', { limit: 5 }), 'ERR_RECORD_CORRUPT')
    expect(await failure(storage.put(canary('lost')), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/evicted/)
  })

  test('what somebody else put under the keys is corrupt, and never written over', async () => {
    const { prefix } = fresh()
    await storage.put(canary('odd'))
    await server.admin.hset(`${prefix}{default}:records`, 'default!odd', 'canary without a version')
    await failure(storage.get('default', [keyOf('odd')]), 'ERR_RECORD_CORRUPT')
    await failure(storage.put(canary('odd', 2)), 'ERR_CONFLICT')
    await server.admin.hset(`${prefix}{default}:records`, 'canary', '1:x')
    await server.admin.zadd(`${prefix}{default}:index`, 0, 'canary')
    await failure(storage.list('default', { limit: 5 }), 'ERR_RECORD_CORRUPT')
    await server.admin.set(`${prefix}{other}:records`, 'canary')
    await failure(storage.put({ ...canary('odd'), workspace: 'other' }), 'ERR_STORAGE_UNAVAILABLE')
  })

  test('a call that is given up before it is sent writes nothing, later it is in doubt', async () => {
    fresh()
    await storage.put(canary('late'))
    await failure(storage.put(canary('late', 2), { signal: AbortSignal.abort() }), 'ERR_STORAGE_UNAVAILABLE')
    await failure(storage.get('default', [keyOf('late')], { signal: AbortSignal.abort() }), 'ERR_STORAGE_UNAVAILABLE')
    expect(await readOne(storage, 'late')).toEqual(canary('late'))
    server.signal('SIGSTOP')
    const given = new AbortController()
    const doubtful = failure(storage.put(canary('late', 2), { signal: given.signal }), 'ERR_OUTCOME_UNKNOWN')
    const unread = failure(storage.list('default', { limit: 1 }, { signal: given.signal }), 'ERR_STORAGE_UNAVAILABLE')
    setTimeout(() => given.abort(), 20)
    await Promise.all([doubtful, unread]).finally(() => server.signal('SIGCONT'))
    // the command was on its way, and the connection is good for all that follows
    await eventually(async () => expect(await readOne(storage, 'late')).toEqual(canary('late', 2)))
  })

  test('a client that never was connected has certainly written nothing', async (context) => {
    skipIfPolluted(context)
    const own = new Redis(1, '127.0.0.1', { maxRetriesPerRequest: 1, retryStrategy: () => 5 })
    const other = createClient({ socket: { port: 1, host: '127.0.0.1', reconnectStrategy: false } })
    closes.push(() => own.disconnect())
    const connecting = other.connect().catch(() => {})
    for (const unconnected of [own, other] as RedisClient[]) {
      const nowhere = redisStorage({ client: unconnected, allowEviction: true })
      await failure(nowhere.put(canary('never')), 'ERR_STORAGE_UNAVAILABLE')
      await failure(nowhere.get('default', [keyOf('never')]), 'ERR_STORAGE_UNAVAILABLE')
    }
    await connecting
  })

  test('a lost connection does not end the process, though nobody listens for errors', async (context) => {
    skipIfPolluted(context)
    const own = createClient({ socket: { port: server.port, host: '127.0.0.1' } })
    await own.connect()
    closes.push(() => own.destroy())
    const over = redisStorage({ client: own, prefix: 'lost:' })
    await over.put(canary('a'))
    await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(async () => expect(await readOne(over, 'a')).toEqual(canary('a')))
  })

  test('a driver that is told to give bytes is understood', async (context) => {
    skipIfPolluted(context)
    const own = createClient({ socket: { port: server.port, host: '127.0.0.1' } })
    await own.connect()
    closes.push(() => own.destroy())
    const mapped = own.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String })
    const over = redisStorage({ client: mapped, prefix: 'bytes:' })
    await over.put(canary('a'))
    await failure(over.put(recordOf('a', 1, 'other')), 'ERR_CONFLICT')
    expect(await over.list('default', { limit: 1 })).toEqual([canary('a')])
    expect(await over.workspaces!({ limit: 1 })).toEqual(['default'])
  })

  test('a name that the list of workspaces has lost is there again by the next put after a lost connection', async (context) => {
    skipIfPolluted(context)
    const { prefix } = fresh()
    const own = new Redis(server.port, '127.0.0.1', { retryStrategy: () => 5 })
    closes.push(() => own.disconnect())
    const over = redisStorage({ client: own, prefix })
    await over.put(canary('a'))
    await server.admin.zrem(`${prefix}workspaces`, 'default')
    const isLost = new Promise((resolve) => own.once('close', resolve))
    await server.admin.call('CLIENT', 'KILL', 'ID', String(await own.client('ID')))
    await isLost
    await over.put(canary('a', 2))
    expect(await storage.workspaces!({ limit: 5 })).toEqual(['default'])
  })

  test('a name that the list of workspaces has lost is there again some minutes later at the latest', async () => {
    const { prefix } = fresh()
    await storage.put(canary('a'))
    await server.admin.zrem(`${prefix}workspaces`, 'default')
    vi.useFakeTimers({ toFake: ['performance'] }).advanceTimersByTime(60 * 60_000)
    await storage.put(canary('a', 2)).finally(() => vi.useRealTimers())
    expect(await storage.workspaces!({ limit: 5 })).toEqual(['default'])
  })

  test.for(['ioredis', 'node-redis'])(
    'changes are told through %s, and everything after a lost connection',
    async (driver, context) => {
      skipIfPolluted(context)
      const { prefix } = fresh({ notify: true })
      const silent = redisStorage({ client, prefix })
      const told: (string | undefined)[] = []
      const subscriber = await subscriberOf(driver)
      const stop = await redisChanges({ client: subscriber, prefix })((workspace) => told.push(workspace))
      expect(told).toEqual([undefined])
      await silent.put(canary('a'))
      await storage.put(canary('a', 2))
      await failure(storage.put(canary('a', 2)), 'ERR_CONFLICT')
      await storage.put({ ...canary('a'), workspace: 'other' })
      await eventually(() => expect(told).toEqual([undefined, 'default', 'other']))
      await server.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await eventually(() => expect(told.slice(3)).toContain(undefined))
      told.length = 0
      await eventually(async () => {
        await storage.put({ ...canary('b'), workspace: `later-${count++}` })
        expect(told.some((workspace) => workspace?.startsWith('later-'))).toBe(true)
      })
      await stop()
      told.length = 0
      await storage.put(canary('a', 3))
      expect(await server.admin.pubsub('NUMSUB', `${prefix}changes`)).toEqual([`${prefix}changes`, 0])
      expect(told).toEqual([])
    },
  )

  test('every call is one command, however many keys it has', async () => {
    fresh()
    await storage.put(canary('a'))
    const evals = async (): Promise<number> =>
      Number(/cmdstat_eval:calls=(\d+)/.exec(await server.admin.info('commandstats'))?.[1] ?? 0)
    const keys = Array.from({ length: 50 }, (_, index) => keyOf(`t${index}`))
    for (const call of [
      () => storage.get('default', keys),
      () => storage.put(canary('b')),
      () => storage.list('default', { limit: 10_000 }),
    ]) {
      const before = await evals()
      await call()
      expect((await evals()) - before).toBe(1)
    }
  })

  test('workspaces lists those that hold a record, page by page, bytewise', async () => {
    const { prefix } = fresh()
    for (const workspace of ['b', 'B', 'a-1', 'a']) await storage.put({ ...canary('t'), workspace })
    await failure(storage.put({ ...canary('t', 2), workspace: 'empty' }), 'ERR_CONFLICT')
    expect(await storage.workspaces!({ limit: 10 })).toEqual(['B', 'a', 'a-1', 'b'])
    const pages: string[] = []
    for (let after: string | undefined; ; ) {
      const [name] = await storage.workspaces!({ limit: 1, ...(after !== undefined && { after }) })
      if (name === undefined) break
      pages.push(name)
      after = name
    }
    expect(pages).toEqual(['B', 'a', 'a-1', 'b'])
    expect(await server.admin.zcard(`${prefix}workspaces`)).toBe(5)
  })
})

/** What a user needs, as docs/STORAGE.md lists it. */
const RIGHTS = ['+eval', '+hlen', '+hget', '+hmget', '+hset', '+zcard', '+zadd', '+zrangebylex', '+exists']
