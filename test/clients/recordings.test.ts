/** Recorders stand below every wrapper: what they keep is cleaned before it is written, and still plays. */

import { gunzipSync, gzipSync } from 'node:zlib'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import nock from 'nock'
import { afterEach, expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import type { Redactor } from '../../src/redact/redactor.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { clientStage, KEY } from './stage.ts'

afterEach(() => {
  nock.recorder.clear()
  nock.restore()
  nock.cleanAll()
})

// nock 15 is made for Node 22
const { Promise: promise } = globalThis as unknown as { Promise: { withResolvers?: () => object } }
promise.withResolvers ??= () => {
  const parts: Record<string, unknown> = {}
  parts['promise'] = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return parts
}

const HEADERS = { Authorization: 'Bearer << secrets.key >>', 'x-api-key': '<< secrets.key >>' }

// #region recording
type Recorded = nock.Definition & { responseIsBinary?: boolean }

/** What was compressed is looked into; then every form of every secret is masked, and masks match any value. */
function cleaned(recorded: readonly Recorded[], { json }: Pick<Redactor, 'json'>): Recorded[] {
  const open = recorded.map((each) => {
    const { response, rawHeaders, responseIsBinary: _, ...rest } = each
    const headers = Object.entries(pairs(rawHeaders))
    if (!headers.some(([name, value]) => name === 'content-encoding' && value === 'gzip')) return each
    const bytes = Buffer.from(Array.isArray(response) ? response.join('') : String(response), 'hex')
    const plain = headers.filter(([name]) => !['content-encoding', 'content-length'].includes(name))
    return { ...rest, response: gunzipSync(bytes).toString(), rawHeaders: plain.flat() }
  })
  return JSON.parse(json(JSON.stringify(open)))
}

function pairs(rawHeaders: unknown): Record<string, string> {
  if (!Array.isArray(rawHeaders)) return { ...(rawHeaders as Record<string, string>) }
  const entries: [string, string][] = []
  for (let at = 0; at < rawHeaders.length; at += 2) entries.push([rawHeaders[at].toLowerCase(), rawHeaders[at + 1]])
  return Object.fromEntries(entries)
}

/** The fixture as it plays: a header that was masked may hold anything. */
function playable(fixture: readonly Recorded[]): Recorded[] {
  return fixture.map(({ reqheaders = {}, ...rest }) => ({
    ...rest,
    reqheaders: Object.fromEntries(
      Object.entries(reqheaders).map(([name, value]) => [name, /\[secret/.test(String(value)) ? () => true : value]),
    ),
  }))
}
// #endregion

it('a recording of nock holds no secret after it was cleaned, and plays with references in place', async () => {
  const { vault, origin, arrived } = await clientStage(({ url, headers }, response) => {
    const text = JSON.stringify({ echo: headers.authorization, url })
    if (url !== '/zipped') return void response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(text))
  })
  if (!nock.isActive()) nock.activate()
  nock.recorder.rec({ dont_print: true, output_objects: true, enable_reqheaders_recording: true })
  const ask = async () => {
    const send = vaultFetch(vault)
    return [
      await (await send(`${origin}/plain`, { headers: HEADERS })).json(),
      await (await send(`${origin}/zipped`, { headers: HEADERS })).json(),
    ]
  }
  const first = await ask()
  expect(arrived).toHaveLength(2)
  const recorded = nock.recorder.play() as Recorded[]
  nock.restore()

  const { leaks } = await leakProbe({ key: KEY }, ({ output }) => {
    output(recorded, 'recorded')
    const fixture = cleaned(recorded, vault.redactor)
    output(JSON.stringify(fixture), 'fixture')
    for (const { response } of recorded)
      if (Array.isArray(response)) output(gunzipSync(Buffer.from(response.join(''), 'hex')).toString(), 'zipped')
  })
  // the control: without it the recording would have been committed with the key
  expect(new Set(leaks.map(({ where }) => where))).toEqual(new Set(['recorded', 'zipped']))

  nock.activate()
  nock.define(playable(cleaned(recorded, vault.redactor)))
  expect(await ask()).toEqual(first)
  expect(arrived).toHaveLength(2)
})

it('what listeners of msw print is passed through the redactor', async () => {
  const { vault } = await clientStage(() => undefined)
  const server = setupServer(
    http.get('https://api.example/*', ({ request }) => HttpResponse.json({ echo: request.headers.get('x-api-key') })),
  )
  server.listen()
  let heard = 0
  const { leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
    // #region msw
    server.events.on('response:mocked', async ({ request, response }) => {
      const entry = { url: request.url, headers: [...request.headers], text: await response.clone().text() }
      output(vault.redactor.value(entry), 'log')
      // #endregion
      output(entry, 'control')
      heard++
    })
    const response = await vaultFetch(vault)('https://api.example/me', { headers: HEADERS })
    expect(await response.json()).toEqual({ echo: '[secret:key]' })
    await expect.poll(() => heard).toBe(1)
  })
  expect(leaks).not.toEqual([])
  expect(leaks.filter(({ where }) => where !== 'control')).toEqual([])
  server.close()
})

it('a Request with a body carries its reference under msw, whose Headers lose it where they are copied', async () => {
  const { vault } = await clientStage((_, response) => void response.end())
  const seen: (string | null)[] = []
  const server = setupServer(
    http.post('https://api.example/items', ({ request }) => {
      seen.push(request.headers.get('authorization'))
      return HttpResponse.json({})
    }),
  )
  server.listen({ onUnhandledRequest: 'error' })
  const form = new FormData()
  form.append('a', 'b')
  for (const body of ['text', form]) {
    await vaultFetch(vault)(new Request('https://api.example/items', { method: 'POST', headers: HEADERS, body }))
  }
  server.close()
  expect(seen).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
})
