/** What tests of the adapter for axios begin with: a vault, a loopback server that writes down what arrives, a client. */

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { onTestFinished, vi } from 'vitest'
import { type VaultAdapterOptions, vaultAdapter } from '../../src/http/axios.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { backstage } from '../vault/fixture.ts'

export const KEY = 'key-7f3e9a1c5b8d/2e4f+6a0b'

/** One request as it arrived. */
export interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answer = (request: Arrived, response: ServerResponse) => unknown

export interface AxiosStage {
  readonly vault: Vault
  readonly origin: string
  readonly arrived: Arrived[]
  readonly events: VaultEvent[]
  readonly client: AxiosInstance
}

/** A server that ends with the test. */
export async function serve(answer: Answer): Promise<{ readonly origin: string; readonly arrived: Arrived[] }> {
  const arrived: Arrived[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const { method = '', url = '', headers } = request
    const seen = { method, url, headers, body: Buffer.concat(pieces).toString() }
    arrived.push(seen)
    await answer(seen, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close(() => undefined).closeAllConnections())
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived }
}

/** A vault with the secret `key`, a server and a client with that adapter. */
export async function axiosStage(
  answer: Answer = (_, response) => response.end('{}'),
  options: Partial<VaultAdapterOptions> = {},
  defaults: CreateAxiosDefaults = {},
): Promise<AxiosStage> {
  const { origin, arrived } = await serve(answer)
  const events: VaultEvent[] = []
  const { vault } = backstage({ onEvent: (event) => void events.push(event) })
  await vault.create({ tag: 'key', value: KEY })
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const adapter = vaultAdapter(vault, { axios, ...options })
  return { vault, origin, arrived, events, client: axios.create({ adapter, baseURL: origin, ...defaults }) }
}
