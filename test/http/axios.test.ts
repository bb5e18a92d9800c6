/** The adapter for axios: what is resolved, what arrives, and what axios is shown of it. */

import axios, { type AxiosAdapter, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { describe, expect, it, vi } from 'vitest'
import { type VaultAdapterOptions, vaultAdapter } from '../../src/http/axios.ts'
import { backstage, failure } from '../vault/fixture.ts'
import { axiosStage, KEY } from './axios-stage.ts'
import type { Answer } from './loopback.ts'

const REF = '<< secrets.key >>'
const HEADERS = { Authorization: `Bearer ${REF}` }
const echo: Answer = ({ url, headers, body }, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'x-echo': headers.authorization ?? '' })
  response.end(JSON.stringify({ url, key: headers.authorization, body }))
}

/** Under an attacked prototype the fetch of the platform and follow-redirects do what they were not told. */
const isPolluted = 'onMissing' in {}
const READS_INHERITED = 'axios and follow-redirects themselves read inherited options of the attacked prototype'

it.skipIf(isPolluted)('goes by fetch where Node is there by name only, as in the edge runtime of Next', async () => {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(() => {
    throw new Error('A Node.js API is used (process.getBuiltinModule) which is not supported in the Edge Runtime.')
  })
  const { client } = await axiosStage(echo, { adapter: 'fetch' })
  expect((await client.get('/me', { headers: HEADERS })).data.key).toBe('Bearer [secret:key]')
})

