/** A storage shared by several vaults, as several processes share it, and what the tests of the commands look at. */

import { type KeyringContent, readKeyringBody } from '../../src/crypto/keyring-body.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { createVault } from '../../src/vault/vault.ts'

export const OLD = generateKey()
export const NEXT = generateKey()
export const OLD_ID = localKey(OLD).id
export const NEXT_ID = localKey(NEXT).id

export interface Stage {
  readonly storage: VaultStorage
  /** A vault of its own, as another process would make it. */
  vault(options?: Partial<VaultOptions>): Vault
  keyring(workspace?: string): Promise<KeyringContent>
  /** Everything that is stored, as text, to compare before and after. */
  dump(workspace?: string): Promise<readonly StoredRecord[]>
  /** Puts anything over a record, as somebody with access to the database would. */
  overwrite(record: StoredRecord): Promise<void>
}

export function stage(inner: VaultStorage = memoryStorage()): Stage {
  const replaced = new Map<string, string>()
  const keyOf = ({ workspace, environment, tag, version }: StoredRecord) =>
    JSON.stringify([workspace, environment, tag, version])
  const shown = (row: StoredRecord) => ({ ...row, body: replaced.get(keyOf(row)) ?? row.body })
  const storage: VaultStorage = {
    get: async (workspace, keys, options) =>
      (await inner.get(workspace, keys, options)).map((row) => (row === undefined ? undefined : shown(row))),
    put: (record, options) => inner.put(record, options),
    list: async (workspace, page, options) => (await inner.list(workspace, page, options)).map(shown),
    workspaces: async (page, options) => inner.workspaces!(page, options),
  }
  return {
    storage,
    vault: (options = {}) => createVault({ storage, keys: OLD, ...options }),
    async keyring(workspace = 'default') {
      const [row] = await storage.get(workspace, [{ environment: '$', tag: '$keyring' }])
      return readKeyringBody(row!.body)
    },
    dump: (workspace = 'default') => storage.list(workspace, { limit: 10_000 }) as Promise<StoredRecord[]>,
    async overwrite(record) {
      replaced.set(keyOf(record), record.body)
    },
  }
}

/** Which data key each live record is sealed under, by tag. */
export function sealedUnder(rows: readonly StoredRecord[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { tag, body } of rows) {
    const { sealed } = JSON.parse(body) as { sealed?: string }
    if (sealed === undefined) continue
    found[tag] = Buffer.from(sealed.slice('gm1.'.length), 'base64url').subarray(2, 10).toString('base64url')
  }
  return found
}

/** The record with one character of its sealed value turned. */
export function damaged(record: StoredRecord): StoredRecord {
  const at = record.body.indexOf('gm1.') + 150
  const other = record.body[at] === 'A' ? 'B' : 'A'
  return { ...record, body: record.body.slice(0, at) + other + record.body.slice(at + 1) }
}
