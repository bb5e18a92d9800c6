/** A vault and a loopback server for the interceptor: what arrived, and an answer that a test writes down. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, type Dispatcher } from 'undici'
import { onTestFinished } from 'vitest'
import { type VaultInterceptorOptions, vaultInterceptor } from '../../src/http/undici.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage } from '../vault/fixture.ts'

export const VALUE = 'v-0123456789/+'
export const A = '<< secrets.a >>'

/** One request as it arrived: names as they were written, values in order. */
export interface UndiciArrival {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** What a test works with. */
export interface UndiciStage {
  readonly vault: Vault
  readonly origin: string
  readonly arrived: UndiciArrival[]
  /** A dispatcher with the interceptor on it, closed with the test. */
  agent(options?: VaultInterceptorOptions): Dispatcher
  /** Closes a dispatcher with the test. */
  closing<D extends Pick<Dispatcher, 'destroy'>>(dispatcher: D): D
}

type Answer = (response: ServerResponse, arrival: UndiciArrival) => unknown

/** Starts both; the server ends with the test. */
export async function undiciStage(answer?: Answer, allow?: AllowRule): Promise<UndiciStage> {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE, ...(allow && { allow }) })
  const arrived: UndiciArrival[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const { method = '', url = '', headers, rawHeaders } = request
    const arrival = { method, url, headers, rawHeaders, body: Buffer.concat(pieces).toString() }
    arrived.push(arrival)
    if (answer === undefined) response.end('page')
    else await answer(response, arrival)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close().closeAllConnections())
  const closing: UndiciStage['closing'] = (dispatcher) => {
    onTestFinished(() => void dispatcher.destroy().catch(() => undefined))
    return dispatcher
  }
  return {
    vault,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    closing,
    agent: (options) => closing(new Agent().compose(vaultInterceptor(vault, options))),
  }
}
