import { inspect } from 'node:util'
import got, { type Got, type RequestError } from 'got'
import { expect, it } from 'vitest'
import { vaultRequest } from '../../src/http/node.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { type Arrived, clientStage, expectNoOtherSecret, expectPromptsAsWritten, json, KEY, PROMPTS } from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault, origin: prefixUrl } = set
  // #region got
  const request = vaultRequest(vault)
  const client = got.extend({
    prefixUrl,
    headers: { authorization: 'Bearer << secrets.key >>' },
    hooks: {
      // the answer of the hook is the response: got itself sends nothing
      beforeRequest: [
        ({ url, method, headers, body, signal, timeout }) =>
          request(url as URL, { method, headers: headers as Record<string, string>, body: body as string, signal, timeout: timeout.request }),
      ],
    },
  } as never)
  // #endregion
  return { ...set, client: client as Got }
}

it('works', async () => {
  const { client, ...set } = await stage((r, response) => json(response, 200, {auth: r.headers.authorization}))
  console.log(await client.get('x?y=1', {searchParams: {z: '<< secrets.stripe >>'}}).json(), set.arrived)
  console.log(await client.post('x', {json: {a: '<< secrets.stripe >>'}}).json(), set.arrived.at(-1))
})
it('fails', async () => {
  const { client, ...set } = await stage((r, response) => json(response, 401, {auth: r.headers.authorization}))
  const e = await client.get('x?y=1').catch((x: unknown)=>x)
  const s = inspect(e, {depth: 20, showHidden: true})
  console.log(s.slice(0,3000), s.includes(KEY))
})
