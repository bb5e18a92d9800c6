/**
 * Requests by `node:http` and `node:https` that resolve secrets on a copy, never in an options object, and mask them in
 * what comes back.
 *
 * @module guillemet/http/node
 */

import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { GuillemetError } from '../errors.ts'
import { parseUrl } from '../url.ts'
import type { Vault } from '../vault/api.ts'
import { maskedError, type ResolvedRequest, VaultClient } from './client.ts'
import { type ClientOptions, readClientOptions, requireVault } from './client-options.ts'
import type { Outgoing } from './hop.ts'
import { isReadable, type NodeCall, readNodeCall } from './node/call.ts'
import { NodeLimits } from './node/limits.ts'
import type { NodeBody } from './node/members.ts'
import { VaultResponse } from './node/response.ts'
import { sendRequest } from './node/send.ts'
import { absoluteUrl } from './outgoing.ts'
import { requireSentMembers } from './refusals.ts'

export type { NodeBody } from './node/members.ts'
export type { VaultResponse } from './node/response.ts'

/** Options of `vaultRequest`; by default references are resolved in credential headers and in `auth` only. */
export type VaultRequestOptions = ClientOptions

/** What `http.request` takes, and the body. */
export interface NodeRequestOptions extends RequestOptions {
  /** Sent as it is; a text or `URLSearchParams` as UTF-8. @default none */
  readonly body?: NodeBody | null | undefined
}

/** Sends one request. */
export interface NodeRequester {
  /** A URL, and options that win over it. */
  (url: string | URL, options?: NodeRequestOptions): Promise<VaultResponse>
  /** Options that say where it goes. */
  (options: NodeRequestOptions): Promise<VaultResponse>
}

/**
 * A function like `http.request` and `https.request` in one, whose credential headers and `auth` may hold references.
 *
 * It takes a URL, options, or both, as these do, and the body as the option `body`; without `protocol` it is https. The input
 * is not changed. One request is sent and no redirect followed: a 3xx is an answer like any other. Secrets without
 * `hosts` do not go where such an answer of another origin has led. No options object holds a value: values are put into
 * the request once it was made. `timeout` ends the request with an error whose code is ETIMEDOUT, `signal` as node has it.
 * Text in the URL and the body is sent as it is unless `in` or `authored` says otherwise; a reference in another header is
 * an error. Informational responses are not shown.
 *
 * @param vault the vault, or a view of it
 * @returns a function that gives the response once its headers are there, this request's secrets masked in them, in a
 *   body of text and in errors; it rejects with ERR_LOCATION_DENIED for a reference in a header that is not open to them;
 *   ERR_UNSAFE_TRANSPORT for a secret with `hosts` and an agent, `lookup`, `socketPath` or the like; ERR_REDIRECT_DENIED;
 *   ERR_INVALID_INPUT for members that make no URL, a request that carries a mask, and a server that switches protocols;
 *   the errors of `vault.resolveRequest`; those of node, masked
 * @throws ERR_INVALID_INPUT for an unknown option, or one of another type, and for a vault of another copy of the package
 * @example
 * ```ts
 * const request = vaultRequest(vault)
 * const response = await request('https://api.acme.dev/me', { headers: { Authorization: 'Bearer << secrets.acme >>' } })
 * console.log(response.statusCode, await text(response))
 * ```
 */
export function vaultRequest(vault: Vault, options?: VaultRequestOptions): NodeRequester {
  requireVault(vault, 'vaultRequest')
  const { settings } = readClientOptions(options, 'vaultRequest')
  const client = new VaultClient(vault, settings)
  return (first: unknown, second?: unknown) => requestWithSecrets(client, first, second)
}

async function requestWithSecrets(client: VaultClient, first: unknown, second: unknown): Promise<VaultResponse> {
  const call = readNodeCall(first, second)
  const limits = new NodeLimits(call)
  try {
    return await answerWithin(limits, client, call)
  } catch (error) {
    // it was never sent, or broke off: as `pipeline` has it, whatever its stream holds open is closed
    if (isReadable(call.body)) call.body.destroy()
    throw error
  } finally {
    limits.end()
  }
}

async function answerWithin(limits: NodeLimits, client: VaultClient, call: NodeCall): Promise<VaultResponse> {
  requireSentMembers(call, client.vault, 'http.request')
  const request = await limits.within((signal) => client.resolve({ ...call, signal }))
  if (request === undefined) {
    const outgoing = plainRequest(call)
    const response = await sendRequest({ call, outgoing, shownPath: undefined, hasSecrets: false })
    for (const location of locationsOf(response)) {
      client.noteUrl(outgoing.url, { status: response.statusCode!, location })
    }
    return new VaultResponse(response, { method: call.method, masks: undefined, redactError: (error) => error })
  }
  if (call.oddTarget !== undefined) throw oddTarget()
  const response = await sent(call, request)
  const again = await refresh(limits, request, response)
  if (again === undefined) return responseFor(client, call, request, response)
  response.destroy()
  return responseFor(client, call, again, await sent(call, again))
}

async function refresh(
  limits: NodeLimits,
  request: ResolvedRequest,
  response: IncomingMessage,
): Promise<ResolvedRequest | undefined> {
  try {
    return await limits.within(() => request.refresh(response.statusCode!))
  } catch (error) {
    response.destroy()
    throw error
  }
}

async function sent(call: NodeCall, { first: outgoing, masks, shownUrl }: ResolvedRequest): Promise<IncomingMessage> {
  try {
    return await sendRequest({ call, outgoing, shownPath: pathShown(shownUrl), hasSecrets: true })
  } catch (error) {
    throw maskedError(masks, error, call.rest.signal)
  }
}

/** The response as the caller gets it. */
function responseFor(
  client: VaultClient,
  call: NodeCall,
  { first, context, masks }: ResolvedRequest,
  response: IncomingMessage,
): VaultResponse {
  const { statusCode: status = 0 } = response
  for (const location of locationsOf(response)) client.note(first, { status, location }, context.secrets)
  return new VaultResponse(response, {
    method: call.method,
    masks: client.settings.redactsResponses ? masks.data : undefined,
    redactError: (error) => maskedError(masks, error, call.rest.signal),
  })
}

/** Where it leads: who follows takes the first, the last or all of them as one. */
function locationsOf({ headersDistinct }: IncomingMessage): Iterable<string | null> {
  const locations = headersDistinct['location'] ?? []
  return new Set([...locations, locations.join(', ') || null])
}

/** The request as it is, for one that holds nothing of ours. */
function plainRequest(call: NodeCall): Outgoing {
  const headers = call.headers
    .filter(({ name }) => name !== 'content-length')
    .map(({ name, value }) => [name, value, []] as const)
  return { url: absoluteUrl(call.url), method: call.method, headers, body: call.body, bodySecrets: [] }
}

/** The path of a URL with masks; one whose host is a mask has none that could be read. */
function pathShown(shownUrl: string | undefined): string | undefined {
  if (shownUrl === undefined) return undefined
  const url = parseUrl(shownUrl)
  return url === undefined ? '/' : url.pathname + url.search
}

function oddTarget(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The path of a request with secrets must start with "/"; correct the member path of the request.',
    { path: 'path' },
  )
}
