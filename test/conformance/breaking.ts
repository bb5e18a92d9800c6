/** Ways to break a sound storage, and what a broken one is. */

import { GuillemetError } from '../../src/errors.ts'
import { withoutPrototype } from '../../src/plain-object.ts'
import { compareKeys, type RecordKey, type StoredRecord, type VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { MakeStorage } from '../../src/testing.ts'

export interface BrokenStorage {
  readonly fault: string
  readonly make: MakeStorage
  /** The beginning of the name of a case that fails on it. */
  readonly caughtBy: string
  /** What that failure says of the usual cause. */
  readonly says?: string
}

type Faults = (sound: VaultStorage) => Partial<VaultStorage>

/** A sound storage with some methods replaced; the second handle is the same storage. */
export function wrapped(faults: Faults): MakeStorage {
  return (sameDataAs) => {
    if (sameDataAs !== undefined) return sameDataAs
    const sound = memoryStorage()
    return { ...sound, ...faults(sound) }
  }
}

/** Passes what comes out through a function. */
export function reading(
  change: (records: readonly (StoredRecord | undefined)[]) => (StoredRecord | undefined)[],
): MakeStorage {
  return wrapped((sound) => ({
    get: async (...of) => change(await sound.get(...of)),
    list: async (...of) => change(await sound.list(...of)) as StoredRecord[],
  }))
}

/** Keeps the body in another way than it was given. */
export function keeping(change: (body: string) => string): MakeStorage {
  return wrapped((sound) => ({ put: (record) => sound.put({ ...record, body: change(record.body) }) }))
}

/** Sees keys in another way than they were given, but answers with those asked for. */
export function keyed(change: (key: RecordKey) => RecordKey): MakeStorage {
  return wrapped((sound) => ({
    put: (record) => sound.put({ ...record, ...change(record) }),
    get: async (workspace, keys) => {
      const found = await sound.get(workspace, keys.map(change))
      return found.map((record, index) => record && { ...record, ...keys[index]! })
    },
  }))
}

/** A list that sorts by another order. */
export function sortedBy(compare: (a: StoredRecord, b: StoredRecord) => number): MakeStorage {
  return wrapped((sound) => ({
    list: async (workspace, page) => {
      const { environment, after, limit } = withoutPrototype(page)
      const all = [...(await sound.list(workspace, { ...(environment && { environment }), limit: 10_000 }))].sort(
        compare,
      )
      const start = after ? all.findIndex((record) => compare(record, after as StoredRecord) > 0) : 0
      return start < 0 ? [] : all.slice(start, start + limit)
    },
  }))
}

/** An array of records per storage, with the compare-and-set left to the fault. */
export function naive(put: (records: StoredRecord[], record: StoredRecord) => Promise<void>): MakeStorage {
  return wrapped(() => {
    const records: StoredRecord[] = []
    return {
      put: (record) => put(records, { ...record }),
      get: async (workspace, keys) =>
        keys.map((key) => {
          const found = records.find((record) => isAt(record, workspace, key))
          return found && { ...found }
        }),
      list: async (workspace, page) => {
        const { environment, after, limit } = withoutPrototype(page)
        return records
          .filter(
            (record) => record.workspace === workspace && (environment ?? record.environment) === record.environment,
          )
          .filter((record) => after === undefined || compareKeys(record, after) > 0)
          .sort(compareKeys)
          .slice(0, limit)
          .map((record) => ({ ...record }))
      },
      workspaces: async ({ after = '', limit }) =>
        [...new Set(records.map(({ workspace }) => workspace))]
          .filter((name) => name > after)
          .sort()
          .slice(0, limit),
    }
  })
}

export function isAt(record: StoredRecord, workspace: string, key: RecordKey): boolean {
  return record.workspace === workspace && compareKeys(record, key) === 0
}

export function versionIn(records: readonly StoredRecord[], record: StoredRecord): number {
  return records.find((stored) => isAt(stored, record.workspace, record))?.version ?? 0
}

export function write(records: StoredRecord[], record: StoredRecord): void {
  const index = records.findIndex((stored) => isAt(stored, record.workspace, record))
  records.splice(index < 0 ? records.length : index, index < 0 ? 0 : 1, record)
}

export function conflictUnless(isExpected: boolean): void {
  if (!isExpected) throw new GuillemetError('ERR_CONFLICT', 'The record was changed meanwhile.')
}

export const tick = () => new Promise((resolve) => setImmediate(resolve))
export const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Hands out and takes in the very objects that it stores. */
export function lending(isCopying: 'in' | 'out'): MakeStorage {
  return wrapped(() => {
    const records: StoredRecord[] = []
    const lend = (record: StoredRecord | undefined) => (isCopying === 'out' && record ? { ...record } : record)
    return {
      put: async (record) => {
        conflictUnless(versionIn(records, record) === record.version - 1)
        write(records, isCopying === 'in' ? { ...record } : record)
      },
      get: async (workspace, keys) => keys.map((key) => lend(records.find((record) => isAt(record, workspace, key)))),
      list: async (workspace, { limit }) =>
        records.filter((record) => record.workspace === workspace).slice(0, limit) as StoredRecord[],
    }
  })
}
