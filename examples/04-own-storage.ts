/** A storage of one's own: three methods over anything that can compare and set. Done when the suite passes. */

import { createVault, generateKey, type StoredRecord, type VaultStorage } from 'guillemet'
import { storageConformance } from 'guillemet/testing'

// #region storage
function arrayStorage(): VaultStorage {
  const rows: StoredRecord[] = []
  const orderOf = (row: { environment: string; tag: string }) => `${row.environment}\u0000${row.tag}`
  return {
    async get(workspace, keys) {
      return keys.map((key) => {
        const row = rows.find((each) => each.workspace === workspace && orderOf(each) === orderOf(key))
        return row && { ...row } // a copy: the caller may do with it what it likes
      })
    },
    async put(record) {
      const at = rows.findIndex((each) => each.workspace === record.workspace && orderOf(each) === orderOf(record))
      if ((rows[at]?.version ?? 0) !== record.version - 1)
        throw Object.assign(new Error('conflict'), { code: 'ERR_CONFLICT' })
      rows.splice(at < 0 ? rows.length : at, at < 0 ? 0 : 1, { ...record })
    },
    async list(workspace, { environment, after, limit }) {
      const isListed = (row: StoredRecord) =>
        row.workspace === workspace &&
        (environment === undefined || row.environment === environment) &&
        (after === undefined || orderOf(row) > orderOf(after))
      const order = (a: StoredRecord, b: StoredRecord) => (orderOf(a) < orderOf(b) ? -1 : 1)
      return rows
        .filter(isListed)
        .sort(order)
        .slice(0, limit)
        .map((row) => ({ ...row }))
    },
  }
}
// #endregion

// a second handle on the same data, where the suite asks for one, is the storage itself
for (const { run } of storageConformance) await run((sameDataAs) => sameDataAs ?? arrayStorage())
const vault = createVault({ storage: arrayStorage(), keys: generateKey() })
await vault.set({ tag: 'stripe', value: 'sk-4c1f0e9d2b' })
console.log(storageConformance.length > 20, await vault.resolve('<< secrets.stripe >>')) // prints: true '[secret:stripe]'
