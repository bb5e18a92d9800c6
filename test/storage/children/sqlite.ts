/**
 * One of several processes on an SQLite database; may be killed at any moment.
 *
 * Arguments: file, what to do, own id, how often, own log.
 *
 * - `count`: counts by compare-and-set in shared records. A body says how often each process has counted; what was acknowledged is
 *   in the log, on the disk, before it is told on the standard output. A restarted process goes on where its log ends.
 * - `hold`: takes the write lock when told to, and gives it back when told to.
 * - `migrate`: waits for a line, then calls migrate, and tells the outcome.
 */

import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { codeOf } from '../../../src/errors.ts'
import { sqliteStorage } from '../../../src/storage/sqlite.ts'
import { openLibsql } from '../sqlite-driver.ts'

const TAGS = ['a', 'b', 'c', 'd']
const [path = '', act = '', id = '', count = '', logPath = ''] = process.argv.slice(2)
const database = openLibsql(path)
const storage = sqliteStorage({ database, busyTimeout: 300_000 })

if (act === 'count') await countUp()
if (act === 'hold') await hold()
if (act === 'migrate') await migrate()

async function countUp(): Promise<void> {
  const log = openSync(logPath, 'a')
  let done = readFileSync(logPath, 'utf8').split('\n').length - 1
  while (done < Number(count)) {
    const tag = TAGS[done % TAGS.length]!
    const [found] = await storage.get('default', [{ environment: 'default', tag }])
    const by: Record<string, number> = found === undefined ? {} : JSON.parse(found.body)
    by[id] = (by[id] ?? 0) + 1
    const version = (found?.version ?? 0) + 1
    try {
      await storage.put({ workspace: 'default', environment: 'default', tag, version, body: JSON.stringify(by) })
    } catch (error) {
      if (codeOf(error) === 'ERR_CONFLICT') continue
      throw error
    }
    writeSync(log, `${tag} ${version} ${by[id]}\n`)
    fsyncSync(log)
    process.stdout.write('acknowledged\n')
    done++
  }
}

async function hold(): Promise<void> {
  process.stdout.write('ready\n')
  for await (const line of createInterface({ input: process.stdin })) {
    database.exec(line)
    process.stdout.write(`${line}\n`)
  }
}

async function migrate(): Promise<void> {
  process.stdout.write('ready\n')
  for await (const _ of createInterface({ input: process.stdin })) {
    process.stdout.write(`${await storage.migrate().then(() => 'migrated', codeOf)}\n`)
  }
}
