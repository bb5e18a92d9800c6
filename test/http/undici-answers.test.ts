/** What comes back through the interceptor, in both lifecycles of undici's handlers. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Agent, type Dispatcher, interceptors } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { vaultInterceptor } from '../../src/http/undici.ts'
import { A, undiciStage, VALUE } from './undici-stage.ts'

const get = { path: '/', method: 'GET', headers: { authorization: `Bearer ${A}` } } as const
const MASK = '[secret:a]'

/** An answer that repeats the key everywhere, its body cut in the middle of it. */
const echo: Parameters<typeof undiciStage>[0] = (response) => {
  response.writeHead(200, `hello ${VALUE}`, [
    ['content-type', 'application/json'],
    ['set-cookie', `a=${VALUE}`],
    ['set-cookie', 'b=2'],
    ['x-echo', VALUE],
    ['etag', '"1"'],
    ['trailer', 'x-trailer'],
  ])
  response.addTrailers({ 'x-trailer': VALUE })
  response.write(`{"key":"${VALUE.slice(0, 5)}`)
  setImmediate(() => response.end(`${VALUE.slice(5)}"}`))
}

/** Everything that a handler is told, in order. */
interface Told {
  readonly name: string
  readonly values: readonly unknown[]
}

/** A handler of one lifecycle that writes down what it is told. */
function noting(names: readonly string[], react: (told: Told) => unknown = () => undefined) {
  const told: Told[] = []
  let finish = (): void => undefined
  const finished = new Promise<void>((done) => {
    finish = done
  })
  const handler = Object.fromEntries(
    names.map((name) => [
      name,
      (...values: unknown[]) => {
        told.push({ name, values })
        if (/Complete|ResponseEnd|Error|Upgrade/.test(name)) finish()
        return react({ name, values })
      },
    ]),
  ) as unknown as Dispatcher.DispatchHandler
  return { handler, told, finished }
}

const OLDER = ['onConnect', 'onHeaders', 'onData', 'onComplete', 'onError', 'onUpgrade', 'onBodySent', 'onRequestSent']
const NEWER = ['onRequestStart', 'onResponseStart', 'onResponseData', 'onResponseEnd', 'onResponseError']

function texts(values: unknown): string {
  return (values as (Buffer | string)[]).flat().map(String).join('|')
}

