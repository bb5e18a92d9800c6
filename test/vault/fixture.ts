/** A vault over memory, with a clock that a test can move and a storage that a test can look into. */

import { vi } from 'vitest'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { GuillemetError } from '../../src/errors.ts'
import type { RecordKey, StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import type { VaultOptions } from '../../src/vault/vault-options.ts'

export const KEY = generateKey()
export { localKey }

/** What a test may do behind a vault's back. */
export interface Backstage {
  readonly vault: Vault
  readonly storage: VaultStorage & { readonly reads: { count: number } }
  /** Moves the vault's clock. */
  readonly clock: { now: number }
  /** Another process on the same storage and key. */
  another(options?: Partial<VaultOptions>): Vault
  /** The stored record as it is. */
  stored(tag: string, environment?: string, workspace?: string): Promise<StoredRecord>
  /** Puts anything in place of a record, without compare-and-set, as somebody with access to the database would. */
  overwrite(record: StoredRecord): void
  /** Takes a record away. */
  erase(key: RecordKey, workspace?: string): void
}

/** A vault with what is behind it. */
export function backstage(options: Partial<VaultOptions> = {}): Backstage {
  const inner = memoryStorage()
  const reads = { count: 0 }
  const replaced = new Map<string, StoredRecord | undefined>()
  const keyOf = (workspace: string, key: RecordKey) => `${workspace}/${key.environment}/${key.tag}`
  const storage = {
    reads,
    async get(workspace: string, keys: readonly RecordKey[]) {
      reads.count++
      const rows = await inner.get(workspace, keys)
      return rows.map((row, index) => {
        const key = keyOf(workspace, keys[index]!)
        return replaced.has(key) ? replaced.get(key) : row
      })
    },
    async put(record: StoredRecord) {
      const key = keyOf(record.workspace, record)
      if (!replaced.has(key)) return inner.put(record)
      if ((replaced.get(key)?.version ?? 0) !== record.version - 1) {
        throw Object.assign(new Error('conflict'), { code: 'ERR_CONFLICT' })
      }
      replaced.set(key, { ...record })
    },
    async list(workspace: string, page: Parameters<VaultStorage['list']>[1]) {
      const rows = await inner.list(workspace, { ...page, limit: page.limit + replaced.size })
      const seen = rows.flatMap((row) => {
        const key = keyOf(workspace, row)
        const other = replaced.get(key)
        if (!replaced.has(key)) return [row]
        return other === undefined ? [] : [other]
      })
      return seen.slice(0, page.limit)
    },
  }
  const clock = { now: Date.parse('2026-01-01T00:00:00.000Z') }
  const another = (more: Partial<VaultOptions> = {}) =>
    createVault({ storage, keys: KEY, now: () => clock.now, ...options, ...more })
  return {
    vault: another(),
    storage,
    clock,
    another,
    async stored(tag, environment = 'default', workspace = 'default') {
      const [row] = await storage.get(workspace, [{ environment, tag }])
      if (row === undefined) throw new Error(`no record of ${tag}`)
      return row
    },
    overwrite: (record) => replaced.set(keyOf(record.workspace, record), record),
    erase: (key, workspace = 'default') => replaced.set(keyOf(workspace, key), undefined),
  }
}

/** The error of a call; a call that succeeds fails the test. */
export async function failure(promise: Promise<unknown>): Promise<GuillemetError> {
  const error = await promise.then(
    () => new Error('it was let through'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof GuillemetError)) throw error
  return error
}

/** The error of a synchronous call. */
export function thrown(call: () => unknown): GuillemetError {
  try {
    call()
  } catch (error) {
    if (error instanceof GuillemetError) return error
    throw error
  }
  throw new Error('it was let through')
}

/** Everything of an async iterable. */
export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of iterable) items.push(item)
  return items
}

/** A listener that remembers. */
export function listener() {
  return vi.fn<NonNullable<VaultOptions['onEvent']>>()
}
