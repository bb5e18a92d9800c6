/** Directories for one test file, and records to put into them. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { RecordKey, StoredRecord, VaultStorage } from '../../src/ports/storage.ts'

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
