/** What the unstorage adapter does on any driver, as tests. */

import { createStorage, type Driver, prefixStorage } from 'unstorage'
import { describe, expect, test } from 'vitest'
import { createVault, generateKey } from '../../src/index.ts'
import { unstorageStorage } from '../../src/storage/unstorage.ts'
import { storageConformance } from '../../src/testing.ts'
import { putUpTo, readOne, recordOf } from './scratch.ts'

/** A storage on the driver, as a process has it. */
export function storageOf(driver: Driver): ReturnType<typeof unstorageStorage> {
  return unstorageStorage({ storage: createStorage({ driver }), singleWriter: true })
}

/** What holds on every driver. */
export function describeDriver(name: string, makeDriver: () => Driver): void {
  describe(`unstorageStorage on the driver ${name}`, () => {
    describe('keeps every promise of the port', () => {
      for (const { name, run } of storageConformance) {
        test(name, () => run((sameDataAs) => sameDataAs ?? storageOf(makeDriver())))
      }
    })

    test('is read through another storage on the same backend', async () => {
      const driver = makeDriver()
      const writer = storageOf(driver)
      await putUpTo(writer, 'a', 3)
      expect(await readOne(storageOf(driver), 'a')).toEqual(recordOf('a', 3))
    })

    test('keeps what others have stored, and lists none of it', async () => {
      const items = createStorage({ driver: makeDriver() })
      const storage = unstorageStorage({ storage: items, singleWriter: true })
      await storage.put(recordOf('a'))
      const foreign = [
        'mine',
        'guillemet:x',
        'guillemet:_default:_default:a',
        'guillemet:_default:_default:_a2.0',
        'guillemets:_a:_b:_c',
      ]
      for (const key of foreign) await items.setItem(key, 'mine')
      expect(await storage.list('default', { limit: 10 })).toEqual([recordOf('a')])
      expect(await storage.workspaces({ limit: 10 })).toEqual(['default'])
      for (const key of foreign) expect(await items.getItem(key)).toBe('mine')
    })

    test('two bases of one backend, and one that unstorage prefixes, are apart', async () => {
      const items = createStorage({ driver: makeDriver() })
      const storages = [
        unstorageStorage({ storage: items, singleWriter: true }),
        unstorageStorage({ storage: items, singleWriter: true, base: 'app:secrets' }),
        unstorageStorage({ storage: prefixStorage(items, 'tenant'), singleWriter: true }),
      ]
      for (const [index, storage] of storages.entries()) {
        expect(await readOne(storage, 'a')).toBeUndefined()
        await storage.put(recordOf('a', 1, `body ${index}`))
      }
      for (const [index, storage] of storages.entries()) {
        expect(await storage.list('default', { limit: 10 })).toEqual([recordOf('a', 1, `body ${index}`)])
      }
    })

    test('workspaces come in pages, each name once', async () => {
      const storage = storageOf(makeDriver())
      const names = ['Z', '_', 'a', 'b']
      for (const workspace of names) {
        for (const tag of ['x', 'y']) await storage.put({ ...recordOf(tag), workspace })
      }
      expect(await storage.workspaces({ limit: 100 })).toEqual(names)
      expect(await storage.workspaces({ after: '_', limit: 1 })).toEqual(['a'])
    })

    test('a vault works on it', async () => {
      const keys = generateKey()
      const driver = makeDriver()
      const vault = createVault({ storage: storageOf(driver), keys })
      await vault.create({ tag: 'Api', value: 'first-value' })
      await vault.update('Api', { value: 'second-value' })
      const reader = createVault({ storage: storageOf(driver), keys })
      expect((await reader.resolve('<< secrets.Api >>')).expose()).toBe('second-value')
      expect(storageOf(driver).where).toBe('the keys under "guillemet" of an unstorage storage')
    })
  })
}
