/** Calls `migrate()` for each schema that it reads from the standard input, and tells the outcome. Arguments: host, database. */

import { createInterface } from 'node:readline'
import pg from 'pg'
import { codeOf } from '../../../src/errors.ts'
import { postgresStorage } from '../../../src/storage/postgres.ts'

const [host = '', database = ''] = process.argv.slice(2)
const client = new pg.Pool({ host, port: 5432, user: 'postgres', database, max: 1 })
await client.query('SELECT 1')
process.stdout.write('ready\n')
for await (const schema of createInterface({ input: process.stdin })) {
  const outcome = await postgresStorage({ client, schema })
    .migrate()
    .then(() => 'migrated', codeOf)
  process.stdout.write(`${outcome}\n`)
}
await client.end()
