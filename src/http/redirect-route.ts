/** The way of a request through the redirects that are followed here, and the same way with newer secrets. */

import type { UsedSecret } from '../vault/redirect.ts'
import type { ResolvedRequest } from './client.ts'
import { authorizedHop, type Outgoing } from './hop.ts'
import { secretFinder } from './redirect-secrets.ts'

/** One redirect that was followed. */
export interface FollowedRedirect {
  readonly status: number
  readonly location: string
  readonly target: URL
  /** The secrets in its URL. */
  readonly carried: readonly UsedSecret[]
}

/** Where a request is on its way. */
export interface RoutePosition {
  readonly request: ResolvedRequest
  /** As it was last sent. */
  readonly last: Outgoing
  /** The redirects that led there. */
  readonly route: readonly FollowedRedirect[]
}

/** The same hop with newer secrets; a redirect that holds an older one in its URL cannot be asked for again. */
export async function refreshedPosition(
  { request, last, route }: RoutePosition,
  answered: number,
): Promise<RoutePosition | undefined> {
  if (route.some(({ carried }) => carried.length > 0)) return undefined
  const again = await request.refresh(answered, last)
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
