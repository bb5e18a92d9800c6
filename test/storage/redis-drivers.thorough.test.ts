/** The Redis storage keeps every promise of the port through drivers that are set up in other ways, too. */

import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type RedisClient, redisStorage } from '../../src/storage/redis.ts'
import { storageConformance } from '../../src/testing.ts'
import { isPolluted, skipIfPolluted } from '../log/capture.ts'
import { type RedisServer, redisMissing, startRedis } from './servers/redis.ts'
import { describeWith } from './servers/server-process.ts'

describeWith('redisStorage', redisMissing, () => {
  let server: RedisServer
  const closes: (() => void)[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const close of closes) close()
    await server?.end()
  })

  function ioredis(more = {}): Redis {
    const client = new Redis(server.port, '127.0.0.1', more)
    closes.push(() => client.disconnect())
    return client
  }

  async function nodeRedis() {
    const client = createClient({ socket: { port: server.port, host: '127.0.0.1' } })
    await client.connect()
    closes.push(() => client.destroy())
    return client
  }

  const DRIVERS: readonly [name: string, connect: () => RedisClient | Promise<RedisClient>][] = [
    [
      'ioredis with awkward options',
      () => ioredis({ keyPrefix: 'app:', stringNumbers: true, enableAutoPipelining: true }),
    ],
    ['node-redis', () => nodeRedis()],
  ]
  describe.each(DRIVERS)('on %s', (driver, connect) => {
    const handles: RedisClient[] = []
    const prefixes = new WeakMap<VaultStorage, string>()
    let count = 0
    beforeAll(async () => {
      if (driver !== 'node-redis' || !isPolluted()) handles.push(await connect(), await connect())
    })

    for (const { name, run } of storageConformance) {
      test(name, (context) => {
        if (driver === 'node-redis') skipIfPolluted(context)
        return run((sameDataAs) => {
          const prefix = (sameDataAs && prefixes.get(sameDataAs)) ?? `${driver.replaceAll(' ', '-')}:${count++}:`
          const storage = redisStorage({ client: handles[sameDataAs ? 1 : 0]!, prefix })
          prefixes.set(storage, prefix)
          return storage
        })
      })
    }
  })
})
