/** What tests of the adapter for axios begin with: a vault, a loopback server that writes down what arrives, a client. */

import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { vi } from 'vitest'
import { type VaultAdapterOptions, vaultAdapter } from '../../src/http/axios.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { backstage } from '../vault/fixture.ts'
import { type Answer, type Arrived, serve } from './loopback.ts'

export const KEY = 'key-7f3e9a1c5b8d/2e4f+6a0b'

export interface AxiosStage {
  readonly vault: Vault
  readonly origin: string
  readonly arrived: Arrived[]
  readonly events: VaultEvent[]
  readonly client: AxiosInstance
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
