/**
 * An adapter for axios 1 that resolves secrets on a copy of the request, checks their rules on every redirect, and masks
 * them in what comes back. Configs, errors and retries of axios hold references.
 *
 * @module guillemet/http/axios
 */

import type { Vault } from '../vault/api.ts'
import { type AxiosCall, membersNotSent, readAxiosCall } from './axios/call.ts'
import { AxiosExchange } from './axios/exchange.ts'
import { AxiosLimits } from './axios/limits.ts'
import { type AxiosSettings, readAxiosOptions, type VaultAdapterOptions } from './axios/options.ts'
import { type AxiosAdapterLike, type AxiosAnswer, type AxiosConfig, isAxiosError } from './axios/types.ts'
import { VaultClient } from './client.ts'
import { requireSentMembers } from './refusals.ts'

export type { VaultAdapterOptions } from './axios/options.ts'
export type { AxiosAdapterLike, AxiosLike } from './axios/types.ts'

/**
 * An adapter for axios whose credential headers and `auth` may hold references: `Authorization`, `x-api-key` and the
 * others of docs/CLIENTS.md.
 *
 * The config is not changed, and comes back as it is in `response.config` and `error.config`, so that a retry resolves
 * again; `response.request` and `error.request` only say where the request went, with masks in place of secrets. Text in
 * the URL, in `params` and in `data` is sent as it is unless `in` or `authored` says otherwise; in `params` a value is put
 * in before axios encodes it. A request without references goes straight to the adapter below. With secrets in it, its
 * redirects are followed here, hop by hop, 20 at most; `beforeRedirect` may refuse one. No proxy of the environment gets
 * a secret: http requests with one go out directly, https through the proxy's tunnel.
 *
 * @param vault the vault, or a view of it
 * @param options `axios` itself, and what else differs from the defaults
 * @returns the adapter; it rejects as axios does, with masks in the error; with ERR_LOCATION_DENIED for a reference in a
 *   header that is not open to them, or in a member that axios does not send; ERR_REDIRECT_DENIED; ERR_UNSAFE_TRANSPORT
 *   when the adapter below follows redirects by itself; ERR_INVALID_INPUT for a request that carries a mask in place of a
 *   secret; the errors of `vault.resolveRequest`
 * @throws ERR_INVALID_INPUT without axios, for an unknown option or one of another type, and for a vault of another copy
 *   of the package
 * @example
 * ```ts
 * const client = axios.create({ adapter: vaultAdapter(vault, { axios }) })
 * await client.get(url, { headers: { Authorization: 'Bearer << secrets.zendesk >>' } })
 * ```
 */
export function vaultAdapter(vault: Vault, options: VaultAdapterOptions): AxiosAdapterLike {
  const settings = readAxiosOptions(options)
  const client = new VaultClient(vault, settings)
  return (config: AxiosConfig) => sendWithSecrets(client, settings, config)
}

async function sendWithSecrets(client: VaultClient, settings: AxiosSettings, config: AxiosConfig): Promise<unknown> {
  const limits = new AxiosLimits(config, settings)
  try {
    const call = readAxiosCall(config, settings.axios, limits)
    requireSentMembers({ rest: membersNotSent(call) }, client.vault, 'axios')
    const request = await client.resolve(call)
    if (request === undefined) return await plainExchange(client, call, settings.adapterFor(config)(config))
    return await new AxiosExchange(client, settings, call, request).answer()
  } finally {
    limits.end()
  }
}

/** The answer to a request without secrets; text in the URL that it leads to is the server's. */
async function plainExchange(client: VaultClient, { url }: AxiosCall, sent: Promise<unknown>): Promise<unknown> {
  const note = (answer: unknown): void => {
    const { status, headers } = (answer ?? {}) as Partial<AxiosAnswer>
    const location = typeof headers?.get === 'function' ? headers.get('location') : undefined
    if (status !== undefined && typeof location === 'string') client.noteUrl(url, { status, location })
  }
  try {
    const answer = await sent
    note(answer)
    return answer
  } catch (error) {
    if (isAxiosError(error)) note(error.response)
    throw error
  }
}
