/** Providers that are slow, hang, refuse, or answer wrongly or too late. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDataKey } from '../../src/crypto/data-key.ts'
import type { KeyEntry } from '../../src/crypto/keyring-body.ts'
import { PROVIDER_DEADLINE, PROVIDER_PATIENCE, unwrapEntry, wrapDataKeyBy } from '../../src/crypto/provider-calls.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { entry } from './rings.ts'

const coded = (code: string) => expect.objectContaining({ name: 'GuillemetError', code })
const unreadable = (reason: string) => expect.objectContaining({ code: 'ERR_RECORD_UNREADABLE', reason })

/** Wraps by copying. `answers` decides when it does. */
function service(id: string, own: Partial<KeyProvider> = {}) {
  const handedOut: Uint8Array[] = []
  const provider: KeyProvider = {
    id,
    wrap: async (key) => ({ bytes: key.slice() }),
    unwrap: async ({ bytes }) => {
      const key = bytes.slice()
      handedOut.push(key)
      return key
    },
    ...own,
  }
  return { provider, handedOut }
}

const never = () => new Promise<never>(() => undefined)
const key = createDataKey()
let both: KeyEntry

beforeEach(async () => {
  both = await entry(key, 'active', 'w', [service('one').provider, service('two').provider])
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

describe('of several providers', () => {
  it('the second is not asked while the first answers', async () => {
    const asked = vi.fn(never)
    const unwrapped = await unwrapEntry(both, 'w', [
      service('one').provider,
      service('two', { unwrap: asked }).provider,
    ])
    expect(unwrapped?.key.id).toBe(key.id)
    expect(asked).not.toHaveBeenCalled()
  })

  it('the second opens when the first hangs', async () => {
    const hanging = service('one', { unwrap: never }).provider
    const opening = unwrapEntry(both, 'w', [hanging, service('two').provider])
    await vi.advanceTimersByTimeAsync(PROVIDER_PATIENCE)
    expect((await opening)?.provider.id).toBe('two')
    expect(vi.getTimerCount()).toBe(1) // the deadline of the call that hangs
    await vi.advanceTimersByTimeAsync(PROVIDER_DEADLINE)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('the second opens at once when the first fails, and no timer is left', async () => {
    const failing = service('one', { unwrap: () => Promise.reject(new Error('down')) }).provider
    expect((await unwrapEntry(both, 'w', [failing, service('two').provider]))?.provider.id).toBe('two')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('one that fails is told where another one unwraps, also long after, and not where none does', async () => {
    const told = vi.fn()
    const [one, two] = [new Error('down'), new Error('down too')].map((error, index) => {
      const failing = service(index === 0 ? 'one' : 'two', { unwrap: () => Promise.reject(error) })
      return failing.provider
    }) as [KeyProvider, KeyProvider]
    await unwrapEntry(both, 'w', [one, service('two').provider], told)
    expect(told.mock.calls).toEqual([['one', coded('ERR_STORAGE_UNAVAILABLE')]])
    told.mockClear()
    await expect(unwrapEntry(both, 'w', [one, two], told)).rejects.toEqual(coded('ERR_STORAGE_UNAVAILABLE'))
    expect(told).not.toHaveBeenCalled()
    const hanging = service('one', { unwrap: never }).provider
    const opening = unwrapEntry(both, 'w', [hanging, service('two').provider], told)
    await vi.advanceTimersByTimeAsync(PROVIDER_PATIENCE)
    await opening
    expect(told).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(PROVIDER_DEADLINE)
    expect(told.mock.calls).toEqual([['one', coded('ERR_STORAGE_UNAVAILABLE')]])
  })

  it('the one that answers too late is wiped', async () => {
    let answer = (_bytes: Uint8Array): void => undefined
    const late = service('one', { unwrap: () => new Promise((resolve) => (answer = resolve)) }).provider
    const opening = unwrapEntry(both, 'w', [late, service('two').provider])
    await vi.advanceTimersByTimeAsync(PROVIDER_PATIENCE)
    const winner = await opening
    const bytes = key.bytes.slice()
    answer(bytes)
    await vi.advanceTimersByTimeAsync(0)
    expect(bytes).toEqual(new Uint8Array(32))
    expect(winner?.key.bytes).toEqual(key.bytes)
  })

  it('all fail: the first in order is told of, by its id', async () => {
    const [one, two] = ['one', 'two'].map(
      (id) => service(id, { unwrap: () => Promise.reject(new Error('x')) }).provider,
    )
    await expect(unwrapEntry(both, 'w', [one!, two!])).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining('"one"') }),
    )
  })
})

describe('a provider that hangs', () => {
  it('is given up after its deadline, and what comes later is wiped', async () => {
    let answer = (_bytes: Uint8Array): void => undefined
    const late = service('one', { unwrap: () => new Promise((resolve) => (answer = resolve)) }).provider
    const opening = expect(unwrapEntry(both, 'w', [late])).rejects.toThrow(coded('ERR_STORAGE_UNAVAILABLE'))
    await vi.advanceTimersByTimeAsync(PROVIDER_DEADLINE)
    await opening
    const bytes = key.bytes.slice()
    answer(bytes)
    await vi.advanceTimersByTimeAsync(0)
    expect(bytes).toEqual(new Uint8Array(32))
  })

  it('is given up while it wraps, and keeps no data key that it could still send', async () => {
    let handed = new Uint8Array()
    const hanging = service('one', {
      wrap: (dataKey) => {
        handed = dataKey as Uint8Array<ArrayBuffer>
        return never()
      },
    }).provider
    const wrapping = expect(wrapDataKeyBy(hanging, key, 'w')).rejects.toThrow(coded('ERR_STORAGE_UNAVAILABLE'))
    await vi.advanceTimersByTimeAsync(PROVIDER_DEADLINE)
    await wrapping
    expect(handed).toEqual(new Uint8Array(32))
  })
})

describe('a slot is stored only after it was unwrapped', () => {
  it.each([
    ['may not unwrap', { unwrap: () => Promise.reject(new Error('AccessDenied')) }, coded('ERR_STORAGE_UNAVAILABLE')],
    ['gives another key', { unwrap: async () => createDataKey().bytes }, unreadable('key-corrupt')],
    ['gives nothing', { unwrap: async () => undefined as never }, unreadable('key-corrupt')],
    [
      'throws before it has a promise',
      {
        wrap: () => {
          throw new Error('no client')
        },
      },
      coded('ERR_STORAGE_UNAVAILABLE'),
    ],
  ])('by a provider that %s', async (_, own: Partial<KeyProvider>, expected) => {
    await expect(wrapDataKeyBy(service('one', own).provider, key, 'w')).rejects.toThrow(expected)
  })
})

it('a service that ignores the context hands over no other data key', async () => {
  const careless = service('one').provider
  const other = await entry(createDataKey(), 'active', 'v', [careless])
  const mixed = { ...both, slots: [{ ...both.slots[0]!, wrapped: other.slots[0]!.wrapped }] }
  await expect(unwrapEntry(mixed, 'w', [careless])).rejects.toThrow(unreadable('key-corrupt'))
})
