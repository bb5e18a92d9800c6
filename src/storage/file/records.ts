/** Reading, writing and listing the records of one storage directory. */

import { join } from 'node:path'
import { ownValue } from '../../plain-object.ts'
import { compareKeys, type ListPage, type RecordKey, type StoredRecord } from '../../ports/storage.ts'
import { mapBounded } from './bounded.ts'
import { findDirectory, isDirectory, makeDirectories, makeDirectory, namesIn } from './directories.ts'
import { discardDraft, sweepDrafts, writeDraft } from './draft.ts'
import { versionTaken } from './failures.ts'
import type { KnownVersions } from './known-versions.ts'
import { decodeName, encodeName } from './names.ts'
import { encodeRecord } from './record-file.ts'
import { commit, emptySuperseded, isNext, readNewest } from './versions.ts'

/** No name of a workspace starts with a dot. */
const DRAFTS = '.drafts'

/** What a storage knows of its directory. */
export interface RecordDirectory {
  readonly root: string
  readonly known: KnownVersions
  /** What a killed writer left is removed once a process, before its first write. */
  areDraftsSwept: boolean
}

/** The newest records of these keys, in the same order; many at once. */
export async function readRecords(
  directory: RecordDirectory,
  workspace: string,
  keys: readonly RecordKey[],
): Promise<(StoredRecord | undefined)[]> {
  // copied at once: the caller's objects may change while the disk is asked
  return mapBounded(keys.map(copyKey), (key) => readRecord(directory, workspace, key))
}

async function readRecord(
  { root, known }: RecordDirectory,
  workspace: string,
  { environment, tag }: RecordKey,
): Promise<StoredRecord | undefined> {
  const path = await findDirectory(root, directoryNames(workspace, environment, tag))
  if (path === undefined) return undefined
  const record = await readNewest(path, { workspace, environment, tag }, known.get(path))
  if (record !== undefined) known.set(path, record.version)
  return record
}

/** Writes the next version, complete and on the disk before it gets its name. */
export async function putRecord(directory: RecordDirectory, record: StoredRecord): Promise<void> {
  const { root, known } = directory
  const { workspace, environment, tag, version } = record
  const names = directoryNames(workspace, environment, tag)
  const bytes = encodeRecord(record)
  const path = version === 1 ? await makeDirectories(root, names) : await findDirectory(root, names)
  if (path === undefined || !(await isNext(path, version))) throw versionTaken(tag)

  const draft = await writeDraft(await draftsOf(directory), bytes)
  try {
    await commit(path, version, draft, tag)
  } finally {
    await discardDraft(draft)
  }
  await emptySuperseded(path, version)
  known.set(path, version)
}

async function draftsOf(directory: RecordDirectory): Promise<string> {
  const drafts = join(directory.root, DRAFTS)
  await makeDirectory(drafts)
  if (!directory.areDraftsSwept) {
    directory.areDraftsSwept = true
    await sweepDrafts(drafts)
  }
  return drafts
}

/** One page of a listing. */
export async function listRecords(
  directory: RecordDirectory,
  workspace: string,
  page: ListPage,
): Promise<StoredRecord[]> {
  const { limit } = page
  const cursor = ownValue(page, 'after')
  const after = cursor && copyKey(cursor)
  const keys = await listKeys(directory.root, workspace, ownValue(page, 'environment'))
  const rest = after === undefined ? keys : keys.filter((key) => compareKeys(key, after) > 0)
  const found: StoredRecord[] = []
  for (let start = 0; start < rest.length && found.length < limit; ) {
    const end = start + limit - found.length
    // fewer than were asked for where a writer died between making a directory and its first version
    const records = await mapBounded(rest.slice(start, end), (key) => readRecord(directory, workspace, key))
    for (const record of records) if (record !== undefined) found.push(record)
    start = end
  }
  return found
}

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