describe('the older lifecycle', () => {
  it('keeps raw headers raw, and masks them, the reason, the body and the trailers', async () => {
    const { origin, agent } = await undiciStage(echo)
    const { handler, told, finished } = noting(OLDER, ({ name }) => name !== 'onError')
    agent().dispatch({ ...get, origin }, handler)
    await finished
    const [status, headers, , statusText] = told.find(({ name }) => name === 'onHeaders')!.values
    expect([status, statusText]).toEqual([200, `hello ${MASK}`])
    const shown = texts(headers)
    expect(shown).toContain(`set-cookie|a=${MASK}|set-cookie|b=2|x-echo|${MASK}`)
    expect(shown).toMatch(/\|vary\|\*$/)
    expect(shown).not.toMatch(/etag|content-length/)
    const body = told.filter(({ name }) => name === 'onData').map(({ values }) => values[0] as Buffer)
    expect(body.every((chunk) => Buffer.isBuffer(chunk) && chunk.length > 0)).toBe(true)
    expect(Buffer.concat(body).toString()).toBe(`{"key":"${MASK}"}`)
    expect(texts(told.find(({ name }) => name === 'onComplete')!.values[0])).toBe(`x-trailer|${MASK}`)
    expect(texts(told.flatMap(({ values }) => values))).not.toContain(VALUE)
  })

  it('waits where the handler says so, and goes on when it is told', async () => {
    const { origin, agent } = await undiciStage((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      for (let piece = 0; piece < 200; piece++) response.write('x'.repeat(10_000))
      response.end(VALUE)
    })
    let resume = (): void => undefined
    let waiting = 0
    const { handler, told, finished } = noting(OLDER, ({ name, values }) => {
      if (name === 'onHeaders') resume = values[2] as () => void
      if (name !== 'onData') return true
      waiting++
      setImmediate(() => {
        waiting--
        resume()
      })
      return false
    })
    let most = 0
    const data = (handler as { onData(chunk: Buffer): boolean }).onData
    ;(handler as { onData(chunk: Buffer): boolean }).onData = (chunk) => {
      const isGoingOn = data(chunk)
      most = Math.max(most, waiting)
      return isGoingOn
    }
    agent().dispatch({ ...get, origin }, handler)
    await finished
    const size = told
      .filter(({ name }) => name === 'onData')
      .reduce((sum, { values }) => sum + (values[0] as Buffer).length, 0)
    expect(size).toBe(2_000_000 + MASK.length)
    // the last piece is what the masks held back
    expect(most).toBeLessThanOrEqual(2)
  })

  it('is not shown a body with secrets as it is sent', async () => {
    const { origin, vault, closing } = await undiciStage()
    const inner = closing(new Agent())
    for (const [options, isShown] of [
      [{ in: ['body'] }, false],
      [{}, true],
    ] as const) {
      const { handler, told, finished } = noting(OLDER, () => true)
      // undici 7 hides these from the handlers of what is composed
      const dispatch = vaultInterceptor(vault, options)(inner.dispatch.bind(inner))
      dispatch({ ...get, method: 'POST', body: `body ${A}`, origin }, handler)
      await finished
      expect(told.some(({ name }) => name === 'onBodySent')).toBe(isShown)
      expect(told.some(({ name }) => name === 'onRequestSent')).toBe(true)
      expect(texts(told.flatMap(({ values }) => values))).not.toContain(VALUE)
    }
  })

  it('gives errors of before and after the dispatch to onError, and the reason of an abort as it is', async () => {
    const { origin, agent } = await undiciStage(() => undefined)
    const before = noting(OLDER)
    expect(agent().dispatch({ ...get, origin, headers: { 'x-other': A } }, before.handler)).toBe(true)
    expect(before.told).toEqual([])
    await before.finished
    expect(before.told).toMatchObject([{ name: 'onError', values: [{ code: 'ERR_LOCATION_DENIED' }] }])
    const reason = new Error(`because of ${VALUE}`)
    const aborted = noting(OLDER, ({ name, values }) => {
      if (name === 'onConnect') (values[0] as (reason: Error) => void)(reason)
    })
    agent().dispatch({ ...get, origin }, aborted.handler)
    await aborted.finished
    expect(aborted.told.at(-1)!.values[0]).toBe(reason)
  })
})

describe('the newer lifecycle', () => {
  it('masks headers, raw headers, the reason, the body and the trailers', async () => {
    const { origin, agent } = await undiciStage(echo)
    const raw: unknown[] = []
    const { handler, told, finished } = noting(NEWER, ({ name, values }) => {
      const { rawHeaders, rawTrailers } = values[0] as { rawHeaders: unknown; rawTrailers: unknown }
      if (name === 'onResponseStart') raw.push(rawHeaders)
      if (name === 'onResponseEnd') raw.push(rawTrailers)
    })
    agent().dispatch({ ...get, origin }, handler)
    await finished
    const [, status, headers, statusText] = told.find(({ name }) => name === 'onResponseStart')!.values
    expect([status, statusText]).toEqual([200, `hello ${MASK}`])
    expect(headers).toMatchObject({ 'set-cookie': [`a=${MASK}`, 'b=2'], 'x-echo': MASK, vary: '*' })
    expect(headers).not.toHaveProperty('etag')
    const body = told.filter(({ name }) => name === 'onResponseData').map(({ values }) => values[1] as Buffer)
    expect(Buffer.concat(body).toString()).toBe(`{"key":"${MASK}"}`)
    expect(told.at(-1)!.values[1]).toEqual({ 'x-trailer': MASK })
    expect(texts(raw[0])).toContain(`set-cookie|a=${MASK}|set-cookie|b=2`)
    expect(texts(raw[1])).toBe(`x-trailer|${MASK}`)
  })

  it('steers the request by the controller that it is given', async () => {
    const { origin, agent } = await undiciStage((response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).write('first')
    })
    const reason = new Error('enough')
    const { handler, told, finished } = noting(NEWER, ({ name, values }) => {
      const controller = values[0] as Dispatcher.DispatchController
      if (name === 'onResponseStart') {
        controller.pause()
        expect([controller.paused, controller.aborted, controller.reason]).toEqual([true, false, null])
        setImmediate(() => controller.resume())
      }
      if (name === 'onResponseData') {
        controller.abort(reason)
        expect([controller.aborted, controller.reason]).toEqual([true, reason])
      }
    })
    agent().dispatch({ ...get, origin }, handler)
    await finished
    expect(told.map(({ name }) => name)).toEqual([
      'onRequestStart',
      'onResponseStart',
      'onResponseData',
      'onResponseError',
    ])
    expect(told.at(-1)!.values[1]).toBe(reason)
  })

  it('gives an error of before the dispatch to onResponseError', async () => {
    const { origin, agent } = await undiciStage()
    const { handler, told, finished } = noting(NEWER)
    agent().dispatch({ ...get, origin, headers: { 'x-other': A } }, handler)
    await finished
    expect(told).toMatchObject([{ name: 'onResponseError', values: [null, { code: 'ERR_LOCATION_DENIED' }] }])
  })

  it('passes early hints on, masked', async () => {
    const { origin, agent } = await undiciStage((response) => {
      const hints = { link: '</style.css>; rel=preload', 'x-echo': VALUE }
      response.writeEarlyHints(hints, () => response.end('page'))
    })
    const dispatcher = agent()
    for (const names of [NEWER, OLDER]) {
      const { handler, told, finished } = noting(names, () => true)
      dispatcher.dispatch({ ...get, origin }, handler)
      await finished
      const starts = told.filter(({ name }) => /Headers$|ResponseStart/.test(name)).map(({ values }) => values)
      expect(starts.map((values) => values.find((value) => typeof value === 'number'))).toEqual([103, 200])
      const shown = names === NEWER ? Object.values(starts[0]![2] as object).join('|') : texts(starts[0]![1])
      expect(shown).toContain(MASK)
      expect(shown).toContain('</style.css>; rel=preload')
      expect(shown).not.toContain(VALUE)
      expect(shown).not.toMatch(/\*/)
    }
  })
})

