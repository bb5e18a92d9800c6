/** The Redis storage beside the same work done by hand with the bare client, on a server of its own. */

import { Redis } from 'ioredis'
import { redisStorage } from '../../src/storage/redis.ts'
import { redisMissing, startRedis } from '../storage/servers/redis.ts'
import type { Row } from './row.ts'
import { rowsOf } from './storage-rows.ts'

export const title = 'Redis storage, beside HSET, HMGET and HVALS of ioredis'

export async function run(): Promise<readonly Row[]> {
  if (redisMissing !== undefined) return [{ work: 'nothing', ratio: 'SKIPPED', figure: redisMissing }]
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1')
  try {
    return await rowsOf({
      storage: redisStorage({ client }),
      async create(tag, body) {
        await client.hset('bare', tag, body)
      },
      read: (tags) => client.hmget('bare', ...tags),
      list: () => client.hvals('bare'),
      async roundTrips() {
        const info = await server.admin.info('commandstats')
        return Number(/cmdstat_eval:calls=(\d+)/.exec(info)?.[1] ?? 0)
      },
    })
  } finally {
    client.disconnect()
    await server.end()
  }
}
