/** What every engine is tested with: a server that gives back what it was sent, two tenants' secrets, and a leak probe. */

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { type Leak, leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { referenceSyntaxes } from '../template/reference-syntaxes.ts'
import type { Step, StepRequest } from './step.ts'

/** The values of both tenants: `crm` is the tag of acme's and of globex'; `stripe` is never asked for. */
export const SECRETS = {
  crm: 'crm-7f3e9a1c5b8d2e4f6a0b',
  globex: 'crm-0a6b1c9d8e2f7a3b4c5d',
  stripe: 'rk_live_51H8x0aZq9/+"x',
}
/** Written on purpose, beside everything that has to be clean. */
export const CONTROL = { control: 'ctl-91c2b7d4e5f60718' }

/** Keeps the secrets of both tenants; those in use are bound to the server. */
export async function fillVault(vault: Vault, origin: string): Promise<void> {
  const acme = vault.with({ workspace: 'acme', environment: 'live', actor: { id: 'ann' } })
  await acme.create({ tag: 'crm', value: SECRETS.crm, allow: { hosts: [origin] } })
  await acme.create({ tag: 'stripe', value: SECRETS.stripe })
  const globex = vault.with({ workspace: 'globex', environment: 'live', actor: { id: 'bob' } })
  await globex.create({ tag: 'crm', value: SECRETS.globex, allow: { hosts: [origin] } })
}

/** A request as it arrived. */
export interface Arrived {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface EchoServer {
  readonly origin: string
  readonly arrived: Arrived[]
  close(): void
}

/**
 * Gives back what it was sent, key and all: `/echo` as a success, `/text` the body alone, `/500` as a failure, and `/flaky`
 * fails as often as its query says before it succeeds.
 */
export async function startEcho(): Promise<EchoServer> {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const { url = '', headers } = request
    const body = Buffer.concat(pieces).toString()
    arrived.push({ url, headers, body })
    const [, failures] = /^\/flaky\?(\d+)/.exec(url) ?? []
    const isFailing = url === '/500' || arrived.filter((each) => each.url === url).length <= Number(failures ?? 0)
    response.writeHead(isFailing ? 500 : 200, { 'content-type': 'text/plain' })
    response.end(
      url === '/text' ? body : `sent ${headers.authorization} ${encodeURIComponent(`${headers.authorization}`)}`,
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    close: () => void server.close(() => undefined).closeAllConnections(),
  }
}

/** A step of the tenant `acme` that sends its key. */
export function stepTo(url: string, more: Partial<StepRequest> = {}): Step {
  const config = { url, method: 'POST', headers: { Authorization: 'Bearer << secrets.crm >>' }, ...more }
  return { workspace: 'acme', environment: 'live', actor: { id: 'ann' }, purpose: 'test', config }
}

/** Where the values came out. */
export async function leaksIn(value: unknown, secrets: Record<string, string> = SECRETS): Promise<readonly Leak[]> {
  const { leaks } = await leakProbe(secrets, ({ output }) => output(value, 'stored'))
  return leaks
}

/** Nothing of the secrets is there, and what was written on purpose is found. */
export async function expectClean(stored: unknown): Promise<void> {
  expect(await leaksIn(stored)).toEqual([])
  expect(await leaksIn(stored, CONTROL)).not.toEqual([])
}

/** What people and servers write about references, in every spelling. */
export const SYNTAXES = referenceSyntaxes('crm', ['stripe'])
