/** A storage of one's own: three methods over anything that can compare and set. Done when the suite passes. */

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
      if (!isNext) throw Object.assign(new Error('somebody else was faster'), { code: 'ERR_CONFLICT' })
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

// a second handle on the same data, where the suite asks for one, is the storage itself
for (const { run } of storageConformance) await run((sameDataAs) => sameDataAs ?? mapStorage())
const vault = createVault({ storage: mapStorage(), keys: generateKey() })
await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })
console.log(storageConformance.length > 20, await vault.resolve('<< secrets.stripe >>')) // prints: true '[secret:stripe]'
