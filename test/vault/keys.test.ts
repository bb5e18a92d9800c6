/** Several keys of one vault: a new one comes in with a write, an old one goes, and what fails is made up for. */

import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { rotateKeys } from '../../src/admin.ts'
import { openKeyring } from '../../src/crypto/keyring.ts'
import { readKeyringBody } from '../../src/crypto/keyring-body.ts'
import { generateKey, localKey } from '../../src/crypto/local-key.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { bodyOf } from '../crypto/rings.ts'
import { fakeKeyService } from './fake-key-service.ts'
import { type Backstage, backstage, failure, KEY, listener } from './fixture.ts'

const next = generateKey()
const NEXT = localKey(next).id
const OLD = localKey(KEY).id

const keyringOf = async (stage: Backstage) => readKeyringBody((await stage.stored('$keyring', '$')).body)
const providersIn = async (stage: Backstage) =>
  (await keyringOf(stage)).keys.map(({ slots }) => slots.map(({ provider }) => provider))
const keyEvents = (told: ReturnType<typeof listener>) =>
  told.mock.calls.flatMap(([{ action, key, outcome, workspace }]: [VaultEvent]) =>
    key === undefined ? [] : [{ action, key, outcome, workspace }],
  )

afterEach(() => vi.useRealTimers())

describe('several keys from the beginning', () => {
  it('all get a slot, and each opens everything alone', async () => {
    const told = listener()
    const stage = backstage({ keys: [KEY, next], onEvent: told })
    await stage.vault.create({ tag: 'a', value: 'one' })
    expect(await providersIn(stage)).toEqual([[OLD, NEXT]])
    for (const keys of [KEY, next]) {
      expect((await stage.another({ keys }).resolve('<< secrets.a >>')).expose()).toBe('one')
    }
    expect(keyEvents(told)).toEqual([])
  })

  it('are all needed to begin: nothing is stored when one of them fails', async () => {
    const down = fakeKeyService('kms:1')
    down.before = () => {
      throw new Error('connect ECONNREFUSED')
    }
    const stage = backstage({ keys: [KEY, down] })
    const error = await failure(stage.vault.create({ tag: 'a', value: 'one' }))
    expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(error.message).toContain('"kms:1"')
    expect(await stage.storage.list('default', { limit: 9 })).toEqual([])
  })
})

describe('a key behind the first that has no slot', () => {
  it.each([
    [
      'a read',
      (stage: Backstage, keys: string[], onEvent: ReturnType<typeof listener>) =>
        stage.another({ keys, onEvent }).resolve('<< secrets.a >>'),
    ],
    [
      'a write',
      (stage: Backstage, keys: string[], onEvent: ReturnType<typeof listener>) =>
        stage.another({ keys, onEvent }).create({ tag: 'b', value: 'two' }),
    ],
  ])('is told of once with %s', async (_, use) => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const told = listener()
    await use(stage, [KEY, next], told)
    expect(keyEvents(told)).toEqual([{ action: 'key-pending', key: NEXT, outcome: 'ok', workspace: 'default' }])
  })

  it('is told of beside a first key that has none either, each once', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const third = generateKey()
    const pending = (key: string) => ({ action: 'key-pending', key, outcome: 'ok', workspace: 'default' })
    const told = listener()
    const vault = stage.another({ keys: [next, KEY, third], onEvent: told })
    for (let count = 0; count < 2; count++) await vault.resolve('<< secrets.a >>')
    expect(keyEvents(told)).toEqual([pending(NEXT), pending(localKey(third).id)])
    const toldOfWrites = listener()
    const writing = stage.another({ keys: [next, KEY, third], onEvent: toldOfWrites })
    for (const value of ['two', 'three']) await writing.update('a', { value })
    expect(keyEvents(toldOfWrites)).toEqual([
      { action: 'key-added', key: NEXT, outcome: 'ok', workspace: 'default' },
      pending(localKey(third).id),
    ])
  })
})

