import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import superagent from 'superagent'
import { expect, it, onTestFinished } from 'vitest'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { clientStage, expectMasked, json, KEY } from './stage.ts'

async function stage(answer: Parameters<typeof clientStage>[0]) {
  const set = await clientStage(answer)
  const { vault } = set
  const send = (url: string, name = 'Authorization') => {
    // #region superagent
    const request = { url, headers: { [name]: 'Bearer << secrets.key >>' } }
    return vault.use(request, async ({ url, headers }) => {
      const { status, body } = await superagent.get(url).set(headers).redirects(0)
      return { status, body }
    })
    // #endregion
  }
  return { ...set, send }
}

it('the key arrives, and the outcome prints as redacted', async () => {
  const { send, origin, arrived } = await stage(({ headers }, response) =>
    json(response, 200, { you: headers.authorization }),
  )
  const outcome = await send(origin)
  expect(arrived[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
  expect(outcome.redacted).toEqual({ status: 200, body: { you: 'Bearer [secret:key]' } })
})

it('the echo of a 401 and a refused connection show no key, although their errors hold the whole request', async () => {
  const { send, origin, vault } = await stage(({ headers }, response) =>
    json(response, 401, { no: headers.authorization }, { 'www-authenticate': headers.authorization }),
  )
  expectMasked(await send(origin).catch((thrown: unknown) => thrown))
  for (const url of [origin, 'http://127.0.0.1:1/']) {
    const { error, leaks } = await leakProbe({ key: KEY }, () => send(url))
    expect(error).toBeInstanceOf(Error)
    expect(leaks).toEqual([])
  }
  // what it would be without `use` around the call
  const headers = { Authorization: `Bearer ${KEY}` }
  const plain = await superagent
    .get(origin)
    .set(headers)
    .then(undefined, (thrown: unknown) => thrown)
  expect(inspect(plain, { depth: 12 })).toContain(KEY)
  await vault.close()
})

it('a redirect is not followed, so that no header of whatever name goes along', async () => {
  const seen: unknown[] = []
  const other = createServer((request, response) => {
    seen.push(request.headers)
    response.end('{}')
  })
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  onTestFinished(() => void other.close().closeAllConnections())
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`
  const { send, origin } = await stage((_, response) => response.writeHead(302, { location }).end())
  const error = (await send(origin, 'X-Api-Key').catch((thrown: unknown) => thrown)) as { status?: number }
  expect(error.status).toBe(302)
  expect(seen).toEqual([])
})
