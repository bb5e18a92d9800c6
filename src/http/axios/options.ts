/** The options of `vaultAdapter`: those of every client, axios itself, and the adapter below. */

import { GuillemetError } from '../../errors.ts'
import { type ClientOptions, type ClientSettings, readClientOptions, refuseOption } from '../client-options.ts'
import { nodeModule } from './transport.ts'
import type { AxiosAdapterLike, AxiosConfig, AxiosLike } from './types.ts'

/** Options of `vaultAdapter`; by default references are resolved in credential headers and in `auth` only. */
export interface VaultAdapterOptions extends ClientOptions {
  /** axios itself, as it is imported: its own adapters, errors and way of writing URLs are used. */
  readonly axios: AxiosLike
  /**
   * What sends requests: an adapter of axios by name, or a function, which has to leave redirects alone where
   * `maxRedirects` is 0.
   *
   * @default 'http' on Node, 'fetch' elsewhere
   */
  readonly adapter?: 'http' | 'fetch' | AxiosAdapterLike | undefined
}

/** The options as they are used. */
export interface AxiosSettings extends ClientSettings {
  readonly axios: AxiosLike
  /** Whether the adapter is that of fetch, whose timeouts have another code. */
  readonly sendsByFetch: boolean
  /** The adapter for a request; that of fetch depends on `env` in its config. */
  adapterFor(config: AxiosConfig): AxiosAdapterLike
}

const CLIENT = 'vaultAdapter'
const PARTS = ['Axios', 'AxiosError', 'AxiosHeaders', 'CanceledError', 'getAdapter'] as const
/** Not `xhr`, which does not tell where redirects have led. */
const OF_AXIOS = ['http', 'fetch']
/** Defaults of axios by method, which the adapter gets as headers. */
const DEFAULT_HEADERS = /^headers\.(?:common|delete|get|head|options|patch|post|put|query)\./i

/**
 * The options, checked.
 *
 * @throws ERR_INVALID_INPUT
 */
export function readAxiosOptions(given: VaultAdapterOptions): AxiosSettings {
  const { options, settings } = readClientOptions(given, CLIENT, ['axios', 'adapter'])
  const { axios, adapter } = options
  // an instance, or nothing at all: the one mistake that is easily made here
  if (axios === undefined || axios === null || PARTS.some((part) => typeof axios[part] !== 'function')) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option axios of vaultAdapter must be axios itself (version 1), not an instance: import axios from "axios", then vaultAdapter(vault, { axios }).',
      { path: 'axios' },
    )
  }
  const isName = adapter === undefined || OF_AXIOS.includes(adapter as string)
  if (!isName && typeof adapter !== 'function') {
    refuseOption(CLIENT, 'adapter', "must be 'http', 'fetch' or a function")
  }
  const authored = settings.authored?.map((reference) => {
    const path: unknown = reference?.path
    return typeof path === 'string' ? { ...reference, path: pathInCall(path) } : reference
  })
  return {
    ...settings,
    authored,
    axios,
    sendsByFetch: adapter === 'fetch' || (adapter === undefined && nodeModule('node:http') === undefined),
    adapterFor: (config) => (typeof adapter === 'function' ? adapter : axios.getAdapter(adapter ?? OF_AXIOS, config)),
  }
}

/** The path of a reference in a config of axios, as it is in the request that an adapter gets. */
function pathInCall(path: string): string {
  return path.replace(/^data\b/, 'body').replace(DEFAULT_HEADERS, 'headers.')
}
