/** Follows the redirects of a request hop by hop, in place of the adapter: rules, policy and listener are asked about each. */

import { ownValue } from '../../plain-object.ts'
import { discard, isNodeStream } from '../body-streams.ts'
import { authorizedHop, denied, isRedirect, MAX_HOPS, type Outgoing, targetOf } from '../hop.ts'
import { type RoutePosition, refreshedPosition } from '../redirect-route.ts'
import { secretFinder } from '../redirect-secrets.ts'
import type { ResponseMasks } from '../response-masks.ts'
import type { AxiosCall } from './call.ts'
import type { AxiosSettings } from './options.ts'
import { sendOnce } from './send.ts'
import type { AxiosAnswer, AxiosConfig } from './types.ts'

/** Where a request has come to, kept up to date so that an error can show it. */
export interface RedirectProgress {
  at: RoutePosition
}

/**
 * Sends the request and each one that its redirects lead to, as far as `maxRedirects` goes, and 20 at most. What is not
 * authorized is sent once more where the client has newer secrets for it.
 *
 * @throws ERR_REDIRECT_DENIED; `ERR_FR_TOO_MANY_REDIRECTS` as axios has it; what `sendOnce` and `beforeRedirect` throw
 */
export async function sendAndFollow(
  settings: AxiosSettings,
  call: AxiosCall,
  progress: RedirectProgress,
): Promise<AxiosAnswer> {
  const send = (sent: Outgoing): Promise<AxiosAnswer> => sendOnce(settings, call, sent)
  const answer = await followFrom(settings, call, progress, send)
  const again = await refreshedPosition(progress.at, answer.status)
  if (again === undefined) return answer
  discard(answer.data)
  progress.at = again
  return followFrom(settings, call, progress, send)
}

async function followFrom(
  { axios }: AxiosSettings,
  { config }: AxiosCall,
  progress: RedirectProgress,
  send: (sent: Outgoing) => Promise<AxiosAnswer>,
): Promise<AxiosAnswer> {
  const limit = maxRedirectsOf(config)
  const find = secretFinder(progress.at.request.context.secrets)
  for (;;) {
    const { request, last, route } = progress.at
    const answer = await send(last)
    if (limit === undefined) return answer
    const { status, headers } = answer
    if (status === 0) throw denied('to a place that this runtime does not show')
    const location = isRedirect(status) ? headers.get('location') : undefined
    if (typeof location !== 'string') return answer
    discard(answer.data)
    if (route.length + 1 > limit) {
      throw new axios.AxiosError('Maximum number of redirects exceeded', 'ERR_FR_TOO_MANY_REDIRECTS', config)
    }
    const target = targetOf(location, last.url)
    const carried = find(target, location)
    const next = await authorizedHop(last, status, target, carried, request.context)
    if (isNodeStream(next.body)) throw denied('with a streamed body, which cannot be sent again')
    try {
      tellBeforeRedirect(ownValue(config, 'beforeRedirect'), last, answer, next, request.masks)
    } catch (error) {
      throw axios.AxiosError.from(error, undefined, config)
    }
    progress.at = { request, last: next, route: [...route, { status, location, target, carried }] }
  }
}

/** As follow-redirects compares it, a fraction or a text too; undefined where none is followed. */
function maxRedirectsOf(config: AxiosConfig): number | undefined {
  const given = ownValue(config, 'maxRedirects')
  if (given === 0) return undefined
  const limit = given ? Number(given) : Number.NaN
  return Number.isNaN(limit) ? MAX_HOPS : Math.min(limit, MAX_HOPS)
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
  const shownHeaders = (pairs: Outgoing['headers']) =>
    masks.strict(
      Object.fromEntries(pairs.map(([name, value, secrets]) => [name, secrets.length > 0 ? '[secret]' : value])),
    )
  const { href, protocol, hostname, port, pathname, search } = next.url
  const place = masks.strict({ href, protocol, hostname, port, path: `${pathname}${search}` })
  callback(
    { ...place, method: next.method, headers: shownHeaders(next.headers) },
    { statusCode: status, headers: masks.strict(Object.fromEntries(answered)) },
    { url: masks.strict(url.href), method, headers: shownHeaders(headers) },
  )
}