it('a request without secrets is answered to a handler that is frozen, where URLs are read', async () => {
  const { origin, agent } = await undiciStage()
  for (const names of [OLDER, NEWER]) {
    const { handler, told, finished } = noting(names, () => true)
    agent({ in: ['path'] }).dispatch({ origin, path: '/', method: 'GET' }, Object.freeze(handler))
    await finished
    expect(told.at(-1)?.name).toMatch(/Complete|ResponseEnd/)
  }
})

it('with redactResponse off an answer is as it was sent, but for Vary', async () => {
  const { origin, agent } = await undiciStage(echo)
  const { headers, body, statusText } = await agent({ redactResponse: false }).request({ ...get, origin })
  expect(await body.text()).toBe(`{"key":"${VALUE}"}`)
  expect(headers).toMatchObject({ 'x-echo': VALUE, etag: '"1"', vary: '*' })
  expect(statusText).toBe(`hello ${VALUE}`)
})

it('parts of a body and other types of it stay as they are, their headers too', async () => {
  const { origin, agent } = await undiciStage((response, { url }) => {
    const type = url === '/bytes' ? 'application/octet-stream' : 'text/plain'
    const status = url === '/part' ? 206 : 200
    response.writeHead(status, { 'content-type': type, 'content-length': VALUE.length, vary: 'accept' }).end(VALUE)
  })
  const dispatcher = agent()
  for (const path of ['/bytes', '/part']) {
    const { headers, body } = await dispatcher.request({ ...get, origin, path })
    expect(await body.text()).toBe(VALUE)
    expect(headers).toMatchObject({ 'content-length': String(VALUE.length), vary: ['accept', '*'] })
  }
})

it('asks for a body that is not compressed; one that is compressed all the same stays as it is', async () => {
  const { origin, agent, arrived } = await undiciStage((response, { headers, url }) => {
    const isCompressed = url === '/always' || String(headers['accept-encoding']).includes('gzip')
    const body = isCompressed ? gzipSync(VALUE) : VALUE
    response
      .writeHead(200, { 'content-type': 'text/plain', ...(isCompressed && { 'content-encoding': 'gzip' }) })
      .end(body)
  })
  const headers = { ...get.headers, 'Accept-Encoding': 'gzip' }
  const answer = async (path: string, options = {}, method: 'GET' | 'HEAD' = 'GET') => {
    const { body, headers: got } = await agent(options).request({ path, method, origin, headers })
    return [got['content-encoding'], Buffer.from(await body.arrayBuffer())] as const
  }
  expect(await answer('/')).toEqual([undefined, Buffer.from(MASK)])
  expect(await answer('/always')).toEqual(['gzip', gzipSync(VALUE)])
  expect(await answer('/', { redactResponse: false })).toEqual(['gzip', gzipSync(VALUE)])
  expect(await answer('/', {}, 'HEAD')).toEqual(['gzip', Buffer.alloc(0)])
  expect(arrived.map((each) => each.headers['accept-encoding'])).toEqual(['identity', 'identity', 'gzip', 'gzip'])
})

