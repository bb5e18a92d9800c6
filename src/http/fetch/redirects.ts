/** Sends a request and follows its redirects hop by hop: rules, policy and listener are asked about each. */

import { GuillemetError } from '../../errors.ts'
import { discard, isWebStream } from '../body-streams.ts'
import { maskedError, type ResolvedRequest } from '../client.ts'
import { authorizedHop, denied, isRedirect, MAX_HOPS, type Outgoing, targetOf } from '../hop.ts'
import { type RoutePosition, refreshedPosition } from '../redirect-route.ts'
import { secretFinder } from '../redirect-secrets.ts'
import type { RedirectMode } from './call.ts'
import type { FetchLike } from './options.ts'

/** The answer, and the request that it answers. */
export interface Answer extends RoutePosition {
  readonly response: Response
}

/** What is used to send it. */
interface FetchSender {
  readonly fetch: FetchLike
  /** What else fetch is given, on every hop. */
  readonly rest: RequestInit
  readonly redirect: RedirectMode
}

/**
 * Sends the request; with `follow`, and each one that its redirects lead to. A hop that is not authorized is sent once more
 * where the client has newer secrets for it.
 *
 * @throws ERR_REDIRECT_DENIED; ERR_UNSAFE_TRANSPORT when the fetch has followed a redirect by itself; what fetch throws
 */
export async function sendAndFollow(sender: FetchSender, request: ResolvedRequest): Promise<Answer> {
  const answer = await followFrom(sender, { request, last: request.first, route: [] })
  const again = await refreshedPosition(answer, answer.response.status)
  if (again === undefined) return answer
  discard(answer.response.body)
  try {
    return await followFrom(sender, again)
  } catch (error) {
    throw maskedError(again.request.masks, error, sender.rest.signal)
  }
}

async function followFrom(sender: FetchSender, start: RoutePosition): Promise<Answer> {
  const { redirect } = sender
  const { request } = start
  const find = secretFinder(request.context.secrets)
  let { last, route } = start
  while (route.length <= MAX_HOPS) {
    const response = await sendOnce(sender, last)
    const answer = { response, request, last, route }
    if (redirect !== 'follow') return answer
    if (response.type === 'opaqueredirect') throw denied('to a place that this runtime does not show')
    const location = isRedirect(response.status) ? response.headers.get('location') : null
    if (location === null) return answer
    discard(response.body)
    const target = targetOf(location, last.url)
    const hop = { status: response.status, location, target, carried: find(target, location) }
    last = await authorizedHop(last, hop.status, target, hop.carried, request.context)
    route = [...route, hop]
  }
  throw denied(`more than ${MAX_HOPS} times`)
}

async function sendOnce(
  { fetch, rest, redirect }: FetchSender,
  { url, method, headers, body }: Outgoing,
): Promise<Response> {
  const response = (await fetch(url.href, {
    ...rest,
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body !== undefined && { body }),
    // the platform refuses a streamed body without a word about its direction
    ...(isWebStream(body) && { duplex: 'half' }),
    redirect: redirect === 'follow' ? 'manual' : redirect,
  })) as Response
  if (response.redirected !== true) return response
  discard(response.body)
  throw new GuillemetError(
    'ERR_UNSAFE_TRANSPORT',
    'The fetch given to vaultFetch followed a redirect by itself although it was told not to, so its secrets may have gone elsewhere; give one that obeys redirect: "manual".',
  )
}
