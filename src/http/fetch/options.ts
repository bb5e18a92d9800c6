/** The options of `vaultFetch`: those of every client, and the fetch below. */

import { GuillemetError } from '../../errors.ts'
import { type ClientOptions, type ClientSettings, readClientOptions, refuseOption } from '../client-options.ts'

/** What `vaultFetch` reads of a response: any fetch of the platform, of undici or of node-fetch gives it. */
export interface ResponseLike {
  /** The HTTP status; 0 where the runtime hides it. */
  readonly status: number
  /** As `Headers` has it. */
  readonly headers: Pick<Headers, 'get'>
}

/**
 * A fetch that requests go out by: the platform's, `undici.fetch`, or one that wraps them. It is given a URL as a text,
 * or, for a request without references, what the caller gave.
 */
// biome-ignore lint/suspicious/noExplicitAny: Request and RequestInit of undici and of the platform have no type in common
export type FetchLike = (input: any, init?: any) => Promise<ResponseLike>

/** Options of `vaultFetch`; by default references are resolved in credential headers only. */
export interface VaultFetchOptions extends ClientOptions {
  /**
   * Where requests go out. It must leave redirects alone where it is told to.
   *
   * @default globalThis.fetch, as it is when a request is made
   */
  readonly fetch?: FetchLike | undefined
}

/** The options as they are used. */
export interface FetchSettings extends ClientSettings {
  readonly fetch: FetchLike
}

/**
 * The options, checked.
 *
 * @throws ERR_INVALID_INPUT
 */
export function readFetchOptions(given: VaultFetchOptions | undefined): FetchSettings {
  if (typeof given === 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'vaultFetch takes options; give the function as { fetch }.')
  }
  const { options, settings } = readClientOptions(given, 'vaultFetch', ['fetch'])
  const { fetch } = options
  if (fetch !== undefined && typeof fetch !== 'function') {
    refuseOption('vaultFetch', 'fetch', 'must be a function such as undici.fetch')
  }
  return {
    ...settings,
    // called by itself: the fetch of a browser or a Worker refuses to be a method of other objects
    fetch: (input, init) => (fetch === undefined ? globalThis.fetch(input, init) : fetch(input, init)),
  }
}
