/** Opens a storage by the name of its kind, so that a child process can. */

import { Redis } from 'ioredis'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import type { VaultStorage } from '../../../src/ports/storage.ts'
import { mysqlStorage } from '../../../src/storage/mysql.ts'
import { postgresStorage } from '../../../src/storage/postgres.ts'
import { redisStorage } from '../../../src/storage/redis.ts'

export interface OpenStorage {
  readonly storage: VaultStorage
  close(): unknown
}

const OPENERS = {
  /** By the port on loopback. */
  redis(port: string): OpenStorage {
    const client = new Redis(Number(port), '127.0.0.1')
    return { storage: redisStorage({ client }), close: () => client.disconnect() }
  },
  /** By the folder of the socket. */
  postgres(host: string): OpenStorage {
    const client = new pg.Pool({ host, port: 5432, user: 'postgres', database: 'postgres', max: 2 })
    return { storage: postgresStorage({ client }), close: () => void client.end() }
  },
  /** By the socket. */
  mysql(socketPath: string): OpenStorage {
    const client = createPool({ socketPath, user: 'root', database: 'app' })
    return { storage: mysqlStorage({ client }), close: () => client.end() }
  },
}

export type StorageKind = keyof typeof OPENERS

/** @param address what the kind needs to know */
export function openStorage(kind: StorageKind, address: string): OpenStorage {
  const open = OPENERS[kind]
  if (open === undefined) throw new Error(`there is no storage of the kind ${kind}`)
  return open(address)
}
