/** The MySQL storage on a real MariaDB keeps every promise of the port. */

import { afterAll, beforeAll, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type MysqlPool, mysqlStorage } from '../../src/storage/mysql.ts'
import { storageConformance } from '../../src/testing.ts'
import { type MariadbServer, mariadbMissing, startMariadb } from './servers/mariadb.ts'
import { describeWith } from './servers/server-process.ts'

describeWith('mysqlStorage', mariadbMissing, () => {
  let server: MariadbServer
  beforeAll(async () => {
    server = await startMariadb(['--sql-mode=', '--max-allowed-packet=16M'])
  })
  afterAll(() => server?.end())

  const tables = new WeakMap<VaultStorage, string>()
  const pools: MysqlPool[] = []
  let count = 0
  beforeAll(() => {
    pools.push(server.pool(), server.pool())
  })

  for (const { name, run } of storageConformance) {
    test(name, () =>
      run(async (sameDataAs) => {
        const table = (sameDataAs && tables.get(sameDataAs)) ?? `t${count++}`
        const storage = mysqlStorage({ client: pools[sameDataAs ? 1 : 0]!, table })
        if (sameDataAs === undefined) await storage.migrate()
        tables.set(storage, table)
        return storage
      }),
    )
  }
})
