/** The versions of one tag: files named 1, 2, 3 … in one directory; why none is lost is told in `superseded.ts`. */

import fs from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, GuillemetError } from '../../errors.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { namesIn } from './directories.ts'
import { decodeFloor, decodeVersion } from './names.ts'
import { decodeRecord, type FilePlace, fileHead, MAX_FILE_BYTES } from './record-file.ts'

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
const MAX_LOOKS = 100
/** What stands in a version's place and is not its file: gone, a symbolic link, a socket. */
const NO_FILE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ELOOP', 'EMLINK', 'ENXIO'])
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
  const bytes = await readRegular(path, () => head.length)
  return bytes !== undefined && bytes.length === head.length && head.every((byte, index) => byte === bytes[index])
}

function readWhole(path: string): Promise<Uint8Array | undefined> {
  return readRegular(path, (size) => (size <= MAX_FILE_BYTES ? size : 0))
}

/** The beginning of a regular file, or undefined: this storage makes no symbolic links, pipes or directories. */
async function readRegular(path: string, lengthOf: (size: number) => number): Promise<Uint8Array | undefined> {
  const handle = await fs.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (NO_FILE.has(codeOf(error))) return undefined
    throw error
  })
  if (handle === undefined) return undefined
  try {
    const status = await handle.stat()
    if (!status.isFile()) return undefined
    const bytes = new Uint8Array(lengthOf(status.size))
    if (bytes.length === 0) return bytes
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
