/** Opens a storage by the name of its kind, so that a child process can. */

import { Redis } from 'ioredis'
import type { VaultStorage } from '../../../src/ports/storage.ts'
import { redisStorage } from '../../../src/storage/redis.ts'

export type StorageKind = 'redis'

/** @param address what the kind needs to know: the port of Redis on loopback */
export function openStorage(kind: StorageKind, address: string): { readonly storage: VaultStorage; close(): void } {
  if (kind !== 'redis') throw new Error(`there is no storage of the kind ${kind}`)
  const client = new Redis(Number(address), '127.0.0.1')
  return { storage: redisStorage({ client }), close: () => client.disconnect() }
}
