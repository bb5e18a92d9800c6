/** A rotated secret heals itself: who is refused asks for the newest one, once, and all who wait ask together. */

import { describe, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { type FetchLike, type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import type { ReadOptions, RecordKey, VaultStorage } from '../../src/ports/storage.ts'
import { cachedStorage } from '../../src/storage/cached.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import type { PolicyRequest } from '../../src/vault/policy.ts'
import { createVault } from '../../src/vault/vault.ts'
import { failure, listener } from '../vault/fixture.ts'

const OLD = 'old-7f3e9a1c5b8d2e4f'
const NEW = 'new-0a1b2c3d4e5f6071'
const KEY = '<< secrets.key >>'
const HEADERS = { authorization: `Bearer ${KEY}` }

interface Arrived {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly type: string | undefined
  readonly body: Buffer
}

interface Stage {
  readonly options?: Partial<VaultOptions>
  /** What stands between vault and storage. */
  readonly wrap?: (storage: VaultStorage) => VaultStorage
  readonly status?: number
}

/** A vault, another process that rotates, and a server that accepts the new key alone. */
async function stage({ options = {}, wrap = (storage) => storage, status = 401 }: Stage = {}) {
  const inner = memoryStorage()
  const reads = { fresh: 0, all: 0, isBroken: false }
  const storage: VaultStorage = {
    ...inner,
    async get(workspace: string, keys: readonly RecordKey[], call?: ReadOptions) {
      reads.all++
      if (call?.fresh === true) reads.fresh++
      if (reads.isBroken) throw new Error('the storage is gone')
      return inner.get(workspace, keys, call)
    },
  }
  const keys = generateKey()
  const vault = createVault({ storage: wrap(storage), keys, ...options })
  const elsewhere = createVault({ storage: inner, keys })
  await elsewhere.create({ tag: 'key', value: OLD })
  await elsewhere.create({ tag: 'other', value: 'other-99aa88bb77cc' })
  const arrived: Arrived[] = []
  const origin = 'https://h.example'
  const rotate = () => elsewhere.update('key', { value: NEW })
  const network: FetchLike = async (input, init) => {
    const request = new Request(input, init)
    const [authorization, type] = ['authorization', 'content-type'].map(
      (name) => request.headers.get(name) ?? undefined,
    )
    const { method } = request
    const url = new URL(request.url).pathname
    arrived.push({ method, url, authorization, type, body: Buffer.from(await request.arrayBuffer()) })
    const isGood = authorization?.includes(NEW) === true
    if (url === '/moved') return new Response(null, { status: 302, headers: { location: '/here' } })
    if (isGood && url === '/cut') throw new Error(`failed with ${authorization}`)
    const headers = { 'content-type': 'text/plain' }
    return new Response(`${authorization}`, { status: isGood ? 200 : status, headers })
  }
  /** The same, but rotates after a request was resolved, and before its answer comes. */
  const rotating = (rotates: () => Promise<unknown> = rotate): FetchLike => {
    let isDone: Promise<unknown> | undefined
    return async (input, init) => {
      isDone ??= rotates()
      await isDone
      return network(input, init)
    }
  }
  const client = (more: VaultFetchOptions = {}) =>
    vaultFetch(vault, { retryUnauthorized: true, fetch: network, ...more })
  const tokens = () => arrived.map(({ authorization }) => authorization?.replace('Bearer ', ''))
  return { vault, elsewhere, arrived, tokens, reads, origin, network, client, rotate, rotating }
}

describe('a request that is refused', () => {
  it.each([401, 403])('with %i goes out once more with the newest secret', async (status) => {
    const { origin, client, tokens, rotating } = await stage({ status })
    const response = await client({ fetch: rotating() })(`${origin}/`, { headers: HEADERS })
    expect([response.status, await response.text()]).toEqual([200, 'Bearer [secret:key]'])
    expect(tokens()).toEqual([OLD, NEW])
  })

  it.each([400, 404, 407, 500, 511])('with %i does not', async (status) => {
    const { origin, client, tokens, rotating } = await stage({ status })
    expect((await client({ fetch: rotating() })(`${origin}/`, { headers: HEADERS })).status).toBe(status)
    expect(tokens()).toEqual([OLD])
  })

  it('a hundred times at once reads the storage once more', async () => {
    const { origin, client, arrived, reads, rotating } = await stage()
    const send = client({ fetch: rotating() })
    const all = Array.from({ length: 100 }, (_, at) => send(`${origin}/${at}`, { headers: HEADERS }))
    expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([200]))
    expect(arrived).toHaveLength(200)
    expect(reads).toMatchObject({ fresh: 1, all: 101 })
  })

  it('a hundred times at once with a secret that has not changed is sent once each, and read once more', async () => {
    const { origin, client, arrived, reads } = await stage()
    const send = client()
    const all = Array.from({ length: 100 }, (_, at) => send(`${origin}/${at}`, { headers: HEADERS }))
    expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([401]))
    expect(arrived).toHaveLength(100)
    expect(reads.fresh).toBe(1)
  })

  it('is not sent a third time', async () => {
    const { origin, client, elsewhere, tokens, network } = await stage()
    let turn = 0
    const rotating: FetchLike = async (input, init) => {
      turn++
      await elsewhere.update('key', { value: `turn-${turn}-7f3e9a1c5b` })
      return network(input, init)
    }
    expect((await client({ fetch: rotating })(`${origin}/`, { headers: HEADERS })).status).toBe(401)
    expect(tokens()).toEqual([OLD, 'turn-1-7f3e9a1c5b'])
  })

  it('is healed where a cache still holds the old secret', async () => {
    const { origin, client, rotate, tokens, reads } = await stage({
      wrap: (storage) => cachedStorage(storage, { ttl: 600_000 }),
    })
    const [plain, healing] = [client({ retryUnauthorized: false }), client()]
    await plain(`${origin}/`, { headers: HEADERS })
    await rotate()
    expect((await plain(`${origin}/`, { headers: HEADERS })).status).toBe(401)
    const all = Array.from({ length: 20 }, () => healing(`${origin}/`, { headers: HEADERS }))
    expect(new Set((await Promise.all(all)).map(({ status }) => status))).toEqual(new Set([200]))
    expect(reads.fresh).toBe(1)
    expect((await plain(`${origin}/`, { headers: HEADERS })).status).toBe(200)
    expect(tokens().slice(0, 2)).toEqual([OLD, OLD])
  })

  it('asks again for one that was resolved after the last fresh read, and for one that is much older', async () => {
    let now = Date.parse('2026-01-01')
    const { origin, client, rotate, reads, tokens, network } = await stage({ options: { now: () => now } })
    const send = client()
    await send(`${origin}/`, { headers: HEADERS })
    await send(`${origin}/`, { headers: HEADERS })
    expect(reads.fresh).toBe(2)
    const late: FetchLike = async (input, init) => {
      const response = await network(input, init)
      if (now > Date.parse('2026-01-01')) return response
      await send(`${origin}/`, { headers: HEADERS })
      await rotate()
      now += 60_000
      return response
    }
    expect((await client({ fetch: late })(`${origin}/`, { headers: HEADERS })).status).toBe(200)
    expect(tokens().at(-1)).toBe(NEW)
  })
})

