/**
 * `fetch` that resolves secrets on a copy of the request, checks their rules on every redirect, and masks them in what
 * comes back. Made to be handed to any client that takes a fetch.
 *
 * @module guillemet/http/fetch
 */

import type { Vault } from '../vault/api.ts'
import { maskedError, VaultClient } from './client.ts'
import { requireVault } from './client-options.ts'
import { type FetchCall, readFetchCall, redirectMode } from './fetch/call.ts'
import { type FetchSettings, readFetchOptions, type VaultFetchOptions } from './fetch/options.ts'
import { type Answer, sendAndFollow } from './fetch/redirects.ts'
import { maskedResponse, withShownUrl } from './fetch/response.ts'
import type { CallHeader } from './http-call.ts'
import { requireNoDots } from './masks-in-requests.ts'
import { requireSentMembers } from './refusals.ts'

export type { FetchLike, ResponseLike, VaultFetchOptions } from './fetch/options.ts'

/**
 * A fetch whose credential headers may hold references: `Authorization`, `x-api-key` and the others of docs/CLIENTS.md.
 *
 * Takes what fetch takes; the input is not changed. Text in the URL and the body is sent as it is, whatever it looks
 * like, unless `in` or `authored` says otherwise; the listener then gets one event `skipped`. A reference in another
 * header is an error. A request without references goes straight to fetch. With secrets in it, redirects are followed
 * here, hop by hop: headers that a hop may not have are dropped, and a hop that would carry a secret in its URL or body
 * where it may not go, or that leaves https, is refused. In headers, texts and errors that come back, this request's
 * secrets are masked; `response.url` shows masks too.
 *
 * @param vault the vault, or a view of it
 * @returns a function; it rejects with ERR_LOCATION_DENIED for a reference in a header that is not open to them;
 *   ERR_REDIRECT_DENIED; ERR_UNSAFE_TRANSPORT when the fetch below follows redirects by itself; ERR_INVALID_INPUT for a
 *   request that carries a mask in place of a secret; the errors of `vault.resolveRequest`; those of fetch, masked
 * @throws ERR_INVALID_INPUT for an unknown option, or one of another type, and for a vault of another copy of the package
 * @example
 * ```ts
 * const openai = new OpenAI({ apiKey: '<< secrets.openai >>', fetch: vaultFetch(vault) })
 * ```
 */
export function vaultFetch(vault: Vault, options?: VaultFetchOptions): typeof globalThis.fetch {
  requireVault(vault, 'vaultFetch')
  const settings = readFetchOptions(options)
  const client = new VaultClient(vault, settings)
  return (input, init) => fetchWithSecrets(client, settings, input as string | URL | Request, init)
}

async function fetchWithSecrets(
  client: VaultClient,
  settings: FetchSettings,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const call = readCall(input, init)
  requireSentMembers(call, client.vault)
  const redirect = redirectMode(call)
  const request = await client.resolve(call)
  if (request === undefined) {
    // an iterator gives its headers once, and they have been read
    const given = isIterator(init?.headers) ? { ...init, headers: call.headers.map(pairOf) } : init
    return plainAnswer(client, call, (await settings.fetch(input, given)) as Response)
  }
  try {
    const answer = await sendAndFollow({ fetch: settings.fetch, rest: call.rest, redirect }, request)
    const { status, headers } = answer.response
    client.note(answer.last, { status, location: headers.get('location') }, answer.request.context.secrets)
    return shownResponse(settings, call, answer)
  } catch (error) {
    throw maskedError(request.masks, error, call.rest.signal)
  }
}

/** The answer to a request without secrets; text in the URL that it leads to is the server's. */
function plainAnswer(client: VaultClient, { url }: FetchCall, response: Response): Response {
  const location = response.headers.get('location')
  if (location !== null) client.noteUrl(url, { status: response.status, location })
  return response
}

function isIterator(headers: unknown): boolean {
  return typeof headers === 'object' && headers !== null && 'next' in headers && !Array.isArray(headers)
}

function pairOf({ name, value }: CallHeader): [string, string] {
  return [name, value]
}

function readCall(input: string | URL | Request, init: RequestInit | undefined): FetchCall {
  try {
    return readFetchCall(input, init)
  } catch (error) {
    requireNoDots([JSON.stringify(init?.headers) ?? ''])
    throw error
  }
}

function shownResponse(
  { redactsResponses }: FetchSettings,
  call: FetchCall,
  { response, request, last, route }: Answer,
): Response {
  const { masks, shownUrl } = request
  const isRedirected = route.length > 0
  const url = isRedirected ? masks.strict(last.url.href) : shownUrl
  const shown = { url: url === last.url.href ? undefined : url, isRedirected }
  if (!redactsResponses) return withShownUrl(response, shown)
  const redactError = (error: unknown) => maskedError(masks, error, call.rest.signal)
  const asked = { method: last.method, keepsCoding: call.keepsCoding }
  return withShownUrl(maskedResponse(response, asked, masks.data, redactError), shown)
}
