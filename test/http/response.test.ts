/** What comes back: this request's secrets masked as data, everything else as the server sent it. */

import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import { backstage, failure } from '../vault/fixture.ts'

const VALUE = 'v-0123456789/+"q'
const AUTH = { Authorization: 'Bearer << secrets.a >>' }
const MASK = '[secret:a]'

/** A vault, and a fetch that answers with what the test says. */
async function stage(answer: () => Response | Promise<Response>, options: VaultFetchOptions = {}) {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  await vault.create({ tag: 'pin', value: '482913' })
  await vault.create({ tag: 'number', value: '1234567890' })
  await vault.create({
    tag: 'db',
    type: 'custom',
    value: { host: 'db.internal.example', port: 5432, password: 'p4ssw0rd-long' },
  })
  const send = vaultFetch(vault, { fetch: async () => answer(), ...options })
  return { vault, send, ask: (headers: HeadersInit = AUTH) => send('https://h.example/', { headers }) }
}

/** A response in pieces of that many bytes. */
function inPieces(text: string, size: number, type: string, init: ResponseInit = {}): Response {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
  return new Response(body, { ...init, headers: { ...(type && { 'content-type': type }), ...init.headers } })
}

/** The text of the answer: read in one piece, and from its stream. */
async function readBothWays(ask: () => Promise<Response>): Promise<string> {
  const whole = await (await ask()).text()
  expect(await new Response((await ask()).body).text()).toBe(whole)
  return whole
}

