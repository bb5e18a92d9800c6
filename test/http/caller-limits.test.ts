/** A caller gives up, his time is over, or his body breaks off, while a slow storage is still read. */

import { getEventListeners } from 'node:events'
import { createReadStream } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import axios, { type AxiosRequestConfig } from 'axios'
import { Agent, request } from 'undici'
import { describe, expect, it, vi } from 'vitest'
import { vaultAdapter } from '../../src/http/axios.ts'
import { CallerLimits } from '../../src/http/caller-limits.ts'
import { vaultRequest } from '../../src/http/node.ts'
import { vaultInterceptor } from '../../src/http/undici.ts'
import { backstage } from '../vault/fixture.ts'
import { serve } from './loopback.ts'

const headers = { Authorization: 'Bearer << secrets.key >>' }
const NO_FILE = `${import.meta.dirname}/no-such-file`

/** A vault whose storage answers when it is told to, with a failure. */
async function stage() {
  // longer than a test waits: it is not the vault that gives up
  const { vault, storage } = backstage({ storageTimeout: 60_000 })
  await vault.create({ tag: 'key', value: 'key-0123456789' })
  const { origin, arrived } = await serve(({ url }, response) => {
    if (url === '/rotated') beSlow()
    response.writeHead(401).end()
  })
  let fail = (_: Error): void => undefined
  const asked = vi.fn()
  const beSlow = (): void => {
    storage.get = () =>
      new Promise((_, reject) => {
        fail = reject
        asked()
      })
  }
  return { vault, origin, arrived, asked, beSlow, failLate: () => fail(new Error('too late')) }
}

const outcome = (sent: Promise<unknown>): Promise<unknown> =>
  sent.then(
    () => 'it was let through',
    (error: unknown) => error,
  )
const whenAsked = (asked: ReturnType<typeof vi.fn>) => vi.waitFor(() => expect(asked).toHaveBeenCalled(), 5_000)

describe('vaultInterceptor', () => {
  it('gives what undici gives to a caller who gave up, at once', async () => {
    const { vault, origin, arrived, asked, beSlow, failLate } = await stage()
    beSlow()
    const dispatcher = new Agent().compose(vaultInterceptor(vault))
    const controller = new AbortController()
    const sent = outcome(request(origin, { dispatcher, headers, signal: controller.signal }))
    await whenAsked(asked)
    const reason = new Error('mine')
    controller.abort(reason)
    expect(await sent).toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    failLate() // ends no process
    expect(arrived).toEqual([])
    await dispatcher.close()
  })

  it('lets go at once of one who gave up before', async () => {
    const { vault, origin, beSlow } = await stage()
    beSlow()
    const dispatcher = new Agent().compose(vaultInterceptor(vault))
    const reason = new Error('mine')
    expect(await outcome(request(origin, { dispatcher, headers, signal: AbortSignal.abort(reason) }))).toBe(reason)
    await dispatcher.close()
  })
})

describe('vaultRequest', () => {
  it('gives what node gives to a caller who gave up, at once', async () => {
    const { vault, origin, arrived, asked, beSlow, failLate } = await stage()
    beSlow()
    const controller = new AbortController()
    const sent = outcome(vaultRequest(vault)(origin, { headers, signal: controller.signal }))
    await whenAsked(asked)
    const reason = new Error('mine')
    controller.abort(reason)
    const error = await sent
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    expect((error as Error).cause).toBe(reason)
    failLate() // ends no process
    expect(arrived).toEqual([])
  })

  it('takes no longer than its timeout', async () => {
    const { vault, origin, beSlow } = await stage()
    beSlow()
    const error = await outcome(vaultRequest(vault)(origin, { headers, timeout: 20 }))
    expect(error).toMatchObject({ code: 'ETIMEDOUT', message: expect.stringContaining('20 ms') })
  })

  it('takes no longer for a newer secret either', async () => {
    const { vault, origin } = await stage()
    const sent = vaultRequest(vault, { retryUnauthorized: true })(`${origin}/rotated`, { headers, timeout: 200 })
    expect(await outcome(sent)).toMatchObject({ code: 'ETIMEDOUT' })
  })

  it('ends with the error of a body that breaks off meanwhile, and ends no process', async () => {
    const { vault, origin, arrived, beSlow } = await stage()
    beSlow()
    const body = createReadStream(NO_FILE)
    const error = await outcome(vaultRequest(vault)(origin, { method: 'POST', headers, body }))
    expect([error, arrived.length]).toEqual([expect.objectContaining({ code: 'ENOENT' }), 0])
    // and one that had broken off before
    await expect(vaultRequest(vault)(origin, { method: 'POST', headers, body })).rejects.toBe(error)
  })

  it('closes a body that is never sent, whatever becomes of it', async () => {
    const { vault, origin } = await stage()
    const body = new PassThrough()
    const unknown = { Authorization: '<< secrets.unknown >>' }
    const error = await outcome(vaultRequest(vault)(origin, { method: 'POST', headers: unknown, body }))
    expect([error, body.destroyed]).toEqual([expect.objectContaining({ code: 'ERR_MISSING_SECRETS' }), true])
    body.emit('error', new Error('later'))
  })
})

