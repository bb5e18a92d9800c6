/** The Redis storage on a real cluster of three nodes, through both drivers. */

import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type RedisClient, redisStorage } from '../../src/storage/redis.ts'
import { storageConformance } from '../../src/testing.ts'
import { readOne, recordOf } from './scratch.ts'
import { type RedisCluster, type RedisServer, redisMissing, startRedisCluster } from './servers/redis.ts'
import { describeWith, eventually } from './servers/server-process.ts'

describeWith('redisStorage on a cluster', redisMissing, () => {
  let cluster: RedisCluster
  const closes: (() => void)[] = []
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(async () => {
    for (const close of closes) close()
    await cluster?.end()
  })

  const ports = (): number[] => cluster.nodes.map(({ port }) => port)
  async function ioredis(redisOptions = {}): Promise<RedisClient> {
    const nodes = ports().map((port) => ({ host: '127.0.0.1', port }))
    const client = new Cluster(nodes, { redisOptions, scaleReads: 'slave' })
    closes.push(() => client.disconnect())
    return client
  }
  async function nodeRedis(): Promise<RedisClient> {
    const client = createCluster({ rootNodes: ports().map((port) => ({ url: `redis://127.0.0.1:${port}` })) })
    await client.connect()
    closes.push(() => client.destroy())
    return client
  }

  const DRIVERS: readonly [driver: string, connect: () => Promise<RedisClient>][] = [
    ['ioredis', ioredis],
    ['ioredis with keyPrefix', () => ioredis({ keyPrefix: 'app:' })],
    ['node-redis', nodeRedis],
  ]
  describe.each(DRIVERS)('through %s', (driver, connect) => {
    let client: RedisClient
    const prefixes = new WeakMap<VaultStorage, string>()
    let count = 0
    beforeAll(async () => {
      client = await connect()
    })

    for (const { name, run } of storageConformance) {
      test(name, () =>
        run((sameDataAs) => {
          const prefix = (sameDataAs && prefixes.get(sameDataAs)) ?? `${driver.replaceAll(' ', '-')}:${count++}:`
          const storage = redisStorage({ client, prefix })
          prefixes.set(storage, prefix)
          return storage
        }),
      )
    }

    test('workspaces on all nodes are listed', async () => {
      const storage = redisStorage({ client, prefix: `${driver.replaceAll(' ', '-')}:all:` })
      const names = Array.from({ length: 30 }, (_, index) => `w${index + 10}`)
      for (const workspace of names) await storage.put({ ...recordOf('t'), workspace })
      expect(await storage.workspaces!({ limit: 100 })).toEqual(names)
    })

    test('scripts that a node has forgotten are sent again', async () => {
      const storage = redisStorage({ client, prefix: `${driver.replaceAll(' ', '-')}:flush:` })
      for (let version = 1; version <= 5; version++) {
        for (const { admin } of cluster.nodes) await admin.script('FLUSH')
        await storage.put(recordOf('t', version))
      }
      expect(await readOne(storage, 't')).toEqual(recordOf('t', 5))
    })

    test('a slot that moves while its records are updated loses none of them', async () => {
      const prefix = `${driver.replaceAll(' ', '-')}:move:`
      const storage = redisStorage({ client, prefix })
      await storage.put(recordOf('t'))
      const slot = Number(await cluster.nodes[0]!.admin.call('CLUSTER', 'KEYSLOT', '{default}'))
      let isMoving = true
      const moving = moveSlot(slot).finally(() => {
        isMoving = false
      })
      let version = 1
      for (; isMoving || version < 50; version++) {
        await eventually(async () => {
          const code = await storage.put(recordOf('t', version + 1)).then(() => 'written', codeOf)
          // between the two keys a node answers TRYAGAIN, which drivers repeat or pass on
          if (code !== 'ERR_STORAGE_UNAVAILABLE') expect(code).toBe('written')
          else throw new Error('not yet')
        })
      }
      await moving
      expect(await readOne(storage, 't')).toEqual(recordOf('t', version))
    })
  })

  /** Moves a slot with all its keys to the next node, as `redis-cli --cluster reshard` does. */
  async function moveSlot(slot: number): Promise<void> {
    const owner = await ownerOf(slot)
    const from = cluster.nodes[owner]!
    const to = cluster.nodes[(owner + 1) % cluster.nodes.length]!
    const idOf = async ({ admin }: RedisServer): Promise<string> => String(await admin.call('CLUSTER', 'MYID'))
    const [fromId, toId] = [await idOf(from), await idOf(to)]
    await to.admin.call('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId)
    await from.admin.call('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId)
    for (;;) {
      const [key] = (await from.admin.call('CLUSTER', 'GETKEYSINSLOT', String(slot), '1')) as string[]
      if (key === undefined) break
      await from.admin.call('MIGRATE', '127.0.0.1', String(to.port), key, '0', '5000')
    }
    for (const { admin } of [to, from, ...cluster.nodes]) {
      await admin.call('CLUSTER', 'SETSLOT', String(slot), 'NODE', toId)
    }
  }

  async function ownerOf(slot: number): Promise<number> {
    const slots = (await cluster.nodes[0]!.admin.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
    const [, , [, port]] = slots.find(([first, last]) => first <= slot && slot <= last)!
    return ports().indexOf(port)
  }

  test('all keys of a workspace are in one slot, whatever its name', async () => {
    const { admin } = cluster.nodes[0]!
    for (const workspace of ['default', '-', '_', 'x'.repeat(128)]) {
      const slots = new Set<unknown>()
      for (const part of ['records', 'index']) {
        slots.add(await admin.call('CLUSTER', 'KEYSLOT', `p:{${workspace}}:${part}`))
      }
      expect([...slots]).toEqual([await admin.call('CLUSTER', 'KEYSLOT', workspace)])
    }
    const storage = redisStorage({ client: await ioredis() })
    for (const workspace of ['', '{', '}', '{}', 'a}b{c']) {
      expect(await storage.put({ ...recordOf('t'), workspace }).then(() => 'written', codeOf)).toBe('ERR_INVALID_INPUT')
    }
  })
})
