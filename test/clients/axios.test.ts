import axios, { type AxiosError } from 'axios'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
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

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region axios
  const client = axios.create({ adapter: 'fetch', env: { fetch: vaultFetch(vault) }, baseURL })
  client.defaults.headers.common.Authorization = 'Bearer << secrets.key >>'
  // #endregion
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
  expect((error as AxiosError).config!.headers.Authorization).toBe('Bearer << secrets.key >>')
})

it('basic auth is looked into', async () => {
  const { client, vault, arrived } = await stage((_, response) => json(response, 200, {}))
  await vault.create({ tag: 'pw', value: 'pässwörd:with-a-colon' })
  await client.get('/me', { auth: { username: 'ann', password: '<< secrets.pw >>' } })
  const encoded = /^Basic (.+)$/.exec(arrived[0]!.headers.authorization!)![1]!
  expect(Buffer.from(encoded, 'base64').toString()).toBe('ann:pässwörd:with-a-colon')
})

it('streams', async () => {
  const { client } = await stage((_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain' }).end(`one ${KEY} two`),
  )
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
