/**
 * Creates, updates and deletes records, logs what was acknowledged to another disk, and then waits to be killed.
 *
 * Arguments: directory, log, how many writes, to how many tags, which syncs are left out (`none`, `directories`, `all`).
 */

import { fsyncSync, openSync, writeSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { fileStorage } from '../../../src/storage/file.ts'

const [directory = '', logPath = '', count = '', tags = '', leftOut] = process.argv.slice(2)
const TAGS = Number(tags)
await leaveOutSyncs()

const storage = fileStorage(directory)
const log = openSync(logPath, 'a')
for (let index = 0; index < Number(count); index++) {
  const tag = `t${index % TAGS}`
  const version = Math.floor(index / TAGS) + 1
  const body = version % 4 === 3 ? '' : `${tag}@${version} `.repeat(index)
  await storage.put({ workspace: 'default', environment: 'default', tag, version, body })
  writeSync(log, `${tag} ${version}\n`)
  fsyncSync(log)
}
process.stdout.write('written\n')
setInterval(() => {}, 1000)

async function leaveOutSyncs(): Promise<void> {
  const handle = await fs.open(directory, fs.constants.O_RDONLY)
  const methods = Object.getPrototypeOf(handle) as FileHandle
  const sync = methods.sync
  await handle.close()
  methods.sync = async function (this: FileHandle) {
    const isLeftOut = leftOut === 'all' || (leftOut === 'directories' && (await this.stat()).isDirectory())
    if (!isLeftOut) await sync.call(this)
  }
}
