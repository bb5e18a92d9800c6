/** `initKeyring` and `inspectStorage`: a keyring only where nothing is stored, and only once its key is kept. */

import { describe, expect, it } from 'vitest'
import { initKeyring, inspectStorage } from '../../src/admin.ts'
import { createVault, type GuillemetError, generateKey, type VaultStorage } from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'

const failure = (work: Promise<unknown>): Promise<GuillemetError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: GuillemetError) => error,
  )

const isEmpty = async (storage: VaultStorage) => (await storage.list('default', { limit: 9 })).length === 0

describe('initKeyring', () => {
  it('has the key kept before anything is stored, and says which provider will wrap', async () => {
    const storage = memoryStorage()
    const vault = createVault({ storage, keys: generateKey() })
    const { keyId } = await initKeyring(vault, {
      keepKey: async ([provider]) => {
        expect(provider).toMatch(/^local:/)
        expect(await isEmpty(storage)).toBe(true)
      },
    })
    const contents = await inspectStorage(vault)
    expect(contents).toMatchObject({
      workspace: 'default',
      hasRecords: false,
      keyring: { keyIds: [keyId], opens: true },
    })
    expect(contents.given).toEqual(contents.keyring?.providers)
    expect((await inspectStorage(createVault({ storage, keys: null }))).given).toEqual([])
    await vault.set({ tag: 'a', value: 'some value' })
    expect((await inspectStorage(vault)).hasRecords).toBe(true)
  })

  it('is what a program sets itself up with', async () => {
    const storage = memoryStorage()
    const kept: string[] = []
    const keepInTwoPlaces = async (key: string): Promise<void> => void kept.push(key)
    // #region first
    const key = generateKey()
    const vault = createVault({ storage, keys: key })
    const { hasRecords, keyring } = await inspectStorage(vault)
    if (!hasRecords && keyring === undefined) {
      await initKeyring(vault, { keepKey: () => keepInTwoPlaces(key) })
    }
    // #endregion
    expect(kept).toEqual([key])
    expect((await inspectStorage(vault)).keyring?.opens).toBe(true)
  })

  it('stores nothing when the key was not kept', async () => {
    const storage = memoryStorage()
    const lost = new Error('no room')
    const keepKey = () => {
      throw lost
    }
    const vault = createVault({ storage, keys: generateKey() })
    expect(await failure(initKeyring(vault, { keepKey }))).toBe(lost)
    expect(await isEmpty(storage)).toBe(true)
  })

  it('refuses where a keyring is, or records without one, and says whose key is wanted', async () => {
    const storage = memoryStorage()
    const first = createVault({ storage, keys: generateKey() })
    await initKeyring(first)
    const { keyring } = await inspectStorage(first)
    for (const vault of [first, createVault({ storage, keys: generateKey() })]) {
      const error = await failure(initKeyring(vault, { keepKey: () => expect.unreachable() }))
      expect(error.code).toBe('ERR_CONFLICT')
      expect(error.message).toContain(keyring!.providers[0])
    }
    const orphan = memoryStorage()
    await orphan.put({ workspace: 'default', environment: 'default', tag: 'a', version: 1, body: '{}' })
    const error = await failure(initKeyring(createVault({ storage: orphan, keys: generateKey() })))
    expect(error.message).toContain('keyring is missing')
  })

  it('that is overtaken while the key is kept says so, and leaves the other keyring', async () => {
    const storage = memoryStorage()
    const other = createVault({ storage, keys: generateKey() })
    const vault = createVault({ storage, keys: generateKey() })
    const error = await failure(initKeyring(vault, { keepKey: async () => void (await initKeyring(other)) }))
    expect(error.code).toBe('ERR_CONFLICT')
    expect((await inspectStorage(other)).keyring?.opens).toBe(true)
    expect((await inspectStorage(vault)).keyring?.opens).toBe(false)
  })

  it('needs keys, which inspectStorage does not; both refuse a view', async () => {
    const keyless = createVault({ storage: memoryStorage(), keys: null })
    expect((await failure(initKeyring(keyless))).code).toBe('ERR_INVALID_KEY')
    expect(await inspectStorage(keyless, { workspace: 'acme' })).toMatchObject({ workspace: 'acme', hasRecords: false })
    const view = createVault({ storage: memoryStorage(), keys: generateKey() }).with({ workspace: 'acme' })
    expect((await failure(initKeyring(view))).code).toBe('ERR_PERMISSION_DENIED')
    expect((await failure(inspectStorage(view))).code).toBe('ERR_PERMISSION_DENIED')
  })
})