describe('what is sent again', () => {
  const text = `{"quote":"\u20ac","n":1}`
  const bodies: readonly (readonly [name: string, make: () => RequestInit])[] = [
    ['text', () => ({ body: text })],
    ['bytes', () => ({ body: new TextEncoder().encode(text) })],
    ['an ArrayBuffer', () => ({ body: new TextEncoder().encode(text).buffer })],
    ['a Blob', () => ({ body: new Blob([text], { type: 'application/json' }) })],
    ['URLSearchParams', () => ({ body: new URLSearchParams({ a: text }) })],
    ['nothing', () => ({})],
    ['a text with the secret', () => ({ body: `{"k":"${KEY}"}` })],
  ]

  it.each(bodies)('is byte-equal: %s', async (_, make) => {
    const { origin, client, arrived, rotating } = await stage()
    const send = client({ fetch: rotating(), in: ['body'] })
    const headers = { ...HEADERS, 'content-type': 'application/json' }
    expect((await send(`${origin}/`, { method: 'PUT', headers, ...make() })).status).toBe(200)
    expect(arrived).toHaveLength(2)
    expect(arrived[1]!.body.toString()).toBe(arrived[0]!.body.toString().replace(OLD, NEW))
    expect(arrived[1]!.type).toBe(arrived[0]!.type)
  })

  it('is the same form, files included', async () => {
    const { origin, client, arrived, rotating } = await stage()
    const body = new FormData()
    body.append('name', 'value \u20ac')
    body.append('file', new File(['bytes'], 'a.bin'))
    const send = client({ fetch: rotating() })
    expect((await send(`${origin}/`, { method: 'PUT', headers: HEADERS, body })).status).toBe(200)
    const texts = arrived.map(({ type, body: bytes }) => bytes.toString().replaceAll(type!.split('boundary=')[1]!, 'x'))
    expect(texts[1]).toBe(texts[0])
  })

  it('is the text of a Request', async () => {
    const { origin, client, arrived, rotating } = await stage()
    const headers = { ...HEADERS, 'content-type': 'application/json' }
    const request = new Request(`${origin}/`, { method: 'PUT', headers, body: text })
    expect((await client({ fetch: rotating() })(request)).status).toBe(200)
    expect(arrived.map(({ body }) => body.toString())).toEqual([text, text])
  })

  const streamOf = () => new Blob([text]).stream()
  const once: readonly (readonly [name: string, make: (url: string) => [string | Request, RequestInit?]])[] = [
    ['a stream', (url) => [url, { method: 'PUT', body: streamOf(), headers: HEADERS, duplex: 'half' } as RequestInit]],
    [
      'a Request with bytes that are not text',
      (url) => [new Request(url, { method: 'PUT', body: new Blob([text]), headers: HEADERS })],
    ],
    [
      'an async iterable',
      (url) => [
        url,
        { method: 'PUT', body: chunks() as unknown as BodyInit, headers: HEADERS, duplex: 'half' } as RequestInit,
      ],
    ],
  ]
  async function* chunks() {
    yield new TextEncoder().encode(text)
  }

  it.each(once)('is not %s: the first answer comes back as it is', async (_, make) => {
    const { origin, client, arrived, rotating } = await stage()
    const response = await client({ fetch: rotating() })(...make(`${origin}/`))
    expect([response.status, await response.text()]).toEqual([401, 'Bearer [secret:key]'])
    expect(arrived.map(({ body }) => body.toString())).toEqual([text])
  })

  it.each([
    [true, ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']],
    [
      ['post', 'PATCH'],
      ['POST', 'PATCH'],
    ],
    [[], []],
    [false, []],
    [undefined, []],
  ] as const)('with %j are requests of %j', async (retryUnauthorized, expected) => {
    const again: string[] = []
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST', 'PATCH']) {
      const { vault, origin, arrived, rotating } = await stage()
      const option = retryUnauthorized === undefined ? {} : { retryUnauthorized }
      await vaultFetch(vault, { ...option, fetch: rotating() })(`${origin}/`, { method, headers: HEADERS })
      if (arrived.length === 2) again.push(method)
    }
    expect(again).toEqual(expected)
  })
})

