/**
 * One empty file with many names: those of superseded versions, and of floors.
 *
 * A version that is superseded is not truncated, since its file may have other names that are somebody else's (a backup by
 * hard links); its name is given to the empty file, in one step. So readers never see half a file, superseded names need
 * neither blocks nor inodes, and what they held gives its room back.
 */

import fs from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../errors.ts'
import { statusOf } from './directories.ts'
import { draftPath } from './draft.ts'

const EMPTY_FILE = 'empty'
const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants

/** Makes the empty file where it is missing, while there is room. Never throws: it is made when it is needed. */
export async function prepareEmpty(drafts: string): Promise<void> {
  try {
    if (!(await isEmpty(join(drafts, EMPTY_FILE)))) await makeEmpty(drafts)
  } catch {
    // it is made when it is needed
  }
}

async function isEmpty(path: string): Promise<boolean> {
  const status = await statusOf(path)
  return status?.isFile() === true && status.size === 0
}

/** The old one, if there is one, keeps its other names. */
async function makeEmpty(drafts: string): Promise<void> {
  const path = draftPath(drafts)
  const handle = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
  await handle.close()
  await fs.rename(path, join(drafts, EMPTY_FILE))
}

/** Gives the empty file this name, if it is not taken (EEXIST). */
export async function linkEmpty(drafts: string, path: string): Promise<void> {
  // somebody may have written to it under one of its names
  if (!(await isEmpty(join(drafts, EMPTY_FILE)))) await makeEmpty(drafts)
  try {
    await fs.link(join(drafts, EMPTY_FILE), path)
  } catch (error) {
    // a file may have some ten thousand names (EMLINK), on some file systems a thousand
    if (codeOf(error) !== 'EMLINK') throw error
    await makeEmpty(drafts)
    await fs.link(join(drafts, EMPTY_FILE), path)
  }
}

/** Gives the empty file this name, which is that of another file, in one step. */
export async function replaceByEmpty(drafts: string, path: string): Promise<void> {
  const between = draftPath(drafts)
  try {
    await linkEmpty(drafts, between)
    await fs.rename(between, path)
  } finally {
    // another writer may have done the same: renaming a file to its own other name does nothing
    await fs.unlink(between).catch(() => undefined)
  }
}
