/** What the handlers of interceptors above tell, as far as they show the handlers that they wrap. */

import { ownValue } from '../../plain-object.ts'
import { RedirectTrail } from '../redirect-trail.ts'
import type { Handler } from './dispatch.ts'

/** How many handlers are looked through: each interceptor above wraps that of the caller. */
const MAX_HANDLERS = 20

interface KnownHandler {
  /** What undici's handler of `deduplicate` has. */
  readonly addWaitingHandler?: unknown
  /** What undici's handler of `redirect` has: the URLs so far. */
  readonly history?: unknown
  /** The one that it wraps. */
  readonly handler?: unknown
}

/** Whether others wait for the same answer. */
export function isDeduplicated(handler: Handler): boolean {
  return visibleHandlers(handler).some(({ addWaitingHandler }) => typeof addWaitingHandler === 'function')
}

/** A request whose redirects are followed by a handler above. */
export interface FollowedRequest {
  /** Where its servers have led it. */
  readonly trail: RedirectTrail
  /** Whether a server has led to this very dispatch. */
  readonly isHop: boolean
}

/** The redirects of single requests: the history is the same array on every hop, whoever wraps the handler that has it. */
export class FollowedRequests {
  readonly #trails = new WeakMap<object, RedirectTrail>()

  /** The request that a dispatch belongs to; undefined where nobody above is seen to follow redirects. */
  of(handler: Handler): FollowedRequest | undefined {
    for (const follower of visibleHandlers(handler)) {
      const history: unknown = ownValue(follower, 'history')
      if (!Array.isArray(history)) continue
      const trail = this.#trails.get(history) ?? new RedirectTrail()
      this.#trails.set(history, trail)
      return { trail, isHop: history.length > 0 }
    }
    return undefined
  }
}

function visibleHandlers(handler: Handler): readonly KnownHandler[] {
  const found: KnownHandler[] = []
  let current: unknown = handler
  while (typeof current === 'object' && current !== null && found.length < MAX_HANDLERS) {
    found.push(current)
    current = ownValue(current as KnownHandler, 'handler')
  }
  return found
}
