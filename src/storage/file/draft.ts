/** A record that is not committed yet: complete and on the disk under a random name, apart from all versions. */

import fs, { type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { namesIn, statusOf } from './directories.ts'
import { isFull } from './failures.ts'
import { OWN_OPTIONS } from './own-options.ts'
import { takeReserve } from './reserve.ts'
import { syncHandle } from './sync.ts'

const FILE_MODE = 0o600
const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants
const DRAFT_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const ABANDONED_MS = 60 * 60 * 1000
const MAX_SWEPT_DRAFTS = 1000

/** The file stays open until it is discarded, so that it can be synced once more after it got its name. */
export interface Draft {
  readonly path: string
  readonly handle: FileHandle
  /** Where it lies, with the reserve. */
  readonly directory: string
  /** Whether it may use the reserve where the disk is full. */
  readonly isUrgent: boolean
}

/** A path for a file that is soon renamed or removed; what a killed process leaves there is swept as a draft. */
export function draftPath(directory: string): string {
  return join(directory, crypto.randomUUID())
}

/** Writes a draft and syncs it. On failure nothing of it is left. */
export async function writeDraft(directory: string, bytes: Uint8Array, isUrgent: boolean): Promise<Draft> {
  const path = draftPath(directory)
  try {
    const handle = await fs.open(path, O_WRONLY | O_CREAT | O_EXCL, FILE_MODE)
    return await fillDraft({ path, handle, directory, isUrgent }, bytes)
  } catch (error) {
    const handle = isFull(error) && isUrgent ? await takeReserve(directory, path) : undefined
    if (handle === undefined) throw error
    return await fillDraft({ path, handle, directory, isUrgent }, bytes)
  }
}

async function fillDraft(draft: Draft, bytes: Uint8Array): Promise<Draft> {
  try {
    await draft.handle.writeFile(bytes, OWN_OPTIONS)
    // of the reserve only the beginning was overwritten, since what it gives up here could be taken by somebody else
    await draft.handle.truncate(bytes.length)
    await syncHandle(draft.handle)
    return draft
  } catch (error) {
    await discardDraft(draft)
    throw error
  }
}

/** Closes the draft and removes its own name; a version linked to it stays. Never throws: what is left is swept. */
export async function discardDraft(draft: Draft): Promise<void> {
  await draft.handle.close().catch(() => undefined)
  await fs.unlink(draft.path).catch(() => undefined)
}

/**
 * Removes drafts older than an hour, which a killed writer left. Never throws.
 *
 * Safe even for a writer that still lives: its `link` fails, and nothing was written.
 */
export async function sweepDrafts(directory: string): Promise<void> {
  try {
    const names = (await namesIn(directory)).filter((name) => DRAFT_NAME.test(name))
    for (const name of names.slice(0, MAX_SWEPT_DRAFTS)) {
      const path = join(directory, name)
      const status = await statusOf(path)
      if (status?.isFile() && Date.now() - status.mtimeMs > ABANDONED_MS) await fs.unlink(path)
    }
  } catch {
    // left for the next process; a draft is never read
  }
}
