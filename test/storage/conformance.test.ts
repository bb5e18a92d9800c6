/** The storages of this package keep every promise of the port. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { storageConformance } from '../../src/testing.ts'

const SECOND = '(in a second workspace)'

describe('memoryStorage', () => {
  for (const { name, run } of storageConformance) {
    test(name, () => run((sameDataAs) => sameDataAs ?? memoryStorage()))
  }
})

describe('fileStorage', async () => {
  const home = await mkdtemp(join(tmpdir(), 'guillemet-conformance-'))
  const directories = new WeakMap<VaultStorage, string>()
  let count = 0
  afterAll(() => rm(home, { recursive: true, force: true }))

  const hasWorkspaces = fileStorage(home).workspaces !== undefined
  for (const { name, needs, run } of storageConformance) {
    // once more in a second workspace: on a disk that takes long (file-conformance.thorough.test.ts)
    if (name.endsWith(SECOND)) continue
    test.skipIf(needs === 'workspaces' && !hasWorkspaces)(name, () =>
      run((sameDataAs) => {
        const directory = (sameDataAs && directories.get(sameDataAs)) ?? join(home, String(count++))
        const storage = fileStorage(directory)
        directories.set(storage, directory)
        return storage
      }),
    )
  }
})

test('the cases have unique names', () => {
  const names = storageConformance.map((one) => one.name)
  expect(new Set(names).size).toBe(names.length)
  expect(names.length).toBeGreaterThan(40)
})
