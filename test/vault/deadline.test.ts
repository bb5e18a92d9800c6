/** No call of a vault waits for ever for its storage: deadlines, signals of callers, and `close` while others work. */

import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import { PROVIDER_DEADLINE } from '../../src/crypto/provider-calls.ts'
import type { StoredRecord, VaultStorage } from '../../src/ports/storage.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import { createVault } from '../../src/vault/vault.ts'
import { all, backstage, failure } from './fixture.ts'

const SHORT = 30
const REASON = 'reason-with-hunter22'
const coded = (code: string) => Object.assign(new Error('postgres://app:hunter22@db/'), { code })
const never = () => new Promise<never>(() => undefined)

/** A vault with the masked secret `a`, over a storage that a test can disturb. */
async function disturbed(
  disturb: (storage: VaultStorage) => Partial<VaultStorage>,
  options: Partial<VaultOptions> = { storageTimeout: SHORT },
) {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v-0123456789', visibility: 'masked' })
  const storage: VaultStorage = { ...stage.storage, ...disturb(stage.storage) }
  return { ...stage, vault: stage.another({ storage, ...options }) }
}

/** Something that others wait for until it is let go. */
function gate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

type Waiting = (vault: Vault, signal?: AbortSignal) => Promise<unknown>
const signalled = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })
const CALLS: readonly (readonly [string, Waiting])[] = [
  ['resolve', (vault, signal) => vault.resolve('<< secrets.a >>', signalled(signal))],
  ['resolveHeaders', (vault, signal) => vault.resolveHeaders({ x: '<< secrets.a >>' }, signalled(signal))],
  ['use', (vault, signal) => vault.use('<< secrets.a >>', () => 1, signalled(signal))],
  ['reveal', (vault, signal) => vault.reveal('a', signalled(signal))],
  ['describe', (vault, signal) => vault.describe('a', signalled(signal))],
  ['list', (vault, signal) => all(vault.list({}, signalled(signal)))],
  ['check', (vault, signal) => vault.check('<< secrets.a >>', signalled(signal))],
  ['snapshot', (vault, signal) => vault.snapshot(undefined, signalled(signal))],
  ['create', (vault, signal) => vault.create({ tag: 'b', value: 'v' }, signalled(signal))],
  ['set', (vault, signal) => vault.set({ tag: 'a', value: 'w' }, signalled(signal))],
  ['update', (vault, signal) => vault.update('a', { name: 'A' }, signalled(signal))],
  ['delete', (vault, signal) => vault.delete('a', { confirm: 'a', ...signalled(signal) })],
]

const unhandled: unknown[] = []
const onUnhandled = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => void process.on('unhandledRejection', onUnhandled))
afterEach(async () => {
  // Node tells of them after the microtasks of a turn
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', onUnhandled)
  expect(unhandled.splice(0)).toEqual([])
})

describe('a storage that never answers', () => {
  it.each(CALLS)('does not hang %s', async (_, call) => {
    const { vault } = await disturbed(() => ({ get: never, list: never, put: never }))
    const error = await failure(call(vault))
    expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(error.message).toContain('storageTimeout')
  })

  it.each(CALLS)('does not hang %s whose signal is aborted, and says nothing of the reason', async (_, call) => {
    const { vault } = await disturbed(() => ({ get: never, list: never, put: never }), {})
    const caller = new AbortController()
    const failed = failure(call(vault, caller.signal))
    caller.abort(new Error(REASON))
    const error = await failed
    expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(error.message).toContain('aborted')
    expect(`${error.stack}${String(error.cause)}`).not.toContain('hunter22')
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  })

  it.each(CALLS)('is not even asked by %s whose signal was aborted before', async (_, call) => {
    let asked = 0
    const count = () => {
      asked++
      return never()
    }
    const { vault } = await disturbed(() => ({ get: count, list: count, put: count }))
    expect(await failure(call(vault, AbortSignal.abort(REASON)))).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(asked).toBe(0)
  })

  it('does not hang close', async () => {
    const { vault } = await disturbed(() => ({ close: never }))
    expect(await failure(vault.close())).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
  })

  it('is told by its signal that nobody waits any longer, without the reason of the caller', async () => {
    const signals: AbortSignal[] = []
    const { vault } = await disturbed(() => ({
      get: (_workspace, _keys, options) => {
        signals.push(options!.signal!)
        return never()
      },
    }))
    await failure(vault.describe('a'))
    const caller = new AbortController()
    const failed = failure(vault.describe('a', { signal: caller.signal }))
    caller.abort(new Error(REASON))
    await failed
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    for (const { reason } of signals) expect(String(reason)).not.toContain('hunter22')
  })

  it('may fail long after, which ends no process', async () => {
    const late: (() => void)[] = []
    const reject = () => new Promise<never>((_, fail) => late.push(() => fail(coded('ECONNRESET'))))
    const { vault } = await disturbed(() => ({ get: reject, put: reject }))
    await failure(vault.describe('a'))
    await failure(vault.update('a', { name: 'A' }))
    for (const fail of late) fail()
    // the hook after each test looks at what was not handled
    expect(late.length).toBeGreaterThan(1)
  })
})

