import { createFetch, FetchError } from 'ofetch'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { batches, clientStage, expectMasked, expectNoOtherSecret, expectPromptsAsWritten, json, KEY } from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region ofetch
  const headers = { Authorization: 'Bearer << secrets.key >>' }
  const api = createFetch({ fetch: vaultFetch(vault) }).create({ baseURL, headers })
  // #endregion
  return { ...set, api }
}

it('what people write is text, and the key arrives', async () => {
  const { api, ...set } = await stage((_, response) => json(response, 200, {}))
  for (const texts of batches(20)) await api('/notes', { method: 'POST', body: { texts } })
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
})

it('a retry resolves again, so that a key that was rotated meanwhile heals', async () => {
  const { api, vault, arrived } = await stage(async (_, response) => {
    if (arrived.length === 1) await vault.update('key', { value: 'sk-next-0a1b2c3d4e5f6071' })
    if (arrived.length < 3) json(response, 503, { error: 'busy' })
    else json(response, 200, { ok: true })
  })
  expect(await api('/me', { retry: 2 })).toEqual({ ok: true })
  expect(arrived.map(({ headers }) => headers.authorization)).toEqual([
    `Bearer ${KEY}`,
    'Bearer sk-next-0a1b2c3d4e5f6071',
    'Bearer sk-next-0a1b2c3d4e5f6071',
  ])
})

it('the echo of a 401 is masked in its own error, request and options included', async () => {
  const { api, arrived } = await stage(({ headers }, response) =>
    json(response, 401, { message: `no: ${headers.authorization}` }),
  )
  const error = await api('/me').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(FetchError)
  const { data, request, options } = error as FetchError
  expectMasked([error, data, request, options])
  expectNoOtherSecret(arrived)
})