describe('a hop of a redirect that is refused', () => {
  it('goes out once more, and not the request before it', async () => {
    const onEvent = listener()
    const { origin, client, arrived, tokens, rotating } = await stage({ options: { onEvent } })
    const send = client({ fetch: rotating() })
    const response = await send(`${origin}/moved`, { headers: HEADERS })
    expect([response.status, response.redirected]).toEqual([200, true])
    expect(arrived.map(({ url }) => url)).toEqual(['/moved', '/here', '/here'])
    expect(tokens()).toEqual([OLD, OLD, NEW])
    // each time that the secret went out was told: request, hop, both again
    expect(onEvent.mock.calls.map(([{ action, outcome }]) => [action, outcome])).toEqual([
      ['use', 'ok'],
      ['use', 'ok'],
      ['use', 'ok'],
      ['use', 'ok'],
    ])
  })

  it('is left alone where it carried no secret', async () => {
    const { origin, client, tokens, rotating } = await stage()
    const network = rotating()
    const leaving: FetchLike = async (input, init) => {
      if (!String(input).endsWith('/leave')) return network(input, init)
      return new Response(null, { status: 302, headers: { location: 'https://other.example/' } })
    }
    expect((await client({ fetch: leaving })(`${origin}/leave`, { headers: HEADERS })).status).toBe(401)
    expect(tokens()).toEqual([undefined])
  })

  it('is left alone where the redirect held the old secret in its URL', async () => {
    const { origin, client, arrived, rotating } = await stage()
    const network = rotating()
    const echoing: FetchLike = async (input, init) => {
      if (!String(input).endsWith('/echo')) return network(input, init)
      return new Response(null, { status: 302, headers: { location: `/back?key=${OLD}` } })
    }
    expect((await client({ fetch: echoing })(`${origin}/echo`, { headers: HEADERS })).status).toBe(401)
    expect(arrived.map(({ url }) => url)).toEqual(['/back'])
  })

  it.each([
    ['its new rule', { allow: { hosts: ['h.example'] } }, undefined],
    ['the policy', {}, 'https://two.example'],
  ])('is left alone where %s no longer lets it go there', async (_, patch, refused) => {
    let isRotated = false
    const policy = ({ destination }: PolicyRequest) => !isRotated || destination !== refused
    const { client, elsewhere, tokens, rotating } = await stage({ options: { policy } })
    await elsewhere.update('key', { allow: { hosts: ['h.example', 'two.example'] } })
    const network = rotating(async () => {
      await elsewhere.update('key', { value: NEW, ...patch })
      isRotated = true
    })
    const leaving: FetchLike = async (input, init) => {
      if (!String(input).endsWith('/leave')) return network(input, init)
      return new Response(null, { status: 302, headers: { location: 'https://two.example/' } })
    }
    expect((await client({ fetch: leaving })('https://h.example/leave', { headers: HEADERS })).status).toBe(401)
    expect(tokens()).toEqual([OLD])
  })
})

