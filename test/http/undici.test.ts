import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { Agent, Client, type Dispatcher, FormData as NpmFormData, Pool, request } from 'undici'
import { describe, expect, it } from 'vitest'
import { type DispatchLike, vaultInterceptor } from '../../src/http/undici.ts'
import { failure, thrown } from '../vault/fixture.ts'
import { A, undiciStage, VALUE } from './undici-stage.ts'

describe('vaultInterceptor', () => {
  it('sends what undici would send, with the secret in it, and changes nothing that it was given', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const options = Object.freeze({ headers: Object.freeze({ Authorization: `Bearer ${A}`, 'X-Other': 'b' }) })
    const { body } = await request(`${origin}/p?q=1`, { ...options, dispatcher: agent() })
    expect(await body.text()).toBe('page')
    expect(arrived).toMatchObject([{ method: 'GET', url: '/p?q=1' }])
    expect(arrived[0]!.rawHeaders).toEqual(expect.arrayContaining(['Authorization', `Bearer ${VALUE}`, 'X-Other', 'b']))
    expect(options.headers.Authorization).toBe(`Bearer ${A}`)
  })

  it.each<[shape: string, headers: unknown, path: string]>([
    ['an object', { 'X-Api-Key': A }, 'headers.X-Api-Key'],
    ['an object with a list', { 'x-api-key': [A] }, 'headers.x-api-key[0]'],
    ['a flat array', ['x-other', 1, 'X-Api-Key', A], 'headers[3]'],
    ['a flat array of bytes', [Buffer.from('x-api-key'), Buffer.from(A)], 'headers[1]'],
    [
      'pairs',
      [
        ['x-other', null],
        ['x-api-key', A],
      ],
      'headers[1][1]',
    ],
    ['a Map', new Map([['x-api-key', A]]), 'headers[0][1]'],
    ['Headers', new Headers({ 'x-api-key': A }), 'headers[0][1]'],
    ['an iterator', [['x-api-key', A]].values(), 'headers[0][1]'],
  ])('takes headers as %s', async (_, headers, path) => {
    const { vault, agent, origin, arrived } = await undiciStage()
    const { body } = await agent().request({ origin, path: '/', method: 'GET', headers: headers as string[] })
    await body.dump()
    expect(arrived[0]!.headers['x-api-key']).toBe(VALUE)
    await vault.delete('a', { confirm: 'a' })
    if (headers instanceof Object && 'next' in headers) return
    const error = await failure(agent().request({ origin, path: '/', method: 'GET', headers: headers as string[] }))
    expect(error).toMatchObject({ code: 'ERR_MISSING_SECRETS', missing: [{ tag: 'a' }] })
    expect(path).toMatch(/^headers/)
  })

  it('joins a header that is there twice', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const headers = ['x-api-key', A, 'Cookie', 'a=1', 'cookie', 'b=2', 'X-Api-Key', 'other']
    await (await agent().request({ origin, path: '/', method: 'GET', headers })).body.dump()
    expect(arrived[0]!.headers).toMatchObject({ 'x-api-key': `${VALUE}, other`, cookie: 'a=1; b=2' })
  })

  it('a request without references goes to the inner dispatch at once, with the same options and handler', async () => {
    const { vault } = await undiciStage()
    const seen: unknown[] = []
    const inner: DispatchLike = (options, handler) => seen.push(options, handler) === 0
    const dispatch = vaultInterceptor(vault, { in: ['body'] })(inner)
    const iterator = [['a', 'b']].values()
    const handler = {}
    for (const headers of [undefined, null, [], {}, ['a', 'b'], new Map([['a', 'b']]), { a: undefined }]) {
      const options = { origin: 'https://h.example', path: '/', method: 'GET', headers, body: 'text' }
      expect(dispatch(options, handler)).toBe(false)
      expect(seen.splice(0)).toEqual([options, handler])
    }
    const same = { origin: 'https://h.example', path: '/', method: 'GET' }
    dispatch(same, handler)
    expect(seen.splice(0)[0]).toBe(same)
    // what reading uses up is handed on as it was read
    dispatch({ ...same, headers: iterator }, handler)
    expect(seen.splice(0)[0]).toMatchObject({ headers: { a: 'b' } })
  })

  it.each<[string, object]>([
    ['headers that are a text', { headers: A }],
    ['an odd number of headers', { headers: [A] }],
    ['a header that is an object', { headers: { authorization: { A } } }],
    ['a path that is not a text', { path: 1 }],
    ['a path that is not absolute', { path: '.evil.example/', headers: { authorization: A } }],
    ['a query next to one in the path', { path: '/?a', query: { b: A }, headers: { authorization: A } }],
  ])('leaves to undici what it refuses: %s', async (_, options) => {
    const { agent, origin, arrived } = await undiciStage()
    const sent = { origin, path: '/', method: 'GET', ...options } as Dispatcher.RequestOptions
    const [ours, theirs] = await Promise.all([agent(), new Agent()].map((each) => each.request(sent).catch(String)))
    expect(ours).toBe(theirs)
    expect(ours).toMatch(/Error: /)
    expect(arrived).toEqual([])
  })

  it('resolves path, query and query members where they are opened, and the server reads the value', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const dispatcher = agent({ in: ['host', 'auth', 'path', 'query'] })
    const send = async (options: Partial<Dispatcher.RequestOptions>) =>
      (await dispatcher.request({ origin, path: '/', method: 'GET', ...options })).body.dump()
    await send({ path: `/${A}/x?k=${A}&l=a%20b` })
    await send({ query: { k: `x&${A}#+%`, list: [A, 2, true, null, 3n], none: [] } })
    await send({ query: { k: `\\${A} & more` } })
    expect(arrived[0]!.url).toBe('/v-0123456789%2F%2B/x?k=v-0123456789%2F%2B&l=a%20b')
    const params = (index: number) => new URL(arrived[index]!.url, origin).searchParams
    expect(params(1).get('k')).toBe(`x&${VALUE}#+%`)
    expect(params(1).getAll('list')).toEqual([VALUE, '2', 'true', '', '3'])
    // a backslash makes it literal
    expect(params(2).get('k')).toBe(`${A} & more`)
    expect(await failure(send({ query: { k: '<< secrets.a & x' } }))).toMatchObject({ code: 'ERR_UNCLOSED_REFERENCE' })
  })

  it('text in a path and a query is sent as undici sends it', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const query = { k: A, 'a b': 'c&d' }
    const headers = { authorization: A }
    await (await agent().request({ origin, path: '/p', method: 'GET', query, headers })).body.dump()
    await (await new Agent().request({ origin, path: '/p', method: 'GET', query })).body.dump()
    expect(arrived[0]!.url).toBe(arrived[1]!.url)
  })

  it('a path goes out as the rules were asked about it', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const headers = { authorization: A }
    await (await agent().request({ origin, path: '/open/../closed//x', method: 'GET', headers })).body.dump()
    expect(arrived[0]!.url).toBe('/closed//x')
  })

  it('a path that begins with two slashes or a backslash leads to no other host', async () => {
    const { agent, origin, arrived } = await undiciStage(undefined, { hosts: ['http://127.0.0.1:1'] })
    for (const path of ['//127.0.0.1:1/', '/\\127.0.0.1:1/', '///127.0.0.1:1']) {
      const error = await failure(agent().request({ origin, path, method: 'GET', headers: { authorization: A } }))
      expect(error).toMatchObject({ code: 'ERR_HOST_DENIED' })
    }
    expect(arrived).toEqual([])
  })
})

