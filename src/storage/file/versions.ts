/** The versions of one tag: files named 1, 2, 3 … in one directory; why none is lost is told in `superseded.ts`. */

import fs, { type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, GuillemetError } from '../../errors.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { namesIn } from './directories.ts'
import { decodeFloor, decodeVersion } from './names.ts'
import { decodeRecord, type FilePlace, fileHead, MAX_FILE_BYTES } from './record-file.ts'

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
const MAX_LOOKS = 100
/** More than most records take, so that one read is enough and nobody has to ask how long the file is. */
const FIRST_BYTES = 4 * 1024
/** What opening and reading answer where no file is: gone, a symbolic link (in two ways), a socket, a directory, a pipe. */
const NO_FILE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ELOOP', 'EMLINK', 'ENXIO', 'EISDIR', 'ESPIPE'])
/** No vault writes such a text, so it is told of as unreadable, and can be deleted. */
const DAMAGED = 'guillemet: the file of this record does not hold what was written; restore it from a backup'

/** A record's place without its version. */
export type TagPlace = Omit<FilePlace, 'version'>

/** The names in the directory of a tag, at one moment. */
export interface Listing {
  /** The newest version, 0 where there is none. */
  readonly newest: number
  /** Every version up to this one is superseded and may be missing. */
  readonly floor: number
  readonly versions: readonly number[]
  readonly floors: readonly number[]
}

/** What is in the directory of a tag; nothing where it is missing. */
export async function listVersions(directory: string): Promise<Listing> {
  const names = await namesIn(directory).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const versions = names.map(decodeVersion).filter((version) => version > 0)
  const floors = names.map(decodeFloor).filter((version) => version > 0)
  const floor = floors.reduce((a, b) => Math.max(a, b), 0)
  // of a directory of which the newest files are missing this much is known, and versions go on from there
  return { newest: versions.reduce((a, b) => Math.max(a, b), floor), floor, versions, floors }
}

/**
 * The newest record of a directory, or undefined where there is none.
 *
 * A version is read before the directory is listed, and counts if it is the newest there: so it cannot be one that a
 * late writer put in the place of a swept one.
 *
 * @param known a version seen before, which spares a listing where it is still the newest
 * @returns where the newest file does not hold what was written for this place, a record whose body says so: damage to one
 *   record must not keep others from being read
 */
export async function readNewest(
  directory: string,
  place: TagPlace,
  known: number | undefined,
): Promise<StoredRecord | undefined> {
  let version = known ?? (await listVersions(directory)).newest
  for (let look = 0; look < MAX_LOOKS && version > 0; look++) {
    const bytes = await readWhole(join(directory, String(version)))
    const { newest, floor } = await listVersions(directory)
    if (newest === version) {
      const record = bytes && decodeRecord(bytes, { ...place, version })
      return record !== undefined && floor < version ? record : damagedRecord(place, version)
    }
    version = newest
  }
  if (version === 0) return undefined
  throw new GuillemetError('ERR_STORAGE_UNAVAILABLE', 'The record was written faster than it could be read; try again.')
}

/** What is given back in place of a record that cannot be read. */
export function damagedRecord({ workspace, environment, tag }: TagPlace, version: number): StoredRecord {
  return { workspace, environment, tag, version, body: DAMAGED }
}

/** Whether the file begins as the version of this place does: any other is foreign, and stays as it is. */
export async function isVersionFile(path: string, place: FilePlace): Promise<boolean> {
  const head = fileHead(place)
  const bytes = await withFile(path, (handle) => readStart(handle, head.length))
  return bytes !== undefined && bytes.length === head.length && head.every((byte, index) => byte === bytes[index])
}

/** The bytes of a file, of at most what a record takes, or undefined where there is no file. */
function readWhole(path: string): Promise<Uint8Array | undefined> {
  return withFile(path, async (handle) => {
    const bytes = await readStart(handle, FIRST_BYTES)
    if (bytes.length < FIRST_BYTES) return bytes
    const { size } = await handle.stat()
    return size > MAX_FILE_BYTES ? undefined : readStart(handle, size)
  })
}

async function readStart(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, 0)
  return bytes.subarray(0, bytesRead)
}

/** What is read of a file, or undefined where there is none: this storage makes no symbolic links, pipes or directories. */
async function withFile<T>(path: string, read: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  let handle: FileHandle | undefined
  try {
    handle = await fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    return await read(handle)
  } catch (error) {
    if (NO_FILE.has(codeOf(error))) return undefined
    throw error
  } finally {
    await handle?.close()
  }
}
