/** Sends one request through the adapter below, which is given a config of its own that nobody else sees. */

import { GuillemetError } from '../../errors.ts'
import { nullRecord, ownValue } from '../../plain-object.ts'
import { isNodeStream, isWebStream } from '../body-streams.ts'
import type { Outgoing } from '../hop.ts'
import type { AxiosCall } from './call.ts'
import type { AxiosSettings } from './options.ts'
import { agentWithoutProxy, headersApart, nodeModule } from './transport.ts'
import type { AxiosAnswer, AxiosConfig, AxiosHeaderMap } from './types.ts'

/**
 * Sends the request; no redirect is followed, no status refused.
 *
 * @throws ERR_UNSAFE_TRANSPORT when the adapter has followed a redirect by itself; what the adapter throws, with plaintext
 */
export async function sendOnce(settings: AxiosSettings, call: AxiosCall, sent: Outgoing): Promise<AxiosAnswer> {
  const { axios } = settings
  requireNotCanceled(call, settings)
  const config = innerConfig(settings, call, sent)
  const answer = (await settings.adapterFor(config)(config)) as AxiosAnswer
  const arrived = responseUrlOf(answer.request)
  if (arrived !== undefined && withoutHash(arrived) !== withoutHash(sent.url.href)) {
    throw new GuillemetError(
      'ERR_UNSAFE_TRANSPORT',
      'The adapter given to vaultAdapter followed a redirect by itself although it was told not to, so its secrets may have gone elsewhere; give one that obeys maxRedirects: 0.',
    )
  }
  return { ...answer, headers: new axios.AxiosHeaders(answer.headers) }
}

/** An adapter that was aborted before it begins would send its request all the same. */
function requireNotCanceled({ config }: AxiosCall, { axios }: AxiosSettings): void {
  const token = ownValue(config, 'cancelToken') as { throwIfRequested?(): void } | undefined
  token?.throwIfRequested?.()
  const signal = ownValue(config, 'signal') as AbortSignal | undefined
  if (signal?.aborted === true) throw new axios.CanceledError(null, config)
}

function innerConfig(
  { axios, allowsUnsafeTransport }: AxiosSettings,
  { config, headers, body, limits }: AxiosCall,
  sent: Outgoing,
): AxiosConfig {
  const inner = nullRecord(Object.entries(config))
  const { headers: givenHeaders, data, fetchOptions, transport, proxy, httpAgent } = inner
  const names = new Map(headers.map(({ name, keys }) => [name, keys[1] === undefined ? 'Authorization' : `${keys[1]}`]))
  // a header that is false is one that the adapter is told not to add
  const sentHeaders: AxiosHeaderMap = new axios.AxiosHeaders(givenHeaders)
  for (const [name] of [...sentHeaders]) sentHeaders.delete(name)
  for (const [name, value] of sent.headers) sentHeaders.set(names.get(name) ?? name, value)
  const length = lengthOfStream(sent, body, headers)
  if (length !== undefined) sentHeaders.set(names.get('content-length')!, length)
  const timeout = limits.timeLeft()
  const isDirect = sent.url.protocol === 'http:' && !allowsUnsafeTransport
  return Object.assign(inner, {
    url: sent.url.href,
    method: sent.method.toLowerCase(),
    headers: sentHeaders,
    data: dataOf(sent.body, body, data),
    baseURL: undefined,
    params: undefined,
    paramsSerializer: undefined,
    auth: undefined,
    maxRedirects: 0,
    beforeRedirect: undefined,
    validateStatus: null,
    fetchOptions: { ...(fetchOptions as object | undefined), redirect: 'manual' },
    transport: transport ?? (nodeModule('node:http') && headersApart),
    // one of the environment would be given the whole request as it is; https goes through a tunnel
    proxy: proxy ?? (isDirect ? false : undefined),
    httpAgent: httpAgent ?? (isDirect ? agentWithoutProxy() : undefined),
    ...(timeout !== undefined && { timeout, timeoutErrorMessage: limits.timeoutMessage }),
  })
}

/** A stream is not counted: the length that the caller gave stays true as long as that stream is sent. */
function lengthOfStream({ body: sent }: Outgoing, read: AxiosCall['body'], headers: AxiosCall['headers']): unknown {
  const isStream = isNodeStream(sent) || isWebStream(sent)
  return isStream && sent === read ? headers.find(({ name }) => name === 'content-length')?.value : undefined
}

/** The body in a shape that the adapters of axios take. */
function dataOf(sent: Outgoing['body'], read: AxiosCall['body'], given: unknown): unknown {
  if (sent === read) return given
  if (sent instanceof URLSearchParams) return String(sent)
  return ArrayBuffer.isView(sent) ? new Uint8Array(sent as Uint8Array).buffer : sent
}

/** Where a response came from, as far as the adapter says it. */
function responseUrlOf(request: unknown): string | undefined {
  const { res, responseURL } = (request ?? {}) as { res?: { responseUrl?: unknown }; responseURL?: unknown }
  const url = res?.responseUrl ?? responseURL
  return typeof url === 'string' && url !== '' ? url : undefined
}

function withoutHash(url: string): string {
  return url.replace(/#.*$/s, '')
}
