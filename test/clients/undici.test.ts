/** `vaultInterceptor` on undici 6 and 7, below the fetch of this Node and their own, and for clients that take no fetch. */

import { GoogleGenAI } from '@google/genai'
import * as undici7 from 'undici'
import * as undici6 from 'undici6'
import { afterEach, describe, expect, it } from 'vitest'
import { requireInterceptedFetch, vaultInterceptor } from '../../src/http/undici.ts'
import { clientStage, expectNoOtherSecret, json, KEY, PROMPTS, REFERENCE } from './stage.ts'

const before = undici7.getGlobalDispatcher()
afterEach(() => undici7.setGlobalDispatcher(before))

const headers = { authorization: `Bearer ${REFERENCE}`, 'x-api-key': REFERENCE }
/** Echoes the key, with two cookies. */
const echo: Parameters<typeof clientStage>[0] = (request, response) => {
  response.writeHead(200, [
    ['content-type', 'application/json'],
    ['set-cookie', 'a=1'],
    ['set-cookie', `b=${KEY}`],
  ])
  response.end(JSON.stringify({ key: request.headers.authorization }))
}

describe.each([
  ['6.29', undici6],
  ['7.30', undici7],
] as const)('undici %s', (_version, given) => {
  // the two have the same functions, and types that have nothing in common
  const undici = given as typeof undici7
  type Fetch = (url: string, init: object) => Promise<Response>
  const ways: Record<string, (dispatcher: undici7.Dispatcher) => Fetch> = {
    setGlobalDispatcher: (dispatcher) => {
      undici.setGlobalDispatcher(dispatcher)
      return fetch
    },
    'the option dispatcher of fetch': (dispatcher) => (url, init) => fetch(url, { ...init, dispatcher } as RequestInit),
    'undici.fetch': (dispatcher) => (url, init) =>
      undici.fetch(url, { ...init, dispatcher }) as unknown as Promise<Response>,
  }

  it.each(Object.keys(ways))('%s: the value arrives, and both cookies come back', async (way) => {
    const { vault, origin, arrived } = await clientStage(echo)
    const send = ways[way]!(new undici.Agent().compose(vaultInterceptor(vault)))
    await requireInterceptedFetch(send)
    for (const method of ['GET', 'POST']) {
      const response = await send(origin, {
        method,
        headers,
        ...(method === 'POST' && { body: '{{ secrets.stripe }}' }),
      })
      expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=[secret:key]'])
      expect(await response.json()).toEqual({ key: 'Bearer [secret:key]' })
    }
    expect(arrived.map(({ headers: got }) => got['x-api-key'])).toEqual([KEY, KEY])
    expect(arrived[1]!.body).toBe('{{ secrets.stripe }}')
  })

  it('request: headers in every shape, and a redirect of its own that is refused', async () => {
    const { vault, origin, arrived } = await clientStage(({ url }, response) =>
      url === '/from' ? response.writeHead(302, { location: '/to' }).end() : json(response, 200, {}),
    )
    const dispatcher = new undici.Agent().compose(vaultInterceptor(vault))
    for (const shape of [headers, Object.entries(headers).flat(), new Map(Object.entries(headers))]) {
      const { body } = await undici.request(origin, { dispatcher, headers: shape })
      await body.dump()
    }
    expect(arrived.map(({ headers: got }) => got['x-api-key'])).toEqual([KEY, KEY, KEY])
    if (undici !== undici7) {
      const options = { dispatcher, headers, maxRedirections: 3 } as object
      const error = await undici.request(`${origin}/from`, options).catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT' })
      expect(arrived).toHaveLength(3)
    }
  })

  it('redirect and retry outside: each hop is a request of its own', async () => {
    const other = await clientStage((_, response) => json(response, 200, {}))
    const { vault, origin, arrived } = await clientStage((_, response) => {
      if (arrived.length === 1) response.writeHead(503).end()
      else response.writeHead(307, { location: other.origin }).end()
    })
    const { redirect, retry } = undici.interceptors
    const dispatcher = new undici.Agent().compose(
      vaultInterceptor(vault),
      redirect({ maxRedirections: 3 }),
      retry({ minTimeout: 1 }),
    )
    const { statusCode, body } = await undici.request(origin, { dispatcher, headers })
    await body.dump()
    expect(statusCode).toBe(200)
    expect(arrived.map(({ headers: got }) => got['x-api-key'])).toEqual([KEY, KEY])
    expect(other.arrived.map(({ headers: got }) => got['x-api-key'])).toEqual([undefined])
  })
})

it('a body is not looked into below fetch: refused where bodies are to be resolved', async () => {
  const { vault, origin, arrived } = await clientStage(echo)
  undici7.setGlobalDispatcher(new undici7.Agent().compose(vaultInterceptor(vault, { in: ['body'] })))
  const error = await fetch(origin, { method: 'POST', body: REFERENCE }).catch((thrown: Error) => thrown.cause)
  expect(error).toMatchObject({ code: 'ERR_OPAQUE_VALUE' })
  expect(arrived).toEqual([])
})

describe('@google/genai, which takes no fetch', () => {
  const answer = { candidates: [{ content: { role: 'model', parts: [{ text: 'yes' }] } }] }

  it('is given a reference for its key', async () => {
    const { vault, origin, arrived } = await clientStage((_, response) => json(response, 200, answer))
    await vault.update('key', { allow: { hosts: [origin] } })
    // #region genai
    undici7.setGlobalDispatcher(new undici7.Agent().compose(vaultInterceptor(vault)))
    await requireInterceptedFetch()
    const google = new GoogleGenAI({ apiKey: '<< secrets.key >>', httpOptions: { baseUrl: origin } })
    // #endregion
    for (const contents of PROMPTS.slice(0, 50)) {
      expect((await google.models.generateContent({ model: 'gemini-pro', contents })).text).toBe('yes')
    }
    expect(new Set(arrived.map(({ headers: got }) => got['x-goog-api-key']))).toEqual(new Set([KEY]))
    const texts = arrived.map(({ body }) => JSON.parse(body).contents[0].parts[0].text as string)
    expect(texts).toEqual(PROMPTS.slice(0, 50))
    expectNoOtherSecret(arrived)
  })

  it('its error and its stream show masks', async () => {
    const { vault, origin } = await clientStage(({ url, headers: got }, response) => {
      const key = String(got['x-goog-api-key'])
      if (!url.includes('stream')) return json(response, 400, { error: { code: 400, message: `no such key: ${key}` } })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const event = JSON.stringify({ candidates: [{ content: { parts: [{ text: `got ${key}` }] } }] })
      const middle = event.indexOf(KEY) + 5
      response.write(`data: ${event.slice(0, middle)}`)
      return setImmediate(() => response.end(`${event.slice(middle)}\n\n`))
    })
    undici7.setGlobalDispatcher(new undici7.Agent().compose(vaultInterceptor(vault)))
    const google = new GoogleGenAI({ apiKey: REFERENCE, httpOptions: { baseUrl: origin } })
    const asked = { model: 'gemini-pro', contents: 'hi' }
    const error = await google.models.generateContent(asked).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('no such key: [secret:key]')
    expect(String(error)).not.toContain(KEY)
    let text = ''
    for await (const chunk of await google.models.generateContentStream(asked)) text += chunk.text
    expect(text).toBe('got [secret:key]')
  })
})
