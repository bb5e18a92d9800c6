/** `vaultFetch` beside plain fetch, against a server of another thread on the loopback. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createVault, generateKey } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { memoryStorage } from 'guillemet/storage/memory'
import { byTurns, median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Fetching'

/** Requests in flight at once. */
const CONCURRENCY = 8

/** In a thread of its own, so that the server's work is not taken for the client's. */
const SERVER = `
  const { createServer } = require('node:http')
  const { parentPort } = require('node:worker_threads')
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end('{"ok":true}')
  })
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

export async function run(): Promise<readonly Row[]> {
  const worker = new Worker(SERVER, { eval: true })
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  try {
    const [port] = (await once(worker, 'message')) as [number]
    const origin = `http://127.0.0.1:${port}`
    const token = 'zd_9f2c1e7a4b8d4c0fa1e6b3d5c7a9e2f4'
    await vault.create({ tag: 'zendesk', value: token, allow: { hosts: [origin] } })
    const send = vaultFetch(vault)
    const url = `${origin}/api/v2/tickets.json`
    const one = async (response: Promise<Response>) => (await response).text()
    const works = {
      plain: () => one(fetch(url, { headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' } })),
      vault: () => {
        const headers = { Authorization: 'Bearer << secrets.zendesk >>', Accept: 'application/json' }
        return one(send(url, { headers }))
      },
    }
    const alone = await byTurns(works)
    const together = await byTurns({ plain: () => many(works.plain), vault: () => many(works.vault) })
    return [
      row('one request after the other', alone.plain, alone.vault, 1),
      row(`${CONCURRENCY} requests at once`, together.plain, together.vault, CONCURRENCY),
    ]
  } finally {
    await vault.close()
    await worker.terminate()
  }
}

async function many(work: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
}

function row(work: string, plain: readonly number[], own: readonly number[], requests: number): Row {
  const perSecond = (times: readonly number[]) => Math.round((requests * 1e9) / median(times)).toLocaleString('en')
  const ratio = 1 / timesAsLong(own, plain)
  return {
    work: `${work}, beside plain fetch`,
    ratio: `${ratio.toFixed(2)} × the requests`,
    figure: `${perSecond(own)}/s against ${perSecond(plain)}/s (${shown(own)} against ${shown(plain)})`,
  }
}
