/** Follows the redirects of a request hop by hop, in place of the adapter: rules, policy and listener are asked about each. */

import { ownValue } from '../../plain-object.ts'
import type { RedirectContext } from '../../vault/resolved.ts'
import { authorizedHop, targetOf } from '../follow.ts'
import { denied, isRedirect, MAX_HOPS, type Outgoing } from '../hop.ts'
import { secretFinder } from '../redirect-secrets.ts'
import type { ResponseMasks } from '../response-masks.ts'
import type { AxiosCall } from './call.ts'
import type { AxiosSettings } from './options.ts'
import { sendOnce } from './send.ts'
import { isNodeStream } from './transport.ts'
import type { AxiosAnswer } from './types.ts'

/** Where a request has come to, kept up to date so that an error can show it. */
export interface Progress {
  sent: Outgoing
  hops: number
}

/**
 * Sends the request and each one that its redirects lead to, as far as `maxRedirects` goes, and 20 at most.
 *
 * @throws ERR_REDIRECT_DENIED; `ERR_FR_TOO_MANY_REDIRECTS` as axios has it; what `sendOnce` and `beforeRedirect` throw
 */
export async function sendAndFollow(
  settings: AxiosSettings,
  call: AxiosCall,
  progress: Progress,
  context: RedirectContext,
  masks: ResponseMasks,
): Promise<AxiosAnswer> {
  const { axios } = settings
  const { config } = call
  const limit = ownValue(config, 'maxRedirects')
  const find = secretFinder(context.secrets)
  const started = Date.now()
  for (;;) {
    const { sent } = progress
    const answer = await sendOnce(settings, call, sent, progress.hops === 0 ? undefined : started)
    if (limit === 0) return answer
    const { status, headers } = answer
    if (status === 0) throw denied('to a place that this runtime does not show')
    const location = isRedirect(status) ? headers.get('location') : undefined
    if (typeof location !== 'string') return answer
    discard(answer.data)
    if (progress.hops >= Math.min(typeof limit === 'number' ? limit : MAX_HOPS, MAX_HOPS)) {
      throw new axios.AxiosError('Maximum number of redirects exceeded', 'ERR_FR_TOO_MANY_REDIRECTS', config)
    }
    const target = targetOf(location, sent.url)
    const next = await authorizedHop(sent, status, target, find(target, location), context)
    if (isNodeStream(next.body)) throw denied('with a streamed body, which cannot be sent again')
    try {
      tellBeforeRedirect(ownValue(config, 'beforeRedirect'), sent, answer, next, masks)
    } catch (error) {
      throw axios.AxiosError.from(error, undefined, config)
    }
    progress.sent = next
    progress.hops++
  }
}

/** Lets go of a body that nobody reads, so that its connection is free. */
export function discard(data: unknown): void {
  if (isNodeStream(data)) data.on('error', () => undefined).destroy()
  else if (typeof ReadableStream === 'function' && data instanceof ReadableStream) void data.cancel()
}

/** Calls the user's `beforeRedirect`, with masks in place of secrets: it can refuse the hop, but not change it. */
function tellBeforeRedirect(
  callback: unknown,
  { url, method, headers }: Outgoing,
  { status, headers: answered }: AxiosAnswer,
  next: Outgoing,
  masks: ResponseMasks,
): void {
  if (typeof callback !== 'function') return
  const shown = <T>(value: T): T => masks.error(value) as T
  const shownHeaders = (pairs: Outgoing['headers']) =>
    shown(Object.fromEntries(pairs.map(([name, value, secrets]) => [name, secrets.length > 0 ? '[secret]' : value])))
  const { href, protocol, hostname, port, pathname, search } = next.url
  const place = shown({ href, protocol, hostname, port, path: `${pathname}${search}` })
  callback(
    { ...place, method: next.method, headers: shownHeaders(next.headers) },
    { statusCode: status, headers: shown(Object.fromEntries(answered)) },
    { url: shown(url.href), method, headers: shownHeaders(headers) },
  )
}
