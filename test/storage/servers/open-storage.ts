/** Opens a storage by the name of its kind, so that a child process can. */

import { Redis } from 'ioredis'
import { createPool } from 'mysql2/promise'
import type { VaultStorage } from '../../../src/ports/storage.ts'
import { mysqlStorage } from '../../../src/storage/mysql.ts'
import { redisStorage } from '../../../src/storage/redis.ts'

export type StorageKind = 'redis' | 'mysql'

export interface OpenStorage {
  readonly storage: VaultStorage
  close(): unknown
}

const OPENERS: Readonly<Record<StorageKind, (address: string) => OpenStorage>> = {
  redis(port) {
    const client = new Redis(Number(port), '127.0.0.1')
    return { storage: redisStorage({ client }), close: () => client.disconnect() }
  },
  mysql(socketPath) {
    const client = createPool({ socketPath, user: 'root', database: 'app' })
    return { storage: mysqlStorage({ client }), close: () => client.end() }
  },
}

/** @param address what the kind needs to know: the port of Redis on loopback, the socket of MariaDB */
export function openStorage(kind: StorageKind, address: string): OpenStorage {
  return OPENERS[kind](address)
}