describe('a body of text', () => {
  const json = JSON.stringify({ echo: `Bearer ${VALUE}`, ok: true, ttl: 5432, list: [VALUE, 'München 🚀'] })
  const masked = { echo: `Bearer ${MASK}`, ok: true, ttl: 5432, list: [MASK, 'München 🚀'] }

  it.each([1, 2, 7, 64, 100_000])('of JSON in pieces of %i bytes is masked and stays JSON', async (size) => {
    for (const type of ['application/json', 'application/problem+json; charset=utf-8', 'application/x-amz-json-1.1']) {
      const { ask } = await stage(() => inPieces(json, size, type))
      expect(JSON.parse(await readBothWays(ask))).toEqual(masked)
    }
  })

  it.each([1, 3, 100_000])('of events in pieces of %i bytes is masked, each with valid data', async (size) => {
    const events = `event: x\r\ndata: ${json}\r\n\r\ndata: plain ${VALUE}\n\ndata: [DONE]\n\n`
    const { ask } = await stage(() => inPieces(events, size, 'text/event-stream'))
    const expected = `event: x\r\ndata: ${JSON.stringify(masked)}\r\n\r\ndata: plain ${MASK}\n\ndata: [DONE]\n\n`
    expect(await readBothWays(ask)).toBe(expected)
  })

  it.each([
    ['text/plain', `a ${VALUE} b`, `a ${MASK} b`],
    ['text/html', '<p>v-0123456789/+&quot;q</p>', `<p>${MASK}</p>`],
    ['application/xml', '<a b="v-0123456789/+&quot;q"/>', `<a b="${MASK}"/>`],
    ['image/svg+xml', '<a>v-0123456789/+&#34;q</a>', `<a>${MASK}</a>`],
    ['application/x-www-form-urlencoded', 'k=v-0123456789%2F%2B%22q&l=1', `k=${MASK}&l=1`],
    ['application/x-ndjson', `{"a":1}\n${JSON.stringify({ k: VALUE })}\n`, `{"a":1}\n{"k":"${MASK}"}\n`],
    ['application/x-ldjson', `{"k":${JSON.stringify(VALUE)}}\n`, `{"k":"${MASK}"}\n`],
    ['application/x-pem-file', `${VALUE}\f\x1b[0m`, `${MASK}\f\x1b[0m`],
    ['multipart/mixed; boundary=x', `--x\r\n\r\n${VALUE}\0\r\n--x--`, `--x\r\n\r\n${MASK}\0\r\n--x--`],
    ['application/json', `not JSON: ${VALUE} "`, `not JSON: ${MASK} "`],
    ['application/json', `{"open":"${VALUE.replace('"', '\\"')}`, `{"open":"${MASK}`],
    ['application/json', 'v-0123456789%2F%2B%22q', MASK],
    ['application/json', '{"a":1}\nv-0123456789%2F%2B%22q', `{"a":1}\n${MASK}`],
  ])('of %s is masked: %s', async (type, text, expected) => {
    for (const size of [1, 5, 1_000]) {
      const { ask } = await stage(() => inPieces(text, size, type))
      expect(await readBothWays(ask)).toBe(expected)
    }
  })

  it('of JSON changes no number, boolean, or name that is not the secret itself', async () => {
    const text =
      '{"id":12345678901,"whole":1234567890,"neg":-1234567890,"f":1234567890.5,"t":true,"pin":482913,"s":"482913"}'
    const { ask } = await stage(() => inPieces(text, 9, 'application/json'))
    const response = await ask({ Authorization: 'Bearer << secrets.number >> << secrets.pin >>' })
    expect(await response.text()).toBe(text.replace('"whole":1234567890,', '"whole":"[secret:number]",'))
  })

  it('keeps two keys apart that would have one mask', async () => {
    const keys = { [VALUE]: 1, [`x${VALUE}`]: 2, [encodeURIComponent(VALUE)]: 3 }
    const { ask } = await stage(() => Response.json([keys, keys]))
    const [first, second] = JSON.parse(await readBothWays(ask))
    expect(first).toEqual({ [MASK]: 1, [`x${MASK}`]: 2, [`${MASK}#2`]: 3 })
    expect(second).toEqual(first)
  })

  it.each([
    'application/json, text/html; charset=UTF-8',
    'application/octet-stream, text/plain',
    'application/json, application/json',
  ])('of two types is masked where one of them is text: %s', async (type) => {
    const body = (said: string): string => JSON.stringify({ error: `bad token ${said}` })
    const { ask } = await stage(() => new Response(body(VALUE), { headers: { 'content-type': type } }))
    expect(await readBothWays(ask)).toBe(body(MASK))
  })

  it('hides only what the reference wrote, not the rest of its secret', async () => {
    const body = { host: 'db.internal.example', port: 5432, password: 'p4ssw0rd-long' }
    const { ask } = await stage(() => Response.json(body))
    const response = await ask({ Authorization: 'Bearer << secrets.db.password >>' })
    expect(await response.json()).toEqual({ ...body, password: '[secret:db.password]' })
  })

  it('of a string of two megabytes is masked too', async () => {
    const long = 'x'.repeat(2_000_000)
    const { ask } = await stage(() => inPieces(JSON.stringify({ a: `${long}${VALUE}`, b: VALUE }), 65_536, 'text/json'))
    expect(JSON.parse(await readBothWays(ask))).toEqual({ a: `${long}${MASK}`, b: MASK })
  })

  it('of an event with a line of two megabytes, without an end, is masked too', async () => {
    const long = 'x'.repeat(2_000_000)
    const { ask } = await stage(() => inPieces(`data: ${long} ${VALUE}`, 65_536, 'text/event-stream'))
    expect(await readBothWays(ask)).toBe(`data: ${long} ${MASK}`)
  })

  it.each(['application/json', 'text/event-stream', 'text/plain'])(
    'of %s with bytes that are not UTF-8 keeps these',
    async (type) => {
      const bytes = Buffer.concat([
        Buffer.from('{"a":"'),
        Buffer.from([0xe4, 0xff]),
        Buffer.from(' v-0123456789/+\\"q"}\n'),
      ])
      const { ask } = await stage(() => new Response(bytes, { headers: { 'content-type': type } }))
      const expected = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe4, 0xff]), Buffer.from(` ${MASK}"}\n`)])
      expect(Buffer.from(await (await ask()).arrayBuffer())).toEqual(expected)
    },
  )

  it('that nobody reads to its end lets go of a stream of Node', async () => {
    let isClosed = false
    async function* pieces() {
      try {
        for (;;) yield new TextEncoder().encode('a')
      } finally {
        isClosed = true
      }
    }
    const odd = {
      status: 200,
      headers: new Headers({ 'content-type': 'text/plain' }),
      body: pieces(),
      clone: () => odd,
    }
    const reader = (await (await stage(() => odd as never)).ask()).body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(isClosed).toBe(true)
  })

  it('is given on as it arrives', async () => {
    let feed: ReadableStreamDefaultController<Uint8Array> | undefined
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        feed = controller
      },
    })
    const { ask } = await stage(() => new Response(source, { headers: { 'content-type': 'text/event-stream' } }))
    const reader = (await ask()).body!.getReader()
    const write = (text: string) => feed!.enqueue(new TextEncoder().encode(text))
    const next = async () => new TextDecoder().decode((await reader.read()).value)
    write('data: {"delta":"Hi"}\n\n')
    expect(await next()).toBe('data: {"delta":"Hi"}\n\n')
    write('data: {"delta":"there"}\n\ndata: {"de')
    expect(await next()).toBe('data: {"delta":"there"}\n\n')
    // an end of which nothing can be given on yet is no piece of its own
    write('lta":')
    write('1}\n\n')
    expect(await next()).toBe('data: {"delta":1}\n\n')
  })

  it('passes a cancellation on, and an error without plaintext', async () => {
    let reason: unknown
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (to) => to.enqueue(new Uint8Array(9)),
          cancel(why) {
            reason = why
          },
        }),
        {
          headers: { 'content-type': 'text/plain' },
        },
      )
    await (await (await stage(endless)).ask()).body!.cancel('enough')
    expect(reason).toBe('enough')
    const failing = () =>
      new Response(new ReadableStream({ pull: () => Promise.reject(new TypeError(`reset after ${VALUE}`)) }), {
        headers: { 'content-type': 'text/plain' },
      })
    const error = await (await (await stage(failing)).ask()).text().catch((thrown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(`reset after ${MASK}`)
  })
})

