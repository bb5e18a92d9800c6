/** The unstorage adapter on real drivers, and on drivers that answer as real ones do when something is wrong. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createStorage, type Driver } from 'unstorage'
import fsLiteDriver from 'unstorage/drivers/fs-lite'
import memoryDriver from 'unstorage/drivers/memory'
import { describe, expect, test } from 'vitest'
import { createVault, generateKey } from '../../src/index.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { type UnstorageItems, unstorageStorage } from '../../src/storage/unstorage.ts'
import { keyOf, readOne, recordOf, scratch } from './scratch.ts'
import { describeDriver, storageOf } from './unstorage-cases.ts'

const place = scratch()

describeDriver('memory', () => memoryDriver() as Driver)

describe('a name', () => {
  test.each(['a:b', 'a/b', '..', 'a?b', 'a$', '', 'ä'])(
    'that unstorage would take for another is refused: %j',
    async (name) => {
      const storage = storageOf(memoryDriver() as Driver)
      const refused = { code: 'ERR_INVALID_INPUT' }
      for (const part of ['workspace', 'environment', 'tag']) {
        await expect(storage.put({ ...recordOf('a'), [part]: name })).rejects.toMatchObject(refused)
      }
      await expect(storage.get('default', [keyOf(name)])).rejects.toMatchObject(refused)
      await expect(storage.list(name, { limit: 1 })).rejects.toMatchObject(refused)
    },
  )

  test('is a key that stays apart where case is ignored, and is no name that a system reserves', async () => {
    const items = createStorage({ driver: memoryDriver() as Driver })
    const storage = unstorageStorage({ storage: items, singleWriter: true })
    const tags = ['zendesk', 'Zendesk', 'zenDesk', 'ZENDESK', 'con', 'NUL', 'a', 'A', '_a', '-a', '$keyring']
    for (const tag of tags) await storage.put(recordOf(tag))
    const keys = await items.getKeys('guillemet')
    expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(tags.length)
    for (const key of keys) expect(key).toMatch(/^guillemet(?::[_-][a-z0-9_-]*(?:\.[0-9a-v]+)?){3}$/)
  })
})

const KEY = 'guillemet:_default:_default:_a'

/** Items of which each read gives the next of these values, and the last for ever. */
function reading(...values: readonly unknown[]): UnstorageItems & { reads: number; writes: number } {
  const items = {
    reads: 0,
    writes: 0,
    async getItem() {
      return values[Math.min(items.reads++, values.length - 1)]
    },
    async setItem() {
      items.writes++
    },
    getKeys: async () => [KEY],
  }
  return items
}

describe('a key that is listed and reads as absent', () => {
  const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('lists a record') }

  test('is read again by a listing, and is then what it has become', async () => {
    const storage = unstorageStorage({ storage: reading(null, recordOf('a', 7)), singleWriter: true })
    expect(await storage.list('default', { limit: 5 })).toEqual([recordOf('a', 7)])
  })

  test('is never left out of a listing, and never written over', async () => {
    const items = reading(null)
    const storage = unstorageStorage({ storage: items, singleWriter: true })
    await expect(storage.list('default', { limit: 5 })).rejects.toMatchObject(failure)
    expect(items.reads).toBe(2)
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    expect(items.writes).toBe(0)
    // others can be created
    await expect(storage.put(recordOf('b'))).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    await expect(storage.put({ ...recordOf('a'), environment: 'b' })).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
    })
    expect(items.writes).toBe(2)
  })

  test('costs no vault its keyring', async () => {
    const kept = createStorage({ driver: memoryDriver() as Driver })
    let isHidden = false
    const items: UnstorageItems = {
      getItem: async (key) => (isHidden && key.includes('keyring') ? null : kept.getItem(key)),
      setItem: (key, value) => kept.setItem(key, value),
      getKeys: (base) => kept.getKeys(base),
    }
    const keys = generateKey()
    const open = () => createVault({ storage: unstorageStorage({ storage: items, singleWriter: true }), keys })
    await open().create({ tag: 'a', value: 'the first value' })
    isHidden = true
    const later = open().create({ tag: 'b', value: 'the second value' })
    await expect(later).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    isHidden = false
    expect((await open().resolve('<< secrets.a >>')).expose()).toBe('the first value')
  })
})

describe('an item that is not whole', () => {
  const WHOLE = JSON.stringify(recordOf('a', 7))

  const TORN: readonly (readonly [string, unknown])[] = [
    ['empty', ''],
    ['cut off', WHOLE.slice(0, -1)],
    ['only begun', '{'],
    ['the error of a driver', Object.assign(new Error('EACCES /srv/app'), { code: 'EACCES' })],
    ['another type', 5],
    ['JSON of something else', { version: 7 }],
  ]

  test.each(TORN)('because it is %s is read again, and is then what it has become', async (_, torn) => {
    const items = reading(torn, JSON.parse(WHOLE))
    const storage = unstorageStorage({ storage: items, singleWriter: true })
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 7))
    expect(items.reads).toBe(2)
  })

  test.each(TORN)('because it is %s is unavailable, and never absent', async (_, torn) => {
    const items = reading(torn)
    const storage = unstorageStorage({ storage: items, singleWriter: true })
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.not.stringContaining('EACCES') }
    await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
    expect(items.reads).toBe(2)
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('a', 8))).rejects.toMatchObject(failure)
    await expect(storage.list('default', { limit: 5 })).rejects.toMatchObject(failure)
    expect(items.writes).toBe(0)
  })

  test.each([
    ['of another place', { ...recordOf('b'), tag: 'b' }],
    ['of another workspace', { ...recordOf('a'), workspace: 'other' }],
    ['with a version that is none', { ...recordOf('a'), version: '1.5' }],
    ['whose body is no text', { ...recordOf('a'), body: { x: 1 } }],
  ])('but a record %s is corrupt', async (_, value) => {
    const storage = unstorageStorage({ storage: reading(value), singleWriter: true })
    const corrupt = { code: 'ERR_RECORD_CORRUPT' }
    await expect(readOne(storage, 'a')).rejects.toMatchObject(corrupt)
  })
})

