/** The unstorage adapter on a driver that does not answer, when its caller waits no longer. */

import { createStorage, type Driver } from 'unstorage'
import memoryDriver from 'unstorage/drivers/memory'
import { describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { type UnstorageItems, unstorageStorage } from '../../src/storage/unstorage.ts'
import { readOne, recordOf } from './scratch.ts'

/** Items of memory that answer to one call of this method when they are told to. */
function hanging(method: 'getItem' | 'setItem') {
  const kept = createStorage({ driver: memoryDriver() as Driver })
  const hung = { isNext: false, isReached: false, writes: 0, answer: (): void => {} }
  const wait = async (asked: string): Promise<void> => {
    if (asked !== method || !hung.isNext) return
    hung.isNext = false
    hung.isReached = true
    await new Promise<void>((resolve) => {
      hung.answer = resolve
    })
  }
  const items: UnstorageItems = {
    async getItem(key) {
      await wait('getItem')
      return await kept.getItem(key)
    },
    async setItem(key, value) {
      hung.writes++
      await kept.setItem(key, value)
      await wait('setItem')
    },
    getKeys: (base) => kept.getKeys(base),
  }
  return { hung, storage: unstorageStorage({ storage: items, singleWriter: true }) }
}

/** A put that hangs, given up when it does. */
async function giveUp(hung: ReturnType<typeof hanging>['hung'], put: (signal: AbortSignal) => Promise<void>) {
  const given = new AbortController()
  hung.isNext = true
  const attempt = put(given.signal)
  while (!hung.isReached) await new Promise((resolve) => setTimeout(resolve, 1))
  given.abort()
  return await attempt.then(() => 'written', codeOf)
}

describe('a driver', () => {
  test('that never answers to a write holds up no read after the call was given up, and lets nobody write over it', async () => {
    const { hung, storage } = hanging('setItem')
    await storage.put(recordOf('a'))
    expect(await giveUp(hung, (signal) => storage.put(recordOf('a', 2), { signal }))).toBe('ERR_OUTCOME_UNKNOWN')
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 2))
    expect(await storage.list('default', { limit: 5 })).toEqual([recordOf('a', 2)])
    // it may come at any time, and would undo a later one
    await expect(storage.put(recordOf('a', 3))).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(hung.writes).toBe(2)
    await storage.put(recordOf('b'))
    hung.answer()
    await new Promise((resolve) => setTimeout(resolve))
    await storage.put(recordOf('a', 3))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a', 3))
  })

  test('that never answers to the read before a write has written nothing when the call was given up, nor later', async () => {
    const { hung, storage } = hanging('getItem')
    expect(await giveUp(hung, (signal) => storage.put(recordOf('a', 1, 'x'), { signal }))).toBe(
      'ERR_STORAGE_UNAVAILABLE',
    )
    hung.answer()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(hung.writes).toBe(0)
    await storage.put(recordOf('a'))
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
  })

  test('is not asked to write what was given up while it waited for its turn', async () => {
    const { hung, storage } = hanging('setItem')
    const given = new AbortController()
    hung.isNext = true
    const first = storage.put(recordOf('a'))
    const second = storage.put(recordOf('a', 2), { signal: given.signal }).then(() => 'written', codeOf)
    while (!hung.isReached) await new Promise((resolve) => setTimeout(resolve, 1))
    given.abort()
    hung.answer()
    await first
    expect(await second).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
  })
})
