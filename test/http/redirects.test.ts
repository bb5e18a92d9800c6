/** What a hop of a redirect may carry: matrices over headers, bodies, statuses and places, and what is told of each. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import axios, { type AxiosError } from 'axios'
import { Agent, interceptors } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { vaultAdapter } from '../../src/http/axios.ts'
import { type FetchLike, type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import { nextHop, type Outgoing } from '../../src/http/hop.ts'
import { vaultRequest } from '../../src/http/node.ts'
import type { DispatchOptions, Handler } from '../../src/http/undici/dispatch.ts'
import { vaultInterceptor } from '../../src/http/undici.ts'
import type { VaultOptions } from '../../src/vault/option-types.ts'
import type { PolicyRequest } from '../../src/vault/policy.ts'
import type { UsedSecret } from '../../src/vault/redirect.ts'
import { backstage, failure, listener } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+'
const A = '<< secrets.a >>'
const BOUND = '<< secrets.bound >>'
const FROM = 'https://one.example/'
const OPTIONS: VaultFetchOptions = { in: ['header', 'query', 'body'] }

interface Call {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string
}

async function stage(redirects: Record<string, [number, string]>, more: Partial<VaultOptions> = {}) {
  const { vault } = backstage(more)
  await vault.create({ tag: 'a', value: VALUE })
  const allow = { hosts: ['one.example', 'two.example'], in: ['header', 'body'] as const }
  await vault.create({ tag: 'bound', value: 'bound-0123456789', allow })
  const calls: Call[] = []
  const network: FetchLike = async (input, init) => {
    const request = new Request(input, init)
    const headers = Object.fromEntries(request.headers)
    calls.push({ url: request.url, method: request.method, headers, body: await request.text() })
    const redirect = redirects[request.url]
    if (redirect === undefined) return new Response('page')
    return new Response(null, { status: redirect[0], headers: { location: redirect[1] } })
  }
  return { vault, calls, network, send: vaultFetch(vault, { ...OPTIONS, fetch: network }) }
}

const STATUSES = [301, 302, 303, 307, 308]
const PLACES = [
  'https://two.example/',
  'https://sub.one.example/',
  'https://one.example:8443/',
  'https://one.example.evil.example/',
]

describe('a secret without a rule goes to no other origin', () => {
  it.each(['authorization', 'x-api-key', 'cookie', 'x-custom'])('in the header %s', async (name) => {
    for (const status of STATUSES) {
      for (const place of PLACES) {
        const { send, calls } = await stage({ [FROM]: [status, place] })
        await send(FROM, { headers: { [name]: `x ${A}`, 'x-plain': 'stays' } })
        expect(calls.map(({ url }) => url)).toEqual([FROM, place])
        expect(calls[1]!.headers).not.toHaveProperty(name)
        expect(calls[1]!.headers).toMatchObject({ 'x-plain': 'stays' })
      }
    }
  })

  it.each([
    ['application/json', `{"k":"${A}"}`],
    ['application/x-www-form-urlencoded', `k=${A}`],
    ['multipart/form-data; boundary=x', `--x\r\nContent-Disposition: form-data; name="k"\r\n\r\n${A}\r\n--x--\r\n`],
  ])('in a body of %s', async (type, body) => {
    for (const status of STATUSES) {
      for (const place of PLACES) {
        const { send, calls } = await stage({ [FROM]: [status, place] })
        const sent = send(FROM, { method: 'POST', headers: { 'content-type': type }, body })
        const isKept = status === 307 || status === 308
        if (isKept) expect(await failure(sent)).toMatchObject({ code: 'ERR_REDIRECT_DENIED', tag: 'a' })
        else await sent
        expect(calls[0]!.body).not.toBe('')
        expect(calls.slice(1).map(({ method, body }) => [method, body])).toEqual(isKept ? [] : [['GET', '']])
      }
    }
  })
})

describe('the next hop', () => {
  const used = (tag: string, hosts: string[] | undefined): UsedSecret => ({
    tag,
    path: '',
    location: 'header',
    name: 'x',
    allow: hosts && { hosts, in: undefined, methods: undefined, maxUses: undefined },
    texts: [],
    written: [],
    label: tag,
  })
  const one = used('one', ['one.example', 'two.example'])
  const two = used('two', ['one.example'])
  const outgoing = (more: Partial<Outgoing>): Outgoing => ({
    url: new URL(FROM),
    method: 'GET',
    headers: [],
    body: undefined,
    bodySecrets: [],
    ...more,
  })

  it('drops a header of two secrets where one of them may not go', () => {
    const from = outgoing({
      headers: [
        ['x', 'v', [one, two]],
        ['y', 'v', [two, one]],
        ['z', 'v', [one]],
      ],
    })
    expect(nextHop(from, 302, new URL('https://two.example/'), []).headers.map(([name]) => name)).toEqual(['z'])
  })

  const CONTENT = ['content-type', 'content-language', 'content-encoding', 'content-length', 'content-location']
  const withContent = CONTENT.map((name): [string, string, []] => [name, 'v', []])

  it.each([
    [303, 'GET', true],
    [303, 'HEAD', true],
    [303, 'PUT', false],
    [303, 'POST', false],
    [301, 'GET', true],
    [301, 'PUT', true],
    [302, 'POST', false],
    [307, 'POST', true],
    [308, 'POST', true],
  ])('of a %i keeps what describes the body of a %s: %s', (status, method, isKept) => {
    const from = outgoing({ method, headers: [...withContent, ['accept', 'v', []]], body: 'x' })
    const next = nextHop(from, status, new URL('/next', FROM), [])
    expect(next.headers.map(([name]) => name)).toEqual([...(isKept ? CONTENT : []), 'accept'])
    expect(next.body).toBe(isKept ? 'x' : undefined)
  })
})

describe('policy and listener', () => {
  const TWO = 'https://two.example/'

  it('are asked and told of every hop that carries a secret, with its origin', async () => {
    const asked: PolicyRequest[] = []
    const policy = (request: PolicyRequest) => {
      if (request.action === 'use') asked.push(request)
      return true
    }
    const onEvent = listener()
    const hops: Record<string, [number, string]> = {
      [FROM]: [307, '/next'],
      [`${FROM}next`]: [307, TWO],
      [TWO]: [307, 'https://three.example/'],
    }
    const { send } = await stage(hops, { policy, onEvent })
    onEvent.mockClear()
    await send(FROM, { headers: { Authorization: `${BOUND}`, 'x-a': A } })
    const ONE = 'https://one.example'
    expect(asked.map(({ tag, destination, locations }) => [tag, destination, locations])).toEqual([
      ['bound', ONE, ['header']],
      ['a', ONE, ['header']],
      ['bound', ONE, ['header']],
      ['a', ONE, ['header']],
      ['bound', 'https://two.example', ['header']],
    ])
    expect(asked[2]!.secret).toMatchObject({ tag: 'bound' })
    expect(
      onEvent.mock.calls.map(([event]) => [event.action, event.destination, event.secrets.map(({ tag }) => tag)]),
    ).toEqual([
      ['use', ONE, ['bound', 'a']],
      ['use', ONE, ['bound', 'a']],
      ['use', 'https://two.example', ['bound']],
    ])
  })

  it('are told of a hop to a host that came out of a secret, and not of the host', async () => {
    const onEvent = listener()
    const home = 'https://tenant-4711.example'
    const { vault, network } = await stage({ [`${home}/`]: [302, '/login'] }, { onEvent })
    await vault.create({ tag: 'tenant', value: 'tenant-4711' })
    onEvent.mockClear()
    const send = vaultFetch(vault, { in: ['host', 'path', 'query', 'auth'], fetch: network })
    expect(await (await send('https://<< secrets.tenant >>.example/', { headers: { Authorization: A } })).text()).toBe(
      'page',
    )
    expect(onEvent).toHaveBeenCalledTimes(2)
    expect(JSON.stringify(onEvent.mock.calls)).not.toContain('4711')
  })

  it('a hop that the policy refuses goes on without the header, and is told; with a body it does not go on', async () => {
    const policy = ({ destination }: PolicyRequest) => destination !== 'https://two.example'
    const onEvent = listener()
    const { send, calls } = await stage({ [FROM]: [307, TWO] }, { policy, onEvent })
    onEvent.mockClear()
    await send(FROM, { headers: { Authorization: BOUND, accept: 'x' } })
    expect(calls[1]!.headers).toMatchObject({ accept: 'x' })
    expect(calls[1]!.headers).not.toHaveProperty('authorization')
    expect(onEvent.mock.lastCall![0]).toMatchObject({
      outcome: 'ERR_PERMISSION_DENIED',
      destination: 'https://two.example',
    })
    expect(await failure(send(FROM, { method: 'POST', body: BOUND }))).toMatchObject({
      code: 'ERR_REDIRECT_DENIED',
      tag: 'bound',
    })
    expect(calls).toHaveLength(3)
  })
})

describe('a fetch that follows by itself', () => {
  it('is unsafe, whatever the caller has asked for', async () => {
    const { vault } = await stage({})
    let cancelled = 0
    const followed: FetchLike = async () =>
      Object.defineProperty(new Response(new ReadableStream({ cancel: () => void cancelled++ })), 'redirected', {
        value: true,
      })
    const send = vaultFetch(vault, { ...OPTIONS, fetch: followed })
    for (const redirect of ['follow', 'manual', 'error'] as const) {
      const error = await failure(send(FROM, { headers: { Authorization: A }, redirect }))
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    }
    expect(cancelled).toBe(3)
    // without a secret it is nobody's business
    expect((await send(FROM)).redirected).toBe(true)
  })

  it('a redirect that was handed out is remembered: a wrapper takes no unbound secret there', async () => {
    const TWO = 'https://two.example/'
    const { send, calls } = await stage({ [FROM]: [302, TWO] })
    const init = { headers: { Authorization: A, 'x-bound': BOUND, accept: 'x' }, redirect: 'manual' } as const
    await send(TWO, init)
    expect(calls.pop()!.headers).toMatchObject({ authorization: VALUE })
    expect((await send(FROM, init)).status).toBe(302)
    await send(TWO, init)
    expect(calls.at(-1)!.headers).toMatchObject({ 'x-bound': 'bound-0123456789', accept: 'x' })
    expect(calls.at(-1)!.headers).not.toHaveProperty('authorization')
    const denied = { code: 'ERR_REDIRECT_DENIED', tag: 'a' }
    expect(await failure(send(`${TWO}?k=${A}`))).toMatchObject(denied)
    expect(await failure(send(TWO, { method: 'POST', body: A }))).toMatchObject(denied)
    await send(FROM, init)
    expect(calls.at(-1)!.headers).toMatchObject({ authorization: VALUE })
  })
})

it('a redirect that was handed out to nowhere, or within the origin, changes nothing', async () => {
  for (const location of ['https://[', '/next']) {
    const { send, calls } = await stage({ [FROM]: [302, location] })
    for (let turn = 0; turn < 2; turn++) await send(FROM, { headers: { Authorization: A }, redirect: 'manual' })
    expect(calls.map(({ headers }) => headers['authorization'])).toEqual([VALUE, VALUE])
  }
})

it('a body of Node that nobody reads is let go', async () => {
  const { vault } = await stage({})
  const body = Readable.from(['moved'])
  const answers = [{ status: 302, headers: new Headers({ location: '/next' }), body }, new Response('page')]
  const send = vaultFetch(vault, { fetch: async () => answers.shift() as Response })
  expect(await (await send(FROM, { headers: { Authorization: A } })).text()).toBe('page')
  expect(body.destroyed).toBe(true)
})

describe('a Request with a text body', () => {
  /** A server that redirects `/from` and gives back what it got. */
  async function server() {
    const seen: { url: string; body: string; length: string | undefined }[] = []
    const http = createServer(async (request, response) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      seen.push({
        url: request.url!,
        body: Buffer.concat(pieces).toString(),
        length: request.headers['content-length'],
      })
      if (request.url === '/from') response.writeHead(308, { location: '/to' })
      response.end('ok')
    })
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
    onTestFinished(() => void http.close())
    return { seen, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
  }

  it.each([
    ['text/plain', 'plain ü'],
    ['application/json', '{"a":"ü"}'],
    ['application/x-www-form-urlencoded', 'a=1&b=2'],
  ])('of %s keeps its length and is sent again', async (type, body) => {
    const { vault } = await stage({})
    const { seen, origin } = await server()
    const headers = { 'content-type': type, Authorization: A }
    const request = new Request(`${origin}/from`, { method: 'POST', body, headers })
    expect(await (await vaultFetch(vault)(request)).text()).toBe('ok')
    const length = String(Buffer.byteLength(body))
    expect(seen).toEqual([
      { url: '/from', body, length },
      { url: '/to', body, length },
    ])
  })

  it('and with a value in it does both too', async () => {
    const { vault } = await stage({})
    const { seen, origin } = await server()
    const headers = { 'content-type': 'application/json' }
    const request = new Request(`${origin}/from`, { method: 'POST', body: `{"a":"${A}"}`, headers })
    await vaultFetch(vault, { in: ['body'] })(request)
    expect(seen.map(({ body, length }) => [body, Number(length)])).toEqual([
      [`{"a":"${VALUE}"}`, 22],
      [`{"a":"${VALUE}"}`, 22],
    ])
  })

  it('bytes of another kind are sent as the stream that they are', async () => {
    const { vault } = await stage({})
    const { seen, origin } = await server()
    const request = new Request(`${origin}/to`, {
      method: 'POST',
      body: new Uint8Array([65, 66]),
      headers: { Authorization: A },
    })
    await vaultFetch(vault)(request)
    expect(seen).toMatchObject([{ url: '/to', body: 'AB' }])
  })
})

