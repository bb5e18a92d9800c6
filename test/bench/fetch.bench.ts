/**
 * The HTTP clients with a vault beside the same client alone, against a server of another thread on the loopback, with
 * connections kept alive: a small answer of JSON, and bodies of a megabyte.
 */

import axios from 'axios'
import { createVault, generateKey, type Snapshot, type Vault } from 'guillemet'
import { vaultAdapter } from 'guillemet/http/axios'
import { vaultFetch } from 'guillemet/http/fetch'
import { vaultInterceptor } from 'guillemet/http/undici'
import { memoryStorage } from 'guillemet/storage/memory'
import { Agent, request } from 'undici'
import { LARGE_BODIES, startServer, TOKEN } from './fetch-server.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'HTTP clients'

/** Requests in flight at once. */
const CONCURRENCY = 8
/** Times the time of the bare client: of a small answer, and of one that is read through for masks. */
const BAR = 1.15
const LARGE_BAR = 1.5
const SMALL = '/api/v2/tickets.json'
/** Requests before any is counted: what is compared is a process that runs for long, not the first look of the compiler. */
const WARM_UP = 3_000

/** Asks for a path and reads the answer as text. */
type Ask = (path: string) => Promise<unknown>

/** One client: alone with its key, and with a vault. */
interface Client {
  readonly name: string
  readonly bare: Ask
  readonly masked: Ask
  /** With answers as they were sent. */
  readonly unmasked: Ask
}

export async function run(): Promise<readonly Row[]> {
  const server = await startServer()
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  try {
    const { origin } = server
    await vault.create({ tag: 'zendesk', value: TOKEN, allow: { hosts: [origin] } })
    const snapshot = await vault.snapshot(['zendesk'], { destination: origin, locations: ['header'] })
    const fetchClient = fetchOf(vault, snapshot, origin)
    const rows: Row[] = []
    for (const client of [fetchClient, undiciOf(vault, snapshot, origin), axiosOf(vault, snapshot, origin)]) {
      rows.push(...(await smallRows(client)))
    }
    rows.push(await storageRow(vault, origin, fetchClient))
    for (const path of Object.keys(LARGE_BODIES)) rows.push(await largeRow(fetchClient, path))
    return rows
  } finally {
    await vault.close()
    await server.stop()
  }
}

function fetchOf(vault: Vault, snapshot: Snapshot, origin: string): Client {
  const masked = vaultFetch(vault, { snapshot })
  const unmasked = vaultFetch(vault, { snapshot, redactResponse: false })
  const text = async (response: Promise<Response>) => (await response).text()
  return {
    name: 'fetch',
    bare: (path) => text(fetch(origin + path, { headers: headersWith(TOKEN) })),
    masked: (path) => text(masked(origin + path, { headers: headersWith(REFERENCE) })),
    unmasked: (path) => text(unmasked(origin + path, { headers: headersWith(REFERENCE) })),
  }
}

function undiciOf(vault: Vault, snapshot: Snapshot, origin: string): Client {
  const ask = (dispatcher: Agent, token: string): Ask => {
    return async (path) => (await request(origin + path, { dispatcher, headers: headersWith(token) })).body.text()
  }
  const composed = (redactResponse: boolean) =>
    new Agent().compose(vaultInterceptor(vault, { snapshot, redactResponse })) as Agent
  return {
    name: 'undici',
    bare: ask(new Agent(), TOKEN),
    masked: ask(composed(true), REFERENCE),
    unmasked: ask(composed(false), REFERENCE),
  }
}

function axiosOf(vault: Vault, snapshot: Snapshot, origin: string): Client {
  const ask = (token: string, redactResponse: boolean | undefined): Ask => {
    const client = axios.create(
      redactResponse === undefined ? {} : { adapter: vaultAdapter(vault, { axios, snapshot, redactResponse }) },
    )
    return async (path) => (await client.get(origin + path, { headers: headersWith(token) })).data
  }
  return { name: 'axios', bare: ask(TOKEN, undefined), masked: ask(REFERENCE, true), unmasked: ask(REFERENCE, false) }
}

const REFERENCE = '<< secrets.zendesk >>'

function headersWith(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, Accept: 'application/json' }
}

async function smallRows({ name, bare, masked, unmasked }: Client): Promise<readonly Row[]> {
  for (const ask of [bare, masked, unmasked]) for (let count = 0; count < WARM_UP; count++) await ask(SMALL)
  const alone = await byTurns({
    bare: () => bare(SMALL),
    masked: () => masked(SMALL),
    unmasked: () => unmasked(SMALL),
  })
  const together = await byTurns({ bare: () => many(bare), masked: () => many(masked) })
  return [
    row(`${name} from a snapshot, the answer masked`, alone.bare, alone.masked, BAR),
    row(`${name} from a snapshot, the answer as it was sent`, alone.bare, alone.unmasked, BAR),
    row(`${name} from a snapshot, ${CONCURRENCY} at once, masked`, together.bare, together.masked),
  ]
}

async function storageRow(vault: Vault, origin: string, { bare }: Client): Promise<Row> {
  const send = vaultFetch(vault)
  const times = await byTurns({
    bare: () => bare(SMALL),
    read: async () => (await send(origin + SMALL, { headers: headersWith(REFERENCE) })).text(),
  })
  return row('fetch from memory storage, the answer masked', times.bare, times.read)
}

async function largeRow({ name, bare, masked }: Client, path: string): Promise<Row> {
  const times = await byTurns({ bare: () => bare(path), masked: () => masked(path) })
  return row(`${name} from a snapshot, 1 MB of ${path.slice(1)}, masked`, times.bare, times.masked, LARGE_BAR)
}

async function many(ask: Ask): Promise<void> {
  await Promise.all(Array.from({ length: CONCURRENCY }, () => ask(SMALL)))
}

function row(work: string, bare: readonly number[], own: readonly number[], bar?: number): Row {
  const ratio = timesAsLong(own, bare)
  return {
    work,
    ratio: `${ratio.toFixed(2)} × the time`,
    figure: `${shown(own)}, ${shown(bare)} alone`,
    ...(bar !== undefined && { budget: `at most ${bar} ×`, met: ratio <= bar }),
  }
}
