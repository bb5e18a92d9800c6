/** Opens the PGlite in the folder as the documentation says, puts one record, tells the outcome, and ends on the next line. */

import { postgresStorage } from '../../../src/storage/postgres.ts'
import { onlyPglite } from '../postgres-shims.ts'

const [folder = '', tag = ''] = process.argv.slice(2)
try {
  const client = await onlyPglite(folder)
  const storage = postgresStorage({ client })
  await storage.migrate()
  await storage.put({ workspace: 'default', environment: 'default', tag, version: 1, body: `${tag}@1` })
  process.stdout.write('written\n')
  await new Promise((resolve) => process.stdin.once('data', resolve))
  await client.close()
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n`)
}
process.exit()
