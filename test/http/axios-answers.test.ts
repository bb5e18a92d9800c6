/** Answers of every response type, streams that end badly, and redirects as axios has them. */

import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import axios, { type InternalAxiosRequestConfig } from 'axios'
import { describe, expect, it, vi } from 'vitest'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { failure } from '../vault/fixture.ts'
import { axiosStage, KEY } from './axios-stage.ts'
import type { Answer } from './loopback.ts'

const REF = '<< secrets.key >>'
const HEADERS = { 'x-api-key': REF }
const JSON_TYPE = { 'content-type': 'application/json' }
const MASKED = '{"key":"[secret:key]"}'

const answers: Answer = ({ url, headers }, response) => {
  const echo = JSON.stringify({ key: headers['x-api-key'] })
  if (url === '/bytes') return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(echo)
  if (url === '/split') {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': String(echo.length), etag: '"a"' })
    response.write(echo.slice(0, 15))
    return setTimeout(() => response.end(echo.slice(15)), 5)
  }
  if (url === '/endless') return response.writeHead(200, JSON_TYPE).write(`{"a":"${'x'.repeat(70_000)}`)
  if (url === '/cookies') return response.writeHead(200, { 'set-cookie': [`a=${headers['x-api-key']}`, 'b=c'] }).end()
  if (url === '/plain') return response.writeHead(200, { ...JSON_TYPE, etag: '"a"' }).end('{"a":1}')
  if (url.startsWith('/to')) return response.writeHead(302, { location: url.slice(3), ...JSON_TYPE }).end(echo)
  return response.writeHead(200, JSON_TYPE).end(echo)
}

