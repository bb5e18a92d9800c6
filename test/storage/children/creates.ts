/** Creates each tag that it reads from the standard input, and tells the outcome. Arguments: directory, own id. */

import { createInterface } from 'node:readline'
import { codeOf } from '../../../src/errors.ts'
import { fileStorage } from '../../../src/storage/file.ts'

const [directory = '', id = ''] = process.argv.slice(2)
const storage = fileStorage(directory)
process.stdout.write('ready\n')
for await (const tag of createInterface({ input: process.stdin })) {
  const record = { workspace: 'default', environment: 'default', tag, version: 1, body: `${tag} by ${id}` }
  process.stdout.write(`${await storage.put(record).then(() => 'won', codeOf)}\n`)
}