describe('a new key before the old one', () => {
  it.each([
    ['create', (stage: Backstage, keys: string[]) => stage.another({ keys }).create({ tag: 'b', value: 'two' })],
    ['update', (stage: Backstage, keys: string[]) => stage.another({ keys }).update('a', { value: 'two' })],
    ['delete', (stage: Backstage, keys: string[]) => stage.another({ keys }).delete('gone', { confirm: 'gone' })],
  ])('gets its slot with the next %s, and then opens everything alone', async (_, write) => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    await stage.vault.create({ tag: 'gone', value: 'three' })
    await write(stage, [next, KEY])
    expect(await providersIn(stage)).toEqual([[OLD, NEXT]])
    const alone = stage.another({ keys: next })
    expect((await alone.resolve('<< secrets.a >>')).expose()).toMatch(/^(?:one|two)$/)
    expect((await stage.another().resolve('<< secrets.a >>')).expose()).toMatch(/^(?:one|two)$/)
  })

  it('opens retired data keys as well after that write', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const opened = await openKeyring((await stage.stored('$keyring', '$')).body, 'default', [localKey(KEY)])
    const [entry] = opened.content.keys
    const retired = { ...entry!, state: 'retired' as const }
    const { keyring: other } = await (await import('../../src/crypto/keyring.ts')).createKeyring('default', [
      localKey(KEY),
    ])
    const body = bodyOf('default', 2, [retired, other.content.keys[0]!], other.active)
    await stage.storage.put({ workspace: 'default', environment: '$', tag: '$keyring', version: 2, body })
    await stage.another({ keys: [next, KEY] }).create({ tag: 'b', value: 'two' })
    expect(await providersIn(stage)).toEqual([
      [OLD, NEXT],
      [OLD, NEXT],
    ])
    const alone = stage.another({ keys: next })
    expect((await alone.resolve('<< secrets.a >> << secrets.b >>')).expose()).toBe('one two')
  })

  it('is told of once it has its slot, and not again', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const told = listener()
    const vault = stage.another({ keys: [next, KEY], onEvent: told })
    await vault.update('a', { value: 'two' })
    await vault.update('a', { value: 'three' })
    expect(keyEvents(told)).toEqual([{ action: 'key-added', key: NEXT, outcome: 'ok', workspace: 'default' }])
  })

  it('gets no slot on a read: one event for each workspace says that rewrapKeys is still to be run', async () => {
    const stage = backstage()
    for (const workspace of ['v', 'w']) await stage.vault.with({ workspace }).create({ tag: 'a', value: 'one' })
    const told = listener()
    const vault = stage.another({ keys: [next, KEY], onEvent: told })
    for (const workspace of ['v', 'w', 'v', 'w']) {
      const view = vault.with({ workspace })
      await view.resolve('<< secrets.a >>')
      await (await view.snapshot(['a'])).close()
    }
    expect(keyEvents(told)).toEqual(
      ['v', 'w'].map((workspace) => ({ action: 'key-pending', key: NEXT, outcome: 'ok', workspace })),
    )
    expect((await stage.stored('$keyring', '$', 'v')).version).toBe(1)
  })

  it('that was withdrawn gets no slot again, and one event says so', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const { body } = await stage.stored('$keyring', '$')
    const { content, active } = await openKeyring(body, 'default', [localKey(KEY)])
    const withdrawn = bodyOf('default', 2, content.keys, active, [NEXT])
    await stage.storage.put({ workspace: 'default', environment: '$', tag: '$keyring', version: 2, body: withdrawn })
    const told = listener()
    const vault = stage.another({ keys: [next, KEY], onEvent: told })
    await vault.update('a', { value: 'two' })
    await vault.create({ tag: 'b', value: 'two' })
    expect(keyEvents(told)).toEqual([
      { action: 'key-pending', key: NEXT, outcome: 'ERR_INVALID_KEY', workspace: 'default' },
    ])
    expect((await stage.stored('$keyring', '$')).body).toBe(withdrawn)
    const error = await failure(stage.another({ keys: next }).resolve('<< secrets.a >>'))
    expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
    expect(error.message).toContain('was withdrawn')
  })

  it('that fails to wrap keeps nobody from writing, is told once, and is not tried on every write', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const down = fakeKeyService('kms:1')
    down.before = () => {
      throw new Error('connect ECONNREFUSED')
    }
    const told = listener()
    const vault = stage.another({ keys: [down, KEY], onEvent: told })
    for (const value of ['two', 'three', 'four']) await vault.update('a', { value })
    expect(down.calls.wrap).toBe(1)
    expect(keyEvents(told)).toEqual([
      { action: 'key-pending', key: 'kms:1', outcome: 'ERR_STORAGE_UNAVAILABLE', workspace: 'default' },
    ])
  })

  it('that failed to wrap is tried again after a minute, wherever the wall clock was set meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const down = fakeKeyService('kms:1')
    down.before = () => {
      throw new Error('connect ECONNREFUSED')
    }
    const vault = stage.another({ keys: [down, KEY] })
    await vault.update('a', { value: 'two' })
    down.before = () => undefined
    vi.setSystemTime(Date.now() - 86_400_000)
    vi.advanceTimersByTime(59_000)
    await vault.update('a', { value: 'three' })
    expect(down.calls.wrap).toBe(1)
    vi.advanceTimersByTime(2_000)
    await vault.update('a', { value: 'four' })
    expect(await providersIn(stage)).toEqual([[OLD, 'kms:1']])
  })

  it('gets one slot although many vaults write at once, and the keyring counts on by one', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vaults = Array.from({ length: 8 }, () => stage.another({ keys: [next, KEY] }))
    await Promise.all(vaults.map((vault, n) => vault.create({ tag: `t${n}`, value: 'two' })))
    expect(await providersIn(stage)).toEqual([[OLD, NEXT]])
    expect((await keyringOf(stage)).sequence).toBe(2)
    expect((await stage.stored('$keyring', '$')).version).toBe(2)
  })
})

