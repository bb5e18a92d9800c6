/**
 * Redirects that were handed to the caller (`redirect: 'manual'`): a wrapper around the fetch follows them by itself, with
 * the headers of the first request. A secret without `hosts` goes there no more than it would on a hop of ours.
 */

import type { UsedSecret } from '../vault/resolved.ts'
import { denied, isBound, isRedirect, type Outgoing } from './hop.ts'

/** How many origins are remembered; the oldest goes first. */
const MAX_ORIGINS = 1_000

/** What a response says of where to go on. */
export interface ResponseHead {
  readonly status: number
  /** The header `location`. */
  readonly location: string | null
}

/** What the servers of one client have said of where to go. */
export class RedirectTrail {
  readonly #tagsByOrigin = new Map<string, Set<string>>()

  /** Notes where a response leads that the caller gets as it is. */
  note({ url, headers, bodySecrets }: Outgoing, { status, location }: ResponseHead): void {
    const target = location === null || !isRedirect(status) ? undefined : originOf(location, url)
    if (target === undefined || target === url.origin) return
    const secrets = [...headers.flatMap(([, , used]) => used), ...bodySecrets]
    const tags = this.#tagsByOrigin.get(target) ?? new Set()
    for (const secret of secrets) if (!isBound(secret)) tags.add(secret.tag)
    this.#tagsByOrigin.set(target, tags)
    for (const oldest of this.#tagsByOrigin.keys()) {
      if (this.#tagsByOrigin.size <= MAX_ORIGINS) break
      this.#tagsByOrigin.delete(oldest)
    }
  }

  /**
   * The request without the headers that a server has led astray.
   *
   * @param used all secrets of the request
   * @throws ERR_REDIRECT_DENIED for one in the URL or the body
   */
  applyTo(request: Outgoing, used: readonly UsedSecret[]): Outgoing {
    const tags = this.#tagsByOrigin.get(request.url.origin)
    if (tags === undefined || tags.size === 0) return request
    const isStray = (secret: UsedSecret): boolean => !isBound(secret) && tags.has(secret.tag)
    const headers = request.headers.filter(([, , secrets]) => !secrets.some(isStray))
    const inHeaders = new Set(request.headers.flatMap(([, , secrets]) => secrets))
    const stray = used.find((secret) => isStray(secret) && !inHeaders.has(secret))
    if (stray !== undefined) throw denied('with a secret in its URL or body', stray.tag)
    return { ...request, headers }
  }
}

function originOf(location: string, base: URL): string | undefined {
  try {
    return new URL(location, base).origin
  } catch {
    return undefined
  }
}
