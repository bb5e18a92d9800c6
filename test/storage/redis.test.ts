/** The Redis storage on a real server keeps every promise of the port; other drivers: `redis-drivers.thorough.test.ts`. */

import { Redis } from 'ioredis'
import { afterAll, beforeAll, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { redisStorage } from '../../src/storage/redis.ts'
import { storageConformance } from '../../src/testing.ts'
import { type RedisServer, redisMissing, startRedis } from './servers/redis.ts'
import { describeWith } from './servers/server-process.ts'

describeWith('redisStorage', redisMissing, () => {
  let server: RedisServer
  const handles: Redis[] = []
  const prefixes = new WeakMap<VaultStorage, string>()
  let count = 0
  beforeAll(async () => {
    server = await startRedis()
    handles.push(new Redis(server.port, '127.0.0.1'), new Redis(server.port, '127.0.0.1'))
  })
  afterAll(async () => {
    for (const client of handles) client.disconnect()
    await server?.end()
  })

  for (const { name, run } of storageConformance) {
    test(name, () =>
      run((sameDataAs) => {
        const prefix = (sameDataAs && prefixes.get(sameDataAs)) ?? `${count++}:`
        const storage = redisStorage({ client: handles[sameDataAs ? 1 : 0]!, prefix })
        prefixes.set(storage, prefix)
        return storage
      }),
    )
  }
})