it('a listener that hangs over a key without a slot keeps no caller who gives up', async () => {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'one' })
  const onEvent = ({ action }: VaultEvent) =>
    action === 'key-pending' ? new Promise<void>(() => undefined) : undefined
  const given = { keys: [KEY, next], onEvent }
  const calls = [
    (signal: AbortSignal) => stage.another(given).resolve('<< secrets.a >>', { signal }),
    (signal: AbortSignal) => stage.another(given).create({ tag: 'b', value: 'two' }, { signal }),
  ]
  for (const call of calls) {
    const error = await failure(call(AbortSignal.timeout(20)))
    expect(error).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(error.message).toContain('onEvent')
  }
})

it('a key that fails while another one opens the vault is told, since nobody would notice', async () => {
  const service = fakeKeyService('kms:1')
  const stage = backstage({ keys: [service, KEY] })
  await stage.vault.create({ tag: 'a', value: 'one' })
  service.before = () => {
    throw new Error('connect ECONNREFUSED')
  }
  const told = listener()
  const vault = stage.another({ onEvent: told })
  for (let count = 0; count < 3; count++) await vault.resolve('<< secrets.a >>')
  expect(keyEvents(told)).toEqual([
    { action: 'key-failed', key: 'kms:1', outcome: 'ERR_STORAGE_UNAVAILABLE', workspace: 'default' },
  ])
  expect(told.mock.calls.flatMap(([{ action, outcome }]) => (action === 'use' ? [outcome] : []))).toEqual([
    'ok',
    'ok',
    'ok',
  ])
})

describe('a vault with the wrong key', () => {
  it('writes nothing, and says which keys the storage wants and which it was given', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const before = [await stage.stored('a'), await stage.stored('$keyring', '$')]
    const wrong = stage.another({ keys: next })
    const calls = [
      () => wrong.create({ tag: 'b', value: 'two' }),
      () => wrong.set({ tag: 'a', value: 'two' }),
      () => wrong.update('a', { value: 'two' }),
      () => wrong.delete('a', { confirm: 'a' }),
      () => wrong.resolve('<< secrets.a >>'),
    ]
    for (const call of calls) {
      const error = await failure(call())
      expect(error).toMatchObject({ code: 'ERR_RECORD_UNREADABLE', reason: 'key-unknown' })
      for (const part of [OLD, NEXT, 'rewrapKeys']) expect(error.message).toContain(part)
    }
    expect([await stage.stored('a'), await stage.stored('$keyring', '$')]).toEqual(before)
    await expect(stage.stored('b')).rejects.toThrow('no record')
  })

  it('writes nothing over a keyring of a newer release, and says so', async () => {
    const stage = backstage()
    await stage.vault.create({ tag: 'a', value: 'one' })
    const row = await stage.stored('$keyring', '$')
    const newer = { ...row, body: row.body.replace('"format":1', '"format":2') }
    stage.overwrite(newer)
    const vault = stage.another()
    for (const call of [
      () => vault.create({ tag: 'b', value: 'two' }),
      () => vault.update('a', { value: 'two' }),
      () => vault.resolve('<< secrets.a >>'),
    ]) {
      expect((await failure(call())).code).toBe('ERR_NEWER_FORMAT')
    }
    expect(await stage.stored('$keyring', '$')).toEqual(newer)
    expect((await stage.stored('a')).version).toBe(2)
  })
})

