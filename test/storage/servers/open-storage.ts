/** Opens a storage by the name of its kind, so that a child process can. */

import { Redis } from 'ioredis'
import pg from 'pg'
import type { VaultStorage } from '../../../src/ports/storage.ts'
import { postgresStorage } from '../../../src/storage/postgres.ts'
import { redisStorage } from '../../../src/storage/redis.ts'

interface Opened {
  readonly storage: VaultStorage
  close(): void
}

const OPENERS = {
  /** By the port on loopback. */
  redis(port: string): Opened {
    const client = new Redis(Number(port), '127.0.0.1')
    return { storage: redisStorage({ client }), close: () => client.disconnect() }
  },
  /** By the folder of the socket. */
  postgres(host: string): Opened {
    const client = new pg.Pool({ host, port: 5432, user: 'postgres', database: 'postgres', max: 2 })
    return { storage: postgresStorage({ client }), close: () => void client.end() }
  },
}

export type StorageKind = keyof typeof OPENERS

/** @param address what the kind needs to know */
export function openStorage(kind: StorageKind, address: string): Opened {
  const open = OPENERS[kind]
  if (open === undefined) throw new Error(`there is no storage of the kind ${kind}`)
  return open(address)
}