describe('a response that is read as a text', () => {
  const echo = () =>
    new Response(`{"a":"${VALUE.replace('"', '\\"')}"}`, { headers: { 'content-type': 'application/json' } })
  const read = { a: MASK }

  it('is read once, as the platform has it', async () => {
    for (const method of ['text', 'json'] as const) {
      const response = await (await stage(echo)).ask()
      expect(response.bodyUsed).toBe(false)
      const reading = response[method]()
      expect(response.bodyUsed).toBe(true)
      expect(() => response.body!.getReader()).toThrow(TypeError)
      expect(await reading).toEqual(method === 'text' ? JSON.stringify(read) : read)
      for (const again of ['text', 'json', 'arrayBuffer'] as const) {
        await expect(response[again]()).rejects.toThrow(TypeError)
      }
      expect(() => response.clone()).toThrow(TypeError)
      expect(response.body?.locked).toBe(true)
      await expect(response.body?.cancel()).rejects.toThrow(TypeError)
    }
  })

  it('has masks in every copy, whoever reads first', async () => {
    const response = await (await stage(echo)).ask()
    const copies = [response.clone(), Response.prototype.clone.call(response), response]
    expect(await Promise.all(copies.map((copy) => copy.json()))).toEqual([read, read, read])
  })

  it('has masks also for who calls the methods of the class, or reads its stream', async () => {
    const { ask } = await stage(echo)
    expect(await Response.prototype.json.call(await ask())).toEqual(read)
    expect(await new Response((await ask()).body).json()).toEqual(read)
    expect(JSON.parse(await (await (await ask()).blob()).text())).toEqual(read)
    expect(Object.keys(await ask())).toEqual(Object.keys(echo()))
  })

  it('is searched in one piece by text() and json(), also where it is not UTF-8', async () => {
    const { vault } = backstage()
    const document = '{"x":"ab","y":"cd"}'
    await vault.create({ tag: 'a', value: document })
    const echo = `{"echo":${document}}`
    const fetch = async () => inPieces(echo, echo.indexOf('cd'), 'application/json')
    const send = vaultFetch(vault, { headers: ['x-key'], fetch })
    const ask = () => send('https://h.example/', { headers: { 'x-key': '<< secrets.a >>' } })
    // a stream gives on what it has seen
    expect(await new Response((await ask()).body).text()).toBe(echo)
    const masked = '{"echo":{"[secret:a]":"[secret:a]","[secret:a]#2":"[secret:a]"}}'
    expect(await (await ask()).text()).toBe(masked)
    expect(await (await ask()).json()).toEqual(JSON.parse(masked))
    const latin = Buffer.from(`caf\xe9 ${VALUE}`, 'latin1')
    const other = await stage(() => new Response(latin, { headers: { 'content-type': 'text/plain' } }))
    expect(await (await other.ask()).text()).toBe(`caf\ufffd ${MASK}`)
  })

  it('is not read past a reader who has begun, or has cancelled', async () => {
    const { ask } = await stage(echo)
    const begun = await ask()
    const reader = begun.body!.getReader()
    await expect(begun.text()).rejects.toThrow(TypeError)
    await reader.read()
    reader.releaseLock()
    await expect(begun.text()).rejects.toThrow(TypeError)
    const { ask: inTwo } = await stage(() => inPieces('a line\nanother line\n', 7, 'text/plain'))
    const released = await inTwo()
    const first = released.body!.getReader()
    const shown = [(await first.read()).value!]
    first.releaseLock()
    await expect(released.text()).rejects.toThrow(TypeError)
    for await (const piece of released.body!) shown.push(piece)
    expect(Buffer.concat(shown).toString()).toBe('a line\nanother line\n')
    const cancelled = await ask()
    await cancelled.body!.cancel()
    await expect(cancelled.text()).rejects.toThrow(TypeError)
  })

  it.each([
    ['text/plain', 'ok '],
    ['text/event-stream', 'data: 1\n\ndata: '],
    ['application/json', '{"n":1,"k":"'],
  ])('gives pieces of %s in memory that shows nothing of what is held back', async (type, start) => {
    const answer = () => new Response(`${start}v-0123456789`, { headers: { 'content-type': type } })
    const { value } = await (await (await stage(answer)).ask()).body!.getReader().read()
    expect(start).toContain(Buffer.from(value!).toString())
    expect(Buffer.from(value!.buffer).toString()).not.toContain('v-0123456789')
  })

  it('is read from its stream where a fetch of its own gives nothing else to read', async () => {
    const { body, headers, status, statusText } = echo()
    const answer = { body, headers, status, statusText } as Response
    expect(await (await (await stage(() => answer)).ask()).json()).toEqual(read)
  })

  it('that is not JSON says so as the platform does, without the secret', async () => {
    const { ask } = await stage(
      () => new Response(`oops ${VALUE}`, { headers: { 'content-type': 'application/json' } }),
    )
    const error = await (await ask()).json().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SyntaxError)
    expect(inspect(error)).not.toContain('v-0123456789')
  })

  it('begins without a byte order mark, as every text that the platform reads', async () => {
    for (const text of ['\ufeff{"a":1}', `\ufeff{"a":"1","b":${JSON.stringify(VALUE)}}`]) {
      const { ask } = await stage(() => new Response(text, { headers: { 'content-type': 'application/json' } }))
      expect((await readBothWays(ask)).startsWith('{"a":')).toBe(true)
      expect(await (await ask()).json()).toMatchObject({ a: expect.anything() })
    }
  })
})