describe('a driver', () => {
  test('whose backend cannot be reached is unavailable, and its words are not repeated', async () => {
    const fail = async (): Promise<never> => {
      throw new Error('redis://user:password@host')
    }
    const storage = unstorageStorage({ storage: { getItem: fail, setItem: fail, getKeys: fail }, singleWriter: true })
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.not.stringContaining('password') }
    await expect(readOne(storage, 'a')).rejects.toMatchObject(failure)
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
    await expect(storage.list('default', { limit: 5 })).rejects.toMatchObject(failure)
    await expect(storage.workspaces({ limit: 5 })).rejects.toMatchObject(failure)
  })

  test('that fails while it writes leaves the outcome unknown', async () => {
    const items = createStorage({ driver: memoryDriver() as Driver })
    const failing = Object.assign(Object.create(items) as typeof items, {
      setItem: () => Promise.reject(new Error('redis://user:password@host')),
    })
    const storage = unstorageStorage({ storage: failing, singleWriter: true })
    await expect(storage.put(recordOf('a'))).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
      message: expect.not.stringContaining('password'),
    })
  })

  test('that is in the middle of a write is waited for by the reads of this process', async () => {
    const values = new Map<string, string>()
    let finish: (() => void) | undefined
    const items: UnstorageItems = {
      getItem: async (key) =>
        values.get(key)?.startsWith('{') ? JSON.parse(values.get(key)!) : (values.get(key) ?? null),
      async setItem(key, value) {
        values.set(key, '')
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        values.set(key, value)
      },
      getKeys: async () => [...values.keys()],
    }
    const storage = unstorageStorage({ storage: items, singleWriter: true })
    const writing = storage.put(recordOf('a'))
    while (finish === undefined) await Promise.resolve()
    const reading = readOne(storage, 'a')
    const listing = storage.list('default', { limit: 5 })
    // far longer than after which a torn item is read again
    await new Promise((resolve) => setTimeout(resolve, 100))
    finish()
    await writing
    expect(await reading).toEqual(recordOf('a'))
    expect(await listing).toEqual([recordOf('a')])
  })

  test('that is read-only and says nothing of it is noticed', async () => {
    const driver = fsLiteDriver({ base: place(), readOnly: true }) as Driver
    await expect(storageOf(driver).put(recordOf('a'))).rejects.toMatchObject({
      code: 'ERR_OUTCOME_UNKNOWN',
      message: expect.stringContaining('read-only'),
    })
  })

  test('that does not write at one stroke gives no torn read to this process', async () => {
    const base = place()
    const storage = storageOf(fsLiteDriver({ base }) as Driver)
    const body = (version: number) => `${version}`.padStart(256 * 1024, 'x')
    await storage.put(recordOf('a', 1, body(1)))
    for (let version = 2; version <= 12; version++) {
      const writing = storage.put(recordOf('a', version, body(version)))
      const reading = Array.from({ length: 5 }, () => readOne(storage, 'a'))
      for (const found of await Promise.all(reading)) expect(found?.body).toBe(body(found!.version))
      await writing
    }
    // as another process reads: whole, or told that it is not, and never absent
    const reader = storageOf(fsLiteDriver({ base }) as Driver)
    for (let version = 13; version <= 24; version++) {
      const writing = storage.put(recordOf('a', version, body(version)))
      const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => readOne(reader, 'a')))
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') expect(outcome.value?.body).toBe(body(outcome.value!.version))
        else expect(outcome.reason).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
      }
      await writing
    }
    // what a process that ended in the middle would have left
    const path = join(base, 'guillemet', '_default', '_default', '_a')
    expect(readdirSync(join(base, 'guillemet', '_default', '_default'))).toEqual(['_a'])
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 1_000))
    await expect(readOne(storage, 'a')).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
  })
})

test('options are checked when the storage is made, and one writer must be promised', () => {
  const storage = createStorage()
  const wrong: unknown[] = [
    undefined,
    {},
    { storage },
    { storage, singleWriter: false },
    { storage, singleWriter: 'yes' },
    { storage: memoryStorage(), singleWriter: true },
    { storage, singleWriter: true, base: '' },
    { storage, singleWriter: true, base: 'a:' },
    { storage, singleWriter: true, base: 'a/b' },
    { storage, singleWriter: true, base: 'x'.repeat(201) },
    { storage, singleWriter: true, driver: 1 },
  ]
  for (const options of wrong) {
    expect(() => unstorageStorage(options as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  }
})
