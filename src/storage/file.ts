/**
 * Records as files of one machine: the embedded default.
 *
 * `directory/workspace/environment/tag/version`; see `file/names.ts` for the names, `file/record-file.ts` for what a
 * file holds and `file/superseded.ts` for why no write is lost or torn.
 *
 * @module guillemet/storage/file
 */

import { resolve } from 'node:path'
import { GuillemetError } from '../errors.ts'
import type { VaultStorage } from '../ports/storage.ts'
import { directoryUnavailable } from './file/failures.ts'
import { createKnownVersions } from './file/known-versions.ts'
import { listRecords, listWorkspaces, putRecord, type RecordDirectory, readRecords } from './file/records.ts'

/** Tags whose newest version is remembered: a guess that spares a look through their directory. */
const MAX_KNOWN = 10_000
/** Twice as many are there before the oldest are swept. */
const KEPT_VERSIONS = 32

/**
 * A storage in a directory of this machine, for any number of processes on it.
 *
 * Every put that returned has reached the disk; reads see it at once, from any process. There is no lock, so nothing
 * to clean up after a crash. The directory is made private to the user (0700, files 0600); one that is open to others and
 * belongs to another user is refused. A symbolic link in it, or in its place, is refused with ERR_INVALID_INPUT.
 *
 * A tag keeps at most about 70 small names, however often it is changed, and is as fast as a new one. Where the disk is
 * full a secret can still be deleted. Damage to one record, or a foreign file in its place, is told of that record alone:
 * it is returned with a body that no vault reads. Not for network file systems: use a database there.
 *
 * @param directory made at the first put; the one above it must exist. Nothing is read or written before first use
 * @throws ERR_INVALID_INPUT when `directory` is not a path. Later failures have the codes of {@link VaultStorage}; a
 *   message names the system's code, such as EROFS or ENOSPC, and what to do
 * @example
 * const vault = createVault({ storage: fileStorage('.secrets'), keys: process.env.GUILLEMET_KEY })
 */
export function fileStorage(directory: string): VaultStorage {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'fileStorage needs the path of a directory, a non-empty text.')
  }
  const records: RecordDirectory = {
    // without the slash at the end, which would follow a symbolic link
    root: resolve(directory),
    known: createKnownVersions(MAX_KNOWN),
    kept: KEPT_VERSIONS,
    areDraftsReady: false,
  }
  return {
    where: directoryPlace(records.root),
    get: (workspace, keys) => guarded(records.root, () => readRecords(records, workspace, keys)),
    put: (record) => guarded(records.root, () => putRecord(records, record)),
    list: (workspace, page) => guarded(records.root, () => listRecords(records, workspace, page)),
    workspaces: (page) => guarded(records.root, () => listWorkspaces(records, page)),
  }
}

/** As JSON, so that no control character of a name reaches a terminal. */
function directoryPlace(root: string): string {
  return `the directory ${JSON.stringify(root)}`
}

async function guarded<T>(root: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw directoryUnavailable(error, directoryPlace(root))
  }
}
