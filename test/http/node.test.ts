/** `vaultRequest` over loopback servers: what arrives, what comes back, and what node is told meanwhile. */

import http, { type RequestOptions, type ServerResponse } from 'node:http'
import https from 'node:https'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type NodeRequestOptions, type VaultRequestOptions, vaultRequest } from '../../src/http/node.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { backstage, failure } from '../vault/fixture.ts'
import { type Arrived, serve } from './loopback.ts'

const VALUE = 'tok-0123456789/+ä'
const BEARER = 'Bearer << secrets.a >>'

type Answer = (response: ServerResponse, request: Arrived) => unknown

const server = (answer: Answer = (response) => response.end('page')) =>
  serve((request, response) => answer(response, request))

async function stage(answer?: Answer, options?: VaultRequestOptions) {
  const { vault } = backstage()
  const set = await server(answer)
  await vault.create({ tag: 'a', value: VALUE })
  await vault.create({ tag: 'bound', value: 'bound-0123456789', allow: { hosts: [`${set.origin}`] } })
  return { ...set, vault, request: vaultRequest(vault, options) }
}

/** Header values arrive as latin-1. */
const HEADER_VALUE = VALUE

async function* pieces() {
  yield 'o'
  yield Buffer.from('ne')
}

describe('a request', () => {
  it.each<[string, (port: number, origin: string) => [string | URL | NodeRequestOptions, NodeRequestOptions?]]>([
    ['a URL as text', (_, origin) => [`${origin}/x?y=1`, { headers: { Authorization: BEARER } }]],
    ['a URL', (_, origin) => [new URL(`${origin}/x?y=1`), { headers: { Authorization: BEARER } }]],
    [
      'options',
      (port) => [
        {
          protocol: 'http:',
          hostname: '127.0.0.1',
          port,
          path: '/x?y=1',
          headers: [['Authorization', BEARER]] as never,
        },
      ],
    ],
    [
      'host in place of hostname, port as text',
      (port) => [
        {
          protocol: 'http:',
          host: '127.0.0.1',
          port: String(port),
          path: '/x?y=1',
          headers: ['Authorization', BEARER],
        },
      ],
    ],
    [
      'options over the URL',
      (port) => [
        new URL('https://other.example:1/z#hash'),
        {
          protocol: 'http:',
          hostname: '127.0.0.1',
          port,
          path: '/x?y=1',
          headers: { Authorization: [BEARER] as never },
        },
      ],
    ],
    [
      'headers of the platform',
      (_, origin) => [`${origin}/x?y=1`, { headers: new Headers({ Authorization: BEARER }) as never }],
    ],
  ])('takes %s', async (_name, args) => {
    const { request, arrived, port, origin } = await stage()
    const response = await request(...(args(port, origin) as [string, NodeRequestOptions]))
    expect([response.statusCode, await text(response)]).toEqual([200, 'page'])
    expect(arrived).toMatchObject([
      { method: 'GET', url: '/x?y=1', headers: { authorization: `Bearer ${HEADER_VALUE}` } },
    ])
    expect(arrived[0]!.headers.host).toBe(`127.0.0.1:${port}`)
  })

  it.each<[string, NodeRequestOptions['body'], string, Arrived['headers']]>([
    ['a text', 'söme', 'söme', { 'content-length': '5' }],
    ['bytes', new Uint8Array([97, 98]), 'ab', { 'content-length': '2' }],
    [
      'a form',
      new URLSearchParams({ k: '<< secrets.a >>' }),
      `k=${encodeURIComponent(VALUE)}`,
      { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    ],
    ['a stream', Readable.from(['o', 'ne']), 'one', { 'transfer-encoding': 'chunked' }],
    ['a stream of the platform', new Blob(['one']).stream(), 'one', { 'transfer-encoding': 'chunked' }],
    ['an async iterable', pieces(), 'one', { 'transfer-encoding': 'chunked' }],
  ])('sends %s with its length, by every method', async (_name, body, sent, headers) => {
    const { request, arrived, origin } = await stage(undefined, { in: ['body'] })
    await request(origin, { method: 'delete', headers: { Authorization: BEARER }, body })
    expect(arrived).toMatchObject([{ method: 'DELETE', body: sent, headers }])
  })

  it('goes to the port of its scheme', async () => {
    const { request } = await stage()
    for (const [module, scheme, port] of [
      [http, 'http:', 80],
      [https, 'https:', 443],
    ] as const) {
      const asked = vi.spyOn(module, 'request').mockImplementation(() => {
        throw new Error('asked')
      })
      onTestFinished(() => asked.mockRestore())
      await request({ protocol: scheme, method: '', host: 'a.example' }).catch(() => undefined)
      expect(asked.mock.calls).toMatchObject([[{ hostname: 'a.example', port, method: 'GET', path: '/' }]])
    }
  })

  it('leaves framing and host to the caller where he names them', async () => {
    const { request, arrived, origin } = await stage()
    const headers = [
      ['Transfer-Encoding', 'chunked'],
      ['Host', 'a.example'],
      ['Content-Type', 'x/y'],
    ] as never
    await request(origin, { method: 'PUT', headers, body: new URLSearchParams('a=b') })
    await request(origin, { method: 'PUT', headers, body: Readable.from(['one']) })
    const framed = { 'transfer-encoding': 'chunked', host: 'a.example', 'content-type': 'x/y' }
    expect(arrived).toMatchObject([
      { body: 'a=b', headers: framed },
      { body: 'one', headers: framed },
    ])
  })

  it('leaves the length of a stream to the caller', async () => {
    const { request, arrived, origin } = await stage()
    const headers = { Authorization: BEARER, 'Content-Length': 3 }
    await request(origin, { method: 'PUT', headers, body: Readable.from(['one']) })
    expect(arrived[0]!.headers).toMatchObject({ 'content-length': '3' })
    expect(arrived[0]!.headers).not.toHaveProperty('transfer-encoding')
  })

  it('makes Basic of auth, resolved by position', async () => {
    const { request, arrived, origin } = await stage()
    await request(origin, { auth: 'ann:<< secrets.a >>' })
    await request(origin.replace('//', '//bob:p%40ss@'), { headers: { 'X-Api-Key': '<< secrets.a >>' } })
    await request(origin.replace('//', '//bob:p%40ss@'))
    const sent = arrived.map(({ headers }) => Buffer.from(headers.authorization!.slice(6), 'base64').toString())
    expect(sent).toEqual([`ann:${VALUE}`, 'bob:p@ss', 'bob:p@ss'])
  })

  it('joins the values of one header, and keeps the names as they were written', async () => {
    const { request, arrived, origin } = await stage()
    const headers = { 'X-Many': ['1', '2'], Cookie: ['a=1', 'b=2'], 'X-API-Key': '<< secrets.a >>' } as never
    await request(origin, { headers })
    expect(arrived[0]!.headers).toMatchObject({ 'x-many': '1, 2', cookie: 'a=1; b=2' })
    expect(arrived[0]!.rawHeaders).toContain('X-API-Key')
  })

  it('without references goes out as it is', async () => {
    const { request, arrived, port, origin } = await stage()
    const got = await request({ protocol: 'http:', port, method: 'OPTIONS', path: '*', headers: { 'X-Y': 1 } })
    expect(await text(got)).toBe('page')
    await request(`${origin}/a/%3C%3C%20secrets.a%20%3E%3E`, { method: 'POST', body: '<< secrets.a >>' })
    expect(arrived.map(({ url }) => url)).toEqual(['*', '/a/%3C%3C%20secrets.a%20%3E%3E'])
    expect(arrived[1]!.body).toBe('<< secrets.a >>')
  })

  it.each([
    [BEARER, 'before its answer'],
    ['plain', 'before its answer'],
    [BEARER, 'within it'],
  ])('with %s may be silent %s for longer than an agent keeps its sockets', async (Authorization, when) => {
    const { request: real } = http
    const made = vi.spyOn(http, 'request').mockImplementation(((options: RequestOptions) => real(options)) as never)
    onTestFinished(() => made.mockRestore())
    const told = vi.fn()
    const { request, origin } = await stage((response) => {
      const sent = made.mock.results[0]!.value as http.ClientRequest
      // what node does when the time is over
      const beSilent = (): unknown => sent.once('timeout', told).socket!.emit('timeout')
      if (when === 'before its answer') beSilent()
      response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
      sent.once('response', () => {
        if (when === 'within it') beSilent()
        response.end('done')
      })
    })
    expect(await text(await request(origin, { headers: { Authorization } }))).toBe('begun done')
    expect(told).toHaveBeenCalledTimes(1)
  })

  it('has no secret in the options that node is given, nor a path with one', async () => {
    const { request, arrived, origin } = await stage(undefined, { in: ['query'] })
    const { request: real } = http
    const seen: string[] = []
    const spy = vi.spyOn(http, 'request').mockImplementation(((options: RequestOptions) => {
      seen.push(inspect(options, { depth: 20, showHidden: true }))
      return real(options)
    }) as never)
    onTestFinished(() => spy.mockRestore())
    await request(`${origin}/x?k=<< secrets.a >>`, { headers: { Authorization: BEARER, 'X-Plain': 'y' } })
    expect(arrived[0]!.url).toBe(`/x?k=${encodeURIComponent(VALUE)}`)
    const { leaks } = await leakProbe({ a: VALUE }, () => seen)
    expect(leaks).toEqual([])
    expect(seen[0]).toMatch(/path: '\/x\?k=.*secret/)
  })
})

describe('a request that node would send elsewhere', () => {
  it.each<[string, NodeRequestOptions]>([
    ['path', { path: 'http://other.example/' }],
    ['path', { path: '@other.example/' }],
    ['path', { method: 'OPTIONS', path: '*' }],
    ['hostname', { hostname: 'one.example/@two.example' }],
    ['hostname', { hostname: 7 as never }],
    ['port', { hostname: 'one.example', port: '80@two.example' }],
    ['protocol', { protocol: 'ftp:', hostname: 'one.example' }],
    ['method', { hostname: 'one.example', method: 'CONNECT' }],
    ['method', { hostname: 'one.example', method: 'GE T' }],
    ['body', { hostname: 'one.example', body: {} as never }],
    ['headers', { hostname: 'one.example', headers: ['x'] }],
    ['headers.X', { hostname: 'one.example', headers: { X: undefined } }],
  ])('is refused by the name of %s', async (path, options) => {
    const { request } = await stage()
    const headers = (options.headers as object | undefined) ?? { Authorization: BEARER }
    expect(await failure(request({ ...options, headers: headers as never }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      path,
    })
  })

  it('has no credential header in one that only looks like it', async () => {
    const { request, origin } = await stage()
    const sent = request(origin, { headers: { 'X-Api-\u212aey': BEARER } })
    expect(await failure(sent)).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  })

  it('is refused where a member holds a reference that is not sent', async () => {
    const { request, origin } = await stage()
    expect(await failure(request(origin, { key: '<< secrets.a >>' } as NodeRequestOptions))).toMatchObject({
      code: 'ERR_LOCATION_DENIED',
      path: 'key',
    })
  })

  it.each(['nowhere', ''])('is refused where the URL is %j', async (url) => {
    const { request } = await stage()
    expect(await failure(request(url, { path: '/x', headers: { Authorization: BEARER } }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
    })
  })
})

describe('an answer', () => {
  it('has masks in its headers, trailers and text, and no way to the request', async () => {
    const { request, origin } = await stage((response, { headers }) => {
      const echo = headers.authorization!
      response.writeHead(401, `no ${VALUE.slice(0, 14)}`, {
        'content-type': 'text/plain',
        'x-echo': echo,
        'set-cookie': [`a=${echo}`, 'b=1'],
        trailer: 'x-end',
        etag: '"1"',
      })
      response.write(echo.slice(0, 12))
      response.addTrailers({ 'x-end': echo })
      response.end(echo.slice(12))
    })
    const response = await request(origin, { headers: { Authorization: BEARER } })
    expect(response).toMatchObject({ statusCode: 401, httpVersion: '1.1', complete: false })
    expect(response).toMatchObject({ httpVersionMajor: 1, httpVersionMinor: 1 })
    expect(await text(response)).toBe('Bearer [secret:a]')
    expect(response.complete).toBe(true)
    expect(response.headers).toMatchObject({
      'x-echo': 'Bearer [secret:a]',
      'set-cookie': ['a=Bearer [secret:a]', 'b=1'],
    })
    expect(response.headersDistinct['x-echo']).toEqual(['Bearer [secret:a]'])
    expect(response.rawHeaders).toContain('Bearer [secret:a]')
    expect(response.trailers).toEqual({ 'x-end': 'Bearer [secret:a]' })
    expect(response.rawTrailers).toEqual(['x-end', 'Bearer [secret:a]'])
    expect(response.headers).not.toHaveProperty('etag')
    for (const name of ['req', 'socket', 'connection', 'client']) expect(response).not.toHaveProperty(name)
    const { leaks } = await leakProbe({ a: VALUE }, ({ output }) =>
      output(inspect(response, { depth: 20, showHidden: true }), 'inspect'),
    )
    expect(leaks).toEqual([])
  })

  it('is decompressed where it is a text, so that it can be looked through', async () => {
    const { request, origin } = await stage((response, { headers, url }) => {
      const type = url === '/text' ? 'text/plain' : 'application/octet-stream'
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' })
      response.end(gzipSync(`one ${headers.authorization} two`))
    })
    const options = { headers: { Authorization: BEARER, 'Accept-Encoding': 'gzip' } }
    const shown = await request(`${origin}/text`, options)
    expect(shown.headers).not.toHaveProperty('content-encoding')
    expect(await text(shown)).toBe('one Bearer [secret:a] two')
    const untouched = await request(`${origin}/bytes`, options)
    expect(untouched.headers['content-encoding']).toBe('gzip')
    expect((await buffer(untouched))[0]).toBe(0x1f)
  })

  it.each<[string, string, (text: string) => Uint8Array, string]>([
    ['a deflate', 'deflate', deflateSync, '[secret:a]'],
    ['a deflate without its frame', 'Deflate', deflateRawSync, '[secret:a]'],
    ['brotli', 'br', brotliCompressSync, '[secret:a]'],
    ['codings on top of each other', 'deflate, identity,x-gzip', (body) => gzipSync(deflateSync(body)), '[secret:a]'],
    ['a gzip that lacks its end', 'gzip', (body) => gzipSync(body).subarray(0, -4), '[secret:a]'],
    ['nothing as gzip', 'gzip', () => Buffer.alloc(0), ''],
    ['nothing as brotli', 'br', () => Buffer.alloc(0), ''],
    ['nothing as deflate', 'deflate', () => Buffer.alloc(0), ''],
  ])('is decompressed as leniently as by fetch: %s', async (_name, coding, encode, shown) => {
    const body = encode(VALUE)
    const { request, origin } = await stage((response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': coding })
      // in two pieces, the first of one byte
      response.write(body.subarray(0, 1))
      response.end(body.subarray(1))
    })
    expect(await text(await request(origin, { headers: { Authorization: BEARER } }))).toBe(shown)
  })

  it.each([
    ['with a coding that is unknown', 'gzip, zzz'],
    ['with more codings than anybody needs', 'gzip,gzip,gzip,gzip,gzip,gzip'],
  ])('%s comes as it was sent', async (_name, coding) => {
    const { request, origin } = await stage((response) =>
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': coding }).end('encoded'),
    )
    const response = await request(origin, { headers: { Authorization: BEARER } })
    expect([response.headers['content-encoding'], await text(response)]).toEqual([coding, 'encoded'])
  })

  it('is shown as it was sent where that is asked for', async () => {
    const { request, origin } = await stage(
      (response, { headers }) => response.writeHead(200, { 'content-type': 'text/plain' }).end(headers.authorization),
      { redactResponse: false },
    )
    const response = await request(origin, { headers: { Authorization: BEARER } })
    expect(Buffer.from(await text(response)).toString()).toContain('tok-0123456789')
  })

  it('is read no faster than it is taken, and ends its connection when it is destroyed', async () => {
    let isClosed = false
    const { request, origin } = await stage((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('x'.repeat(1_000_000))
      response.on('close', () => {
        isClosed = true
      })
    })
    const response = await request(origin, { headers: { Authorization: BEARER } })
    await new Promise((resolve) => response.once('readable', resolve))
    expect(response.readableLength).toBeLessThan(500_000)
    response.destroy()
    await vi.waitFor(() => expect(isClosed).toBe(true), 5_000)
  })

  it('that was cut while a newer secret was looked for is an error, and hangs nobody', async () => {
    const { vault, storage } = backstage()
    const { origin } = await server((response) => {
      response.writeHead(401, { 'content-type': 'text/plain' })
      response.write('begun ', () => response.destroy())
    })
    await vault.create({ tag: 'a', value: VALUE })
    const { get } = storage
    const slow: typeof get = async (...args) => {
      if (args[2]?.fresh === true) await new Promise((resolve) => setTimeout(resolve, 50))
      return get(...args)
    }
    Object.assign(storage, { get: slow })
    const response = await vaultRequest(vault, { retryUnauthorized: true })(origin, {
      headers: { Authorization: BEARER },
    })
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('that is cut before anybody reads or listens ends no process, and who reads later hears of it', async () => {
    const cut: ServerResponse[] = []
    const { request, origin } = await stage((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
      cut.push(response)
    })
    const response = await request(origin, { headers: { Authorization: BEARER } })
    cut[0]!.destroy()
    await new Promise((resolve) => response.once('close', resolve))
    await expect(text(response)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it.each([
    [302, ['/next']],
    // got follows it
    [304, ['/next']],
    [302, ['/next', 'http://elsewhere.test/']],
    [302, ['http://elsewhere.test/', '/next']],
  ])('that leads to another origin by %i and %j takes no secret without hosts there', async (status, locations) => {
    const other = await server()
    const location = locations.map((each) => new URL(each, other.origin).href)
    const { request, origin } = await stage((response) =>
      response
        .writeHead(
          status,
          location.flatMap((each) => ['location', each]),
        )
        .end(),
    )
    const headers = { Authorization: BEARER, 'X-Plain': 'stays' }
    const { statusCode, headers: shown } = await request(origin, { headers })
    expect([statusCode, shown.location]).toEqual([status, location[0]])
    await request(`${other.origin}/next`, { headers })
    expect(other.arrived[0]!.headers).toMatchObject({ 'x-plain': 'stays' })
    expect(other.arrived[0]!.headers).not.toHaveProperty('authorization')
  })
})

describe('an error', () => {
  const probe = async (run: () => Promise<unknown>, code: string) => {
    const { leaks, error } = await leakProbe({ a: VALUE }, async ({ output }) => {
      try {
        await run()
      } catch (thrown) {
        output(inspect(thrown, { depth: 20, showHidden: true }), 'inspect')
        throw thrown
      }
    })
    expect(error).toMatchObject({ code })
    expect(leaks).toEqual([])
  }
  const headers = { Authorization: BEARER }

  it('is found by the probe where one is not cleaned', async () => {
    const { leaks } = await leakProbe({ a: VALUE }, () => Promise.reject(new Error(`no ${VALUE}`)))
    expect(leaks).not.toEqual([])
  })

  it('of a refused connection is clean', async () => {
    const { request, server: made, origin } = await stage()
    await new Promise((done) => made.close(done))
    await probe(() => request(origin, { headers }), 'ECONNREFUSED')
  })

  it('of a connection that is cut is clean, before the answer and within it', async () => {
    const { request, origin } = await stage((response, { url }) => {
      if (url === '/late') response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
      setImmediate(() => response.destroy())
    })
    await probe(() => request(origin, { headers }), 'ECONNRESET')
    await probe(async () => text(await request(`${origin}/late`, { headers })), 'ECONNRESET')
  })

  it('of a timeout is clean, before the answer and within it', async () => {
    const { request, origin } = await stage((response, { url }) => {
      if (url === '/late') response.writeHead(200, { 'content-type': 'text/plain' }).write('begun ')
    })
    await probe(() => request(origin, { headers, timeout: 50 }), 'ETIMEDOUT')
    await probe(async () => text(await request(`${origin}/late`, { headers, timeout: 50 })), 'ETIMEDOUT')
  })

  it('of a caller who gave up is the caller’s own, also before anything was sent', async () => {
    const { request, origin, arrived } = await stage(() => undefined)
    await probe(() => request(origin, { headers, signal: AbortSignal.abort() }), 'ABORT_ERR')
    expect(arrived).toEqual([])
    const controller = new AbortController()
    const sent = request(origin, { headers, signal: controller.signal })
    void vi.waitFor(() => expect(arrived).toHaveLength(1), 5_000).then(() => controller.abort())
    await probe(() => sent, 'ABORT_ERR')
  })

  it('of a value that no header may hold names no value', async () => {
    const { request, vault, origin } = await stage()
    await vault.create({ tag: 'line', value: 'line-0123456789\n' })
    const { leaks, error } = await leakProbe({ a: 'line-0123456789' }, () =>
      request(origin, { headers: { Authorization: '<< secrets.line >>' } }),
    )
    expect(error).toMatchObject({ code: 'ERR_UNSAFE_HEADER_VALUE' })
    expect(leaks).toEqual([])
  })

  it('of what node refuses is its own, cleaned', async () => {
    const { request, origin } = await stage()
    await probe(() => request(origin, { headers: { ...headers, 'X-Y': 'a\nb' } }), 'ERR_INVALID_CHAR')
    await probe(() => request(origin, { headers, maxHeaderSize: 'x' as never }), 'ERR_INVALID_ARG_TYPE')
  })

  it('of a body that breaks off is clean', async () => {
    const { request, origin } = await stage()
    const body = new Readable({
      read() {
        this.destroy(Object.assign(new Error(`broken ${VALUE}`), { code: 'EBROKEN' }))
      },
    })
    await probe(() => request(origin, { method: 'POST', headers, body }), 'EBROKEN')
  })

  it.each(['gzip', 'deflate'])('of text that is not the %s that it claims to be is clean', async (coding) => {
    const { request, origin } = await stage((response) =>
      response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': coding }).end('xxx, not compressed'),
    )
    await probe(async () => text(await request(origin, { headers })), 'Z_DATA_ERROR')
  })

  it('of a body that was destroyed before, or gives something other than text, is told, and ends no process', async () => {
    const { request, origin } = await stage()
    const destroyed = new PassThrough()
    destroyed.destroy()
    await probe(() => request(origin, { method: 'POST', headers, body: destroyed }), 'ERR_STREAM_PREMATURE_CLOSE')
    const objects = Readable.from(['text', { a: 1 }])
    await probe(() => request(origin, { method: 'POST', headers, body: objects }), 'ERR_INVALID_INPUT')
    const pieces = Readable.from(['ä', Buffer.from('b'), new Uint8Array([99])])
    expect((await request(origin, { method: 'POST', headers, body: pieces })).statusCode).toBe(200)
  })

  it('of a server that switches protocols says so', async () => {
    const { request, server: made, origin } = await stage()
    made.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    })
    const upgrade = { ...headers, Connection: 'Upgrade', Upgrade: 'websocket' }
    await probe(() => request(origin, { headers: upgrade }), 'ERR_INVALID_INPUT')
  })
})
