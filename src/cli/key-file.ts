/** The key file that `init` makes: written whole, for its owner only, under a name that is free, and read back. */

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, open, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileKey } from '../keys/file.ts'
import { CommandError } from './host.ts'

/** Next to the storage and not in it: sealed records may be committed or copied, the key may not. */
export const KEY_FILE = '.secrets.key'

/** What keeps the key file, and what a killed `init` may leave of it, out of a repository. */
const IGNORED = `/${KEY_FILE}*`

/**
 * Writes the key file; never over one that is there.
 *
 * @throws CommandError when another process was faster, or it cannot be written: then there is no key file
 */
export async function writeKeyFile(path: string, key: string, id: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeDurably(draft, `${key}\n`)
    // a link is made only where the name is free, and what it names is whole
    await link(draft, path)
  } catch (error) {
    throw notWritten(path, error)
  } finally {
    await unlink(draft).catch(() => undefined)
  }
  await syncFolder(dirname(path))
  if (fileKey(path).id !== id) throw new CommandError(`The key file ${path} did not come back as it was written.`)
}

/** The outcome of {@link ignoreKeyFile}: what it has done, to be told. */
export type Ignored = 'added' | 'created' | 'there' | 'no-repository'

/** Sees to it that git leaves the key file alone; before the key file is written. */
export async function ignoreKeyFile(folder: string): Promise<Ignored> {
  const path = join(folder, '.gitignore')
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) {
    if (!isInRepository(folder)) return 'no-repository'
    await writeFile(path, `${IGNORED}\n`, { flag: 'wx' })
    return 'created'
  }
  if (text.split(/\r?\n/).includes(IGNORED)) return 'there'
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
  await writeFile(path, `${gap}${IGNORED}${lineEnd}`, { flag: 'a' })
  return 'added'
}

/** Writes a new file for its owner only; when it returns, the file is on the disk. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function isInRepository(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true
    if (at === dirname(at)) return false
  }
}

function notWritten(path: string, error: unknown): CommandError {
  const { code } = error as { code?: string }
  if (code === 'EEXIST') {
    return new CommandError(`Another process has just made ${path}; nothing was written. Run guillemet init again.`)
  }
  return new CommandError(`The key file ${path} could not be written (${code ?? 'unknown'}); nothing was stored.`)
}
