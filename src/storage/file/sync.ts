/** Bringing an open file or directory to the disk. */

import { fsync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { codeOf } from '../../errors.ts'

const fsyncOf = promisify(fsync)

/**
 * Yarn puts a file system of its own in the place of Node's (Plug'n'Play), in which `FileHandle.sync` is a stub: what it throws has
 * no code, as every error of a system call has one. The call itself works there.
 */
export async function syncHandle(handle: FileHandle): Promise<void> {
  try {
    await handle.sync()
  } catch (error) {
    if (codeOf(error) !== undefined) throw error
    await fsyncOf(handle.fd)
  }
}
