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

/** What the servers of one client, or of one request, have said of where to go. */
export class RedirectTrail {
  readonly #strayByOrigin = new Map<string, Set<string>>()
  readonly #homeByOrigin = new Map<string, Set<string>>()

  /** Notes where a response leads that the caller gets as it is. */
  note({ url, headers, bodySecrets }: Outgoing, { status, location }: ResponseHead): void {
    const target = location === null || !isRedirect(status) ? undefined : originOf(location, url)
    if (target === undefined || target === url.origin) return
    const secrets = [...headers.flatMap(([, , used]) => used), ...bodySecrets]
    const sent = secrets.filter((secret) => !isBound(secret)).map(({ tag }) => tag)
    addTags(this.#homeByOrigin, url.origin, sent)
    // what did not go along to here does not go on from here either, but for the way back to where it came from
    const led = [...sent, ...(this.#strayByOrigin.get(url.origin) ?? [])]
    const home = this.#homeByOrigin.get(target)
    addTags(
      this.#strayByOrigin,
      target,
      led.filter((tag) => home?.has(tag) !== true),
    )
  }

  /** Whether a server has led to that origin. */
  leadsTo(origin: string): boolean {
    return this.#strayByOrigin.has(origin)
  }

  /**
   * The request without the headers that a server has led astray.
   *
   * @param used all secrets of the request
   * @throws ERR_REDIRECT_DENIED for one in the URL or the body
   */
  applyTo(request: Outgoing, used: readonly UsedSecret[]): Outgoing {
    const tags = this.#strayByOrigin.get(request.url.origin)
    if (tags === undefined || tags.size === 0) return request
    const isStray = (secret: UsedSecret): boolean => !isBound(secret) && tags.has(secret.tag)
    const headers = request.headers.filter(([, , secrets]) => !secrets.some(isStray))
    const inHeaders = new Set(request.headers.flatMap(([, , secrets]) => secrets))
    const stray = used.find((secret) => isStray(secret) && !inHeaders.has(secret))
    if (stray !== undefined) throw denied('with a secret in its URL or body', stray.tag)
    return { ...request, headers }
  }
}

function addTags(tagsByOrigin: Map<string, Set<string>>, origin: string, added: readonly string[]): void {
  const tags = tagsByOrigin.get(origin) ?? new Set()
  for (const tag of added) tags.add(tag)
  tagsByOrigin.set(origin, tags)
  for (const oldest of tagsByOrigin.keys()) {
    if (tagsByOrigin.size <= MAX_ORIGINS) break
    tagsByOrigin.delete(oldest)
  }
}

function originOf(location: string, base: URL): string | undefined {
  try {
    return new URL(location, base).origin
  } catch {
    return undefined
  }
}
