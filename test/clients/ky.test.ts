import ky, { HTTPError } from 'ky'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import {
  clientStage,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  PROMPTS,
} from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: prefixUrl } = set
  // #region ky
  const api = ky.create({ fetch: vaultFetch(vault), headers: { Authorization: 'Bearer << secrets.key >>' }, prefixUrl })
  // #endregion
  return { ...set, api: api.extend({ retry: 0 }) }
}

it('what people write is text, and the key arrives', async () => {
  const { api, ...set } = await stage((_, response) => json(response, 200, {}))
  for (const text of PROMPTS) await api.post('notes', { json: { text } })
  await api.get('search', { searchParams: { q: '{{ secrets.stripe }}' } })
  expect(set.arrived.pop()!.url).toBe('/search?q=%7B%7B+secrets.stripe+%7D%7D')
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
  expect(set.arrived.every(({ headers, body }) => Number(headers['content-length']) === Buffer.byteLength(body))).toBe(
    true,
  )
})

it('the echo of a 401 is masked in the response of its own error', async () => {
  const { api } = await stage(({ headers }, response) =>
    json(response, 401, { message: `no: ${headers.authorization}` }),
  )
  const error = await api.get('me').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(HTTPError)
  expect(await (error as HTTPError).response.json()).toEqual({ message: 'no: Bearer [secret:key]' })
})

it('a body is resolved where its author wrote the reference', async () => {
  const { vault, origin: prefixUrl, arrived } = await clientStage((_, response) => json(response, 200, {}))
  const api = ky.create({ fetch: vaultFetch(vault, { in: ['body'] }), prefixUrl })
  await api.post('token', { json: { client_secret: '<< secrets.key >>' } })
  expect(JSON.parse(arrived[0]!.body)).toEqual({ client_secret: KEY })
  expect(Number(arrived[0]!.headers['content-length'])).toBe(arrived[0]!.body.length)
})

it('streams, and follows a redirect with its body', async () => {
  const { api, arrived } = await stage(({ url }, response) => {
    if (url === '/from') response.writeHead(308, { location: '/to' }).end()
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(`echo ${KEY}`)
  })
  expect(await api.post('from', { json: { text: 'hi' } }).text()).toBe('echo [secret:key]')
  expect(arrived.map(({ body }) => body)).toEqual(['{"text":"hi"}', '{"text":"hi"}'])
})

it('the error of a connection that fails shows no key', async () => {
  const { vault } = await clientStage(() => undefined)
  const api = ky.create({ fetch: vaultFetch(vault, { in: ['query'] }), retry: 0 })
  const error = await api.get('http://127.0.0.1:1/?key=<< secrets.key >>').catch((thrown: unknown) => thrown)
  expect(String(error)).not.toContain(KEY)
})

it('a server that answers with references gets no secret for them', async () => {
  const { api, arrived } = await stage((_, response) => json(response, 200, {}, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) {
    const { headers } = await api.get('me')
    for (const name of ['last-modified', 'x-csrf-token']) {
      const echoed = api.get('me', { headers: { [name]: headers.get(name)! } })
      expect(await echoed.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
    }
  }
  expectNoOtherSecret(arrived)
})

it('a retry resolves again, so that a key that was rotated meanwhile heals', async () => {
  const {
    vault,
    origin: prefixUrl,
    arrived,
  } = await clientStage(async (_, response) => {
    if (arrived.length === 1) await vault.update('key', { value: 'sk-next-0a1b2c3d4e5f6071' })
    if (arrived.length < 3) json(response, 503, {}, { 'retry-after': '0' })
    else json(response, 200, { ok: true })
  })
  const headers = { Authorization: 'Bearer << secrets.key >>' }
  // #region ky-retry
  const retry = { limit: 2, methods: ['put'] }
  const api = ky.create({ fetch: vaultFetch(vault, { retryUnauthorized: true }), headers, prefixUrl, retry })
  // #endregion
  expect(await api.put('notes', { json: { text: 'hi' } }).json()).toEqual({ ok: true })
  expect(arrived.map((each) => each.body)).toEqual(['{"text":"hi"}', '{"text":"hi"}', '{"text":"hi"}'])
  expect(arrived.map((each) => each.headers.authorization?.slice(7))).toEqual([
    KEY,
    'sk-next-0a1b2c3d4e5f6071',
    'sk-next-0a1b2c3d4e5f6071',
  ])
})

it('a 401 after a rotation heals below, without a retry of its own', async () => {
  const {
    vault,
    origin: prefixUrl,
    arrived,
  } = await clientStage(async ({ headers }, response) => {
    if (headers.authorization?.includes('sk-next')) return json(response, 200, { ok: true })
    await vault.update('key', { value: 'sk-next-0a1b2c3d4e5f6071' })
    json(response, 401, {})
  })
  const fetch = vaultFetch(vault, { retryUnauthorized: true })
  const api = ky.create({ fetch, headers: { Authorization: '<< secrets.key >>' }, prefixUrl, retry: 0 })
  expect(await api.put('notes', { json: { text: 'hi' } }).json()).toEqual({ ok: true })
  expect(arrived.map(({ body }) => body)).toEqual(['{"text":"hi"}', '{"text":"hi"}'])
})
