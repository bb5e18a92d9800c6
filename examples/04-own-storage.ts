/** A storage of your own: three methods over anything that can compare and set. Done when the suite passes. */

import test from 'node:test'
import { createVault, generateKey, type RecordKey, type StoredRecord, type VaultStorage } from 'guillemet'
import { storageConformance } from 'guillemet/testing'

// #region storage
function mapStorage(): VaultStorage {
  const rows = new Map<string, StoredRecord>()
  const keyOf = (workspace: string, { environment, tag }: RecordKey) => [workspace, environment, tag].join('\0')
  return {
    async get(workspace, keys) {
      return keys.map((key) => rows.get(keyOf(workspace, key))).map((row) => row && { ...row }) // copies, never its own
    },
    async put(record) {
      const key = keyOf(record.workspace, record)
      const isNext = (rows.get(key)?.version ?? 0) === record.version - 1
      if (!isNext) throw Object.assign(new Error('another writer was faster'), { code: 'ERR_CONFLICT' })
      rows.set(key, { ...record })
    },
    async list(workspace, { environment, after, limit }) {
      const first = after === undefined ? '' : keyOf(workspace, after)
      const listed = [...rows].filter(([key, row]) => {
        const isHere = row.workspace === workspace && (environment === undefined || row.environment === environment)
        return isHere && key > first
      })
      const sorted = listed.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit)
      return sorted.map(([, row]) => ({ ...row }))
    },
  }
}
// #endregion

// #region suite
for (const { name, needs, run } of storageConformance) {
  const check = needs === 'workspaces' ? test.skip : test // the method workspaces is optional: this storage has none
  check(name, () => run((sameDataAs) => sameDataAs ?? mapStorage()))
}
// #endregion

const vault = createVault({ storage: mapStorage(), keys: generateKey() })
await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })
// #region signal
const signal = AbortSignal.timeout(2_000)
const headers = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.stripe >>' }, { signal })
// #endregion
console.log(headers) // prints: Bearer [secret:stripe]
// prints: fail 0
