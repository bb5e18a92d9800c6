/** One of several writers of a race on one directory. Arguments: directory, own name, rounds. Starts when it is told to. */

import { fileStorage } from '../../../src/storage/file.ts'
import { raceOn } from '../../../src/testing.ts'

const [directory = '', by = '', rounds = ''] = process.argv.slice(2)
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  const history = await raceOn(fileStorage(directory), { by, rounds: Number(rounds) })
  process.stdout.write(`${JSON.stringify(history)}\n`, () => process.exit())
})