describe.each(['http', 'fetch'] as const)('over the adapter %s', (adapter) => {
  const stage = (more = {}) => axiosStage(answers, { adapter, ...more })
  const get = async (url: string, config = {}, more = {}) =>
    (await stage(more)).client.get(url, { headers: HEADERS, ...config })

  it('an echo is masked in a text, in JSON and in bytes', async () => {
    expect((await get('/', { responseType: 'text', transformResponse: (data: string) => data })).data).toBe(MASKED)
    expect((await get('/')).data).toEqual(JSON.parse(MASKED))
    const { data, headers } = await get('/split', { responseType: 'arraybuffer' })
    expect(Buffer.from(data as ArrayBuffer).toString()).toBe(MASKED)
    expect(Buffer.isBuffer(data)).toBe(adapter === 'http')
    expect([headers['content-length'], headers['etag']]).toEqual([undefined, undefined])
  })

  it('what is not masked stays as it was sent', async () => {
    const { data } = await get('/bytes', { responseType: 'arraybuffer' })
    expect(Buffer.from(data as ArrayBuffer).toString()).toContain(KEY)
    const plain = await get('/plain', { responseType: 'arraybuffer' })
    expect(Buffer.from(plain.data as ArrayBuffer).toString()).toBe('{"a":1}')
    expect(plain.headers['etag']).toBe('"a"')
  })

  it('lists of headers are masked one by one', async () => {
    const { headers } = await get('/cookies')
    expect(String(headers['set-cookie'])).toContain('[secret:key]')
    expect(inspect(headers)).not.toContain(KEY)
  })

  it('a stream is masked as it arrives', async () => {
    const { data, headers } = await get('/split', { responseType: 'stream' })
    expect(await text(data as Readable)).toBe(MASKED)
    expect(headers['content-length']).toBeUndefined()
    const bytes = await get('/bytes', { responseType: 'stream' })
    expect((await buffer(bytes.data as Readable)).toString()).toContain(KEY)
  })

  it('a stream whose coding nobody has undone keeps its headers', async () => {
    const coding = adapter === 'http' ? 'gzip' : 'zzz'
    const sent = gzipSync('{"a":1}')
    const { client } = await axiosStage(
      (_, response) => response.writeHead(200, { ...JSON_TYPE, 'content-encoding': coding, etag: '"a"' }).end(sent),
      { adapter },
    )
    const { data, headers } = await client.get('/', { headers: HEADERS, responseType: 'stream', decompress: false })
    expect([headers['content-encoding'], headers['etag']]).toEqual([coding, '"a"'])
    expect(await buffer(data as Readable)).toEqual(sent)
  })

  it('a stream whose coding was undone is masked, and loses them', async () => {
    const { client } = await axiosStage(
      ({ headers }, response) =>
        response
          .writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip', etag: '"a"' })
          .end(gzipSync(JSON.stringify({ key: headers['x-api-key'] }))),
      { adapter },
    )
    const { data, headers } = await client.get('/', { headers: HEADERS, responseType: 'stream' })
    expect([headers['content-encoding'], headers['etag']]).toEqual([undefined, undefined])
    expect(await text(data as Readable)).toBe(MASKED)
  })

  it('a stream is sent with the length that the caller names', async () => {
    const { client, arrived } = await stage()
    const { client: plain, arrived: expected } = await stage()
    const headers = { 'Content-Length': 4, 'Content-Type': 'text/plain' }
    await client.put('/', Readable.from([Buffer.from('body')]), { headers: { ...headers, ...HEADERS } })
    await plain.put('/', Readable.from([Buffer.from('body')]), { headers })
    expect(arrived[0]!.headers['content-length']).toBe(expected[0]!.headers['content-length'])
    if (adapter === 'http') expect(arrived[0]!.headers['content-length']).toBe('4')
    expect(arrived[0]!.body).toBe('body')
  })

  it('a stream that is too long ends with the error of axios, and shows nothing', async () => {
    for (const redactResponse of [true, false]) {
      const config = { responseType: 'stream', maxContentLength: 100 }
      const { error, leaks } = await leakProbe({ key: KEY }, async () => {
        const { data } = await get('/endless', config, { redactResponse })
        await buffer(data as Readable)
      })
      expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE', config: { headers: HEADERS } })
      expect(leaks).toEqual([])
    }
  })

  it('a stream that is given up shows nothing', async () => {
    const controller = new AbortController()
    const { error, leaks } = await leakProbe({ key: KEY }, async () => {
      const config = { responseType: 'stream', signal: controller.signal }
      const { data } = await get('/endless', config)
      const read = buffer(data as Readable)
      controller.abort()
      await read
    })
    expect(error).toMatchObject({ name: expect.stringMatching(/CanceledError|AbortError/) })
    expect(leaks).toEqual([])
  })

  it('a redirect is followed as axios follows it', async () => {
    const { client, arrived, origin } = await stage()
    const progress = vi.fn()
    const { request, data, config } = await client.post(
      '/to/to/end',
      { a: 1 },
      { headers: HEADERS, onDownloadProgress: progress },
    )
    expect(arrived.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /to/to/end', 'GET /to/end', 'GET /end'])
    expect(request).toMatchObject({ method: 'GET', path: '/end', res: { responseUrl: `${origin}/end` } })
    expect([data, config.url, config.method]).toEqual([JSON.parse(MASKED), '/to/to/end', 'post'])
    expect(progress).toHaveBeenCalled()
  })

  it('as often as maxRedirects says, and not at all with 0', async () => {
    const { client, arrived } = await stage()
    const headers = HEADERS
    await expect(client.get('/to/to/to/end', { headers, maxRedirects: 2 })).rejects.toMatchObject({
      code: 'ERR_FR_TOO_MANY_REDIRECTS',
      config: { maxRedirects: 2 },
    })
    await client.get('/to/to/end', { headers, maxRedirects: 2 })
    arrived.length = 0
    // as axios, which then has its default
    await expect(client.get(`${'/to'.repeat(30)}/end`, { headers, maxRedirects: Number.NaN })).rejects.toMatchObject({
      code: 'ERR_FR_TOO_MANY_REDIRECTS',
    })
    expect(arrived).toHaveLength(21)
    arrived.length = 0
    const validateStatus = (status: number) => status === 302
    const { data, headers: answered } = await client.get('/to/end', { headers, maxRedirects: 0, validateStatus })
    expect([data, answered['location'], arrived.length]).toEqual([JSON.parse(MASKED), '/end', 1])
  })

  it('beforeRedirect sees masks, and can refuse', async () => {
    const { client, arrived } = await stage({ in: ['query'] })
    const seen: unknown[] = []
    const beforeRedirect = (...given: unknown[]): void => {
      seen.push(given)
      if (seen.length === 2) throw new RangeError('no further')
    }
    const sent = client.get('/to/to/end?', { headers: HEADERS, params: { k: REF }, beforeRedirect })
    await expect(sent).rejects.toMatchObject({ message: 'no further', config: { headers: HEADERS } })
    expect(arrived.map(({ url }) => url.replace(/\?.*/, ''))).toEqual(['/to/to/end', '/to/end'])
    expect(JSON.stringify(seen)).not.toContain(KEY)
    expect(JSON.stringify(seen)).not.toContain(encodeURIComponent(KEY))
    expect(seen[0]).toMatchObject([
      { path: expect.stringContaining('/to/end') },
      { statusCode: 302 },
      { method: 'GET' },
    ])
  })

  it('one timeout is for all hops together', async () => {
    let hops = 0
    const { client } = await axiosStage(
      (_, response) => setTimeout(() => response.writeHead(302, { location: `/${++hops}` }).end(), 20),
      { adapter },
    )
    // each hop alone is in time
    const sent = client.get('/', { headers: HEADERS, timeout: 110 })
    await expect(sent).rejects.toMatchObject({ code: expect.stringMatching(/ECONNABORTED|ETIMEDOUT/) })
    expect(hops).toBeLessThan(20)
  })
})

// over fetch axios has no limit of its own
it.each([0.5, 1, 1.5, 2.5, -1, '2', true, null])(
  'redirects are counted as axios itself counts to %s',
  async (given) => {
    const { client, arrived, origin } = await axiosStage(answers, { adapter: 'http' })
    const maxRedirects = given as number
    const count = async (sent: Promise<unknown>): Promise<unknown[]> => {
      arrived.length = 0
      const code = await sent.then(
        () => 'arrived',
        (error) => error.code,
      )
      return [code, arrived.length]
    }
    const path = '/to/to/to/end'
    expect(await count(client.get(path, { headers: HEADERS, maxRedirects }))).toEqual(
      await count(axios.get(origin + path, { adapter: 'http', maxRedirects })),
    )
  },
)

it('a stream of Node is not sent a second time', async () => {
  const { client, arrived } = await axiosStage(({ url }, response) =>
    response.writeHead(url === '/' ? 307 : 200, { location: '/next' }).end(),
  )
  const sent = client.post('/', Readable.from(['body']), { headers: HEADERS })
  expect(await failure(sent)).toMatchObject({ code: 'ERR_REDIRECT_DENIED' })
  expect(arrived).toHaveLength(1)
})

it('a stream that nobody reads lets go of its connection', async () => {
  let hasEnded = false
  const { client } = await axiosStage((_, response) => {
    response.once('close', () => {
      hasEnded = true
    })
    response.writeHead(200, JSON_TYPE).write(`{"a":"${'x'.repeat(70_000)}`)
  })
  const { data } = await client.get<Readable>('/', { headers: HEADERS, responseType: 'stream' })
  expect(hasEnded).toBe(false)
  data.destroy()
  await vi.waitFor(() => expect(hasEnded).toBe(true), 30_000)
})

it('a stream that is cut before anybody reads or listens ends no process, and who reads later hears of it', async () => {
  const cut: ServerResponse[] = []
  const { client } = await axiosStage((_, response) => {
    response.writeHead(200, JSON_TYPE).write('{')
    cut.push(response)
  })
  const { data } = await client.get<Readable>('/', { headers: HEADERS, responseType: 'stream' })
  cut[0]!.destroy()
  await new Promise((resolve) => data.once('close', resolve))
  await expect(text(data)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|ERR_BAD_RESPONSE/) })
})

