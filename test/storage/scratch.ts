/** Directories for one test file, and records to put into them. */

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { RecordKey, StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { encodeRecord } from '../../src/storage/file/record-file.ts'

/** In memory where the system has such a place: for tests that do not ask about the disk, on which each commit waits. */
export const IN_MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Gives a new path on each call, in a directory that is removed when the file's tests are done. */
export function scratch(above = tmpdir()): () => string {
  const home = mkdtempSync(join(above, 'guillemet-storage-'))
  let count = 0
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  return () => join(home, `place-${count++}`)
}

export function recordOf(tag: string, version = 1, body = `${tag}@${version}`): StoredRecord {
  return { workspace: 'default', environment: 'default', tag, version, body }
}

export function keyOf(tag: string): RecordKey {
  return { environment: 'default', tag }
}

export async function readOne(storage: VaultStorage, tag: string): Promise<StoredRecord | undefined> {
  const [record] = await storage.get('default', [keyOf(tag)], { fresh: true })
  return record
}

/** Puts the versions up to this one. */
export async function putUpTo(storage: VaultStorage, tag: string, version: number): Promise<void> {
  for (let next = 1; next <= version; next++) await storage.put(recordOf(tag, next))
}

/** The directory of a tag, or a file in it. */
export function inTag(root: string, tag: string, name = ''): string {
  return join(root, '_default', '_default', `_${tag}`, name)
}

/** The drafts that are left; what always lies beside them is not one. */
export function draftsIn(root: string): string[] {
  return readdirSync(join(root, '.drafts')).filter((name) => name !== 'empty' && !/^reserve-[1-4]$/.test(name))
}

/** A version that its successor did not empty, since it was killed before. */
export function fillVersion(root: string, tag: string, version: number): void {
  const path = inTag(root, tag, String(version))
  // not through its name: that may be one of many of one file
  rmSync(path, { force: true })
  writeFileSync(path, encodeRecord(recordOf(tag, version, 'an old sealed value')))
}
