/** What the performance timeline of the process keeps of requests: the URL, which is why secrets belong into headers. */

import { createServer, request as plainRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { leakProbe } from '../../src/testing/node.ts'
import { backstage } from '../vault/fixture.ts'

const KEY = 'sk-proj-7f3e9a1c5b8d2e4f6a0b'
const server = createServer((_, response) => response.end('page'))
let origin = ''
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close().closeAllConnections()
  performance.clearResourceTimings()
})

/** Where the key is in the names of entries after a request whose path is noted; the headers that this very server got are not looked at. */
async function leaksOf(path: string, send: (url: string) => Promise<unknown>) {
  const { leaks } = await leakProbe(
    { key: KEY },
    async () => {
      await send(`${origin}${path}`)
      const isNoted = () => performance.getEntriesByType('resource').some(({ name }) => name.includes(path))
      await expect.poll(isNoted, { timeout: 20_000 }).toBe(true)
    },
    { capture: ['performance'] },
  )
  return leaks.filter(({ path }) => path.endsWith('.name')).map(({ where }) => where)
}

it('holds no secret of a header, and holds one of a URL', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'key', value: KEY })
  const send = vaultFetch(vault, { in: ['query'] })
  const inHeader = (url: string) =>
    send(url, { headers: { 'x-api-key': '<< secrets.key >>' } }).then((each) => each.text())
  expect(await leaksOf('/header', inHeader)).toEqual([])
  // the stated limit: the platform's own fetch notes the URL that it was given
  const inQuery = (url: string) => send(`${url}?k=<< secrets.key >>`).then((each) => each.text())
  expect(await leaksOf('/query', inQuery)).toContain('performance')
  // what was noted before the probe began is not its run's
  expect(await leaksOf('/after', inHeader)).toEqual([])
})

it('shows headers of node:http to anyone who observes it, as the probe does', async () => {
  const { leaks } = await leakProbe(
    { key: KEY },
    () =>
      new Promise<void>((done) => {
        const request = plainRequest(origin, { headers: { 'x-api-key': KEY } })
        request.on('response', (response) => response.resume().on('end', () => setImmediate(done))).end()
      }),
    { capture: ['performance'] },
  )
  expect(leaks.map(({ where }) => where)).toContain('performance')
})