describe('a response', () => {
  const HEADERS = {
    'content-type': 'application/json',
    'content-length': '99',
    'content-encoding': 'gzip',
    etag: '"1"',
    'accept-ranges': 'bytes',
    digest: 'sha-256=x',
    'content-md5': 'x',
    'x-echo': `Bearer ${VALUE.replace('"', '')}`,
    'x-other': 'stays',
  }

  it('has its reason phrase masked, whatever its body is', async () => {
    const statusText = `no ${VALUE}`
    for (const type of ['text/plain', 'image/png']) {
      const init = { status: 401, statusText, headers: { 'content-type': type } }
      const { ask } = await stage(() => new Response('body', init))
      const response = await ask()
      expect(response).toMatchObject({ status: 401, ok: false, statusText: `no ${MASK}` })
      expect([...response.headers]).toEqual([['content-type', type]])
      expect(await response.text()).toBe('body')
    }
  })

  it.each([
    [999, 'Denied', 'text/plain'],
    [400, '错误', 'text/plain'],
    [999, 'Denied', 'image/png'],
  ])('of the status %i with the reason %s comes back as the platform has it', async (status, statusText, type) => {
    const headers = { 'content-type': type, 'x-echo': VALUE }
    const { ask } = await stage(() =>
      Object.defineProperties(new Response('body', { headers }), {
        status: { value: status },
        statusText: { value: statusText },
        ok: { value: false },
      }),
    )
    const response = await ask()
    for (const copy of [response.clone(), response]) {
      expect(copy).toMatchObject({ status, statusText, ok: false })
      expect(copy.headers.get('x-echo')).toBe(MASK)
      expect(await copy.text()).toBe('body')
    }
  })

  it.each([
    ['Workers', { encodeResponseBody: 'manual' }],
    ['node-fetch', { compress: false }],
    ['Bun', { decompress: false }],
  ])('keeps the coding that the caller of %s undoes himself', async (_runtime, member) => {
    const bytes = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0xff, 0xc3, 7])
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': '8' }
    const { send } = await stage(() => new Response(bytes, { headers }))
    const response = await send('https://h.example/', { headers: AUTH, ...member } as RequestInit)
    expect([...response.headers]).toEqual(Object.entries(headers).sort())
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
    const plain = await stage(() => new Response(VALUE, { headers: { 'content-type': 'text/plain' } }))
    const masked = await plain.send('https://h.example/', { headers: AUTH, ...member } as RequestInit)
    expect(await masked.text()).toBe(MASK)
  })

  it('keeps the coding of bytes that were not decoded', async () => {
    const bytes = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 0xc3, 7])
    const headers = { 'content-type': 'application/json', 'content-encoding': 'zstd', etag: '"1"', 'x-echo': VALUE }
    const { ask } = await stage(() => new Response(bytes, { headers }))
    const response = await ask()
    expect(Object.fromEntries(response.headers)).toEqual({ ...headers, 'x-echo': MASK })
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
  })

  it('keeps the response that it was made of, whose end would be that of its unread body', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const refs: WeakRef<object>[] = []
    const { ask } = await stage(() => {
      const headers = { 'content-type': 'image/png', 'x-echo': VALUE }
      const [given, other] = [new Response('bytes', { headers }), new Response('bytes', { headers })]
      refs.push(new WeakRef(given), new WeakRef(other))
      return given
    })
    const response = await ask()
    await vi.waitFor(
      () => {
        collect()
        expect(refs[1]!.deref() === undefined).toBe(true)
      },
      { timeout: 20_000 },
    )
    expect(refs[0]!.deref() === undefined).toBe(false)
    expect(await response.text()).toBe('bytes')
  })

  it('loses the headers that belong to the bytes of a masked body, and keeps what it says of itself', async () => {
    const { ask } = await stage(() =>
      Object.defineProperties(new Response('{}', { status: 201, statusText: 'Made', headers: HEADERS }), {
        url: { value: 'https://h.example/x' },
        type: { value: 'basic' },
      }),
    )
    const response = await ask()
    for (const copy of [response, response.clone(), response.clone().clone()]) {
      expect([...copy.headers.keys()].sort()).toEqual(['content-type', 'x-echo', 'x-other'])
      expect(copy).toMatchObject({
        status: 201,
        statusText: 'Made',
        ok: true,
        url: 'https://h.example/x',
        type: 'basic',
      })
      expect(copy).toBeInstanceOf(Response)
    }
    expect(await response.clone().json()).toEqual({})
  })

  it('has masks in its headers, cookies and links too', async () => {
    const { ask } = await stage(() => {
      const headers = new Headers({ link: '<https://h.example/?key=v-0123456789%2F%2B%22q>; rel="next"' })
      headers.append('set-cookie', `a=${encodeURIComponent(VALUE)}; Path=/`)
      headers.append('set-cookie', 'b=1')
      return new Response(new Uint8Array([1, 2]), { headers })
    })
    const { headers } = await ask()
    expect(headers.get('link')).toBe(`<https://h.example/?key=${MASK}>; rel="next"`)
    expect(headers.getSetCookie()).toEqual([`a=${MASK}; Path=/`, 'b=1'])
  })

  it.each([
    undefined,
    'application/x-of-its-own',
    'application/octet-stream',
    'image/png',
    'application/zip',
    'application/vnd.openxmlformats-officedocument.x',
  ])('of type %s comes back as it is', async (type) => {
    const headers = { etag: '"1"', ...(type && { 'content-type': type }) }
    const given = new Response(new TextEncoder().encode(VALUE), { headers })
    const { ask } = await stage(() => given)
    expect(await ask()).toBe(given)
  })

  it('is masked whatever its length is said to be, and however names of headers are written', async () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '0', etag: '"1"' }
    const { ask } = await stage(() => new Response(`a ${VALUE}`, { headers }))
    expect(await (await ask()).text()).toBe(`a ${MASK}`)
    const written = await stage(() => {
      const given = new Response(`a ${VALUE}`, { headers: { ...headers, 'content-length': '9' } })
      const capitals = [...given.headers].map(([name, value]) => [
        name.replace(/^./, (first) => first.toUpperCase()),
        value,
      ])
      given.headers[Symbol.iterator] = () => capitals[Symbol.iterator]() as never
      return given
    })
    const response = await written.ask()
    expect(await response.text()).toBe(`a ${MASK}`)
    expect(response.headers.get('etag')).toBeNull()
  })

  it('without a body, to HEAD or of a part passes untouched', async () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '5', etag: '"1"', 'content-range': 'bytes 0-4/9' }
    for (const status of [204, 205, 304]) {
      const given = new Response(null, { status, headers })
      expect(await (await stage(() => given)).ask()).toBe(given)
    }
    const part = new Response('12345', { status: 206, headers })
    expect(await (await stage(() => part)).ask()).toBe(part)
    const whole = new Response('12345', { headers })
    const { send } = await stage(() => whole)
    expect(await send('https://h.example/', { method: 'HEAD', headers: AUTH })).toBe(whole)
  })

  it('is masked where a part was asked for and all of it came, or an error', async () => {
    for (const status of [200, 416]) {
      const { ask } = await stage(
        () => new Response(`a ${VALUE}`, { status, headers: { 'content-type': 'text/plain' } }),
      )
      expect(await (await ask({ ...AUTH, Range: 'bytes=0-' })).text()).toBe(`a ${MASK}`)
    }
  })

  it('to a request without secrets comes back as it is', async () => {
    const given = Response.json({})
    const { send } = await stage(() => given)
    expect(await send('https://h.example/', { headers: { Authorization: 'Bearer x' } })).toBe(given)
  })

  it('is left alone where the caller says so', async () => {
    const given = Response.json({ access_token: VALUE })
    const { ask } = await stage(() => given, { redactResponse: false })
    expect(await ask()).toBe(given)
  })

  it('whose runtime hides it passes', async () => {
    const { ask } = await stage(() => Response.error())
    expect((await ask()).type).toBe('error')
  })

  it('of a fetch with bodies of Node is read', async () => {
    async function* pieces() {
      yield new TextEncoder().encode('a v-0123')
      yield new TextEncoder().encode('456789/+"q b')
    }
    const odd = {
      status: 200,
      headers: new Headers({ 'content-type': 'text/plain' }),
      body: pieces(),
      clone: () => odd,
    }
    const { ask } = await stage(() => odd as never)
    expect(await (await ask()).text()).toBe(`a ${MASK} b`)
  })
})