it('looks into what an interceptor inside has decompressed, an error too', async () => {
  const { origin, vault, closing } = await undiciStage((response) =>
    response.writeHead(401, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync(VALUE)),
  )
  const decompress = interceptors.decompress({ skipErrorResponses: false })
  const dispatcher = closing(new Agent().compose(decompress, vaultInterceptor(vault)))
  const { body, headers } = await dispatcher.request({ ...get, origin })
  expect([await body.text(), headers['content-encoding']]).toEqual([MASK, undefined])
})

/** A server that upgrades and answers CONNECT, and says which credentials it was sent. */
async function upgrading() {
  const stage = await undiciStage()
  const seen: unknown[] = []
  const server = createServer()
  for (const event of ['upgrade', 'connect'] as const) {
    server.on(event, ({ url, headers }, socket) => {
      seen.push([event, url, headers['proxy-authorization'] ?? headers.authorization])
      const status = event === 'upgrade' ? '101 Switching Protocols\r\nupgrade: test\r\nconnection: upgrade' : '200 OK'
      socket.end(`HTTP/1.1 ${status}\r\nx-echo: ${VALUE}\r\n\r\nhello`)
    })
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { ...stage, origin, seen }
}

it('an upgrade and a CONNECT carry the secret to the server that is spoken to', async () => {
  const { origin, vault, agent, seen } = await upgrading()
  await vault.update('a', { allow: { hosts: [origin] } })
  const dispatcher = agent()
  const options = { ...get, origin, protocol: 'test' } as Dispatcher.UpgradeOptions
  const upgraded = (await dispatcher.upgrade(options)) as Dispatcher.UpgradeData
  upgraded.socket.destroy()
  expect(upgraded.headers).toMatchObject({ upgrade: 'test', 'x-echo': MASK })
  const connected = await dispatcher.connect({
    origin,
    path: 'target.example:443',
    headers: { 'proxy-authorization': A },
  })
  connected.socket.destroy()
  expect(connected.headers).toMatchObject({ 'x-echo': MASK })
  expect(seen).toEqual([
    ['upgrade', '/', `Bearer ${VALUE}`],
    ['connect', 'target.example:443', VALUE],
  ])
})

it('an upgrade in the newer lifecycle hands the socket on', async () => {
  const { origin, agent } = await upgrading()
  const { handler, told, finished } = noting([...NEWER, 'onRequestUpgrade'])
  agent().dispatch({ ...get, origin, upgrade: 'test' }, handler)
  await finished
  const [controller, status, headers, socket] = told.at(-1)!.values as [
    Dispatcher.DispatchController,
    number,
    object,
    { destroy(): void },
  ]
  expect([status, headers]).toMatchObject([101, { upgrade: 'test', 'x-echo': MASK }])
  expect(texts(controller.rawHeaders)).toContain('upgrade|test')
  expect(texts(controller.rawHeaders)).toContain(`x-echo|${MASK}`)
  socket.destroy()
})

it('a signal aborts while secrets are read, and while the answer is awaited', async () => {
  const { origin, vault, arrived } = await undiciStage(() => undefined)
  const dispatcher = new Agent().compose(vaultInterceptor(vault))
  onTestFinished(() => void dispatcher.destroy())
  const reason = new Error('enough')
  const early = AbortSignal.abort(reason)
  expect(await dispatcher.request({ ...get, origin, signal: early }).catch((error: unknown) => error)).toBe(reason)
  const late = new AbortController()
  const waiting = dispatcher.request({ ...get, origin, signal: late.signal }).catch((error: unknown) => error)
  while (arrived.length === 0) await new Promise((done) => setImmediate(done))
  late.abort(reason)
  expect(await waiting).toBe(reason)
  expect(arrived).toHaveLength(1)
})
