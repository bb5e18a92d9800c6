/** Code that is not ours, and throws what it knows: policies, listeners, storages, key providers, callbacks, clients. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { localKey } from '../../src/crypto/local-key.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { scratch } from '../storage/scratch.ts'
import { all } from '../vault/fixture.ts'
import { CANARIES, type Canary, URL_MARK } from './canaries.ts'
import { KEY, STORAGES, watched } from './stages.ts'

const place = scratch()

/** An error that tells all it can: in message, stack, fields, cause, and by its class. */
function talkative(...words: string[]): Error {
  const text = [`https://user:${URL_MARK}@db.example/${URL_MARK}`, ...words].join(' ')
  class TalkativeError extends Error {
    readonly config = { headers: { Authorization: `Bearer ${text}` }, auth: { password: text }, data: [text] }
    toJSON() {
      return { ...this, message: this.message }
    }
    [inspect.custom]() {
      return `TalkativeError ${text}`
    }
  }
  return Object.assign(new TalkativeError(text, { cause: new Error(text) }), { errors: [new Error(text)] })
}

/** All calls that ask the policy, tell the listener, or reach for the storage. */
function calls(vault: Vault, { tag, value, reference }: Canary): (() => unknown)[] {
  return [
    () => vault.resolve(reference),
    () => vault.resolveRequest({ url: `https://h.example/${URL_MARK}`, headers: { A: reference } }),
    () => vault.use(reference, () => expect.unreachable()),
    () => vault.snapshot([tag]),
    () => vault.update(tag, { value }),
    () => vault.set({ tag, value }),
    () => vault.create({ tag: 'fresh', value }),
    () => vault.delete(tag, { confirm: tag }),
    () => vault.reveal(tag),
    () => vault.describe(tag),
  ]
}

describe.each(STORAGES)('over %s', (storage) => {
  it('a policy that throws what it knows denies, and nothing of it comes out', async () => {
    const stage = await watched(storage, place)
    for (const canary of CANARIES) {
      for (const policy of [
        () => {
          throw talkative(canary.exposed)
        },
        () => Promise.reject(canary.exposed),
        () => canary.exposed,
        () => undefined,
      ]) {
        const vault = stage.another({ policy: policy as never })
        for (const call of calls(vault, canary)) await stage.refuses(call, 'ERR_PERMISSION_DENIED')
        stage.see(await vault.check(canary.reference), await all(vault.list()))
        await stage.refuses(() => vault.resolve('<< secrets.lonk >>'), 'ERR_PERMISSION_DENIED')
      }
    }
    await stage.expectUnharmed()
  })

  it('a listener that throws, where an audit is required, lets nothing be handed out, and undoes no write', async () => {
    const stage = await watched(storage, place)
    for (const canary of CANARIES) {
      const { tag, value, reference, exposed } = canary
      const onEvent = () => {
        throw talkative(exposed)
      }
      const vault = stage.another({ onEvent, audit: 'required' })
      for (const call of [
        () => vault.resolve(reference),
        () => vault.use(reference, () => expect.unreachable()),
        () => vault.snapshot([tag]),
      ]) {
        await stage.refuses(call, 'ERR_PERMISSION_DENIED')
      }
      await vault.create({ tag: `${tag}-masked`, value, visibility: 'masked' })
      await stage.refuses(() => vault.reveal(`${tag}-masked`), 'ERR_PERMISSION_DENIED')
      expect((await vault.update(`${tag}-masked`, { name: 'N' })).version).toBe(3)
      await vault.delete(`${tag}-masked`, { confirm: `${tag}-masked` })
      await stage.refuses(() => vault.delete(`${tag}-masked`, { confirm: `${tag}-masked` }), 'ERR_SECRET_NOT_FOUND')
      await stage.refuses(() => vault.resolve('<< secrets.gone >>'), 'ERR_MISSING_SECRETS')
    }
    await stage.expectUnharmed()
  })

  it.each<[string, (reason: unknown) => () => never | Promise<never>]>([
    ['rejects', (reason) => () => Promise.reject(reason)],
    [
      'throws',
      (reason) => () => {
        throw reason
      },
    ],
  ])('a storage that %s with its connection string is not quoted', async (_, failing) => {
    const stage = await watched(storage, place)
    const text = `postgres://app:${URL_MARK}@db.example/${URL_MARK}`
    const reasons = [
      talkative(text),
      Object.assign(talkative(text), { code: 'ECONNREFUSED' }),
      Object.assign(talkative(text), { code: text }),
      Object.assign(talkative(text), { code: 'ERR_STORAGE_UNAVAILABLE' }),
      Object.assign(talkative(text), { code: 'ERR_RECORD_CORRUPT' }),
      text,
      undefined,
    ]
    const codes = ['ERR_STORAGE_UNAVAILABLE', 'ERR_RECORD_CORRUPT', 'ERR_OUTCOME_UNKNOWN'] as const
    for (const reason of reasons) {
      const fail = failing(reason)
      for (const canary of CANARIES) {
        const down = stage.another({ storage: { get: fail, put: fail, list: fail, close: fail } })
        for (const call of [...calls(down, canary), () => down.check(canary.reference), () => all(down.list())]) {
          await stage.refuses(call, codes)
        }
        const readOnly = stage.another({ storage: { ...stage.storage, put: fail }, storageTimeout: 20 })
        for (const call of [
          () => readOnly.update(canary.tag, { name: 'another' }),
          () => readOnly.create({ tag: 'fresh', value: canary.value }),
          () => readOnly.delete(canary.tag, { confirm: canary.tag }),
        ]) {
          await stage.refuses(call, codes)
        }
        await stage.refuses(() => down.close(), codes)
      }
    }
    await stage.expectUnharmed()
  })

  it('a key provider that throws what it was given is not quoted', async () => {
    const stage = await watched(storage, place)
    const key = localKey(KEY)
    const fail = (...given: unknown[]) => {
      throw talkative(
        KEY,
        ...given.filter((one) => one instanceof Uint8Array).map((one) => Buffer.from(one).toString('hex')),
      )
    }
    const providers: KeyProvider[] = [
      { ...key, wrap: fail, unwrap: fail },
      { ...key, wrap: async (...given) => fail(...given), unwrap: async (...given) => fail(...given) },
      { ...key, unwrap: async () => Promise.reject(Object.assign(talkative(KEY), { code: 'ERR_INVALID_KEY' })) },
      { ...key, unwrap: async () => Promise.reject(Object.assign(talkative(KEY), { code: 'ERR_RECORD_UNREADABLE' })) },
      { ...key, unwrap: async () => undefined as never },
    ]
    for (const provider of providers) {
      const vault = stage.another({ keys: provider })
      for (const { tag, value, reference } of CANARIES) {
        for (const call of [
          () => vault.resolve(reference),
          () => vault.update(tag, { value }),
          () => vault.create({ tag: 'fresh', value }),
        ]) {
          await stage.refuses(call, ['ERR_STORAGE_UNAVAILABLE', 'ERR_INVALID_KEY', 'moved', 'key-corrupt'])
        }
      }
      if (provider.wrap === key.wrap) continue
      const empty = createVault({ storage: memoryStorage(), keys: provider })
      await stage.refuses(() => empty.create({ tag: 'a', value: 'some-value-1' }), 'ERR_STORAGE_UNAVAILABLE')
    }
    for (const close of [fail, async () => fail()]) {
      const closing = stage.another({ keys: { ...key, close } })
      await stage.refuses(() => closing.close(), 'ERR_STORAGE_UNAVAILABLE')
    }
    await stage.expectUnharmed()
  })

  it('a callback of use may throw or return whatever it likes', async () => {
    const stage = await watched(storage, place)
    for (const { reference, exposed } of CANARIES) {
      for (const thrown of foreignErrors(exposed)) {
        stage.see(
          await stage.vault
            .use(reference, () => {
              throw thrown
            })
            .catch((error: unknown) => error),
        )
        stage.see(await stage.vault.use(reference, () => ({ thrown: String(thrown), list: [exposed] })))
      }
      stage.see(await stage.vault.use(reference, () => new Response(exposed)))
      stage.see(await stage.vault.use(reference, () => () => exposed))
    }
    await stage.expectUnharmed()
  })
})

