import { inspect } from 'node:util'
import axios, { AxiosError } from 'axios'
import { type AxiosCacheInstance, buildMemoryStorage, setupCache } from 'axios-cache-interceptor'
import axiosRetry from 'axios-retry'
import { expect, it } from 'vitest'
import { type VaultAdapterOptions, vaultAdapter } from '../../src/http/axios.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import {
  clientStage,
  expectMasked,
  expectNoOtherSecret,
  expectPromptsAsWritten,
  HOSTILE_HEADERS,
  json,
  KEY,
  PROMPTS,
} from './stage.ts'

const REFERENCE = 'Bearer << secrets.key >>'

async function stage(answer: Parameters<typeof clientStage>[0], options: Partial<VaultAdapterOptions> = {}) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region axios
  const client = axios.create({ adapter: vaultAdapter(vault, { axios }), baseURL })
  client.defaults.headers.common.Authorization = 'Bearer << secrets.key >>'
  // #endregion
  if (Object.keys(options).length > 0) client.defaults.adapter = vaultAdapter(vault, { axios, ...options })
  return { ...set, client }
}

it('what people write is text, and the key arrives', async () => {
  const { client, ...set } = await stage((_, response) => json(response, 200, {}))
  for (const text of PROMPTS) await client.post('/notes', { text })
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
})

it('the echo of a 401 is masked in its own error', async () => {
  const { client } = await stage(({ headers }, response) =>
    json(response, 401, { message: `no: ${headers.authorization}` }),
  )
  const error = await client.get('/me').catch((thrown: unknown) => thrown)
  expectMasked(error)
  // what a retry sends again is the reference
  expect((error as AxiosError).config!.headers.Authorization).toBe(REFERENCE)
})

it('basic auth is looked into', async () => {
  const { client, vault, arrived } = await stage((_, response) => json(response, 200, {}))
  await vault.create({ tag: 'pw', value: 'pässwörd:with-a-colon' })
  await client.get('/me', { auth: { username: 'ann', password: '<< secrets.pw >>' } })
  const encoded = /^Basic (.+)$/.exec(arrived[0]!.headers.authorization!)![1]!
  expect(Buffer.from(encoded, 'base64').toString()).toBe('ann:pässwörd:with-a-colon')
})

it('streams, over the adapter of fetch', async () => {
  const answer = (_: unknown, response: import('node:http').ServerResponse) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`one ${KEY} two`)
  const { client } = await stage(answer, { adapter: 'fetch' })
  const { data } = await client.get<ReadableStream<Uint8Array>>('/me', { responseType: 'stream' })
  expect(await new Response(data).text()).toBe('one [secret:key] two')
})

it('a server that answers with references gets no secret for them', async () => {
  const { client, arrived } = await stage((_, response) => json(response, 200, {}, HOSTILE_HEADERS))
  for (let turn = 0; turn < 3; turn++) {
    const { headers } = await client.get('/me')
    const echoed = client.get('/me', { headers: { 'x-csrf-token': headers['x-csrf-token'] as string } })
    expect(String(await echoed.catch((thrown: unknown) => thrown))).toMatch(/x-csrf-token|LOCATION/)
  }
  expectNoOtherSecret(arrived)
})

it('axios-retry sends the same bytes, and the newest token once there is one', async () => {
  let rotate: (() => Promise<unknown>) | undefined
  const { client, vault, arrived } = await stage(
    async ({ headers }, response) => {
      if (arrived.length === 3) await rotate!()
      const isNew = headers.authorization === 'Bearer new-0a1b2c3d4e5f'
      json(response, isNew ? 200 : 401, { said: headers.authorization })
    },
    { in: ['body'] },
  )
  await vault.create({ tag: 'quote', value: 'say "hi"\\ \n€' })
  rotate = () => vault.update('key', { value: 'new-0a1b2c3d4e5f' })
  // #region axios-retry
  axiosRetry(client, { retries: 3, retryCondition: ({ response }) => response?.status === 401 })
  // #endregion
  const { error, leaks } = await leakProbe({ key: KEY, next: 'new-0a1b2c3d4e5f' }, async ({ output }) => {
    const answer = await client.post('/orders', { token: '<< secrets.quote >>', n: 1 })
    output(inspect(answer, { depth: Number.POSITIVE_INFINITY, showHidden: true }), 'answer')
    output(answer.data, 'data')
  })
  expect([error, leaks]).toEqual([undefined, []])
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([
    ...Array<string>(3).fill(`Bearer ${KEY}`),
    'Bearer new-0a1b2c3d4e5f',
  ])
  const bodies = new Set(arrived.map(({ body }) => body))
  expect([...bodies].map((body) => JSON.parse(body))).toEqual([{ token: 'say "hi"\\ \n€', n: 1 }])
})

