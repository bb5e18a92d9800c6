/**
 * The versions of one tag: files named 1, 2, 3 … in one directory.
 *
 * A name, once there, is there for ever: a version is committed by `link`, which fails where the name exists, so a
 * writer that slept through any number of versions cannot win. What is superseded is emptied, never removed. Hence
 *
 * - a version is emptied only after a newer one is on the disk, so the newest is never empty;
 * - the oldest is emptied first, so the empty ones are always the first ones, even if a writer was killed in between;
 * - a reader that meets an empty or torn file was overtaken and looks again; only the newest may call it corrupt.
 */

import fs from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, GuillemetError } from '../../errors.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { namesIn, statusOf, syncDirectory } from './directories.ts'
import { type Draft, OWN_OPTIONS } from './draft.ts'
import { commitUnknown, corruptFile, versionTaken } from './failures.ts'
import { decodeVersion } from './names.ts'
import { decodeRecord, type FilePlace, MAX_FILE_BYTES } from './record-file.ts'

const { O_RDONLY, O_WRONLY, O_TRUNC, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
const MAX_LOOKS = 100
/** Far more than killed writers leave; a longer run of full files means that emptying is not permitted here. */
const MAX_EMPTIED = 1000
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

/** The highest version in the directory, 0 where there is none. Takes longer the more names there are. */
export async function newestVersion(directory: string): Promise<number> {
  let newest = 0
  for (const name of await namesIn(directory)) newest = Math.max(newest, decodeVersion(name))
  return newest
}

/**
 * The newest record of a directory, or undefined where there is none.
 *
 * `known`, a version seen before, spares reading the directory while no newer one is there.
 *
 * @throws ERR_RECORD_CORRUPT when the newest file does not hold what was written for this place
 */
export async function readNewest(
  directory: string,
  place: Omit<FilePlace, 'version'>,
  known: number | undefined,
): Promise<StoredRecord | undefined> {
  let unreadable = 0
  for (let look = 0; look < MAX_LOOKS; look++) {
    const isKnown = look === 0 && known !== undefined && !(await hasVersion(directory, known + 1))
    const version = isKnown ? known : await newestVersion(directory)
    if (version === 0) return undefined
    const bytes = await readWhole(join(directory, String(version)))
    const record = bytes && decodeRecord(bytes, { ...place, version })
    if (record !== undefined) return record
    if (version === unreadable) throw corruptFile(place.tag)
    unreadable = version
  }
  throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'The record was written faster than it could be read; try again.')
}

/**
 * Whether `version - 1` is the newest. That it exists stays true for ever, since names are never freed; that `version`
 * does not is settled by `commit` alone, and asked here to spare a draft that cannot win.
 */
export async function isNext(directory: string, version: number): Promise<boolean> {
  if (version === 1) return (await newestVersion(directory)) === 0
  return (await hasVersion(directory, version - 1)) && !(await hasVersion(directory, version))
}

/**
 * Gives the draft its name, if nobody has it, and brings the name to the disk.
 *
 * @throws ERR_CONFLICT when another writer was first; ERR_STORAGE_UNAVAILABLE when nothing was written;
 *   ERR_OUTCOME_UNKNOWN when the name may or may not be on the disk
 */
export async function commit(directory: string, version: number, draft: Draft, tag: string): Promise<void> {
  try {
    await fs.link(draft.path, join(directory, String(version)))
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') throw versionTaken(tag)
    throw NOT_LINKED.has(code) ? error : commitUnknown(error, tag)
  }
  try {
    // where directories are not synced (Windows), syncing the file carries its new name along: both are one
    // journalled record of NTFS
    if (!(await syncDirectory(directory))) await draft.handle.sync()
  } catch (error) {
    throw commitUnknown(error, tag)
  }
}

/** Empties what this version, which is on the disk, has superseded. Never throws: the next put does what is left. */
export async function emptySuperseded(directory: string, version: number): Promise<void> {
  try {
    let oldest = version
    while (oldest > 1 && version - oldest < MAX_EMPTIED && (await holdsBytes(directory, oldest - 1))) oldest--
    for (; oldest < version; oldest++) {
      const handle = await fs.open(join(directory, String(oldest)), O_WRONLY | O_TRUNC | O_NOFOLLOW)
      await handle.close()
    }
  } catch {
    // the put itself is done and durable
  }
}

async function hasVersion(directory: string, version: number): Promise<boolean> {
  return (await statusOf(join(directory, String(version)))) !== undefined
}

async function holdsBytes(directory: string, version: number): Promise<boolean> {
  const status = await statusOf(join(directory, String(version)))
  return status?.isFile() === true && status.size > 0
}

/** The bytes of a regular file within the size limit, or undefined: this storage makes no links, pipes or directories. */
async function readWhole(path: string): Promise<Uint8Array | undefined> {
  const status = await statusOf(path)
  if (!status?.isFile() || status.size > MAX_FILE_BYTES) return undefined
  const handle = await fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return await handle.readFile(OWN_OPTIONS)
  } finally {
    await handle.close()
  }
}
