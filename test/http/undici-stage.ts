/** A vault and a loopback server for the interceptor: what arrived, and an answer that a test writes down. */

import type { ServerResponse } from 'node:http'
import { Agent, type Dispatcher } from 'undici'
import { onTestFinished } from 'vitest'
import { type VaultInterceptorOptions, vaultInterceptor } from '../../src/http/undici.ts'
import type { AllowRule } from '../../src/secrets/secret.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage } from '../vault/fixture.ts'
import { type Arrived, serve } from './loopback.ts'

export const VALUE = 'v-0123456789/+'
export const A = '<< secrets.a >>'

/** What a test works with. */
export interface UndiciStage {
  readonly vault: Vault
  readonly origin: string
  readonly arrived: Arrived[]
  /** A dispatcher with the interceptor on it, closed with the test. */
  agent(options?: VaultInterceptorOptions): Dispatcher
  /** Closes a dispatcher with the test. */
  closing<D extends Pick<Dispatcher, 'destroy'>>(dispatcher: D): D
}

type Answer = (response: ServerResponse, arrival: Arrived) => unknown

/** Starts both; the server ends with the test. */
export async function undiciStage(answer?: Answer, allow?: AllowRule): Promise<UndiciStage> {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE, ...(allow && { allow }) })
  const { origin, arrived } = await serve((arrival, response) =>
    answer === undefined ? response.end('page') : answer(response, arrival),
  )
  const closing: UndiciStage['closing'] = (dispatcher) => {
    onTestFinished(() => void dispatcher.destroy().catch(() => undefined))
    return dispatcher
  }
  return {
    vault,
    origin,
    arrived,
    closing,
    agent: (options) => closing(new Agent().compose(vaultInterceptor(vault, options))),
  }
}
