/** Everything that a Redis server holds, by type. */

import type { Redis } from 'ioredis'

/** The contents of every key, as text. */
export type RedisDump = Record<string, Record<string, unknown>>

const READ: Readonly<Record<string, (redis: Redis, key: string) => Promise<unknown>>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, 0, '-1', 'WITHSCORES'),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
}

/** Reads all keys by SCAN; a type that it does not know is an error, so that nothing is left out in silence. */
export async function dumpRedis(redis: Redis): Promise<RedisDump> {
  const dump: RedisDump = Object.fromEntries(Object.keys(READ).map((type) => [type, {}]))
  for await (const keys of redis.scanStream() as AsyncIterable<string[]>) {
    for (const key of keys) {
      const type = await redis.type(key)
      if (type === 'none') continue // gone in the meantime
      if (READ[type] === undefined) throw new Error(`${key} is of the type ${type}, which is not read`)
      dump[type]![key] = await READ[type]!(redis, key)
    }
  }
  return dump
}

/** Writes a text on purpose into one key of each type. */
export async function plant(redis: Redis, text: string): Promise<void> {
  await redis.set('planted:string', text)
  await redis.hset('planted:hash', 'field', text)
  await redis.rpush('planted:list', text)
  await redis.sadd('planted:set', text)
  await redis.zadd('planted:zset', 1, text)
  await redis.xadd('planted:stream', '*', 'field', text)
}
