/** The key file that `init` makes: written whole, for its owner only, under a name that is free, and read back. */

import { randomUUID } from 'node:crypto'
import { link, open, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { kindOf } from '../errors.ts'
import { fileKey } from '../keys/file.ts'
import { syncHandle } from '../storage/file/sync.ts'
import { CommandError } from './host.ts'

/** Next to the storage and not in it: sealed records may be copied and backed up, the key may not. */
export const KEY_FILE = '.secrets.key'

/** What keeps the key file, and what a killed `init` may leave of it, out of a repository. */
export const IGNORED_KEY = `/${KEY_FILE}*`

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

/**
 * Sees to it that git leaves these alone, before any of them is there. Also where there is no repository yet: `git init` may
 * come next, and with it a commit of everything.
 *
 * @param lines as they stand in a `.gitignore`
 * @returns whether the file was made or a line was added
 * @throws CommandError when it cannot be read or written
 */
export async function ignoreFiles(folder: string, lines: readonly string[]): Promise<boolean> {
  const path = join(folder, '.gitignore')
  try {
    const text = await readFile(path, 'utf8').catch(emptyIfMissing)
    const present = text.split(/\r?\n/)
    const missing = lines.filter((line) => !present.includes(line))
    if (missing.length === 0) return false
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
    await writeFile(path, gap + missing.map((line) => line + lineEnd).join(''), { flag: 'a' })
    return true
  } catch (error) {
    throw new CommandError(`The file .gitignore could not be written (${kindOf(error)}); nothing was stored.`)
  }
}

function emptyIfMissing(error: unknown): string {
  if ((error as { code?: string }).code === 'ENOENT') return ''
  throw error
}

/** Writes a new file for its owner only; when it returns, the file is on the disk. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode)
    await syncHandle(file)
  } finally {
    await file.close()
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // a folder cannot be opened there
  const folder = await open(path, 'r')
  try {
    await syncHandle(folder)
  } finally {
    await folder.close()
  }
}

function notWritten(path: string, error: unknown): CommandError {
  const { code } = error as { code?: string }
  if (code === 'EEXIST') {
    return new CommandError(`Another process has just made ${path}; nothing was written. Run guillemet init again.`)
  }
  return new CommandError(`The key file ${path} could not be written (${kindOf(error)}); nothing was stored.`)
}
