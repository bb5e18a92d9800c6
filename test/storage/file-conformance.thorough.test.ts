/** What the suite asks of a storage in a second workspace, of files. */

import { describe, test } from 'vitest'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { fileStorage } from '../../src/storage/file.ts'
import { storageConformance } from '../../src/testing.ts'
import { scratch } from './scratch.ts'

const place = scratch()

describe('fileStorage', () => {
  const directories = new WeakMap<VaultStorage, string>()
  for (const { name, run } of storageConformance) {
    if (!name.endsWith('(in a second workspace)')) continue
    test(name, () =>
      run((sameDataAs) => {
        const directory = (sameDataAs && directories.get(sameDataAs)) ?? place()
        const storage = fileStorage(directory)
        directories.set(storage, directory)
        return storage
      }),
    )
  }
})
