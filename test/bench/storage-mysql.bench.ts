/** The MySQL storage beside the same work done by hand with the bare client, on a MariaDB of its own. */

import { mysqlStorage } from '../../src/storage/mysql.ts'
import { mariadbMissing, startMariadb } from '../storage/servers/mariadb.ts'
import type { Row } from './row.ts'
import { rowsOf } from './storage-rows.ts'

export const title = 'MySQL storage, beside INSERT and SELECT of mysql2 on a table of tag and body'

export async function run(): Promise<readonly Row[]> {
  if (mariadbMissing !== undefined) return [{ work: 'nothing', ratio: 'SKIPPED', figure: mariadbMissing }]
  const server = await startMariadb()
  const client = server.pool({ connectionLimit: 1 })
  const storage = mysqlStorage({ client })
  let asked = 0
  try {
    await storage.migrate()
    await client.query('CREATE TABLE bare (tag VARBINARY(129) PRIMARY KEY, body LONGBLOB NOT NULL)')
    return await rowsOf({
      storage,
      async create(tag, body) {
        await client.query('INSERT INTO bare VALUES (?, ?)', [tag, body])
      },
      read: (tags) => client.query('SELECT * FROM bare WHERE tag IN (?)', [tags]),
      list: () => client.query('SELECT * FROM bare ORDER BY tag'),
      async roundTrips() {
        const [row] = (await server.run("SHOW GLOBAL STATUS LIKE 'Questions'")) as { Value: string }[]
        return Number(row!.Value) - asked++ // which counts the asking, too
      },
    })
  } finally {
    await server.end()
  }
}
