/**
 * Records as files of one machine: the embedded default.
 *
 * `directory/workspace/environment/tag/version`; see `file/names.ts` for the names, `file/record-file.ts` for what a
 * file holds and `file/versions.ts` for why no write is lost or torn.
 *
 * @module guillemet/storage/file
 */

import { join, resolve } from 'node:path'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { compareKeys, type ListPage, type RecordKey, type StoredRecord, type VaultStorage } from '../ports/storage.ts'
import { mapBounded } from './file/bounded.ts'
import { findDirectory, isDirectory, makeDirectories, makeDirectory, namesIn } from './file/directories.ts'
import { discardDraft, sweepDrafts, writeDraft } from './file/draft.ts'
import { directoryUnavailable, versionTaken } from './file/failures.ts'
import { createKnownVersions } from './file/known-versions.ts'
import { decodeName, encodeName } from './file/names.ts'
import { encodeRecord } from './file/record-file.ts'
import { commit, emptySuperseded, isNext, readNewest } from './file/versions.ts'

/** No name of a workspace starts with a dot. */
const DRAFTS = '.drafts'
/** Tags whose newest version is remembered, so that reading them again needs no look through their directory. */
const MAX_KNOWN = 10_000

/**
 * A storage in a directory of this machine, for any number of processes on it.
 *
 * Every put that returned has reached the disk; reads see it at once, from any process. There is no lock, so nothing
 * to clean up after a crash. Directories are made private to the user (0700, files 0600) and symbolic links are refused.
 *
 * A version leaves an empty file behind for ever, which is what makes a late writer lose: a thousand updates of one tag
 * are a thousand empty names. Only the first read of a tag by a process looks through them (half a millisecond for a
 * thousand); later reads and updates take the same time however many there are. Back up by copying the directory, not
 * by hard links, since superseded versions are emptied in place. Not for network file systems: use a database there.
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
  // without the slash at the end, which would follow a symbolic link
  const root = resolve(directory)
  const known = createKnownVersions(MAX_KNOWN)
  let isSwept = false

  async function read(workspace: string, { environment, tag }: RecordKey): Promise<StoredRecord | undefined> {
    const path = await findDirectory(root, directoryNames(workspace, environment, tag))
    if (path === undefined) return undefined
    const record = await readNewest(path, { workspace, environment, tag }, known.get(path))
    if (record !== undefined) known.set(path, record.version)
    return record
  }

  async function put(record: StoredRecord): Promise<void> {
    const { workspace, environment, tag, version } = record
    const names = directoryNames(workspace, environment, tag)
    const bytes = encodeRecord(record)
    const path = version === 1 ? await makeDirectories(root, names) : await findDirectory(root, names)
    if (path === undefined || !(await isNext(path, version))) throw versionTaken(tag)

    const drafts = join(root, DRAFTS)
    await makeDirectory(drafts)
    if (!isSwept) {
      isSwept = true
      await sweepDrafts(drafts)
    }
    const draft = await writeDraft(drafts, bytes)
    try {
      await commit(path, version, draft, tag)
    } finally {
      await discardDraft(draft)
    }
    await emptySuperseded(path, version)
    known.set(path, version)
  }

  async function list(workspace: string, page: ListPage): Promise<StoredRecord[]> {
    const { limit } = page
    const cursor = ownValue(page, 'after')
    const after = cursor && copyKey(cursor)
    const keys = await listKeys(root, workspace, ownValue(page, 'environment'))
    const rest = after === undefined ? keys : keys.filter((key) => compareKeys(key, after) > 0)
    const found: StoredRecord[] = []
    for (let start = 0; start < rest.length && found.length < limit; ) {
      const end = start + limit - found.length
      // fewer than were asked for where a writer died between making a directory and its first version
      const records = await mapBounded(rest.slice(start, end), (key) => read(workspace, key))
      for (const record of records) if (record !== undefined) found.push(record)
      start = end
    }
    return found
  }

  return {
    get: (workspace, keys) => guarded(() => mapBounded(keys.map(copyKey), (key) => read(workspace, key))),
    put: (record) => guarded(() => put(record)),
    list: (workspace, page) => guarded(() => list(workspace, page)),
  }
}

async function guarded<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw directoryUnavailable(error)
  }
}

/** A copy: the caller's object may change while the disk is asked. */
function copyKey({ environment, tag }: RecordKey): RecordKey {
  return { environment, tag }
}

function directoryNames(workspace: string, environment: string, tag: string): string[] {
  return [encodeName(workspace, 'workspace'), encodeName(environment, 'environment'), encodeName(tag, 'tag')]
}

/** The keys of a workspace in the order of a listing; what this storage did not name is not seen. */
async function listKeys(root: string, workspace: string, only: string | undefined): Promise<RecordKey[]> {
  const above = await findDirectory(root, [encodeName(workspace, 'workspace')])
  if (above === undefined) return []
  const environments = only === undefined ? await namesIn(above) : [encodeName(only, 'environment')]
  const keys: RecordKey[] = []
  for (const name of environments) {
    const environment = decodeName(name)
    const path = join(above, name)
    if (environment === undefined || !(await isDirectory(path))) continue
    for (const inner of await namesIn(path)) {
      const tag = decodeName(inner)
      if (tag !== undefined) keys.push({ environment, tag })
    }
  }
  return keys.sort(compareKeys)
}
