/** Committing: a draft gets the name of its version, which only one writer can give. */

import fs from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../errors.ts'
import { conflict } from '../failures.ts'
import { syncDirectory } from './directories.ts'
import type { Draft } from './draft.ts'
import { commitUnknown, isFull, linkRefused, overtaken } from './failures.ts'
import { fileSystemOf } from './file-system.ts'
import { releaseReserve } from './reserve.ts'
import { syncHandle } from './sync.ts'
import { type Listing, listVersions } from './versions.ts'

/** What `link` answers only when it did nothing. */
const NOT_LINKED: ReadonlySet<string | undefined> = new Set([
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOTSUP',
  'ENOSYS',
  'EXDEV',
  'EMLINK',
  'ENOSPC',
  'EDQUOT',
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
])

/**
 * Gives the draft its name, if nobody has it, and brings the name to the disk.
 *
 * @returns what the directory holds then
 * @throws ERR_CONFLICT when another writer was first; ERR_STORAGE_UNAVAILABLE when nothing was written;
 *   ERR_OUTCOME_UNKNOWN when the name may or may not be on the disk, or was given after it had been swept
 */
export async function commit(directory: string, version: number, draft: Draft, tag: string): Promise<Listing> {
  const path = join(directory, String(version))
  try {
    await link(draft, path)
  } catch (error) {
    await requireLinked(error, directory, version, draft, tag)
  }
  let listing: Listing
  try {
    // where directories are not synced (Windows), syncing the file carries its new name along: both are one
    // journalled record of NTFS
    if (!(await syncDirectory(directory))) await syncHandle(draft.handle)
    listing = await listVersions(directory)
  } catch (error) {
    throw commitUnknown(error, tag)
  }
  if (listing.floor < version && listing.newest >= version) return listing
  // up to the floor names mean nothing, so this one may go, whatever it was
  if (listing.floor >= version) await fs.unlink(path).catch(() => undefined)
  throw overtaken(tag)
}

async function link(draft: Draft, path: string): Promise<void> {
  try {
    await fs.link(draft.path, path)
  } catch (error) {
    if (!isFull(error) || !draft.isUrgent || !(await releaseReserve(draft.directory))) throw error
    await fs.link(draft.path, path)
  }
}

/**
 * Finds out whether the draft got its name although `link` failed: on network drives and shared folders an answer is
 * lost, or the call is sent twice and meets its own name.
 *
 * @throws where it did not, or nobody can tell
 */
async function requireLinked(
  error: unknown,
  directory: string,
  version: number,
  draft: Draft,
  tag: string,
): Promise<void> {
  const code = codeOf(error)
  const look = await lookBack(directory, version, draft).catch(() => undefined)
  if (look === undefined) throw commitUnknown(error, tag)
  if (look.isOwn) return
  // our name may have been there and been swept since
  if (look.floor >= version) throw overtaken(tag)
  if (look.isTaken || code === 'EEXIST') throw conflict(tag)
  if (!NOT_LINKED.has(code) && !look.isUnlinked) throw commitUnknown(error, tag)
  throw linkRefused(error, await fileSystemOf(directory))
}

interface CommitLook {
  readonly isTaken: boolean
  readonly isOwn: boolean
  /** Whether the draft has no other name than its own. */
  readonly isUnlinked: boolean
  readonly floor: number
}

async function lookBack(directory: string, version: number, draft: Draft): Promise<CommitLook> {
  // numbers of files may be larger than a number of JavaScript
  const own = await draft.handle.stat({ bigint: true })
  const found = await fs.lstat(join(directory, String(version)), { bigint: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  const { floor } = await listVersions(directory)
  // where files have no numbers, 0 says nothing
  const isOwn = own.ino !== 0n && found?.ino === own.ino && found.dev === own.dev
  return { isTaken: found !== undefined, isOwn, isUnlinked: own.nlink === 1n, floor }
}