describe('a mask that is sent back', () => {
  it.each([
    { Authorization: `Bearer ${MASK}` },
    { 'x-api-key': '[secret]' },
    { Authorization: `Basic ${btoa(`user:${MASK}`)}` },
    { Authorization: 'Bearer ••••••••' },
  ])('as a credential is refused and says why: %o', async (headers) => {
    const { ask } = await stage(() => new Response('sent'))
    const error = await failure(ask(headers))
    expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(error.path).toMatch(/^headers/)
    expect(error.message).toContain('redactResponse')
  })

  it('in a next link or a cookie is refused where this fetch has written it, and is text before', async () => {
    const { send, ask } = await stage(() => Response.json({ next: `https://h.example/?key=${VALUE}` }))
    const next = `https://h.example/?key=${encodeURIComponent(MASK)}`
    const cookie = { cookie: `session=${MASK}` }
    await send(next)
    await send('https://h.example/', { headers: cookie })
    await ask()
    for (const url of [next, `https://h.example/?key=${MASK}`, new URL(next)]) {
      expect(await failure(send(url))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'url' })
    }
    expect(await failure(send('https://h.example/', { headers: cookie }))).toMatchObject({ path: 'headers.cookie' })
    // somebody may write about masks
    await send('https://h.example/', { method: 'POST', body: `what is ${MASK}?` })
  })

  it('of another library is text', async () => {
    const { ask } = await stage(() => new Response('sent'))
    const marker = '<<REDACTED> - See `errorRedactor` option in `gaxios` for configuration>.'
    expect(await (await ask({ Authorization: marker })).text()).toBe('sent')
  })
})

it('an error shows no value, short ones included', async () => {
  const { ask } = await stage(() => Promise.reject(Object.assign(new TypeError(`refused ${VALUE}`), { pin: '482913' })))
  const headers = { Authorization: 'Bearer << secrets.a >> << secrets.pin >>' }
  const error = await ask(headers).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect(inspect(error, { depth: 9 })).not.toMatch(/v-0123|482913/)
})