it('has no credential header in one that only looks like it, although undici would send it', async () => {
  const { agent, origin, arrived } = await undiciStage()
  const sent = agent().request({ origin, path: '/', method: 'GET', headers: { 'X-Api-\u212aey': A } })
  expect(await failure(sent)).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  expect(arrived).toEqual([])
})

describe('a body', () => {
  const post = { path: '/', method: 'POST' } as const

  it('of text, bytes, a Blob or a form is resolved where it is opened', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const dispatcher = agent({ in: ['body'] })
    const form = new NpmFormData()
    form.append('k', A)
    form.append('f', new Blob(['file']), 'name.txt')
    const text = `{"k":"${A}"}`
    for (const body of [text, Buffer.from(text), new TextEncoder().encode(text), new Blob([text]), form]) {
      const { body: answer } = await dispatcher.request({ ...post, origin, body: body as string })
      await answer.dump()
      expect(arrived.at(-1)!.body).toContain(VALUE)
      expect(arrived.at(-1)!.headers['content-length']).toBe(String(Buffer.byteLength(arrived.at(-1)!.body)))
    }
    expect(arrived.at(-1)!.body).toContain('filename="name.txt"')
    expect(arrived.at(-1)!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  })

  it('that is a stream or an iterable is passed on, with the length that it was given', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const chunks = (async function* () {
      yield Buffer.from('x')
      yield Buffer.from(A)
    })()
    const headers = { authorization: A, 'Content-Length': String(1 + A.length) }
    for (const body of [Readable.from([Buffer.from('x'), Buffer.from(A)]), chunks]) {
      await (await agent().request({ ...post, origin, body: body as Readable, headers })).body.dump()
    }
    for (const { body, headers: sent } of arrived) {
      expect([body, sent['content-length'], sent.authorization]).toEqual([`x${A}`, headers['Content-Length'], VALUE])
    }
    expect(arrived).toHaveLength(2)
  })

  it('that is a stream is refused where bodies are resolved, whatever else is in the request', async () => {
    const { agent, origin, arrived } = await undiciStage()
    const authored = [{ tag: 'a', filters: [], path: 'body', index: 0, location: 'body' }] as const
    for (const options of [{ in: ['body'] }, { authored }] as const) {
      const error = await failure(agent(options).request({ ...post, origin, body: Readable.from(['x']) }))
      expect(error).toMatchObject({ code: 'ERR_OPAQUE_VALUE', path: 'body' })
      expect(String(error)).toContain('vaultFetch')
    }
    expect(arrived).toEqual([])
  })
})

