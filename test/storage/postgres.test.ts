/** `postgresStorage` keeps every promise of the port on a real server, and says what is wrong with a table or a client. */

import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type PostgresStorage, postgresStorage } from '../../src/storage/postgres.ts'
import { storageConformance } from '../../src/testing.ts'
import { type PostgresServer, postgresMissing, startPostgres } from './servers/postgres.ts'

const missing = postgresMissing()
if (missing !== undefined) console.warn(missing)

describe.skipIf(missing !== undefined)('postgresStorage', () => {
  let server: PostgresServer
  let pool: pg.Pool
  let count = 0

  beforeAll(async () => {
    server = await startPostgres()
    pool = new pg.Pool(server.options())
  })
  afterAll(async () => {
    await pool?.end()
    await server?.stop()
  })

  describe('keeps the promise:', () => {
    const tables = new WeakMap<VaultStorage, string>()

    for (const { name, run } of storageConformance) {
      test(name, () =>
        run(async (sameDataAs) => {
          const table = (sameDataAs && tables.get(sameDataAs)) ?? `conformance_${count++}`
          const storage: PostgresStorage = postgresStorage({ client: pool, table })
          if (sameDataAs === undefined) await storage.migrate()
          tables.set(storage, table)
          return storage
        }),
      )
    }
  })
})
