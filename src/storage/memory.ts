/**
 * Records in this process's memory: for tests, previews and short-lived programs. Nothing outlives the process.
 *
 * @module guillemet/storage/memory
 */

import { ownValue } from '../plain-object.ts'
import { compareKeys, type RecordKey, type StoredRecord, type VaultStorage } from '../ports/storage.ts'
import { conflict } from './failures.ts'

/**
 * A storage that keeps its records in memory, for any number of workspaces.
 *
 * Reads see every put that has returned. What goes in and what comes out is copied.
 *
 * @example
 * const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
 */
export function memoryStorage(): VaultStorage {
  const workspaces = new Map<string, StoredRecord[]>()

  return {
    async get(workspace, keys) {
      const records = workspaces.get(workspace) ?? []
      return keys.map((key) => {
        const record = records[position(records, key)]
        return record !== undefined && compareKeys(record, key) === 0 ? copy(record) : undefined
      })
    },

    async put(record) {
      const records = workspaces.get(record.workspace) ?? []
      const index = position(records, record)
      const stored = records[index]
      const isThere = stored !== undefined && compareKeys(stored, record) === 0
      if ((isThere ? stored.version : 0) !== record.version - 1) {
        throw conflict(record.tag)
      }
      records.splice(index, isThere ? 1 : 0, copy(record))
      workspaces.set(record.workspace, records)
    },

    async list(workspace, page) {
      const records = workspaces.get(workspace) ?? []
      const environment = ownValue(page, 'environment')
      const after = ownValue(page, 'after')
      const found: StoredRecord[] = []
      let index = after === undefined ? 0 : position(records, after)
      if (after !== undefined && index < records.length && compareKeys(records[index]!, after) === 0) index++
      for (; index < records.length && found.length < page.limit; index++) {
        const record = records[index]!
        if (environment === undefined || record.environment === environment) found.push(copy(record))
      }
      return found
    },

    async workspaces({ after = '', limit }) {
      return [...workspaces.keys()]
        .filter((name) => name > after)
        .sort()
        .slice(0, limit)
    },
  }
}

function copy(record: StoredRecord): StoredRecord {
  const { workspace, environment, tag, version, body } = record
  return { workspace, environment, tag, version, body }
}

/** The index of the key among the sorted records, or where it would be inserted. */
function position(records: readonly StoredRecord[], key: RecordKey): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareKeys(records[middle]!, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