describe('a signal', () => {
  it.each(CALLS)('that is never aborted changes nothing for %s, and is left as it was', async (_, call) => {
    const { vault } = await disturbed(() => ({}))
    const caller = new AbortController()
    await call(vault, caller.signal)
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  })

  it.each(CALLS)('must be one for %s', async (_, call) => {
    const { vault } = await disturbed(() => ({}))
    for (const wrong of [null, true, 'x', {}, { aborted: false }]) {
      const error = await failure((async () => call(vault, wrong as never))())
      expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })

  it('does not end what needs the storage no more', async () => {
    const { vault } = await disturbed(() => ({}))
    const caller = new AbortController()
    const outcome = await vault.use('<< secrets.a >>', () => caller.abort() ?? 'done', { signal: caller.signal })
    expect(outcome.expose()).toBe('done')
    expect((await vault.resolve('no reference', { signal: AbortSignal.abort() })).expose()).toBe('no reference')
  })
})

describe('a put that was handed over and not answered', () => {
  it('in time is found by reading back', async () => {
    const { vault, stored } = await disturbed((storage) => ({
      put: (record) => storage.put(record).then(never),
    }))
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
    expect((await stored('a')).version).toBe(3)
  })

  it('in time, and not done, is offered again: the version makes that safe', async () => {
    let puts = 0
    const { vault, stored } = await disturbed((storage) => ({
      put: (record) => (puts++ === 0 ? never() : storage.put(record)),
    }))
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
    expect(puts).toBe(2)
    expect((await stored('a')).version).toBe(3)
  })

  it('in time, and done only after it was looked for, is one write', async () => {
    const bodies: string[] = []
    const { vault, storage, stored } = await disturbed((inner) => ({
      async put(record: StoredRecord) {
        bodies.push(record.body)
        if (bodies.length === 1) return never()
        // the first one arrives just before the second
        await inner.put({ ...record, body: bodies[0]! })
        return inner.put(record)
      },
    }))
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
    expect(new Set(bodies).size).toBe(1)
    expect((await stored('a')).body).toBe(bodies[0])
    expect(await storage.get('default', [{ environment: 'default', tag: 'a' }])).toMatchObject([{ version: 3 }])
  })

  it('when the caller gave up is of unknown outcome, never "not written"', async () => {
    const started = gate()
    const landing = gate()
    const landed = gate()
    const { vault, stored } = await disturbed((storage) => ({
      async put(record: StoredRecord) {
        started.open()
        await landing.opened
        await storage.put(record)
        landed.open()
      },
    }))
    const caller = new AbortController()
    const failed = failure(vault.update('a', { name: 'A' }, { signal: caller.signal }))
    await started.opened
    caller.abort(new Error(REASON))
    const error = await failed
    expect(error).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    expect(`${error.stack}${String(error.cause)}`).not.toContain('hunter22')
    landing.open()
    await landed.opened
    expect((await stored('a')).version).toBe(3)
  })

  it('and cannot be read back is of unknown outcome', async () => {
    let isDown = false
    const { vault } = await disturbed((storage) => ({
      get: (...call) => (isDown ? never() : storage.get(...call)),
      put: () => {
        isDown = true
        return never()
      },
    }))
    expect(await failure(vault.update('a', { name: 'A' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })

  it('is certainly not written where the storage says so when it is told to stop', async () => {
    const { vault } = await disturbed(() => ({
      put: (_record, options) =>
        new Promise((_, reject) => {
          // as one that has waited for a connection all the time
          options!.signal!.addEventListener('abort', () => setTimeout(() => reject(coded('ERR_STORAGE_UNAVAILABLE'))))
        }),
    }))
    expect(await failure(vault.update('a', { name: 'A' }))).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
  })

  it('is written where the storage says so when it is told to stop', async () => {
    const { vault, stored } = await disturbed((storage) => ({
      put: (record, options) =>
        new Promise((resolve, reject) => {
          options!.signal!.addEventListener('abort', () => storage.put(record).then(resolve, reject))
        }),
    }))
    expect((await vault.update('a', { name: 'A' })).version).toBe(3)
    expect((await stored('a')).version).toBe(3)
  })
})

describe('a conflict', () => {
  /** As a driver does that sends again what was not answered: the second run meets the first. */
  const resending = (storage: VaultStorage): Partial<VaultStorage> => ({
    put: (record) => storage.put(record).then(() => storage.put(record)),
  })

  it('with itself is a success', async () => {
    const { vault } = await disturbed(resending)
    expect((await vault.create({ tag: 'b', value: 'v' })).version).toBe(2)
    expect((await vault.update('b', { name: 'B' }, { ifVersion: 2 })).version).toBe(3)
    await vault.delete('b', { confirm: 'b', ifVersion: 3 })
    await vault.set({ tag: 'b', value: 'w', allow: null })
    expect((await vault.describe('b'))?.version).toBe(6)
  })

  it('with another record is one, also where both say the same at the same time', async () => {
    const { another, storage } = await disturbed(() => ({}))
    // both read before either writes
    let readers = 0
    const both = gate()
    const meeting: VaultStorage = {
      ...storage,
      get: async (...call) => {
        const rows = await storage.get(...call)
        if (++readers === 2) both.open()
        await both.opened
        return rows
      },
    }
    const deletions = [another({ storage: meeting }), another({ storage: meeting })].map((vault) =>
      vault.delete('a', { confirm: 'a', ifVersion: 2 }),
    )
    const outcomes = (await Promise.allSettled(deletions)).map(({ status }) => status)
    expect(outcomes.sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('that cannot be looked at is of unknown outcome', async () => {
    let isDown = false
    const { vault } = await disturbed((storage) => ({
      get: (...call) => (isDown ? Promise.reject(coded('ECONNREFUSED')) : storage.get(...call)),
      async put(record: StoredRecord) {
        await storage.put(record)
        isDown = true
        throw coded('ERR_CONFLICT')
      },
    }))
    expect(await failure(vault.update('a', { name: 'A' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })
})

it.each(['ERR_STORAGE_UNAVAILABLE', 'ERR_INVALID_INPUT', 'ERR_RECORD_CORRUPT'])(
  'a put that is refused with %s is certainly not written: it is not read back and not offered again',
  async (code) => {
    let puts = 0
    const { vault, storage } = await disturbed(() => ({
      put: () => {
        puts++
        return Promise.reject(coded(code))
      },
    }))
    const before = storage.reads.count
    const error = await failure(vault.update('a', { name: 'A' }))
    expect(error).toMatchObject({ code })
    expect(`${error.stack}${String(error.cause)}`).not.toContain('hunter22')
    expect(puts).toBe(1)
    expect(storage.reads.count - before).toBe(2) // the record and the keyring, before the put
  },
)

describe('a key provider that never answers', () => {
  afterEach(() => vi.useRealTimers())

  it('does not hang close, which closes the others and the storage', async () => {
    const closed: string[] = []
    const key = localKey(generateKey())
    const other = { ...localKey(generateKey()), close: async () => void closed.push('key') }
    const storage = { ...memoryStorage(), close: async () => void closed.push('storage') }
    const vault = createVault({ storage, keys: [{ ...key, close: never }, other] })
    vi.useFakeTimers()
    const failed = failure(vault.close())
    await vi.advanceTimersByTimeAsync(PROVIDER_DEADLINE)
    const error = await failed
    expect(error.code).toBe('ERR_STORAGE_UNAVAILABLE')
    expect(error.message).toContain('key provider')
    expect(closed.sort()).toEqual(['key', 'storage'])
  })
})

describe('close while others work', () => {
  it('waits for a write that the storage was given, which ends as it would have ended', async () => {
    const started = gate()
    const going = gate()
    let isClosed = false
    const { vault, stored } = await disturbed(
      (storage) => ({
        async put(record: StoredRecord) {
          started.open()
          await going.opened
          expect(isClosed).toBe(false)
          await storage.put(record)
        },
        close: async () => {
          isClosed = true
        },
      }),
      {},
    )
    const updating = vault.update('a', { name: 'A' })
    await started.opened
    const closing = vault.close()
    going.open()
    expect((await updating).version).toBe(3)
    await closing
    expect(isClosed).toBe(true)
    expect((await stored('a')).version).toBe(3)
  })

  it('called once more waits for the same end: a program that is told twice to stop must not exit before it', async () => {
    const started = gate()
    const going = gate()
    const { vault, stored } = await disturbed((storage) => ({
      async put(record: StoredRecord) {
        started.open()
        await going.opened
        await storage.put(record)
      },
    }))
    const updating = vault.update('a', { name: 'A' })
    await started.opened
    const order: string[] = []
    const closings = [vault.close(), vault.close()].map((closing) => closing.then(() => order.push('closed')))
    setImmediate(() => {
      order.push('written')
      going.open()
    })
    await Promise.all(closings)
    expect(order).toEqual(['written', 'closed', 'closed'])
    await updating
    expect((await stored('a')).version).toBe(3)
    await vault.close()
  })

  it('ends what has further steps to take, and nothing is written', async () => {
    for (const call of [CALLS[0]![1], CALLS[10]![1]]) {
      const started = gate()
      const going = gate()
      const { vault, stored } = await disturbed((storage) => ({
        async get(...of) {
          started.open()
          await going.opened
          return storage.get(...of)
        },
      }))
      const failed = failure(call(vault))
      await started.opened
      const closing = vault.close()
      going.open()
      expect(await failed).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE', status: 503 })
      await closing
      // what is called now is a mistake of the caller
      expect(await failure(call(vault))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
      expect((await stored('a')).version).toBe(2)
    }
  })
})

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 600_001, '1000', null])(
  'the option storageTimeout is not %s',
  (storageTimeout) => {
    expect(() => backstage({ storageTimeout: storageTimeout as number })).toThrow('storageTimeout')
  },
)

it('work that close catches before it began is worth another attempt elsewhere', async () => {
  const { vault } = backstage()
  await vault.set({ tag: 'a', value: 'v-0123456789' })
  const caught = failure(vault.use('<< secrets.a >>', () => expect.unreachable()))
  await vault.close()
  expect(await caught).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE', status: 503 })
})

describe('a caller who gives up while somebody else is waited for', () => {
  /** A vault whose policy, listener or key hangs from now on. */
  async function hanging(who: 'policy' | 'onEvent' | 'key', more: Partial<VaultOptions> = {}) {
    let hung: ReturnType<typeof gate> | undefined
    const wait = <R>(result: R): R | Promise<never> => {
      hung?.open()
      return hung === undefined ? result : never()
    }
    const key = localKey(generateKey())
    const hungKey = async () => wait(new Uint8Array())
    const keys = who !== 'key' ? key : { ...key, wrap: async () => wait({ bytes: new Uint8Array() }), unwrap: hungKey }
    const stage = backstage({
      keys: key,
      ...(who === 'policy' ? { policy: () => wait(true) } : {}),
      ...(who === 'onEvent' ? { onEvent: () => wait(undefined) } : {}),
      ...more,
    })
    await stage.vault.create({ tag: 'a', value: 'v-0123456789', visibility: 'masked' })
    hung = gate()
    return { ...stage, vault: stage.another({ keys }), hung: hung.opened }
  }

  const answering: readonly string[] = ['describe', 'list', 'check']
  const changing = CALLS.slice(8)
  const using = CALLS.slice(0, 8).filter(([name]) => !answering.includes(name))

  const givenUp = async (vault: Vault, hung: Promise<void>, call: Waiting) => {
    const caller = new AbortController()
    const ended = call(vault, caller.signal).then(
      () => 'done',
      (error: Error & { code: string }) => `${error.code} ${error.message}`,
    )
    await hung
    caller.abort(new Error(REASON))
    const end = await ended
    expect(end).not.toContain('hunter22')
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
    return end
  }

  it.each(CALLS)('is let go by %s where the policy hangs, which is named', async (_, call) => {
    const { vault, hung } = await hanging('policy')
    expect(await givenUp(vault, hung, call)).toMatch(/^ERR_STORAGE_UNAVAILABLE .*the policy/)
  })

  it.each([...using, ...changing.slice(0, 3)])(
    'is let go by %s where a key provider hangs, which is named',
    async (_, call) => {
      const { vault, hung } = await hanging('key')
      expect(await givenUp(vault, hung, call)).toMatch(/^ERR_STORAGE_UNAVAILABLE .*a key provider/)
    },
  )

  it('is let go by the first create of a workspace where a key provider hangs', async () => {
    const { vault, storage, hung } = await hanging('key')
    const other = vault.with({ workspace: 'other' })
    expect(await givenUp(other, hung, changing[0]![1])).toMatch(/^ERR_STORAGE_UNAVAILABLE .*a key provider/)
    expect(await storage.list('other', { limit: 1 })).toEqual([])
  })

  it.each(using)('is let go by %s where the listener hangs, which is named', async (_, call) => {
    const { vault, hung } = await hanging('onEvent')
    expect(await givenUp(vault, hung, call)).toMatch(/^ERR_STORAGE_UNAVAILABLE .*onEvent/)
  })

  it.each(using)('gets nothing by %s where an audit is required and hangs', async (_, call) => {
    const { vault, hung } = await hanging('onEvent', { audit: 'required' })
    expect(await givenUp(vault, hung, call)).toMatch(/^ERR_STORAGE_UNAVAILABLE .*onEvent/)
  })

  it.each(changing)('is told by %s what was written, where the listener hangs', async (_, call) => {
    const { vault, hung } = await hanging('onEvent')
    expect(await givenUp(vault, hung, call)).toBe('done')
  })

  it('is told why the call failed, where the listener hangs; what that fails with later is told to onEventError', async () => {
    const told: unknown[] = []
    let fail!: (error: Error) => void
    const hung = gate()
    const onEvent = () => {
      hung.open()
      return new Promise<void>((_, reject) => (fail = reject))
    }
    const { vault } = backstage({ onEvent, onEventError: (error) => told.push(error) })
    const end = await givenUp(vault, hung.opened, (of, signal) => of.resolve('<< secrets.a >>', signalled(signal)))
    expect(end).toMatch(/^ERR_MISSING_SECRETS/)
    expect(told).toEqual([])
    const late = new Error('the log is full')
    fail(late)
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).toEqual([late])
  })
})

it('any number of calls may wait by one signal, of which no leak is warned', async () => {
  const { opened, open } = gate()
  const { vault } = await disturbed((storage) => ({
    get: async (...given: Parameters<VaultStorage['get']>) => {
      await opened
      return storage.get(...given)
    },
  }))
  const { signal } = new AbortController()
  let most = 0
  const { addEventListener } = signal
  vi.spyOn(signal, 'addEventListener').mockImplementation((...given) => {
    addEventListener.apply(signal, given as Parameters<typeof addEventListener>)
    most = Math.max(most, getEventListeners(signal, 'abort').length)
  })
  const calls = Array.from({ length: 20 }, () => vault.resolve('<< secrets.a >>', { signal }))
  await new Promise((resolve) => setImmediate(resolve))
  open()
  await Promise.all(calls)
  expect(most).toBe(1)
  await vi.waitFor(() => expect(getEventListeners(signal, 'abort')).toHaveLength(0))
})
