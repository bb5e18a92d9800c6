/**
 * Counts in shared records of a database by compare-and-set, as one of several processes, and may be killed at any moment.
 *
 * Arguments: kind and address of the storage, own id, updates to reach, own log. A body says how often each process has
 * counted. What was acknowledged is in the log before it is told on the standard output; a restarted process goes on
 * where its log ends.
 */

import { openSync, readFileSync, writeSync } from 'node:fs'
import { codeOf } from '../../../src/errors.ts'
import { openStorage, type StorageKind } from '../servers/open-storage.ts'

const TAGS = ['a', 'b', 'c', 'd']
const [kind = '', address = '', id = '', count = '', logPath = ''] = process.argv.slice(2)
const { storage, close } = openStorage(kind as StorageKind, address)
const log = openSync(logPath, 'a')

let done = readFileSync(logPath, 'utf8').split('\n').length - 1
while (done < Number(count)) {
  const tag = TAGS[done % TAGS.length]!
  const [found] = await storage.get('default', [{ environment: 'default', tag }])
  const by: Record<string, number> = found === undefined ? {} : JSON.parse(found.body).by
  by[id] = (by[id] ?? 0) + 1
  const version = (found?.version ?? 0) + 1
  const body = JSON.stringify({ by, from: id })
  try {
    await storage.put({ workspace: 'default', environment: 'default', tag, version, body })
  } catch (error) {
    if (codeOf(error) === 'ERR_CONFLICT') continue
    throw error
  }
  writeSync(log, `${tag} ${version} ${by[id]}\n`)
  process.stdout.write('acknowledged\n')
  done++
}
await close()
