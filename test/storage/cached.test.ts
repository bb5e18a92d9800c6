/** The cache in front of a storage: what it serves, for how long, and what it never serves. */

import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createVault, generateKey } from '../../src/index.ts'
import type { ReadOptions, StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { type CachedStorage, type CachedStorageOptions, cachedStorage } from '../../src/storage/cached.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { storageConformance } from '../../src/testing.ts'
import { keyOf, putUpTo, recordOf } from './scratch.ts'

const TTL = 1_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A read that the storage was asked for, and how it goes on. */
interface Asked {
  readonly tags: readonly string[]
  readonly options: ReadOptions | undefined
  /** Answers with what is stored at this moment, or as it was when it was asked. */
  answer(when?: 'now' | 'asked'): void
  fail(error: unknown): void
}

/** A storage in memory whose reads are written down, and wait to be answered where that is asked for. */
class Source implements VaultStorage {
  readonly records = memoryStorage()
  readonly asked: Asked[] = []
  isHeld = false
  failure: unknown
  readonly where = 'the source'

  async get(...[workspace, keys, options]: Parameters<VaultStorage['get']>) {
    if (this.failure !== undefined) {
      this.asked.push({ tags: keys.map(({ tag }) => tag), options, answer() {}, fail() {} })
      throw this.failure
    }
    const stored = await this.records.get(workspace, keys)
    return await new Promise<readonly (StoredRecord | undefined)[]>((resolve, reject) => {
      const answer = (when?: 'now' | 'asked') => resolve(when === 'asked' ? stored : this.records.get(workspace, keys))
      this.asked.push({ tags: keys.map(({ tag }) => tag), options, answer, fail: reject })
      if (!this.isHeld) answer()
    })
  }

  put(...of: Parameters<VaultStorage['put']>) {
    return this.records.put(...of)
  }

  list(...of: Parameters<VaultStorage['list']>) {
    return this.records.list(...of)
  }
}

/** Lets everything run that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

function cacheOf(options: Partial<CachedStorageOptions> = {}): { source: Source; cache: CachedStorage } {
  const source = new Source()
  return { source, cache: cachedStorage(source, { ttl: TTL, ...options }) }
}

async function bodyOf(storage: VaultStorage, tag: string, options?: ReadOptions): Promise<string | undefined> {
  const [record] = await storage.get('default', [keyOf(tag)], options)
  return record?.body
}

describe('keeps every promise of the port', () => {
  // the suite waits for timers of its own
  beforeEach(() => {
    vi.useRealTimers()
  })
  for (const { name, run } of storageConformance) {
    test(name, () => run((sameDataAs) => sameDataAs ?? cachedStorage(memoryStorage(), { ttl: TTL })))
  }
})

describe('a record that was read', () => {
  test('is served without asking again until its time is over', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    for (let count = 0; count < 10; count++) expect(await bodyOf(cache, 'a')).toBe('a@1')
    vi.advanceTimersByTime(TTL - 1)
    await source.put(recordOf('a', 2))
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(source.asked).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    expect(source.asked).toHaveLength(2)
  })

  test('is as old as the beginning of its read, however long that took', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const reading = bodyOf(cache, 'a')
    await settle()
    vi.advanceTimersByTime(TTL - 1)
    source.asked[0]!.answer()
    expect(await reading).toBe('a@1')
    source.isHeld = false
    await bodyOf(cache, 'a')
    expect(source.asked).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await bodyOf(cache, 'a')
    expect(source.asked).toHaveLength(2)
  })

  test('ages by a monotonic clock: a wall clock that is set changes nothing', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    for (const hours of [-2, +2, +10_000]) {
      vi.setSystemTime(Date.now() + hours * 3_600_000)
      await bodyOf(cache, 'a')
      expect(source.asked).toHaveLength(1)
    }
    vi.setSystemTime(0)
    vi.advanceTimersByTime(TTL)
    await bodyOf(cache, 'a')
    expect(source.asked).toHaveLength(2)
  })

  test('is copied out, and belongs to its workspace alone', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    const [lent] = await cache.get('default', [keyOf('a')])
    Reflect.set(lent!, 'body', 'changed')
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(await cache.get('other', [keyOf('a')])).toEqual([undefined])
    // places whose names run together
    await source.put({ workspace: 'ab', environment: 'c', tag: 'd', version: 1, body: 'abcd' })
    await cache.get('ab', [{ environment: 'c', tag: 'd' }])
    expect(await cache.get('a', [{ environment: 'bc', tag: 'd' }])).toEqual([undefined])
    expect(await cache.get('ab', [{ environment: 'cd', tag: '' }])).toEqual([undefined])
  })

  test('that is absent is asked for each time', async () => {
    const { source, cache } = cacheOf()
    expect(await bodyOf(cache, 'a')).toBeUndefined()
    await source.put(recordOf('a'))
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(source.asked).toHaveLength(2)
  })

  test('goes when there are too many, the least recently used first', async () => {
    const { source, cache } = cacheOf({ maxRecords: 2 })
    for (const tag of ['a', 'b', 'c']) await source.put(recordOf(tag))
    for (const tag of ['a', 'b', 'a', 'c', 'a']) await bodyOf(cache, tag)
    expect(source.asked.map(({ tags }) => tags[0])).toEqual(['a', 'b', 'c'])
    await bodyOf(cache, 'b')
    expect(source.asked).toHaveLength(4)
  })
})

describe('a read', () => {
  test('is one read for a hundred that want it at once', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const reading = Promise.all(Array.from({ length: 100 }, () => bodyOf(cache, 'a')))
    await settle()
    expect(source.asked).toHaveLength(1)
    source.asked[0]!.answer()
    expect(await reading).toEqual(Array(100).fill('a@1'))
  })

  test('asks once for all that is missing, and joins the reads that are under way', async () => {
    const { source, cache } = cacheOf()
    for (const tag of ['a', 'b', 'c', 'd']) await source.put(recordOf(tag))
    await bodyOf(cache, 'a')
    source.isHeld = true
    const first = cache.get('default', [keyOf('a'), keyOf('b'), keyOf('b')])
    const second = cache.get('default', [keyOf('d'), keyOf('b'), keyOf('c'), keyOf('none')])
    await settle()
    expect(source.asked.map(({ tags }) => tags)).toEqual([['a'], ['b'], ['d', 'c', 'none']])
    for (const read of source.asked) read.answer()
    expect((await first).map((record) => record?.body)).toEqual(['a@1', 'b@1', 'b@1'])
    expect((await second).map((record) => record?.body)).toEqual(['d@1', 'b@1', 'c@1', undefined])
  })

  test('that must be fresh asks the storage, joins nothing, and refreshes what is kept', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    await source.put(recordOf('a', 2))
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(await bodyOf(cache, 'a', { fresh: true })).toBe('a@2')
    expect(source.asked[1]!.options?.fresh).toBe(true)
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    expect(source.asked).toHaveLength(2)
    vi.advanceTimersByTime(TTL)
    source.isHeld = true
    const usual = bodyOf(cache, 'a')
    const fresh = bodyOf(cache, 'a', { fresh: true })
    await settle()
    expect(source.asked).toHaveLength(4)
    for (const read of source.asked.slice(2)) read.answer()
    expect(await Promise.all([usual, fresh])).toEqual(['a@2', 'a@2'])
  })

  test('that finds a record gone, or an older one, keeps neither', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 2)
    await bodyOf(cache, 'a')
    const older = [recordOf('a', 1)]
    vi.spyOn(source, 'get').mockResolvedValueOnce([undefined]).mockResolvedValueOnce(older)
    expect(await bodyOf(cache, 'a', { fresh: true })).toBeUndefined()
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    await bodyOf(cache, 'a', { fresh: true })
    vi.spyOn(source, 'get').mockResolvedValueOnce(older)
    expect(await bodyOf(cache, 'a', { fresh: true })).toBe('a@1')
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })

  test('that fails is not kept, and all that joined it are told', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const reading = [bodyOf(cache, 'a'), bodyOf(cache, 'a')].map((read) => read.catch((error: Error) => error.message))
    await settle()
    source.asked[0]!.fail(new Error('down'))
    expect(await Promise.all(reading)).toEqual(['down', 'down'])
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@1')
  })

  test('that hangs is left by each when he gives up, ended by the last, and in nobody else’s way', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const controllers = Array.from({ length: 100 }, () => new AbortController())
    const outcomes = controllers.map(({ signal }) =>
      cache.get('default', [keyOf('a')], { signal }).then(
        () => 'found',
        (error: { code: string }) => error.code,
      ),
    )
    await settle()
    const [{ options }] = source.asked as [Asked]
    for (const controller of controllers.slice(1)) controller.abort()
    expect(await Promise.all(outcomes.slice(1))).toEqual(Array(99).fill('ERR_STORAGE_UNAVAILABLE'))
    expect(options?.signal?.aborted).toBe(false)
    // one still waits, so that others join, but not for ever
    const joining = bodyOf(cache, 'a')
    await settle()
    expect(source.asked).toHaveLength(1)
    vi.advanceTimersByTime(1_000)
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(source.asked).toHaveLength(2)
    source.asked[0]!.answer()
    expect(await outcomes[0]).toBe('found')
    expect(await joining).toBe('a@1')
  })

  test('that hangs keeps nobody who has joined it, only the one who has begun it', async () => {
    const { source, cache } = cacheOf()
    for (const tag of ['a', 'b']) await putUpTo(source, tag, 1)
    source.isHeld = true
    const first = bodyOf(cache, 'a')
    const joining = cache.get('default', [keyOf('a'), keyOf('b')])
    await settle()
    expect(source.asked.map(({ tags }) => tags)).toEqual([['a'], ['b']])
    source.asked[1]!.answer()
    source.isHeld = false
    await vi.advanceTimersByTimeAsync(999)
    expect(source.asked).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect((await joining).map((record) => record?.body)).toEqual(['a@1', 'b@1'])
    expect(source.asked.map(({ tags }) => tags)).toEqual([['a'], ['b'], ['a']])
    source.asked[0]!.answer()
    expect(await first).toBe('a@1')
  })

  test('is ended when the last who waited has given up', async () => {
    const { source, cache } = cacheOf()
    source.isHeld = true
    const controller = new AbortController()
    const reading = bodyOf(cache, 'a', { signal: controller.signal })
    await settle()
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(source.asked[0]!.options?.signal?.aborted).toBe(true)
    await expect(bodyOf(cache, 'a', { signal: controller.signal })).rejects.toMatchObject({
      code: 'ERR_STORAGE_UNAVAILABLE',
    })
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBeUndefined()
  })

  test.each([[[]], ['text'], [[null]], [[1]]])('that is answered with %j is corrupt', async (rows) => {
    const { source, cache } = cacheOf()
    vi.spyOn(source, 'get').mockResolvedValue(rows as never)
    await expect(bodyOf(cache, 'a')).rejects.toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
  })
})

describe('a put', () => {
  test('is seen by the next read, whatever was kept', async () => {
    const { cache } = cacheOf()
    for (let version = 1; version <= 3; version++) {
      await cache.put(recordOf('a', version))
      expect(await bodyOf(cache, 'a')).toBe(`a@${version}`)
    }
  })

  test('is seen by the next read although an older read is under way, whose answer is not kept', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const older = bodyOf(cache, 'a')
    await settle()
    await cache.put(recordOf('a', 2))
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    source.asked[0]!.answer('asked')
    expect(await older).toBe('a@1')
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    expect(source.asked).toHaveLength(2)
  })

  test('is seen although an older read ends last of all', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const older = bodyOf(cache, 'a')
    await settle()
    await cache.put(recordOf('a', 2))
    source.asked[0]!.answer('asked')
    expect(await older).toBe('a@1')
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })

  test('that takes long is seen although a read was begun and ended while it was written', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    let write: (() => void) | undefined
    vi.spyOn(source, 'put').mockImplementation(async (record) => {
      await new Promise<void>((resolve) => {
        write = resolve
      })
      await source.records.put(record)
    })
    const writing = cache.put(recordOf('a', 2))
    await settle()
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    write!()
    await writing
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })

  test('that fails makes the next read ask, since nobody knows what is stored', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    vi.spyOn(source, 'put').mockImplementation(async (record) => {
      await source.records.put(record)
      throw Object.assign(new Error('the connection died'), { code: 'ERR_OUTCOME_UNKNOWN' })
    })
    await expect(cache.put(recordOf('a', 2))).rejects.toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })
})

describe('invalidate', () => {
  test.each<[string, Parameters<CachedStorage['invalidate']>, string[]]>([
    ['one record', ['default', keyOf('a')], ['a@2', 'b@1', 'a@1']],
    ['a workspace', ['default'], ['a@2', 'b@2', 'a@1']],
    ['everything', [], ['a@2', 'b@2', 'a@2']],
  ])('forgets %s', async (_, of, expected) => {
    const { source, cache } = cacheOf()
    const other = { ...recordOf('a'), workspace: 'other' }
    const bodies = async () => [
      await bodyOf(cache, 'a'),
      await bodyOf(cache, 'b'),
      (await cache.get('other', [keyOf('a')]))[0]?.body,
    ]
    for (const version of [1, 2]) {
      for (const tag of ['a', 'b']) await source.put(recordOf(tag, version))
      await source.put({ ...other, version, body: `a@${version}` })
      expect(await bodies()).toEqual(['a@1', 'b@1', 'a@1'])
    }
    cache.invalidate(...of)
    expect(await bodies()).toEqual(expected)
  })

  test('overtakes a read that is under way', async () => {
    const { source, cache } = cacheOf()
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const older = bodyOf(cache, 'a')
    await settle()
    await source.put(recordOf('a', 2))
    cache.invalidate('default')
    source.asked[0]!.answer('asked')
    expect(await older).toBe('a@1')
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })
})

describe('changes', () => {
  test('that are told wake a new read, of that workspace only', async () => {
    let tell: (workspace?: string) => void = () => {}
    const { source, cache } = cacheOf({
      changes: (onChange) => {
        tell = onChange
      },
    })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    await source.put(recordOf('a', 2))
    tell('other')
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    tell('default')
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    await source.put(recordOf('a', 3))
    tell()
    expect(await bodyOf(cache, 'a')).toBe('a@3')
  })

  test('that are told while a read is under way overtake it', async () => {
    let tell: (workspace?: string) => void = () => {}
    const { source, cache } = cacheOf({
      changes: (onChange) => {
        tell = onChange
      },
    })
    await putUpTo(source, 'a', 1)
    source.isHeld = true
    const older = bodyOf(cache, 'a')
    await settle()
    await source.put(recordOf('a', 2))
    tell('default')
    source.asked[0]!.answer('asked')
    await older
    source.isHeld = false
    expect(await bodyOf(cache, 'a')).toBe('a@2')
  })

  test.each<[string, CachedStorageOptions['changes']]>([
    [
      'throws',
      () => {
        throw new Error('no connection')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['never connects', () => new Promise(() => {})],
    ['stays silent', () => {}],
  ])('whose source %s leave the time of a record as it is', async (_, changes) => {
    const { source, cache } = cacheOf({ changes: changes! })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    await source.put(recordOf('a', 2))
    vi.advanceTimersByTime(TTL)
    expect(await bodyOf(cache, 'a')).toBe('a@2')
    await cache.close?.()
  })

  test('are no longer listened to after close, also where the source connects later', async () => {
    const stop = vi.fn()
    const closed = vi.fn()
    for (const isLate of [false, true]) {
      let connect: (stop: () => void) => void = () => {}
      const connecting = new Promise<() => void>((resolve) => {
        connect = resolve
      })
      const source = Object.assign(new Source(), { close: closed })
      const cache = cachedStorage(source, { ttl: TTL, changes: () => (isLate ? connecting : stop) })
      await settle()
      await cache.close?.()
      connect(stop)
      await settle()
    }
    expect(stop).toHaveBeenCalledTimes(2)
    expect(closed).toHaveBeenCalledTimes(2)
  })
})

describe('a storage that is unavailable', () => {
  const DOWN = Object.assign(new Error('down'), { code: 'ECONNREFUSED' })

  test('is told as soon as a record is old, where nothing else was chosen', async () => {
    const { source, cache } = cacheOf({ onStale: () => expect.unreachable() })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    source.failure = DOWN
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    vi.advanceTimersByTime(TTL)
    await expect(bodyOf(cache, 'a')).rejects.toBe(DOWN)
  })

  test('is stood in for by the last known record up to the stated age, and each time that is told', async () => {
    const onStale = vi.fn()
    const { source, cache } = cacheOf({ staleFor: 5_000, onStale })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    source.failure = DOWN
    vi.advanceTimersByTime(TTL)
    for (let count = 1; count <= 3; count++) {
      expect(await bodyOf(cache, 'a')).toBe('a@1')
      expect(onStale).toHaveBeenCalledTimes(count)
      expect(onStale).toHaveBeenLastCalledWith({ workspace: 'default', keys: [keyOf('a')], age: TTL })
    }
    expect(source.asked).toHaveLength(4)
    await expect(bodyOf(cache, 'a', { fresh: true })).rejects.toBe(DOWN)
    await expect(cache.get('default', [keyOf('a'), keyOf('never-read')])).rejects.toBe(DOWN)
    vi.advanceTimersByTime(4_999)
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    vi.advanceTimersByTime(1)
    await expect(bodyOf(cache, 'a')).rejects.toBe(DOWN)
    expect(onStale).toHaveBeenCalledTimes(4)
    source.failure = undefined
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(onStale).toHaveBeenCalledTimes(4)
  })

  test('is not stood in for by what this process has changed or forgotten, nor where a record is corrupt', async () => {
    const { source, cache } = cacheOf({ staleFor: 5_000, onStale: () => {} })
    for (const tag of ['a', 'b', 'c']) await source.put(recordOf(tag))
    for (const tag of ['a', 'b', 'c']) await bodyOf(cache, tag)
    await cache.put(recordOf('a', 2))
    cache.invalidate('default', keyOf('b'))
    source.failure = DOWN
    await expect(bodyOf(cache, 'a')).rejects.toBe(DOWN)
    await expect(bodyOf(cache, 'b')).rejects.toBe(DOWN)
    vi.advanceTimersByTime(TTL)
    source.failure = Object.assign(new Error('odd'), { code: 'ERR_RECORD_CORRUPT' })
    await expect(bodyOf(cache, 'c')).rejects.toBe(source.failure)
  })

  test('and hangs is stood in for after a while; who listens and throws breaks nothing', async () => {
    const onStale = vi.fn(() => {
      throw new Error('a listener')
    })
    const { source, cache } = cacheOf({ staleFor: 5_000, onStale })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    vi.advanceTimersByTime(TTL)
    source.isHeld = true
    const reading = bodyOf(cache, 'a')
    await settle()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await reading).toBe('a@1')
    expect(onStale).toHaveBeenCalledTimes(1)
    expect(source.asked[1]!.options?.signal?.aborted).toBe(true)
  })

  test('is stood in for; who listens and fails later does not end the process', async () => {
    const onUnhandled = vi.fn()
    process.on('unhandledRejection', onUnhandled)
    onTestFinished(() => void process.off('unhandledRejection', onUnhandled))
    let told = 0
    // no vi.fn, which would look after the rejection itself
    const onStale = async () => {
      told++
      throw new Error('a listener')
    }
    const { source, cache } = cacheOf({ staleFor: 5_000, onStale })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    vi.advanceTimersByTime(TTL)
    source.failure = DOWN
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(told).toBe(1)
    vi.useRealTimers()
    await new Promise((resolve) => setImmediate(resolve))
    expect(onUnhandled).not.toHaveBeenCalled()
  })

  test('after a change was told is stood in for all the same: the change is not known', async () => {
    let tell: () => void = () => {}
    const onStale = vi.fn()
    const changes = (onChange: () => void) => {
      tell = onChange
    }
    const { source, cache } = cacheOf({ staleFor: 5_000, onStale, changes })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    tell()
    source.failure = DOWN
    expect(await bodyOf(cache, 'a')).toBe('a@1')
    expect(onStale).toHaveBeenCalledTimes(1)
  })

  test('after a change was told is not stood in for, where that was not chosen', async () => {
    let tell: () => void = () => {}
    const changes = (onChange: () => void) => {
      tell = onChange
    }
    const { source, cache } = cacheOf({ onStale: () => expect.unreachable(), changes })
    await putUpTo(source, 'a', 1)
    await bodyOf(cache, 'a')
    tell()
    source.failure = DOWN
    await expect(bodyOf(cache, 'a')).rejects.toBe(DOWN)
  })
})

describe('with a vault', () => {
  test('a config with fifty references costs one round trip, and a thousand resolves after it none', async () => {
    const { source, cache } = cacheOf()
    const keys = generateKey()
    const author = createVault({ storage: source.records, keys })
    const tags = Array.from({ length: 50 }, (_, index) => `secret-${index}`)
    for (const tag of tags) await author.create({ tag, value: `value of ${tag}` })
    const vault = createVault({ storage: cache, keys })
    const config = tags.map((tag) => `<< secrets.${tag} >>`)
    await vault.resolve(config)
    expect(source.asked).toHaveLength(1)
    for (let count = 0; count < 1_000; count++) await vault.resolve(config[count % tags.length])
    expect(source.asked).toHaveLength(1)
    expect((await vault.resolve(config)).expose()).toEqual(tags.map((tag) => `value of ${tag}`))
    await vault.close()
  })

  test('a resolve that must be fresh sees what another process has changed', async () => {
    const { source, cache } = cacheOf()
    const keys = generateKey()
    const other = createVault({ storage: source.records, keys })
    await other.create({ tag: 'api', value: 'first-value' })
    const vault = createVault({ storage: cache, keys })
    const value = async (fresh?: boolean) =>
      (await vault.resolve('<< secrets.api >>', fresh === undefined ? {} : { fresh })).expose()
    expect(await value()).toBe('first-value')
    await other.update('api', { value: 'second-value' })
    expect(await value()).toBe('first-value')
    expect(await value(false)).toBe('first-value')
    expect(await value(true)).toBe('second-value')
    expect(await value()).toBe('second-value')
    await vault.close()
  })
})

test('a resolve takes true or false for fresh, and a snapshot has no such option', async () => {
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await vault.create({ tag: 'api', value: 'first-value' })
  const refused = { code: 'ERR_INVALID_INPUT' }
  for (const fresh of [1, 'true', null]) {
    await expect(vault.resolve('<< secrets.api >>', { fresh: fresh as never })).rejects.toMatchObject(refused)
  }
  expect(await vault.check('<< secrets.api >>', { fresh: true })).toEqual([])
  const snapshot = await vault.snapshot()
  expect(() => snapshot.resolve('<< secrets.api >>', { fresh: true })).toThrow(expect.objectContaining(refused))
  expect(snapshot.resolve('<< secrets.api >>', { fresh: false }).expose()).toBe('first-value')
  await vault.close()
})

test('options are checked when the cache is made', () => {
  const storage = memoryStorage()
  const wrong: unknown[] = [
    undefined,
    {},
    { ttl: 0 },
    { ttl: 1.5 },
    { ttl: '5' },
    { ttl: Number.POSITIVE_INFINITY },
    { ttl: 1, maxRecords: 0 },
    { ttl: 1, staleFor: 1 },
    { ttl: 1, staleFor: -1, onStale() {} },
    { ttl: 1, onStale: 'log' },
    { ttl: 1, changes: {} },
    { ttl: 1, max: 5 },
  ]
  for (const options of wrong) {
    expect(() => cachedStorage(storage, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  }
  for (const options of [undefined, {}]) {
    const message = expect.stringContaining('The option ttl is missing, and has no default')
    expect(() => cachedStorage(storage, options as never)).toThrow(expect.objectContaining({ message }))
  }
  for (const odd of [undefined, null, {}, { ttl: 1 }]) {
    expect(() => cachedStorage(odd as never, { ttl: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  }
})

test('what the storage says of itself, and whether it lists workspaces, is passed on', async () => {
  const source = new Source()
  expect(cachedStorage(source, { ttl: 1 }).where).toBe('the source')
  expect(cachedStorage(source, { ttl: 1 }).workspaces).toBeUndefined()
  const memory = memoryStorage()
  await memory.put(recordOf('a'))
  const cache = cachedStorage(memory, { ttl: 1 })
  expect(await cache.workspaces?.({ limit: 5 })).toEqual(['default'])
  await cache.close?.()
})
