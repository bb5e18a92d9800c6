/** `vaultFetch` beside plain fetch, against a server of another thread on the loopback, with connections kept alive. */

import { createVault, generateKey } from 'guillemet'
import { vaultFetch } from 'guillemet/http/fetch'
import { memoryStorage } from 'guillemet/storage/memory'
import { LARGE_BODIES, startServer, TOKEN } from './fetch-server.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Fetching'

/** Requests in flight at once. */
const CONCURRENCY = 8
/** Times the time of the bare client: of a small answer, and of one that is read through for masks. */
const BAR = 1.15
const LARGE_BAR = 1.5

export async function run(): Promise<readonly Row[]> {
  const server = await startServer()
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  try {
    const { origin } = server
    await vault.create({ tag: 'zendesk', value: TOKEN, allow: { hosts: [origin] } })
    const snapshot = await vault.snapshot(['zendesk'], { destination: origin, locations: ['header'] })
    const fromStorage = vaultFetch(vault)
    const fromSnapshot = vaultFetch(vault, { snapshot })
    const bare = (path: string) => fetch(origin + path, { headers: headersWith(TOKEN) })
    const kept = (path: string) => fromSnapshot(origin + path, { headers: headersWith('<< secrets.zendesk >>') })
    const read = (path: string) => fromStorage(origin + path, { headers: headersWith('<< secrets.zendesk >>') })
    const small = {
      bare: () => textOf(bare('/api/v2/tickets.json')),
      kept: () => textOf(kept('/api/v2/tickets.json')),
      read: () => textOf(read('/api/v2/tickets.json')),
    }
    const alone = await byTurns(small)
    const together = await byTurns({ bare: () => many(small.bare), kept: () => many(small.kept) })
    const rows = [
      row('vaultFetch from a snapshot', alone.bare, alone.kept, BAR),
      row('vaultFetch from memory storage', alone.bare, alone.read),
      row(`vaultFetch from a snapshot, ${CONCURRENCY} at once`, together.bare, together.kept),
    ]
    for (const path of Object.keys(LARGE_BODIES)) {
      const large = await byTurns({ bare: () => textOf(bare(path)), kept: () => textOf(kept(path)) })
      rows.push(row(`vaultFetch from a snapshot, 1 MB of ${path.slice(1)}`, large.bare, large.kept, LARGE_BAR))
    }
    return rows
  } finally {
    await vault.close()
    await server.stop()
  }
}

function headersWith(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, Accept: 'application/json' }
}

async function textOf(response: Promise<Response>): Promise<string> {
  return (await response).text()
}

async function many(work: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: CONCURRENCY }, work))
}

function row(work: string, bare: readonly number[], own: readonly number[], bar?: number): Row {
  const ratio = timesAsLong(own, bare)
  return {
    work: `${work}, beside plain fetch`,
    ratio: `${ratio.toFixed(2)} × the time`,
    figure: `${shown(own)} against ${shown(bare)}`,
    ...(bar !== undefined && { budget: `at most ${bar} ×`, met: ratio <= bar }),
  }
}
