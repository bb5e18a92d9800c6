/** The suite under node:test, as a stranger writes it. Argument by `STORAGE`: `sound`, `alone` or `broken`. */

import test from 'node:test'
import type { StoredRecord, VaultStorage } from '../../../src/ports/storage.ts'
import { memoryStorage } from '../../../src/storage/memory.ts'
import { storageConformance } from '../../../src/testing.ts'

const kind = process.env['STORAGE']

/** As an adapter whose driver gives a BIGINT as text. */
function makeStorage(): VaultStorage {
  const sound = memoryStorage()
  if (kind !== 'broken') return sound
  const asText = (record: StoredRecord) => ({ ...record, version: `${record.version}` as unknown as number })
  return {
    ...sound,
    get: async (...of) => (await sound.get(...of)).map((record) => record && asText(record)),
  }
}

for (const { name, needs, run } of storageConformance) {
  const check = needs !== undefined && kind === 'alone' ? test.skip : test
  check(name, () => run((sameDataAs) => sameDataAs ?? makeStorage()))
}
