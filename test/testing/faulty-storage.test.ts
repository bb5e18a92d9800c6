/** The proxy does to a call what it says, so that what is proved over it is proved. */

import { describe, expect, it } from 'vitest'
import { memoryStorage } from '../../src/storage/memory.ts'
import { faultyStorage, STORAGE_FAULTS, type StorageFault, storageConformance } from '../../src/testing.ts'

const RECORD = { workspace: 'w', environment: 'e', tag: 't', version: 1, body: 'b' }
const KEYS = [{ environment: 'e', tag: 't' }]
const SOON = 50

/** What became of a call within a moment, and whether the record is there then. */
async function outcomeOf(fault: StorageFault | undefined, method: 'get' | 'put' | 'list') {
  const sound = memoryStorage()
  const storage = faultyStorage(sound, (call) => (call.method === method ? fault : undefined))
  const calls = {
    put: () => storage.put(RECORD),
    get: () => storage.get('w', KEYS),
    list: () => storage.list('w', { limit: 1 }),
  }
  const said = calls[method]().then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
  const late = new Promise<string>((resolve) => setTimeout(resolve, SOON, 'no answer'))
  const outcome = await Promise.race([said, late])
  await late
  return { outcome, isThere: (await sound.get('w', KEYS))[0] !== undefined }
}

describe('a put', () => {
  it.each<[StorageFault | undefined, string, boolean]>([
    [undefined, 'done', true],
    ['delayed', 'done', true],
    ['duplicated', 'ERR_CONFLICT', true],
    ['cut-before', 'ECONNRESET', false],
    ['cut-after', 'ECONNRESET', true],
    ['landing-late', 'ECONNRESET', true],
    ['unanswered-before', 'no answer', false],
    ['unanswered-after', 'no answer', true],
  ])('that is %s is told as %s', async (fault, outcome, isThere) => {
    expect(await outcomeOf(fault, 'put')).toEqual({ outcome, isThere })
  })
})

describe.each(['get', 'list'] as const)('%s', (method) => {
  it.each<[StorageFault | undefined, string]>([
    [undefined, 'done'],
    ['delayed', 'done'],
    ['duplicated', 'done'],
    ['cut-before', 'ECONNRESET'],
    ['cut-after', 'ECONNRESET'],
    ['landing-late', 'done'],
    ['unanswered-before', 'no answer'],
    ['unanswered-after', 'no answer'],
  ])('that is %s is told as %s', async (fault, outcome) => {
    expect(await outcomeOf(fault, method)).toEqual({ outcome, isThere: false })
  })
})

it('asks once for each call, in their order', async () => {
  const asked: unknown[] = []
  const storage = faultyStorage(memoryStorage(), (call) => void asked.push(call))
  await storage.put(RECORD)
  await storage.get('w', KEYS)
  await storage.list('w', { limit: 1 })
  expect(asked).toEqual([
    { method: 'put', index: 0 },
    { method: 'get', index: 1 },
    { method: 'list', index: 2 },
  ])
  expect(new Set(STORAGE_FAULTS).size).toBe(7)
  expect(() => faultyStorage(memoryStorage(), 'delayed' as never)).toThrow('function')
})

it('has the optional methods of the storage below, of its own or of its class, and no others', async () => {
  class ListingStorage {
    isClosed = false
    readonly #inner = memoryStorage()
    readonly get = this.#inner.get
    readonly put = this.#inner.put
    readonly list = this.#inner.list
    async workspaces({ limit }: { limit: number }) {
      return this.isClosed ? [] : ['a', 'b'].slice(0, limit)
    }
    async close() {
      this.isClosed = true
    }
  }
  const below = new ListingStorage()
  const storage = faultyStorage(below, () => undefined)
  expect(await storage.workspaces?.({ limit: 1 })).toEqual(['a'])
  await storage.close?.()
  expect(below.isClosed).toBe(true)
  const { get, put, list } = memoryStorage()
  expect(Object.keys(faultyStorage({ get, put, list }, () => undefined)).sort()).toEqual(['get', 'list', 'put'])
})

it('without faults, or with delays, it keeps every promise of the storage below', async () => {
  for (const { run } of storageConformance) {
    await run((sameDataAs) => sameDataAs ?? faultyStorage(memoryStorage(), () => undefined))
  }
})