describe('a key service', () => {
  it('is asked once for a hundred parallel uses', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    service.calls.unwrap = 0
    const vault = stage.another({ keys: service })
    const values = await Promise.all(
      Array.from({ length: 100 }, async () => (await vault.resolve('<< secrets.a >>')).expose()),
    )
    expect(new Set(values)).toEqual(new Set(['one']))
    expect(service.calls.unwrap).toBe(1)
  })

  it('that fails is asked once for a hundred parallel uses, which all learn of it, and again for the next', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vault = stage.another({ keys: service })
    service.calls.unwrap = 0
    service.before = () => {
      throw new Error('ThrottlingException: token=hunter2')
    }
    const errors = await Promise.all(Array.from({ length: 100 }, () => failure(vault.resolve('<< secrets.a >>'))))
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['ERR_STORAGE_UNAVAILABLE']))
    expect(errors[0]!.message).toContain('"kms:1"')
    expect(errors[0]!.message).not.toContain('hunter2')
    expect(service.calls.unwrap).toBe(1)
    service.before = () => undefined
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('one')
  })

  it('whose answer to one use never comes keeps the others five seconds, and is asked again', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vault = stage.another({ keys: service })
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    service.calls.unwrap = 0
    let release = () => {}
    // what a Worker does to a request that its caller has left
    service.before = () => {
      return new Promise<void>((resolve) => {
        release = resolve
      })
    }
    const dropped = vault.resolve('<< secrets.a >>')
    const others = Promise.all([vault.resolve('<< secrets.a >>'), vault.update('a', { value: 'two' })])
    await vi.advanceTimersByTimeAsync(4_900)
    expect(service.calls.unwrap).toBe(1)
    service.before = () => undefined
    await vi.advanceTimersByTimeAsync(100)
    expect((await others)[0].expose()).toBe('one')
    expect(service.calls.unwrap).toBe(2)
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('two')
    await rotateKeys(vault)
    release()
    expect((await dropped).expose()).toBe('one') // what it had read then
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('two')
  })

  it('that hangs while the keyring is changed keeps no caller who gives up, and blocks nothing', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vault = stage.another({ keys: service })
    let release = () => {}
    const hanging = new Promise<void>((resolve) => {
      release = resolve
    })
    service.before = () => hanging
    service.calls.unwrap = 0
    const first = vault.resolve('<< secrets.a >>')
    await vi.waitFor(() => expect(service.calls.unwrap).toBe(1))
    service.before = () => undefined
    await rotateKeys(stage.vault)
    const caller = new AbortController()
    const second = failure(vault.resolve('<< secrets.a >>', { signal: caller.signal }))
    service.calls.unwrap = 0
    setTimeout(() => caller.abort(), 20)
    expect(await second).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    expect(service.calls.unwrap).toBe(0) // it is asked again only after five seconds
    release()
    expect((await first).expose()).toBe('one')
  })

  it('that has lost a retired data key loses only what is sealed under it, which is tried again', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    for (const tag of ['a', 'b']) await stage.vault.create({ tag, value: tag })
    service.newVersion()
    const controller = new AbortController()
    for await (const _ of rotateKeys(stage.another({ keys: service }), { signal: controller.signal }))
      controller.abort()
    let isDown = true
    const { unwrap } = service
    const flaky = {
      ...service,
      async unwrap(...[wrapped, aad]: Parameters<typeof unwrap>) {
        if (isDown && wrapped.keyVersion === 'v1') throw new Error('DisabledException')
        return unwrap(wrapped, aad)
      },
    }
    const vault = stage.another({ keys: flaky })
    expect((await vault.resolve('<< secrets.a >>')).expose()).toBe('a')
    for (let count = 0; count < 2; count++) {
      const error = await failure(vault.resolve('<< secrets.b >>'))
      expect(error.code).toBe('ERR_STORAGE_UNAVAILABLE')
      expect(error.message).toContain('"b"')
      expect(error.message).toContain('"kms:1"')
    }
    await vault.create({ tag: 'c', value: 'c' })
    isDown = false
    expect((await vault.resolve('<< secrets.b >>')).expose()).toBe('b')
  })

  it('that hangs is not waited for by a caller who gives up; the others get their answer', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vault = stage.another({ keys: service })
    let answer = (): void => undefined
    service.before = () => new Promise((resolve) => (answer = resolve))
    const controller = new AbortController()
    const patient = vault.resolve('<< secrets.a >>')
    const impatient = failure(vault.resolve('<< secrets.a >>', { signal: controller.signal }))
    await vi.waitFor(() => expect(service.calls.unwrap).toBe(2)) // one of them proved the slot
    controller.abort()
    expect((await impatient).code).toBe('ERR_STORAGE_UNAVAILABLE')
    answer()
    expect((await patient).expose()).toBe('one')
  })

  it('leaves one copy of each data key in memory, which close wipes', async () => {
    const service = fakeKeyService('kms:1')
    const stage = backstage({ keys: service })
    await stage.vault.create({ tag: 'a', value: 'one' })
    const vault = stage.another({ keys: [service, KEY] })
    service.handedOut.length = 0
    await Promise.all([1, 2, 3].map(() => vault.resolve('<< secrets.a >>')))
    // another vault admits a key of its own, so that this one opens the keyring again
    await stage.another({ keys: [next, service] }).create({ tag: 'b', value: 'two' })
    const handedOut = service.handedOut.length
    await vault.create({ tag: 'c', value: 'three' })
    expect(service.handedOut.length).toBe(handedOut)
    const inUse = service.handedOut[0]!
    expect(inUse.some((byte) => byte !== 0)).toBe(true)
    await vault.close()
    expect(inUse).toEqual(new Uint8Array(32))
  })

  it('that answers after the caller of the first create has gone leaves no data key behind', async () => {
    const made = vi.spyOn(crypto, 'getRandomValues')
    onTestFinished(() => made.mockRestore())
    const service = fakeKeyService('kms:1')
    let release = () => {}
    service.before = () => {
      return new Promise<void>((resolve) => {
        release = resolve
      })
    }
    const caller = new AbortController()
    const stage = backstage({ keys: service })
    const created = failure(stage.vault.create({ tag: 'a', value: 'one' }, { signal: caller.signal }))
    await vi.waitFor(() => expect(service.calls.wrap).toBe(1))
    caller.abort()
    expect(await created).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    const bytes = made.mock.results.map(({ value }) => value as Uint8Array).find(({ length }) => length === 32)!
    expect(bytes.some((byte) => byte !== 0)).toBe(true)
    service.before = () => undefined
    release()
    await vi.waitFor(() => expect(bytes).toEqual(new Uint8Array(32)))
    expect(await stage.storage.list('default', { limit: 9 })).toEqual([])
  })
})

describe('the keyring', () => {
  it('is opened only after the policy has spoken', async () => {
    const { vault, another } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const stranger = another({ keys: generateKey(), policy: () => false })
    expect(await failure(stranger.resolve('<< secrets.free >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  })

  it('that arrives after the vault was closed is wiped', async () => {
    const { vault, storage, another } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    let release = () => {}
    const slow = another({
      storage: {
        ...storage,
        get: async (...call) => {
          const rows = await storage.get(...call)
          await new Promise<void>((resume) => {
            release = resume
          })
          return rows
        },
      },
    })
    const pending = slow.resolve('<< secrets.free >>')
    await Promise.resolve()
    await new Promise((resume) => setImmediate(resume))
    const closing = slow.close()
    release()
    expect(await failure(pending)).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    await closing
  })
})
