/**
 * Room that is kept free for deletions: where the disk is full or has no inodes left, a secret that leaked can still be
 * deleted. A few small files, of which one becomes the draft of a short record; they are made again as soon as there is
 * room, which the version that was deleted leaves behind.
 *
 * Not a promise of file systems that write everything anew (btrfs, ZFS): there an overwritten block needs a free one.
 */

import fs, { type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../errors.ts'
import { OWN_OPTIONS } from './own-options.ts'

const RESERVE_NAMES = ['reserve-1', 'reserve-2', 'reserve-3', 'reserve-4'] as const
const RESERVE_BYTES = 4096
const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants

/** Makes what is missing, as far as there is room. Never throws. */
export async function stockReserve(directory: string): Promise<void> {
  for (const name of RESERVE_NAMES) {
    if (!(await stock(join(directory, name)))) return
  }
}

/** Whether the file is there. */
async function stock(path: string): Promise<boolean> {
  let handle: FileHandle | undefined
  try {
    handle = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    await handle.writeFile(new Uint8Array(RESERVE_BYTES), OWN_OPTIONS)
    await handle.close()
    return true
  } catch (error) {
    if (handle === undefined) return codeOf(error) === 'EEXIST'
    // what holds no blocks keeps none free
    await handle.close().catch(() => undefined)
    await fs.unlink(path).catch(() => undefined)
    return false
  }
}

/**
 * One file of the reserve, opened for writing and renamed to the path, or undefined where none is left. No other process
 * gets the same one.
 */
export async function takeReserve(directory: string, path: string): Promise<FileHandle | undefined> {
  for (const name of RESERVE_NAMES) {
    try {
      await fs.rename(join(directory, name), path)
      const handle = await fs.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
      const status = await handle.stat()
      if (status.isFile() && status.nlink === 1) return handle
      await handle.close()
    } catch {
      // used up by another process, or not ours
    }
  }
  return undefined
}

/**
 * Gives one file of the reserve up, for file systems that count a further name as an inode (tmpfs).
 *
 * @returns whether there was one
 */
export async function releaseReserve(directory: string): Promise<boolean> {
  for (const name of RESERVE_NAMES) {
    try {
      await fs.unlink(join(directory, name))
      return true
    } catch {
      // used up by another process
    }
  }
  return false
}
