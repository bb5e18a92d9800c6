/** What the handlers of interceptors above say of themselves, as far as they show the handlers that they stand around. */

import { RedirectTrail } from '../redirect-trail.ts'
import type { Handler } from './dispatch.ts'

/** How many handlers are looked through: each interceptor above puts one around that of the caller. */
const MAX_HANDLERS = 20

interface KnownHandler {
  /** What undici's handler of `deduplicate` has. */
  readonly addWaitingHandler?: unknown
  /** What undici's handler of `redirect` has: the URLs so far. */
  readonly history?: unknown
  /** The one that it stands around. */
  readonly handler?: unknown
}

/** Whether others wait for the same answer. */
export function isDeduplicated(handler: Handler): boolean {
  return visibleHandlers(handler).some(({ addWaitingHandler }) => typeof addWaitingHandler === 'function')
}

/** The redirects of single requests: undici's handler of `redirect` is the same one on every hop. */
export class RequestTrails {
  readonly #byHandler = new WeakMap<object, RedirectTrail>()

  /** The trail of the request that this is a hop of; undefined where nobody above is seen to follow redirects. */
  of(handler: Handler): RedirectTrail | undefined {
    const follower = visibleHandlers(handler).find(({ history }) => Array.isArray(history))
    if (follower === undefined) return undefined
    const trail = this.#byHandler.get(follower) ?? new RedirectTrail()
    this.#byHandler.set(follower, trail)
    return trail
  }
}

function visibleHandlers(handler: Handler): readonly KnownHandler[] {
  const found: KnownHandler[] = []
  let current: unknown = handler
  while (typeof current === 'object' && current !== null && found.length < MAX_HANDLERS) {
    found.push(current)
    current = (current as KnownHandler).handler
  }
  return found
}