describe.each(['http', 'fetch'] as const)('vaultAdapter over %s', (adapter) => {
  async function axiosStage(config: AxiosRequestConfig = {}, more = {}) {
    const set = await stage()
    const client = axios.create({
      adapter: vaultAdapter(set.vault, { axios, adapter, ...more }),
      baseURL: set.origin,
      headers,
      ...config,
    })
    return { ...set, client }
  }

  it('gives what axios gives to a caller who gave up, at once', async () => {
    const { client, asked, arrived, beSlow, failLate } = await axiosStage()
    beSlow()
    const controller = new AbortController()
    const sent = outcome(client.get('/', { signal: controller.signal }))
    await whenAsked(asked)
    controller.abort(new Error('mine'))
    const error = await sent
    expect(axios.isCancel(error)).toBe(true)
    expect(error).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED', config: { headers } })
    failLate()
    expect(arrived).toEqual([])
  })

  it('and to one with a token', async () => {
    const { client, asked, beSlow, failLate } = await axiosStage()
    beSlow()
    const source = axios.CancelToken.source()
    const sent = outcome(client.get('/', { cancelToken: source.token }))
    await whenAsked(asked)
    source.cancel('enough')
    expect(await sent).toBe(source.token.reason)
    expect(source.token.reason).toMatchObject({ code: 'ERR_CANCELED', message: 'enough' })
    failLate()
  })

  it('takes no longer than its timeout, with the code and the words that axios has', async () => {
    const { client, beSlow, origin } = await axiosStage({ timeout: 30 })
    beSlow()
    const bare = await serve(() => undefined)
    for (const more of [{}, { timeoutErrorMessage: 'mine' }, { transitional: { clarifyTimeoutError: true } }]) {
      const { code, message } = await axios.get(bare.origin, { adapter, timeout: 30, ...more }).catch((error) => error)
      await expect(client.get('/', more)).rejects.toMatchObject({ code, message, config: { baseURL: origin } })
    }
  })

  it('has one timeout for secrets and server, and words that name it', async () => {
    const { client } = await axiosStage({ timeout: 60 })
    const silent = await serve(() => undefined)
    await expect(client.get('/', { baseURL: silent.origin })).rejects.toMatchObject({
      message: 'timeout of 60ms exceeded',
    })
  })

  it('lets go of a caller who gives up while a newer secret is looked for', async () => {
    const { client, asked } = await axiosStage({}, { retryUnauthorized: true })
    const controller = new AbortController()
    const sent = outcome(client.get('/rotated', { signal: controller.signal }))
    await whenAsked(asked)
    controller.abort()
    expect(await sent).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED', config: { headers } })
  })

  it('ends with the error of a stream that breaks off meanwhile, and ends no process', async () => {
    const { client, arrived, beSlow } = await axiosStage()
    beSlow()
    const sent = client.post('/', createReadStream(NO_FILE))
    await expect(sent).rejects.toMatchObject({ isAxiosError: true, code: 'ENOENT' })
    expect(arrived).toEqual([])
  })

  it('a stream of a request that is refused may break off later', async () => {
    const { client } = await axiosStage()
    const data = Readable.from(['x'])
    const sent = client.post('/', data, { headers: { Authorization: '<< secrets.unknown >>' } })
    await expect(sent).rejects.toMatchObject({ code: 'ERR_MISSING_SECRETS' })
    data.emit('error', new Error('later'))
  })

  it('listens to nothing any more once it is over', async () => {
    const { client } = await axiosStage({ validateStatus: null })
    const { signal } = new AbortController()
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const { token } = axios.CancelToken.source()
    await client.get('/', { signal, cancelToken: token, timeout: 60_000 })
    await vi.waitFor(() => expect(removed.mock.calls.length).toBe(added.mock.calls.length), 5_000)
    expect((token as unknown as { _listeners?: unknown[] })._listeners ?? []).toEqual([])
  })
})

describe('limits', () => {
  it('there are none where nothing is given, nor for what is not a signal or not a time', () => {
    const limits = new CallerLimits()
    limits.untilAborted(undefined, () => 'never')
    limits.untilAborted({ aborted: true }, () => 'never')
    // the platform would make one millisecond of it
    limits.untilTimeout(2 ** 31, () => 'never')
    expect(limits.signal).toBeUndefined()
  })
})
