/** Sends a request and follows its redirects hop by hop: rules, policy and listener are asked about each. */

import { GuillemetError } from '../errors.ts'
import type { ResultContext, UsedSecret } from '../vault/resolved.ts'
import { maskedError, type ResolvedRequest } from './client.ts'
import type { RedirectMode } from './fetch-call.ts'
import type { FetchLike } from './fetch-options.ts'
import { denied, isRedirect, MAX_HOPS, nextHop, type Outgoing, permittedHop } from './hop.ts'
import { secretFinder } from './redirect-secrets.ts'

/** The answer, and the request that it answers. */
export interface Answer {
  readonly response: Response
  readonly request: ResolvedRequest
  readonly last: Outgoing
  /** The redirects that led to it. */
  readonly route: readonly Redirect[]
}

/** One redirect that was followed. */
export interface Redirect {
  readonly status: number
  readonly location: string
  readonly target: URL
  /** The secrets in its URL. */
  readonly carried: readonly UsedSecret[]
}

/** A request that is to be sent, and how it came to it. */
export type HopPosition = Omit<Answer, 'response'>

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
  await discard(answer.response.body)
  try {
    return await followFrom(sender, again)
  } catch (error) {
    throw maskedError(again.request.masks, error, sender.rest.signal)
  }
}

async function followFrom(sender: FetchSender, start: HopPosition): Promise<Answer> {
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
    await discard(response.body)
    const target = targetOf(location, last.url)
    const hop = { status: response.status, location, target, carried: find(target, location) }
    last = await authorizedHop(last, hop.status, target, hop.carried, request.context)
    route = [...route, hop]
  }
  throw denied(`more than ${MAX_HOPS} times`)
}

/** The same hop with newer secrets; a redirect that holds an older one in its URL cannot be asked for again. */
export async function refreshedPosition(
  { request, last, route }: HopPosition,
  answered: number,
): Promise<HopPosition | undefined> {
  if (route.some(({ carried }) => carried.length > 0)) return undefined
  const again = await request.refreshed(answered, last)
  if (again === undefined) return undefined
  const { context, first } = again
  const find = secretFinder(context.secrets)
  let hop = first
  try {
    for (const { status, target, location } of route) {
      hop = await authorizedHop(hop, status, target, find(target, location), context)
    }
  } catch {
    return undefined // its rule or the policy no longer lets it go there, so the answer is the one that it got
  }
  // without one of its headers it would be refused again
  return hop.headers.length < last.headers.length ? undefined : { request: again, last: hop, route }
}

async function sendOnce(
  { fetch, rest, redirect }: FetchSender,
  { url, method, headers, body }: Outgoing,
): Promise<Response> {
  const isStream = typeof ReadableStream === 'function' && body instanceof ReadableStream
  const response = (await fetch(url.href, {
    ...rest,
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body !== undefined && { body }),
    // the platform refuses a streamed body without a word about its direction
    ...(isStream && { duplex: 'half' }),
    redirect: redirect === 'follow' ? 'manual' : redirect,
  })) as Response
  if (response.redirected !== true) return response
  await discard(response.body)
  throw new GuillemetError(
    'ERR_UNSAFE_TRANSPORT',
    'The fetch given to vaultFetch followed a redirect by itself although it was told not to, so its secrets may have gone elsewhere; give one that obeys redirect: "manual".',
  )
}

/** Lets go of a body that nobody reads, so that its connection is free; node-fetch has one of Node. */
async function discard(body: unknown): Promise<void> {
  const stream = body as { cancel?(): Promise<void>; destroy?(): void } | null | undefined
  // one that was cut meanwhile says so, to nobody who wants to know
  if (typeof stream?.cancel === 'function') await stream.cancel().catch(() => undefined)
  else stream?.destroy?.()
}

/** The next request, as far as rules and policy allow it. */
export async function authorizedHop(
  from: Outgoing,
  status: number,
  target: URL,
  carried: readonly UsedSecret[],
  context: ResultContext,
): Promise<Outgoing> {
  return permittedHop(nextHop(from, status, target, carried), carried, context)
}

/** Where a redirect leads. @throws ERR_REDIRECT_DENIED for what is not a URL */
export function targetOf(location: string, base: URL): URL {
  let target: URL
  try {
    target = new URL(location, base)
  } catch {
    throw denied('to an invalid URL')
  }
  if (target.hash === '') target.hash = base.hash
  return target
}