/** What HTTP clients and others throw around a value. */
function foreignErrors(value: string): unknown[] {
  const config = {
    url: `https://h.example/?k=${encodeURIComponent(value)}`,
    headers: { Authorization: `Bearer ${value}`, Basic: `Basic ${Buffer.from(`user:${value}`).toString('base64')}` },
    data: JSON.stringify({ token: value }),
    auth: { username: 'user', password: value },
  }
  const request = {
    _header: `GET / HTTP/1.1\r\nAuthorization: Bearer ${value}\r\n\r\n`,
    headers: new Map([['a', value]]),
  }
  const axios = Object.assign(new Error('Request failed with status code 401'), {
    name: 'AxiosError',
    code: 'ERR_BAD_REQUEST',
    config,
    request,
    response: {
      status: 401,
      headers: new Headers({ echo: encodeURIComponent(value) }),
      data: `no ${value}`,
      config,
      request,
    },
    toJSON: () => ({ message: 'Request failed', config }),
  })
  const got = Object.assign(new Error(`Response code 401 ${config.url}`), { options: config, request })
  Object.defineProperty(got, 'timings', { value: { of: value }, enumerable: false })
  const invalid = attempt(() => new URL(`:${value}`))
  const json = attempt(() => JSON.parse(`${value}`))
  const cyclic: Record<string, unknown> = { config }
  cyclic['self'] = cyclic
  class Holder {
    readonly field = value
    get getter() {
      return value
    }
    toString() {
      return value
    }
  }
  return [
    axios,
    got,
    invalid,
    json,
    new AggregateError([axios, new TypeError(value)], value),
    new Error('outer', { cause: new Error('middle', { cause: { deep: [value] } }) }),
    new DOMException(value, 'AbortError'),
    Object.freeze(Object.assign(new Error(value), { [value]: value, [Symbol(value)]: 1 })),
    Object.assign(new Error('bytes'), { body: Buffer.from(value), view: new TextEncoder().encode(`x${value}`) }),
    new Holder(),
    cyclic,
    value,
    [value],
    new Map([[value, value]]),
    Symbol(value),
    Object.assign(() => value, { value }),
  ]
}

function attempt(use: () => unknown): unknown {
  try {
    return use()
  } catch (error) {
    return error
  }
}
