import { inspect } from 'node:util'
import { Gaxios, type GaxiosError } from 'gaxios'
import { expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { clientStage, expectPromptsAsWritten, json, KEY, PROMPTS } from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: baseURL } = set
  // #region gaxios
  const client = new Gaxios({
    fetchImplementation: vaultFetch(vault),
    headers: new Headers({ authorization: 'Bearer << secrets.key >>' }),
    baseURL,
  })
  // #endregion
  return { ...set, client }
}

it('what people write is text, and the key arrives', async () => {
  const { client, ...set } = await stage((_, response) => json(response, 200, {}))
  for (const text of PROMPTS) await client.request({ url: '/notes', method: 'POST', data: { text } })
  expectPromptsAsWritten(set)
  expect(new Set(set.arrived.map(({ headers }) => headers.authorization))).toEqual(new Set([`Bearer ${KEY}`]))
})

it('the echo of a 401 and a refused connection show no key', async () => {
  const { client } = await stage(({ headers }, response) => json(response, 401, { no: headers.authorization }))
  for (const url of ['/me', 'http://127.0.0.1:1/me']) {
    const { result, leaks } = await leakProbe({ key: KEY }, async ({ output }) => {
      const error = (await client.request({ url }).catch((thrown: unknown) => thrown)) as GaxiosError
      output(inspect(error, { depth: 20, showHidden: true }), 'inspection')
      output([error.message, error.stack, error.cause, error.response?.data], 'members')
      return error
    })
    expect(result).toBeInstanceOf(Error)
    expect(leaks).toEqual([])
  }
})

it('text that looks like one of its own markers is no reference', async () => {
  const { client, arrived } = await stage((_, response) => json(response, 200, {}))
  const marker = '<<REDACTED> - See `errorRedactor` option in `gaxios` for configuration>.'
  await client.request({ url: '/me', headers: { 'x-note': marker } })
  expect(arrived[0]!.headers['x-note']).toBe(marker)
})
