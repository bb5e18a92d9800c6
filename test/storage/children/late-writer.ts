/**
 * Updates the record `late` and stops itself (SIGSTOP) on the way; tells the outcome once it is woken.
 *
 * Arguments: directory; where to stop: before `put`, before `link`, before the `look` that
 * follows it, or before the version that it has superseded is emptied (`empty`).
 */

import { codeOf } from '../../../src/errors.ts'
import { fileStorage } from '../../../src/storage/file.ts'
import { type Call, intercept, isDraft } from '../intercept.ts'

const [directory = '', where] = process.argv.slice(2)
const storage = fileStorage(directory)
const [found] = await storage.get('default', [{ environment: 'default', tag: 'late' }])

let hasLinked = false
function isHere({ name, path, more }: Call): boolean {
  const isLink = name === 'link' && isDraft(path)
  if (where === 'link') return isLink
  hasLinked ||= isLink
  if (where === 'look') return hasLinked && name === 'readdir'
  return where === 'empty' && name === 'rename' && /\d$/.test(String(more[0]))
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