describe.each(isPolluted ? (['http'] as const) : (['http', 'fetch'] as const))('over the adapter %s', (adapter) => {
  const stage = (answer?: Answer, more: Partial<VaultAdapterOptions> = {}) => axiosStage(answer, { adapter, ...more })

  it('sends the value, gives the config back with the reference, and masks the echo', async () => {
    const { client, arrived, origin } = await stage(echo)
    const response = await client.get('/me?a=b', { headers: HEADERS })
    expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(response.config.headers.Authorization).toBe(`Bearer ${REF}`)
    expect(response.config.headers['Content-Length']).toBeUndefined()
    expect(response.data.key).toBe('Bearer [secret:key]')
    expect(response.headers['x-echo']).toBe('Bearer [secret:key]')
    expect(response.request).toEqual({
      method: 'GET',
      protocol: 'http:',
      host: '127.0.0.1',
      path: '/me?a=b',
      url: `${origin}/me?a=b`,
      aborted: false,
      res: { responseUrl: `${origin}/me?a=b`, statusCode: 200 },
    })
  })

  it('gives the answer back as it was sent where it is told to', async () => {
    const { client } = await stage(echo, { redactResponse: false })
    const response = await client.get('/me', { headers: HEADERS })
    expect(response.data.key).toBe(`Bearer ${KEY}`)
    expect(response.config.headers.Authorization).toBe(`Bearer ${REF}`)
  })

  it('puts auth into the place of a header, and looks into it', async () => {
    const { client, vault, arrived } = await stage()
    await vault.create({ tag: 'pw', value: 'pässwörd:with-a-colon' })
    const auth = { username: 'ann', password: '<< secrets.pw >>' }
    const response = await client.get('/', { auth, headers: { Authorization: 'Bearer literal' } })
    const [, encoded = ''] = /^Basic (.+)$/.exec(arrived[0]!.headers.authorization!)!
    expect(Buffer.from(encoded, 'base64').toString()).toBe('ann:pässwörd:with-a-colon')
    expect(response.config.auth).toEqual(auth)
  })

  it('resolves parameters before axios encodes them', async () => {
    const { client, arrived } = await stage(undefined, { in: ['query'] })
    const date = new Date(0)
    const params = { key: `a ${REF}`, list: [REF, 'x'], inner: { key: REF, none: null }, date, n: 1 }
    const { config, request } = await client.get('/search?z=1', { params })
    const sent = new URL(arrived[0]!.url, 'http://x').searchParams
    expect([...sent]).toEqual([
      ['z', '1'],
      ['key', `a ${KEY}`],
      ['list[]', KEY],
      ['list[]', 'x'],
      ['inner[key]', KEY],
      ['date', date.toISOString()],
      ['n', '1'],
    ])
    expect(config.params!.inner.key).toBe(REF)
    expect(decodeURIComponent(request.path)).toContain('key=a+[secret:key]&list[]=[secret:key]')
  })

  it('leaves names of parameters alone, which are text of anybody', async () => {
    const params = { key: REF, [`${REF} <<`]: 'x', inner: { [REF]: 'y' } }
    const author = backstage().vault
    const authored = author.references({ url: 'https://h.example/', params: { key: REF } }, { as: 'request' })
    const { client, arrived } = await stage(undefined, { authored })
    const { config } = await client.get('/', { params })
    expect([...new URL(arrived[0]!.url, 'http://x').searchParams]).toEqual([
      ['key', KEY],
      [`${REF} <<`, 'x'],
      [`inner[${REF}]`, 'y'],
    ])
    expect(config.params).toEqual(params)
  })

  it('hands resolved parameters to a serialiser, and to the URL with references of its own', async () => {
    const { client, arrived } = await stage(undefined, { in: ['query', 'path'] })
    const paramsSerializer = { serialize: (params: object) => `json=${encodeURIComponent(JSON.stringify(params))}` }
    await client.get(`/p/${REF}#hash`, { params: { key: REF }, paramsSerializer })
    const url = new URL(arrived[0]!.url, 'http://x')
    expect(decodeURIComponent(url.pathname)).toBe(`/p/${KEY}`)
    expect(JSON.parse(url.searchParams.get('json')!)).toEqual({ key: KEY })
    await client.get('/', {
      params: new URLSearchParams([
        ['a', 'x'],
        ['a', REF],
        ['a', 'y'],
      ]),
    })
    expect(new URL(arrived[1]!.url, 'http://x').searchParams.getAll('a')).toEqual(['x', KEY, 'y'])
  })

  it('takes a list of parameters for what axios makes of it, whatever its items look like', async () => {
    const { client, vault, arrived } = await stage(undefined, { in: ['query'] })
    await vault.create({ tag: 'named', value: 'named-0123456789', allow: { in: ['query:k'] } })
    const entry = { name: REF, value: REF }
    for (const [params, written] of [
      [[{ ...entry, enabled: false }], { '0[name]': KEY, '0[value]': KEY, '0[enabled]': 'false' }],
      [[{ key: 'k', value: REF, disabled: true }], { '0[key]': 'k', '0[value]': KEY, '0[disabled]': 'true' }],
      [[{ value: REF }], { '0[value]': KEY }],
      [[[['a', REF]]], { '0[0][0]': 'a', '0[0][1]': KEY }],
      [['a', REF], { 0: 'a', 1: KEY }],
    ] as const) {
      const { request } = await client.get('/', { params })
      expect(Object.fromEntries(new URL(arrived.at(-1)!.url, 'http://x').searchParams)).toEqual(written)
      expect(decodeURIComponent(request.path)).toContain('[secret:key]')
    }
    // axios would write it as `0[value]`
    const sent = client.get('/', { params: [{ name: 'k', value: '<< secrets.named >>' }] })
    expect(await failure(sent)).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
    await client.get('/', { params: { k: '<< secrets.named >>' } })
    expect(arrived.at(-1)!.url).toBe('/?k=named-0123456789')
  })

  it('leaves text in parameters and data alone, and tells of it', async () => {
    const { client, arrived, events } = await stage()
    await client.post('/', { text: REF }, { headers: HEADERS, params: { q: REF } })
    expect(events.filter(({ action }) => action === 'skipped')).toMatchObject([{ locations: ['query', 'body'] }])
    expect(new URL(arrived[0]!.url, 'http://x').searchParams.get('q')).toBe(REF)
    expect(JSON.parse(arrived[0]!.body)).toEqual({ text: REF })
  })

  it('resolves what the author wrote, by its place in the config, and nothing else', async () => {
    const config: AxiosRequestConfig = {
      params: { key: REF, q: '' },
      data: { token: REF, note: '' },
      auth: { username: 'ann', password: REF },
      headers: { common: { 'X-Acme': REF } } as never,
    }
    const { vault } = await stage()
    const authored = vault.references(config, { as: 'request' })
    const { client, arrived, vault: other } = await stage(undefined, { authored })
    expect(other).not.toBe(vault)
    client.defaults.headers.common['X-Acme'] = REF
    const { params, data, auth } = config
    await client.request({
      method: 'post',
      url: '/',
      params: { ...params, q: REF },
      data: { ...data, note: REF },
      ...(auth && { auth }),
    })
    const { url, body, headers } = arrived[0]!
    expect([...new URL(url, 'http://x').searchParams]).toEqual([
      ['key', KEY],
      ['q', REF],
    ])
    expect(JSON.parse(body)).toEqual({ token: KEY, note: REF })
    expect(headers['x-acme']).toBe(KEY)
    expect(headers.authorization).toBe(`Basic ${btoa(`ann:${KEY}`)}`)
  })

  it('looks into a form that axios has encoded', async () => {
    const { client, arrived } = await stage(undefined, { in: ['body'] })
    const form = { grant_type: 'client_credentials', client_secret: REF, 'a b': '&=+ü' }
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const { config } = await client.post('/', form, { headers: type })
    await client.post('/', new URLSearchParams(form))
    await client.post('/', `client_secret=${REF}&x=%20+y`, { headers: type })
    await client.post('/', 'a=%20+', { headers: { ...type, ...HEADERS } })
    const expected = { ...form, client_secret: KEY }
    expect(arrived.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toEqual([
      expected,
      expected,
      { client_secret: KEY, x: '  y' },
      { a: '  ' },
    ])
    expect(arrived[3]!.body).toBe('a=%20+')
    expect(config.data).toContain('secrets.key')
  })

  it('sends JSON, multipart forms and bytes with their values', async () => {
    const { client, arrived } = await stage(undefined, { in: ['body'] })
    await client.post('/', { deep: [{ key: REF }], n: 1 })
    const form = new FormData()
    form.append('key', REF)
    form.append('file', new Blob(['bytes'], { type: 'text/plain' }), 'a.txt')
    await client.postForm('/', form)
    await client.post('/', Buffer.from(`{"key":"${REF}"}`), { headers: { 'Content-Type': 'application/json' } })
    const [json, multipart, bytes] = arrived
    expect(JSON.parse(json!.body)).toEqual({ deep: [{ key: KEY }], n: 1 })
    expect(multipart!.body).toContain(KEY)
    expect(multipart!.body).toContain('filename="a.txt"')
    expect(JSON.parse(bytes!.body)).toEqual({ key: KEY })
  })

  it('computes the URL as axios does', async () => {
    const { client, arrived, origin } = await stage(undefined, {})
    const headers = HEADERS
    await client.get('/sub//x', { headers, baseURL: `${origin}/v1/` })
    await client.get(`${origin}/absolute`, { headers, baseURL: 'http://127.0.0.1:1/' })
    await client.get('/x', { headers, baseURL: `${origin}/v1`, allowAbsoluteUrls: false })
    expect(arrived.map(({ url }) => url)).toEqual(['/v1/sub//x', '/absolute', '/v1/x'])
    const refused = client.get('http:no', { headers })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_INVALID_URL', config: { method: 'get' } })
  })

  it('a user and password in the URL take the place of the header', async () => {
    const { client, arrived, origin } = await stage()
    const url = origin.replace('//', '//ann:pw@')
    await client.get(url, { headers: { ...HEADERS, 'x-api-key': REF } })
    expect(arrived[0]!.headers).toMatchObject({ authorization: `Basic ${btoa('ann:pw')}`, 'x-api-key': KEY })
  })

  it('a request without references is the business of the adapter below alone', async ({ skip }) => {
    if (isPolluted) skip(READS_INHERITED)
    const { client, arrived, origin } = await stage(({ url }, response) =>
      url === '/from' ? response.writeHead(302, { location: '/to' }).end() : response.end('text'),
    )
    const { request, data } = await client.get('/from')
    expect([data, arrived.map(({ url }) => url)]).toEqual(['text', ['/from', '/to']])
    expect(request.constructor.name).toMatch(/ClientRequest|Request/)
    expect(origin).toMatch(/^http/)
  })

  it('keeps headers that the adapter is told not to add, and the case of names', async () => {
    const { client, arrived } = await stage()
    const headers = { ...HEADERS, 'User-Agent': adapter === 'http' ? false : 'me', 'X-List': ['a', 'b'] } as never
    await client.get('/', { headers })
    expect(arrived[0]!.headers['user-agent']).toBe(adapter === 'http' ? undefined : 'me')
    expect(arrived[0]!.headers['x-list']).toBe('a, b')
  })
})

describe('what is refused', () => {
  it('a reference in a header that only looks like a credential header', async () => {
    const { client } = await axiosStage()
    const sent = client.get('/', { headers: { 'X-Api-\u212aey': REF } })
    expect(await failure(sent)).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  })

  it.each([
    ['nothing', undefined],
    ['an instance', { axios: axios.create() }],
    ['null', { axios: null }],
    ['another adapter', { axios, adapter: 'xhr' }],
    ['an unknown option', { axios, adaptor: 'http' }],
  ])('as options: %s', (_, options) => {
    const { vault } = backstage()
    expect(() => vaultAdapter(vault, options as never)).toThrowError(
      expect.objectContaining({ code: 'ERR_INVALID_INPUT' }),
    )
  })

  it.each([
    ['proxy', { proxy: { auth: { username: 'u', password: REF } } }],
    ['json', { json: REF }],
    ['body', { body: '<< secrets.' }],
  ])('a reference in the member %s', async (path, config) => {
    const { client, arrived } = await axiosStage()
    expect(await failure(client.get('/', config as never))).toMatchObject({ code: 'ERR_LOCATION_DENIED', path })
    expect(arrived).toEqual([])
  })

  it.each([
    { proxy: { host: '127.0.0.1', port: 1 } },
    { socketPath: '/tmp/none' },
    { httpAgent: {} },
    { httpsAgent: {} },
    { lookup: () => undefined },
    { transport: {} },
    { insecureHTTPParser: true },
    { fetchOptions: { dispatcher: {} } },
    { env: { fetch: () => undefined } },
  ])('a bound secret beside %o', async (config) => {
    const { vault, client, origin, arrived } = await axiosStage()
    await vault.create({ tag: 'bound', value: 'bound-0123456789', allow: { hosts: [origin] } })
    const headers = { 'x-api-key': '<< secrets.bound >>' }
    const error = await failure(client.get('/', { headers, ...config } as never))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT', tag: 'bound' })
    expect(arrived).toEqual([])
    await client.get('/', { headers, proxy: false, insecureHTTPParser: false })
    expect(arrived[0]!.headers['x-api-key']).toBe('bound-0123456789')
  })

  it('an adapter that follows redirects by itself', async ({ skip }) => {
    if (isPolluted) skip(READS_INHERITED)
    const { client, origin, arrived } = await axiosStage(
      ({ url }, response) =>
        url === '/from' ? response.writeHead(302, { location: '/to' }).end() : response.end('{}'),
      { adapter: (config: InternalAxiosRequestConfig) => stubborn(config) },
    )
    const stubborn: AxiosAdapter = (config) =>
      axios.getAdapter('http')({ ...config, maxRedirects: 5, transport: undefined as never })
    const error = await failure(client.get('/from', { headers: { 'x-api-key': REF } }))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    expect(arrived.map(({ url }) => url)).toEqual(['/from', '/to'])
    expect(origin).toMatch(/^http/)
  })

  it('a request that holds a mask of an earlier answer', async () => {
    const { client } = await axiosStage(echo)
    const { data } = await client.get('/', { headers: HEADERS })
    const params = { next: data.key }
    expect(await failure(client.get('/', { params }))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'url' })
  })
})
