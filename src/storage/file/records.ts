/** Records in their directories: get, put and list of the storage. */

import { join } from 'node:path'
import { ownValue } from '../../plain-object.ts'
import {
  compareKeys,
  type ListPage,
  type RecordKey,
  type StoredRecord,
  type WorkspacePage,
} from '../../ports/storage.ts'
import { mapBounded } from '../bounded.ts'
import { conflict } from '../failures.ts'
import { requireRecord } from '../records.ts'
import { commit } from './commit.ts'
import { findDirectory, findRoot, makeDirectories, makeDirectory, namesIn, statusOf } from './directories.ts'
import { discardDraft, sweepDrafts, writeDraft } from './draft.ts'
import { prepareEmpty } from './empty.ts'
import { notDirectory } from './failures.ts'
import type { KnownVersions } from './known-versions.ts'
import { decodeName, encodeName } from './names.ts'
import { encodeRecord } from './record-file.ts'
import { stockReserve } from './reserve.ts'
import { type CommittedTag, emptySuperseded, sweepSuperseded } from './superseded.ts'
import { damagedRecord, type Listing, listVersions, readNewest, type TagPlace } from './versions.ts'

/** No name of a workspace starts with a dot. */
const DRAFTS = '.drafts'
/** Code units. A deletion is far shorter, a sealed value longer: what the reserve is for. */
const MAX_URGENT_BODY = 256

/** What a storage knows of its directory. */
export interface RecordDirectory {
  readonly root: string
  readonly known: KnownVersions
  /** How many versions of a tag keep their names, so that a late writer is told for certain that it has lost. */
  readonly kept: number
  /** Drafts, reserve and empty file are looked after once a process, before its first write. */
  areDraftsReady: boolean
}

/** The newest records of these keys, in the same order; many at once. */
export async function readRecords(
  { root, known }: RecordDirectory,
  workspace: string,
  keys: readonly RecordKey[],
): Promise<(StoredRecord | undefined)[]> {
  // copied at once: the caller's objects may change while the disk is asked
  const wanted = keys.map(({ environment, tag }) => {
    const place = { workspace, environment, tag }
    return { place, names: directoryNames(place) }
  })
  const environments = new Map<string, string | undefined>()
  for (const { names } of wanted) {
    const [inRoot, inWorkspace] = names
    if (!environments.has(inWorkspace)) environments.set(inWorkspace, await findDirectory(root, [inRoot, inWorkspace]))
  }
  return mapBounded(wanted, async ({ place, names: [, inWorkspace, inEnvironment] }) => {
    const above = environments.get(inWorkspace)
    return above === undefined ? undefined : readRecord(known, join(above, inEnvironment), place)
  })
}

async function readRecord(known: KnownVersions, path: string, place: TagPlace): Promise<StoredRecord | undefined> {
  const status = await statusOf(path)
  if (status === undefined) return undefined
  // a file, or a link that could lead elsewhere, must not end a listing of all the others
  if (!status.isDirectory()) return damagedRecord(place, 1)
  const record = await readNewest(path, place, known.get(path))
  if (record !== undefined) known.set(path, record.version)
  return record
}

/** Writes the next version, complete and on the disk before it gets its name. */
export async function putRecord(directory: RecordDirectory, record: StoredRecord): Promise<void> {
  requireRecord(record)
  const { root, known } = directory
  const { workspace, environment, tag, version, body } = record
  const place = { workspace, environment, tag }
  const names = directoryNames(place)
  const bytes = encodeRecord(record)
  const path = version === 1 ? await makeDirectories(root, names) : await findDirectory(root, names)
  // this alone decides nothing; it spares a draft that cannot win
  if (path === undefined || (await listVersions(path)).newest !== version - 1) throw conflict(tag)

  const drafts = await draftsOf(directory)
  const isUrgent = version > 1 && body.length <= MAX_URGENT_BODY
  try {
    const draft = await writeDraft(drafts, bytes, isUrgent)
    let listing: Listing
    try {
      listing = await commit(path, version, draft, tag)
    } finally {
      await discardDraft(draft)
    }
    await tidy({ directory: path, place, version, listing, drafts }, directory.kept)
  } finally {
    if (isUrgent) await stockReserve(drafts)
  }
  known.set(path, version)
}

/** Never throws: the put itself is done and on the disk, and the next one does what is left. */
async function tidy(tag: CommittedTag, kept: number): Promise<void> {
  try {
    await emptySuperseded(tag)
    await sweepSuperseded(tag, kept)
  } catch {
    // a superseded version that stays full, or a name more, harms nobody
  }
}

async function draftsOf(directory: RecordDirectory): Promise<string> {
  const drafts = join(directory.root, DRAFTS)
  await makeDirectory(drafts)
  if (!directory.areDraftsReady) {
    directory.areDraftsReady = true
    await sweepDrafts(drafts)
    await stockReserve(drafts)
    await prepareEmpty(drafts)
  }
  return drafts
}

/** One page of a listing. */
export async function listRecords(
  { root, known }: RecordDirectory,
  workspace: string,
  page: ListPage,
): Promise<StoredRecord[]> {
  const { limit } = page
  const cursor = ownValue(page, 'after')
  const after = cursor && { environment: cursor.environment, tag: cursor.tag }
  const keys = await listKeys(root, workspace, ownValue(page, 'environment'))
  const rest = after === undefined ? keys : keys.filter((key) => compareKeys(key, after) > 0)
  const found: StoredRecord[] = []
  for (let start = 0; start < rest.length && found.length < limit; ) {
    const end = start + limit - found.length
    // fewer than were asked for where a writer died between making a directory and its first version
    const records = await mapBounded(rest.slice(start, end), ({ environment, tag }) => {
      const place = { workspace, environment, tag }
      return readRecord(known, join(root, ...directoryNames(place)), place)
    })
    for (const record of records) if (record !== undefined) found.push(record)
    start = end
  }
  return found
}

/** One page of the workspaces that hold a record. */
export async function listWorkspaces(
  directory: RecordDirectory,
  { after = '', limit }: WorkspacePage,
): Promise<string[]> {
  if (!(await findRoot(directory.root))) return []
  const names: string[] = []
  for (const encoded of await namesIn(directory.root)) {
    const name = decodeName(encoded)
    if (name !== undefined && name > after && (await isRecordDirectory(join(directory.root, encoded)))) names.push(name)
  }
  const found: string[] = []
  for (const name of names.sort()) {
    if (found.length >= limit) break
    if ((await listRecords(directory, name, { limit: 1 })).length > 0) found.push(name)
  }
  return found
}

type DirectoryNames = readonly [inRoot: string, inWorkspace: string, inEnvironment: string]

function directoryNames({ workspace, environment, tag }: TagPlace): DirectoryNames {
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
    if (environment === undefined || !(await isRecordDirectory(path))) continue
    for (const inner of await namesIn(path)) {
      const tag = decodeName(inner)
      if (tag !== undefined) keys.push({ environment, tag })
    }
  }
  return keys.sort(compareKeys)
}

/**
 * Whether it is a directory. A file is foreign and skipped; a symbolic link may stand for records that were moved, and
 * whoever believes that all were listed (a rotation, which then destroys the old key) would lose them.
 */
async function isRecordDirectory(path: string): Promise<boolean> {
  const status = await statusOf(path)
  if (status?.isSymbolicLink()) throw notDirectory(status)
  return status?.isDirectory() === true
}