it('the error that axios-retry gives up with shows nothing', async () => {
  const { client } = await stage(({ headers }, response) => json(response, 503, headers))
  axiosRetry(client, { retries: 2, retryDelay: () => 1 })
  const { error, leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
    const thrown = (await client.get('/me').catch((reason: unknown) => reason)) as AxiosError
    output(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true }), 'inspection')
    output(thrown.toJSON(), 'toJSON')
    throw thrown
  })
  expect(error).toBeInstanceOf(AxiosError)
  expect(leaks).toEqual([])
})

it('a token that was rotated heals without a retry of anybody', async () => {
  let rotate: (() => Promise<unknown>) | undefined
  const { client, vault, arrived } = await stage(
    async ({ headers }, response) => {
      await rotate!()
      json(response, headers.authorization === `Bearer ${KEY}` ? 401 : 200, {})
    },
    { retryUnauthorized: true },
  )
  rotate = () => vault.update('key', { value: 'new-0a1b2c3d4e5f' })
  expect((await client.get('/me')).status).toBe(200)
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${KEY}`, 'Bearer new-0a1b2c3d4e5f'])
})

it('a cache is one view’s own, and holds references and masks', async () => {
  const set = await stage(({ headers }, response) =>
    json(
      response,
      200,
      { for: headers.authorization },
      { 'cache-control': 'public, max-age=60', vary: 'authorization' },
    ),
  )
  const { vault, origin: baseURL, arrived } = set
  const [a, b] = ['tenant-a', 'tenant-b'].map((workspace) => vault.with({ workspace })) as [typeof vault, typeof vault]
  await a.create({ tag: 'key', value: 'value-of-a-0123' })
  await b.create({ tag: 'key', value: 'value-of-b-0123' })
  // #region axios-cache
  const cached = (view: typeof vault): AxiosCacheInstance =>
    setupCache(axios.create({ adapter: vaultAdapter(view, { axios, redactResponse: false }), baseURL }))
  // #endregion
  const headers = { Authorization: REFERENCE }
  const [ofA, ofB] = [cached(a), cached(b)]
  for (const each of [ofA, ofB, ofA, ofB]) await each.get('/me', { headers })
  expect((await ofA.get('/me', { headers })).data).toEqual({ for: 'Bearer value-of-a-0123' })
  expect((await ofB.get('/me', { headers })).data).toEqual({ for: 'Bearer value-of-b-0123' })
  expect(arrived).toHaveLength(2)
  const masked = setupCache(axios.create({ adapter: vaultAdapter(a, { axios }), baseURL }))
  await masked.get('/me', { headers })
  const stored = inspect((masked.storage as unknown as { data: unknown }).data, { depth: Number.POSITIVE_INFINITY })
  expect(stored).toContain('[secret:key]')
  expect(stored).not.toContain('value-of-a-0123')
})

it('a cache that two views share mixes them up, vault or not', async () => {
  const { vault, origin: baseURL } = await stage(({ headers }, response) =>
    json(response, 200, { for: headers.authorization }, { 'cache-control': 'public, max-age=60' }),
  )
  const [a, b] = ['tenant-a', 'tenant-b'].map((workspace) => vault.with({ workspace })) as [typeof vault, typeof vault]
  for (const view of [a, b]) await view.create({ tag: 'key', value: `value-of-${view === a ? 'a' : 'b'}-0123` })
  const storage = buildMemoryStorage()
  const clients = [a, b].map((view) =>
    setupCache(axios.create({ adapter: vaultAdapter(view, { axios, redactResponse: false }), baseURL }), { storage }),
  )
  const said = []
  for (const client of clients) said.push((await client.get('/me', { headers: { Authorization: REFERENCE } })).data)
  // docs/CLIENTS.md says so: nothing that the adapter could see tells it
  expect(said[1]).toEqual(said[0])
})
