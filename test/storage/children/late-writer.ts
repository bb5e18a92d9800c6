/**
 * Updates the record `late` and stops itself (SIGSTOP) on the way; tells the outcome once it is woken.
 *
 * Arguments: directory; where to stop: before `put`, before `link`, or before the version that it has superseded is emptied.
 */

import fs from 'node:fs/promises'
import { codeOf } from '../../../src/errors.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept } from '../intercept.ts'

const [directory = '', where] = process.argv.slice(2)
const storage = fileStorage(directory)
const [found] = await storage.get('default', [{ environment: 'default', tag: 'late' }])

function isHere({ name, more }: Call): boolean {
  if (where === 'link') return name === 'link'
  return where === 'empty' && name === 'open' && (Number(more[0]) & fs.constants.O_TRUNC) !== 0
}

let hasStopped = false
function stop(): void {
  hasStopped = true
  process.kill(process.pid, 'SIGSTOP')
}

await intercept((call) => {
  if (!hasStopped && isHere(call)) stop()
})
if (where === 'put') stop()
const outcome = await storage
  .put({ ...found!, version: found!.version + 1, body: 'late' })
  .then(() => 'acknowledged', codeOf)
process.stdout.write(`${outcome}\n`)
