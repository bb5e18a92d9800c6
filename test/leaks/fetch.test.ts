/** What may come out of `vaultFetch` when the network, the server or the platform fails: no value, no full URL. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FetchLike, type VaultFetchOptions, vaultFetch } from '../../src/http/fetch.ts'
import { scratch } from '../storage/scratch.ts'
import { CANARIES, URL_MARK } from './canaries.ts'
import { type Watched, watched } from './stages.ts'

const place = scratch()
const EVERYWHERE: VaultFetchOptions = { in: ['header', 'host', 'path', 'query', 'auth', 'body'] }

/** Sends back what it got, in its own words. */
const echo: Server = createServer((request, response) => {
  const target = new URL(request.url ?? '/', 'http://h')
  if (target.pathname === '/reset') {
    request.socket.destroy()
    return
  }
  const status = target.pathname === '/redirect' ? 302 : 200
  const location = `http://other.invalid/?${target.searchParams}`
  response.writeHead(status, status === 302 ? { location } : {}).end(JSON.stringify(request.headers))
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resume) => echo.listen(0, '127.0.0.1', resume))
  origin = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
})
afterAll(() => echo.close())

/** A request with the reference at each place that fetch has. */
function requests(url: string, reference: string): [string, RequestInit][] {
  return [
    [`${url}?k=${reference}`, {}],
    [url, { headers: { Authorization: `Bearer ${reference}` } }],
    [url, { headers: { 'x-a': `<< secrets.long | base64 >> ${reference.replace(' >>', ' | hex >>')}` } }],
    [url, { method: 'POST', body: `{"a":"${reference}"}`, headers: { 'content-type': 'application/json' } }],
    [url, { method: 'POST', body: new URLSearchParams({ a: reference }) }],
  ]
}

/** The error of a call that may also succeed: either way nothing shows. */
async function seeOutcome(stage: Watched, call: () => Promise<Response>): Promise<unknown> {
  const outcome = await call().catch((error: unknown) => error)
  stage.see(outcome)
  if (outcome instanceof Response) {
    const copy = outcome.clone()
    stage.see(copy, copy.url, outcome.url, [...outcome.headers])
    await Promise.all([outcome.body?.cancel(), copy.body?.cancel()])
  }
  return outcome
}

it('an error of the network, of the platform or of a client shows no value', async () => {
  const stage = await watched('memory', place)
  const failing: FetchLike[] = [
    (input, init) => Promise.reject(new TypeError(`fetch failed for ${String(input)} with ${JSON.stringify(init)}`)),
    (input, init) =>
      Promise.reject(Object.assign(new Error('failed'), { input, init, cause: new Error(String(input)) })),
    (input, init) => {
      throw Object.assign(new Error(JSON.stringify([...new Headers(init?.headers)])), { code: String(input) })
    },
    (input) => Promise.reject(String(input)),
  ]
  for (const { reference } of CANARIES) {
    for (const [url, init] of requests('https://h.example/', reference)) {
      for (const network of failing) {
        // the quoted one holds a newline, which no header takes
        const outcome = await seeOutcome(stage, () =>
          vaultFetch(stage.vault, { ...EVERYWHERE, fetch: network })(url, init),
        )
        expect(outcome).not.toBeInstanceOf(Response)
      }
    }
  }
  await stage.expectUnharmed()
})

it('nor does a response of a real server, a redirect that is not followed, or a connection that breaks', async () => {
  const stage = await watched('memory', place)
  const send = vaultFetch(stage.vault, EVERYWHERE)
  for (const { reference } of CANARIES) {
    for (const path of ['/', '/redirect', '/reset']) {
      for (const [url, init] of requests(`${origin}${path}`, reference)) await seeOutcome(stage, () => send(url, init))
    }
    for (const closed of ['http://127.0.0.1:1/', 'https://127.0.0.1:1/']) {
      for (const [url, init] of requests(closed, reference)) await seeOutcome(stage, () => send(url, init))
    }
  }
  await stage.expectUnharmed()
})

it('nor does a URL that is none, only together with its value', async () => {
  const stage = await watched('memory', place)
  const send = vaultFetch(stage.vault, { ...EVERYWHERE, fetch: () => Promise.reject(new Error('nothing is sent')) })
  for (const { reference } of CANARIES) {
    for (const url of [
      `/relative/${URL_MARK}?k=${reference}`,
      `//h.example/${reference}`,
      reference,
      `https://${reference}/`,
      `https://h.example:${reference}/`,
      `http://${reference}@h.example:99999/`,
      `ftp://h.example/${reference}`,
      `x${reference}`,
    ]) {
      await seeOutcome(stage, () => send(url))
      await seeOutcome(stage, () => send(url, { headers: { A: reference } }))
    }
  }
  await stage.expectUnharmed()
})

it('nor does a redirect to an invalid URL, or to one that holds a value', async () => {
  const stage = await watched('memory', place)
  for (const { reference, exposed } of CANARIES) {
    const encoded = encodeURIComponent(exposed)
    for (const location of [
      `https://[${encoded}`,
      `https://${encoded}.example/`,
      `https://other.example/${encoded}`,
      `http://h.example/?k=${encoded}`,
      `javascript:${encoded}`,
      `/again?k=${encoded}`,
    ]) {
      const network: FetchLike = async () => new Response(null, { status: 302, headers: { location } })
      const send = vaultFetch(stage.vault, { ...EVERYWHERE, fetch: network })
      for (const [url, init] of requests('https://h.example/', reference))
        await seeOutcome(stage, () => send(url, init))
    }
  }
  await stage.expectUnharmed()
})