describe('the answer of the server stands', () => {
  it('where the storage cannot be read, and the next one asks again', async () => {
    const { origin, client, reads, tokens, rotating, network } = await stage()
    const breaking: FetchLike = async (input, init) => {
      reads.isBroken = true
      return network(input, init)
    }
    const send = client({ fetch: breaking })
    expect((await send(`${origin}/`, { headers: HEADERS })).status).toBe(401)
    reads.isBroken = false
    const response = await client({ fetch: rotating() })(`${origin}/`, { headers: HEADERS })
    expect([response.status, tokens()]).toEqual([200, [OLD, OLD, NEW]])
  })

  it.each([
    ['the new rule does not let it go there', { allow: { hosts: ['other.example'] } }],
    ['it was disabled', { enabled: false }],
  ])('where %s', async (_, patch) => {
    const { origin, client, elsewhere, tokens, rotating } = await stage()
    const send = client({ fetch: rotating(() => elsewhere.update('key', { value: NEW, ...patch })) })
    expect((await send(`${origin}/`, { headers: HEADERS })).status).toBe(401)
    expect(tokens()).toEqual([OLD])
  })

  it('where it was deleted', async () => {
    const { origin, client, elsewhere, tokens, rotating } = await stage()
    const send = client({ fetch: rotating(() => elsewhere.delete('key', { confirm: 'key' })) })
    expect((await send(`${origin}/`, { headers: HEADERS })).status).toBe(401)
    expect(tokens()).toEqual([OLD])
  })
})

it('an error of the second request holds neither secret', async () => {
  const { origin, client, tokens, rotating } = await stage()
  const failing: FetchLike = async (input, init) => {
    const response = await rotating()(input, init).catch((cause: unknown) => {
      throw new Error(`failed with ${JSON.stringify(init)}`, { cause })
    })
    return response
  }
  const { error, leaks } = await leakProbe({ OLD, NEW }, () =>
    client({ fetch: failing })(`${origin}/cut`, { headers: HEADERS }),
  )
  expect(String(error)).toContain('Bearer [secret:key]')
  expect(leaks).toEqual([])
  expect(tokens()).toEqual([OLD, NEW])
})

it('the first answer is let go of before the second request', async () => {
  const { vault, rotate } = await stage()
  const steps: string[] = []
  const cancel = (): never => {
    steps.push('cancelled')
    throw new Error('it was cut already')
  }
  const network: FetchLike = async () => {
    steps.push('sent')
    if (steps.length > 1) return new Response('page')
    await rotate()
    return new Response(new ReadableStream({ cancel }), { status: 401 })
  }
  const send = vaultFetch(vault, { fetch: network, retryUnauthorized: true })
  expect(await (await send('https://h.example/', { headers: HEADERS })).text()).toBe('page')
  expect(steps).toEqual(['sent', 'cancelled', 'sent'])
})

it.each([1, 'GET', ['G T'], [1], {}])('the option is not %j', async (retryUnauthorized) => {
  const { vault } = await stage()
  const made = async () => vaultFetch(vault, { retryUnauthorized } as unknown as VaultFetchOptions)
  expect(await failure(made())).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'retryUnauthorized' })
})

it('nor with a snapshot, which reads no storage', async () => {
  const { vault } = await stage()
  const snapshot = await vault.snapshot(['key'])
  const made = async () => vaultFetch(vault, { snapshot, retryUnauthorized: true })
  expect(await failure(made())).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'retryUnauthorized' })
  expect(vaultFetch(vault, { snapshot, retryUnauthorized: false })).toBeTypeOf('function')
  snapshot.close()
})