describe('the origin', () => {
  const get = { path: '/', method: 'GET', headers: { authorization: A } } as const

  it.each(['a text', 'a text with a slash', 'a URL'])('is that of the request, as %s', async (kind) => {
    const { agent, origin, arrived } = await undiciStage()
    const given = kind === 'a URL' ? new URL(origin) : kind === 'a text' ? origin : `${origin}/`
    await (await agent().request({ ...get, origin: given })).body.dump()
    expect(arrived).toHaveLength(1)
  })

  it.each([
    ['Client', (origin: string) => new Client(origin)],
    ['Pool', (origin: string) => new Pool(origin)],
  ])('of a %s is named in the options; without it nothing is sent', async (_, make) => {
    const { vault, origin, arrived, closing } = await undiciStage()
    await vault.update('a', { allow: { hosts: [origin] } })
    const known = closing(make(origin).compose(vaultInterceptor(vault, { origin })))
    await (await known.request(get as never)).body.dump()
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual([VALUE])
    const unknown = closing(make(origin).compose(vaultInterceptor(vault)))
    // a Host is anybody's to write
    const headers = { ...get.headers, host: new URL(origin).host }
    const error = await failure(unknown.request({ ...get, headers } as never))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    expect(String(error)).toContain('option origin')
    await (await unknown.request({ path: '/', method: 'GET' } as never)).body.dump()
    expect(arrived).toHaveLength(2)
  })

  it('of a Client that goes elsewhere than the request says is refused', async () => {
    const { vault, origin, arrived, closing } = await undiciStage(undefined, { hosts: ['https://api.example'] })
    const client = closing(new Client(origin).compose(vaultInterceptor(vault, { origin: new URL(origin) })))
    const error = await failure(client.request({ ...get, origin: 'https://api.example' }))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
    expect(arrived).toEqual([])
  })

  it.each(['nothing', 'ftp://h.example', 'https://h.example/p', 'https://h.example/?q'])(
    'is not %s',
    async (origin) => {
      const { vault } = await undiciStage()
      expect(thrown(() => vaultInterceptor(vault, { origin }))).toMatchObject({
        code: 'ERR_INVALID_INPUT',
        path: 'origin',
      })
    },
  )

  it('may hold a reference', async () => {
    const { vault, agent, origin, arrived } = await undiciStage()
    await vault.create({ tag: 'host', value: new URL(origin).hostname })
    const { port } = new URL(origin)
    const dispatcher = agent({ in: ['host'] })
    await (await dispatcher.request({ ...get, origin: `http://<< secrets.host >>:${port}` })).body.dump()
    expect(arrived.map(({ headers }) => headers.authorization)).toEqual([VALUE])
  })

  it('a server name that is set by hand is a diversion', async () => {
    const { vault, agent, origin } = await undiciStage()
    await vault.update('a', { allow: { hosts: [origin] } })
    const error = await failure(agent().request({ ...get, origin, servername: 'evil.example' } as never))
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
  })
})

it('refuses a request that carries a mask, and the dots of a form', async () => {
  const { agent, origin, arrived } = await undiciStage()
  for (const mask of ['[secret:a]', 'Bearer [secret]', '\u2022'.repeat(8), `Basic ${btoa('me:[secret:a]')}`]) {
    const error = await failure(agent().request({ origin, path: '/', method: 'GET', headers: { authorization: mask } }))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  }
  const asText = { origin, path: '/?q=[secret:a]', method: 'GET', query: undefined } as unknown
  const text = await agent().request(asText as Dispatcher.RequestOptions)
  await text.body.dump()
  expect(arrived).toHaveLength(1)
})

it('reads options of a class as undici does', async () => {
  const { agent, origin, arrived } = await undiciStage()
  class Options {
    headers = { authorization: A }
  }
  Object.assign(Options.prototype, { origin, path: '/', method: 'PUT' })
  const dispatcher = agent()
  await new Promise<void>((done) => {
    const handler = {
      onConnect() {},
      onHeaders: () => true,
      onData: () => true,
      onComplete: () => done(),
      onError: () => done(),
    }
    dispatcher.dispatch(new Options() as unknown as Dispatcher.DispatchOptions, handler)
  })
  expect(arrived).toMatchObject([{ method: 'PUT', headers: { authorization: VALUE } }])
})

it('refuses unknown options, and a vault of another copy of the package', async () => {
  const { vault } = await undiciStage()
  expect(thrown(() => vaultInterceptor(vault, { origins: 1 } as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  expect(thrown(() => vaultInterceptor({ ...vault }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
})

it('nothing of the interceptor shows a value', async () => {
  const { vault, agent, origin } = await undiciStage((response) => response.socket?.destroy())
  const interceptor = vaultInterceptor(vault)
  const options = { origin, path: '/', method: 'GET', headers: { authorization: A } } as const
  const error = await agent()
    .request(options)
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'UND_ERR_SOCKET' })
  expect(inspect([interceptor, error], { depth: 12, showHidden: true })).not.toContain(VALUE)
})
