/**
 * Creates a secret for each line that it reads, in a vault of its own, and tells the outcome. Argument: own id.
 *
 * A line is `directory tag key`; the answer `<version>` or the code of the error. The value is the tag and the own id.
 */

import { createInterface } from 'node:readline'
import { codeOf } from '../../../src/errors.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { createVault } from '../../../src/vault/vault.ts'

const [id = ''] = process.argv.slice(2)
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const [directory = '', tag = '', key = ''] = line.split(' ')
  const vault = createVault({ storage: fileStorage(directory), keys: key })
  const outcome = await vault.create({ tag, value: `value-of-${tag}-by-${id}` }).then(
    ({ version }) => String(version),
    (error: unknown) => codeOf(error) ?? 'none',
  )
  process.stdout.write(`${outcome}\n`)
}
