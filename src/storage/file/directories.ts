/** Directories of the storage: real ones only, private to the user, and on the disk before anything in them counts. */

import type { Stats } from 'node:fs'
import fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../../errors.ts'
import { notDirectory, openToOthers } from './failures.ts'
import { syncHandle } from './sync.ts'

const DIRECTORY_MODE = 0o700
const OPEN_TO_OTHERS = 0o077
const { O_RDONLY, O_DIRECTORY = 0, O_NOFOLLOW = 0 } = fs.constants
/**
 * What a platform answers that does not sync directories at all: Windows, some network and user-space file systems.
 * EACCES: the directory above the storage may be closed to this user for reading.
 */
const SYNC_REFUSED: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'EISDIR',
  'EINVAL',
  'ENOTSUP',
  'EBADF',
  'EACCES',
])

/** What is at the path, a symbolic link itself included, or undefined. */
export async function statusOf(path: string): Promise<Stats | undefined> {
  try {
    return await fs.lstat(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The names in a directory. */
export async function namesIn(path: string): Promise<string[]> {
  // all options are own ones: a polluted Object.prototype.withFileTypes would change what comes back
  return await fs.readdir(path, { encoding: 'utf8', withFileTypes: false, recursive: false })
}

/**
 * Whether there is a directory.
 *
 * @throws ERR_INVALID_INPUT when something else has its name
 */
export async function isDirectory(path: string): Promise<boolean> {
  const status = await statusOf(path)
  if (status !== undefined && !status.isDirectory()) throw notDirectory(status)
  return status !== undefined
}

/** Makes the directory where it is missing; the one above it must be there. */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return
  try {
    await fs.mkdir(path, DIRECTORY_MODE)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !(await isDirectory(path))) throw error
  }
}

/** Brings the names in a directory to the disk. False where the platform does not sync directories. */
export async function syncDirectory(path: string): Promise<boolean> {
  try {
    const handle = await fs.open(path, O_RDONLY)
    try {
      await syncHandle(handle)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (SYNC_REFUSED.has(codeOf(error))) return false
    throw error
  }
}

/**
 * Whether the root is there, closed to everybody but this user: whoever could write to it could plant files and forge
 * deletions. What is in it needs no such look, since nobody else gets there.
 *
 * @throws ERR_INVALID_INPUT when it is no directory; ERR_STORAGE_UNAVAILABLE when it is open to others and belongs to another user
 */
export async function findRoot(root: string): Promise<boolean> {
  const status = await statusOf(root)
  if (status === undefined) return false
  if (!status.isDirectory()) throw notDirectory(status)
  const user = process.geteuid?.()
  // Windows has neither users nor modes of this kind
  if ((status.mode & OPEN_TO_OTHERS) !== 0 && user !== undefined) await narrow(root, user)
  return true
}

async function narrow(root: string, user: number): Promise<void> {
  const handle = await fs.open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  try {
    const { uid, mode } = await handle.stat()
    if (uid !== user) throw openToOthers()
    await handle.chmod(mode & ~OPEN_TO_OTHERS & 0o7777)
    // some file systems take every mode and keep their own
    if (((await handle.stat()).mode & OPEN_TO_OTHERS) !== 0) throw openToOthers()
  } catch (error) {
    throw codeOf(error) === 'EPERM' || codeOf(error) === 'EROFS' ? openToOthers() : error
  } finally {
    await handle.close()
  }
}

/** The directory under the root, every step of the way a real one, or undefined where a step is missing. */
export async function findDirectory(root: string, names: readonly string[]): Promise<string | undefined> {
  if (!(await findRoot(root))) return undefined
  let path = root
  for (const name of names) {
    path = join(path, name)
    if (!(await isDirectory(path))) return undefined
  }
  return path
}

/**
 * The same, made where it is missing. Each name is brought to the disk even if it was there: its writer may have
 * died before. So where there is a version 1, its directories are on the disk.
 */
export async function makeDirectories(root: string, names: readonly string[]): Promise<string> {
  if (!(await findRoot(root))) await makeDirectory(root)
  await syncDirectory(dirname(root))
  let path = root
  for (const name of names) {
    const above = path
    path = join(above, name)
    await makeDirectory(path)
    await syncDirectory(above)
  }
  return path
}
