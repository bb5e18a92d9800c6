/** The entries of a real keychain library fit, and behave as docs/KEYS.md says. */

import { randomUUID } from 'node:crypto'
import { AsyncEntry, Entry } from '@napi-rs/keyring'
import { afterAll, expect, it, type TestContext, vi } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { keychainKey } from '../../src/keys/keychain.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'

const account = `test-${randomUUID()}`
const DATA_KEY = new Uint8Array(32)
const AAD = Uint8Array.of(1)

/** The kernel's keyring of Linux, which needs no bus; undefined where a container has none. */
function kernelEntry(): Entry | undefined {
  try {
    const entry = new Entry('guillemet', account, { linux: { store: 'keyutils' } })
    entry.setPassword(generateKey())
    return entry
  } catch {
    return undefined
  }
}

const kernel = process.platform === 'linux' ? kernelEntry() : undefined
afterAll(() => void kernel?.deletePassword())

const skipWithoutKernel = ({ skip }: TestContext) => skip(kernel === undefined, 'the kernel has no keyring here')

it('a synchronous entry and an asynchronous one hold the same key', async (context) => {
  skipWithoutKernel(context)
  const wrapped = await keychainKey({ entry: kernel!, allowVolatile: true }).wrap(DATA_KEY, AAD)
  const entry = new AsyncEntry('guillemet', account, { linux: { store: 'keyutils' } })
  expect(await keychainKey({ entry, allowVolatile: true }).unwrap(wrapped, AAD)).toEqual(DATA_KEY)
})

it('an entry that was never made is absent', async (context) => {
  skipWithoutKernel(context)
  const entry = new AsyncEntry('guillemet', `${account}-other`, { linux: { store: 'keyutils' } })
  await expect(keychainKey({ entry, allowVolatile: true }).wrap(DATA_KEY, AAD)).rejects.toThrow('no such entry')
})

it('without a Secret Service the same entry is refused, and nothing is written', async (context) => {
  skipWithoutKernel(context)
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', undefined)
  const storage = memoryStorage()
  // #region keychain
  const entry = new AsyncEntry('acme', 'vault') // on Linux { linux: { store: 'secret-service' } } in addition
  const vault = createVault({ storage, keys: keychainKey({ entry }) })
  // #endregion
  await expect(vault.set({ tag: 'a', value: 'one' })).rejects.toThrow('no Secret Service')
  expect(await storage.list('default', { limit: 1 })).toEqual([])
})