it('a blob, where the adapter gives one', async () => {
  const { client } = await axiosStage(answers, { adapter: 'fetch' })
  const { data } = await client.get<Blob>('/', { headers: HEADERS, responseType: 'blob' })
  expect([await data.text(), data.type]).toEqual([MASKED, 'application/json'])
  const plain = await client.get<Blob>('/plain', { headers: HEADERS, responseType: 'blob' })
  expect(await plain.data.text()).toBe('{"a":1}')
})

it('an adapter of somebody’s own gets the values, and its answer is masked', async () => {
  const adapter = vi.fn(async (config: InternalAxiosRequestConfig) => ({
    data: JSON.stringify({ echo: config.headers.get('x-api-key') }),
    status: 200,
    statusText: `OK ${KEY}`,
    headers: JSON_TYPE,
    config,
  }))
  const { client } = await axiosStage(answers, { adapter })
  const response = await client.get('/a', { headers: HEADERS })
  expect(adapter.mock.calls[0]![0].headers.get('x-api-key')).toBe(KEY)
  expect(response).toMatchObject({ data: { echo: '[secret:key]' }, statusText: 'OK [secret:key]' })
  expect(response.config.headers.get('x-api-key')).toBe(REF)
})

it('an error that axios has not made comes out masked', async () => {
  const adapter = async () => Promise.reject(new TypeError(`could not send ${KEY}`))
  const { client } = await axiosStage(answers, { adapter })
  const error = await client.get('/', { headers: HEADERS }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect(inspect(error)).toContain('could not send [secret:key]')
  expect(inspect(error)).not.toContain(KEY)
  expect(axios.isAxiosError(error)).toBe(false)
})
