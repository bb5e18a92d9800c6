/** Sends a request and follows its redirects hop by hop: rules, policy and listener are asked about each. */

import { GuillemetError } from '../errors.ts'
import type { RedirectContext, UsedSecret } from '../vault/resolved.ts'
import type { RedirectMode } from './fetch-call.ts'
import type { FetchLike } from './fetch-options.ts'
import { denied, isRedirect, MAX_HOPS, nextHop, type Outgoing } from './hop.ts'
import { secretFinder } from './redirect-secrets.ts'

/** The answer, and the request that it answers. */
export interface Answer {
  readonly response: Response
  readonly last: Outgoing
  readonly hops: number
}

/**
 * Sends the request; with `follow`, and each one that its redirects lead to.
 *
 * @param rest what else fetch is given, on every hop
 * @throws ERR_REDIRECT_DENIED; ERR_UNSAFE_TRANSPORT when the fetch has followed a redirect by itself; what fetch throws
 */
export async function sendAndFollow(
  fetchFunction: FetchLike,
  first: Outgoing,
  rest: RequestInit,
  redirect: RedirectMode,
  context: RedirectContext,
): Promise<Answer> {
  const find = secretFinder(context.secrets)
  let current = first
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const response = await sendOnce(fetchFunction, current, rest, redirect === 'follow' ? 'manual' : redirect)
    if (redirect !== 'follow') return { response, last: current, hops }
    if (response.type === 'opaqueredirect') throw denied('to a place that this runtime does not show')
    const location = isRedirect(response.status) ? response.headers.get('location') : null
    if (location === null) return { response, last: current, hops }
    await discard(response.body)
    const target = targetOf(location, current.url)
    current = await authorizedHop(current, response.status, target, find(target, location), context)
  }
  throw denied(`more than ${MAX_HOPS} times`)
}

async function sendOnce(
  fetchFunction: FetchLike,
  { url, method, headers, body }: Outgoing,
  rest: RequestInit,
  redirect: RedirectMode,
): Promise<Response> {
  const isStream = typeof ReadableStream === 'function' && body instanceof ReadableStream
  const response = (await fetchFunction(url.href, {
    ...rest,
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body !== undefined && { body }),
    // the platform refuses a streamed body without a word about its direction
    ...(isStream && { duplex: 'half' }),
    redirect,
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
  if (typeof stream?.cancel === 'function') await stream.cancel()
  else stream?.destroy?.()
}

/** The next request, as far as rules and policy allow it. */
export async function authorizedHop(
  from: Outgoing,
  status: number,
  target: URL,
  carried: readonly UsedSecret[],
  context: RedirectContext,
): Promise<Outgoing> {
  const next = nextHop(from, status, target, carried)
  const sent = [...carried, ...next.headers.flatMap(([, , secrets]) => secrets), ...next.bodySecrets]
  if (sent.length === 0) return next
  const refused = await context.authorizeHop(sent, target, next.method)
  if (refused.size === 0) return next
  const isRefused = ({ tag }: UsedSecret): boolean => refused.has(tag)
  const stray = [...carried, ...next.bodySecrets].find(isRefused)
  if (stray !== undefined) throw denied('to a place that the policy refuses', stray.tag)
  return { ...next, headers: next.headers.filter(([, , secrets]) => !secrets.some(isRefused)) }
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