describe('a wrapper that follows by itself', () => {
  const TWO = 'https://two.example/'
  const THREE = 'https://three.example/'

  it('gets on without the headers of a bound secret that may not go there', async () => {
    const { send, calls } = await stage({ [FROM]: [302, THREE], [TWO]: [302, `${THREE}next`] })
    const init = { headers: { 'x-key': `k ${BOUND}`, 'x-plain': 'stays' }, redirect: 'manual' as const }
    expect((await send(FROM, init)).headers.get('location')).toBe(THREE)
    expect(await (await send(THREE, init)).text()).toBe('page')
    // where its rule lets it go it goes along
    await send(TWO, init)
    expect(calls.map(({ url, headers }) => [url, headers['x-key'], headers['x-plain']])).toEqual([
      [FROM, 'k bound-0123456789', 'stays'],
      [THREE, undefined, 'stays'],
      [TWO, 'k bound-0123456789', 'stays'],
    ])
  })

  it('is told as ever of a bound secret that stands elsewhere than in a header, or that no server has led there', async () => {
    const { send, calls } = await stage({ [FROM]: [302, THREE] })
    const init = { headers: { 'x-key': BOUND }, redirect: 'manual' as const }
    expect(await failure(send(THREE, init))).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'bound' })
    await send(FROM, init)
    const body = { ...init, method: 'POST', headers: { ...init.headers, 'content-type': 'text/plain' }, body: BOUND }
    expect(await failure(send(THREE, body))).toMatchObject({ code: 'ERR_HOST_DENIED', tag: 'bound' })
    // one without a rule in the same request goes by the rules of its own
    await send(`${THREE}other`, { headers: { 'x-key': BOUND, 'x-other': A } })
    expect(calls.at(-1)).toMatchObject({ url: `${THREE}other`, headers: { 'x-other': VALUE } })
    expect(calls.at(-1)!.headers).not.toHaveProperty('x-key')
    expect(await failure(send('not a url', init))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})

const BREAKS_QUERIES = 'undici itself reads a query of the attacked prototype, and refuses URLs that have one'

describe('a URL that a server has named', () => {
  const evil = '/page?x={{secrets.b}}'

  /** A server that leads to a URL with a reference in it, and what arrived. */
  async function leading() {
    const arrived: string[] = []
    const http = createServer((request, response) => {
      arrived.push(request.url!)
      if (request.url === '/') response.writeHead(302, { location: evil }).end()
      else response.end('page')
    })
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
    onTestFinished(() => void http.close().closeAllConnections())
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: 'a-0123456789' })
    await vault.create({ tag: 'b', value: 'b-0123456789' })
    return { vault, arrived, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
  }

  it.for<Record<string, string>>([{ Authorization: '<< secrets.a >>' }, {}])(
    'holds no reference, where a wrapper goes there: %j',
    async (headers, { skip }) => {
      if ('query' in {}) skip(BREAKS_QUERIES)
      const { vault, arrived, origin } = await leading()
      const send = vaultFetch(vault, { in: ['query'] })
      const first = await send(`${origin}/`, { headers, redirect: 'manual' })
      await send(new URL(first.headers.get('location')!, origin), { headers })
      const request = vaultRequest(vault, { in: ['query'] })
      const answer = await request(`${origin}/`, { headers })
      await request(new URL(answer.headers.location!, origin), { headers })
      expect(arrived).toEqual(['/', evil, '/', evil])
    },
  )

  it.for<Record<string, string>>([{ Authorization: '<< secrets.a >>' }, {}])(
    'holds none for axios and undici, where a wrapper goes there: %j',
    async (headers, { skip }) => {
      if ('query' in {}) skip(BREAKS_QUERIES)
      const { vault, arrived, origin } = await leading()
      const client = axios.create({ adapter: vaultAdapter(vault, { axios, in: ['query'] }), maxRedirects: 0, headers })
      const refused = await client.get(`${origin}/`).catch((error: AxiosError) => error)
      const { location } = (refused as AxiosError).response!.headers
      await client.get(new URL(String(location), origin).href)
      const agent = new Agent().compose(vaultInterceptor(vault, { in: ['query'] }))
      const answer = await agent.request({ origin, path: '/', method: 'GET', headers })
      await answer.body.dump()
      await (await agent.request({ origin, path: String(answer.headers.location), method: 'GET', headers })).body.dump()
      expect(arrived.map((url) => decodeURI(url))).toEqual(['/', evil, '/', evil])
    },
  )

  it('holds none for axios where its caller takes every status, and none below a dispatcher of undici 6', async ({
    skip,
  }) => {
    if ('query' in {}) skip(BREAKS_QUERIES)
    const { vault, arrived, origin } = await leading()
    const client = axios.create({ adapter: vaultAdapter(vault, { axios, in: ['query'] }), maxRedirects: 0 })
    await client.get(`${origin}/`, { validateStatus: () => true })
    await client.get(origin + evil)
    const paths: string[] = []
    // in the older lifecycle, which undici 7 speaks to nobody
    const dispatch = vaultInterceptor(vault, { in: ['query'] })(({ path }: DispatchOptions, handler: Handler) => {
      paths.push(path)
      return handler.onHeaders!(302, [Buffer.from('Location'), Buffer.from(evil)], () => undefined) ?? true
    })
    for (const path of ['/', evil]) {
      await new Promise<void>((done) => {
        const onHeaders = () => done() === undefined
        dispatch({ origin, path, method: 'GET' }, { onHeaders, onError: () => done() })
      })
    }
    expect([paths, arrived.map((url) => decodeURI(url))]).toEqual([
      ['/', evil],
      ['/', evil],
    ])
  })

  it.for<Record<string, string>>([{ Authorization: '<< secrets.a >>' }, {}])(
    'holds none for undici, whose handler goes there: %j',
    async (headers, { skip }) => {
      if ('query' in {}) skip(BREAKS_QUERIES)
      const { vault, arrived, origin } = await leading()
      const agent = new Agent().compose(
        vaultInterceptor(vault, { in: ['query'] }),
        interceptors.redirect({ maxRedirections: 3 }),
      )
      await (await agent.request({ origin, path: '/', method: 'GET', headers })).body.dump()
      expect(arrived).toEqual(['/', evil])
    },
  )
})

it('a fetch that keeps a clone of each answer, as that of Next does, is followed on: its bodies are not waited for', async () => {
  const { vault, network } = await stage({ [FROM]: [302, `${FROM}b`] })
  const clones: Response[] = []
  const cloning: FetchLike = async (input, init) => {
    const { status, headers } = (await network(input, init)) as Response
    const answer = new Response('a body', { status, headers })
    clones.push(answer.clone())
    return answer
  }
  const answer = await vaultFetch(vault, { fetch: cloning })(FROM, { headers: { authorization: A } })
  expect([answer.status, clones.length]).toEqual([200, 2])
})
