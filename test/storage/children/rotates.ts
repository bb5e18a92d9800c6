/** Rotates the data keys of a file storage and tells each record; may be killed at any moment. Arguments: directory, key. */

import { rotateKeys } from '../../../src/admin.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { createVault } from '../../../src/vault/vault.ts'

const [directory = '', key = ''] = process.argv.slice(2)
const vault = createVault({ storage: fileStorage(directory), keys: key })
const run = rotateKeys(vault)
for await (const { tag, outcome } of run) process.stdout.write(`${tag} ${outcome}\n`)
process.stdout.write(`complete ${(await run).isComplete}\n`)
await vault.close()
