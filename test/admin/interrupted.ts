/** A process that can be stopped at any of its awaits: at each call of the storage or of a key, before or after it. */

import { localKey } from '../../src/crypto/local-key.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'

/** Runs around each call; a promise that never settles is a process that was killed there. */
export interface Hooks {
  before(call: number): Promise<void>
  after(call: number): Promise<void>
}

/** A storage and keys whose calls are counted together, as options of a vault. */
export function hooked(storage: VaultStorage, keys: readonly string[], hooks: Hooks) {
  let calls = 0
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    const call = ++calls
    await hooks.before(call)
    const result = await work()
    await hooks.after(call)
    return result
  }
  const provider = (key: string): KeyProvider => {
    const inner = localKey(key)
    return {
      id: inner.id,
      wrap: (dataKey, aad) => around(() => inner.wrap(dataKey, aad)),
      unwrap: (wrapped, aad) => around(() => inner.unwrap(wrapped, aad)),
    }
  }
  const hookedStorage: VaultStorage = {
    get: (workspace, records, options) => around(() => storage.get(workspace, records, options)),
    put: (record, options) => around(() => storage.put(record, options)),
    list: (workspace, page, options) => around(() => storage.list(workspace, page, options)),
    workspaces: (page, options) => around(() => storage.workspaces!(page, options)),
  }
  return { storage: hookedStorage, keys: keys.map(provider) }
}

/** Where a process is stopped. */
export interface Stop {
  readonly call: number
  readonly when: 'before' | 'after'
}

/** Hooks that stop the process there, and tell when it has come so far. */
export function stopAt({ call, when }: Stop, beside: (call: number) => Promise<void> = async () => undefined) {
  let reached: () => void = () => undefined
  let resume: () => void = () => undefined
  const isReached = new Promise<void>((resolve) => {
    reached = resolve
  })
  const wait = new Promise<void>((resolve) => {
    resume = resolve
  })
  const halt = async () => {
    reached()
    await wait
  }
  const hooks: Hooks = {
    async before(current) {
      await beside(current)
      if (current === call && when === 'before') await halt()
    },
    async after(current) {
      if (current === call && when === 'after') await halt()
    },
  }
  return { hooks, isReached, resume: () => resume() }
}
