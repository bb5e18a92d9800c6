/**
 * Redirects that were handed to the caller (`redirect: 'manual'`): a wrapper around the client follows them by itself, with
 * the headers of the first request. No secret goes there that would not go along on a hop of ours; one in a header is left
 * out, as it would be there, so that a sign-in through several hosts works.
 */

import type { UsedSecret } from '../vault/resolved.ts'
import type { FoundHeader } from './found-references.ts'
import { denied, isAllowed, isBound, isRedirect, type Outgoing } from './hop.ts'
import type { HttpCall } from './http-call.ts'

/** How many origins are remembered; the oldest goes first. */
const MAX_ORIGINS = 1_000

/** What a response says of where to go on. */
export interface ResponseHead {
  readonly status: number
  /** The header `location`. */
  readonly location: string | null
}

/** The secrets that servers have led to an origin, by tag. */
interface Lead {
  /** Those without `hosts`. */
  readonly unbound: Set<string>
  /** Those whose rules do not let them go there. */
  readonly denied: Set<string>
}

/** What the servers of one client, or of one request, have said of where to go. */
export class RedirectTrail {
  readonly #leads = new Map<string, Lead>()
  /** Secrets without `hosts` by the origin that they were sent to, where that one redirects. */
  readonly #homes = new Map<string, Set<string>>()

  /** Notes where a response leads that the caller gets as it is. */
  note({ url, method, headers, bodySecrets }: Outgoing, { status, location }: ResponseHead): void {
    const target = location === null || !isRedirect(status) ? undefined : urlOf(location, url)
    if (target === undefined || target.origin === url.origin) return
    const lead = entryOf(this.#leads, target.origin, () => ({ unbound: new Set(), denied: new Set() }))
    const home = entryOf(this.#homes, url.origin, () => new Set())
    for (const secret of [...headers.flatMap(([, , used]) => used), ...bodySecrets]) {
      if (!isBound(secret)) home.add(secret.tag)
      else if (!isAllowed(secret, target, method)) lead.denied.add(secret.tag)
    }
    // what did not go along to here does not go on from here either, but for the way back to where it came from
    const led = [...home, ...(this.#leads.get(url.origin)?.unbound ?? [])]
    for (const tag of led) if (this.#homes.get(target.origin)?.has(tag) !== true) lead.unbound.add(tag)
  }

  /** Whether a server has led to that origin. */
  leadsTo(origin: string): boolean {
    return this.#leads.has(origin)
  }

  /**
   * The call without the headers whose secrets a server has led to where their rules do not let them go; the call itself
   * where there are none.
   */
  withoutDenied(call: HttpCall, find: (call: HttpCall) => readonly FoundHeader[]): HttpCall {
    const lead = this.#leadTo(call.url)
    if (lead === undefined || lead.denied.size === 0) return call
    const isDenied = ({ references }: FoundHeader): boolean => references.some(({ tag }) => lead.denied.has(tag))
    const stray = new Set(
      find(call)
        .filter(isDenied)
        .map(({ header }) => header),
    )
    return stray.size === 0 ? call : { ...call, headers: call.headers.filter((header) => !stray.has(header)) }
  }

  #leadTo(url: string): Lead | undefined {
    return this.#leads.size === 0 ? undefined : this.#leads.get(urlOf(url)?.origin ?? '')
  }

  /**
   * The request without the headers that a server has led astray.
   *
   * @param used all secrets of the request
   * @throws ERR_REDIRECT_DENIED for one in the URL or the body
   */
  applyTo(request: Outgoing, used: readonly UsedSecret[]): Outgoing {
    const tags = this.#leads.get(request.url.origin)?.unbound
    if (tags === undefined || tags.size === 0) return request
    const isStray = (secret: UsedSecret): boolean => !isBound(secret) && tags.has(secret.tag)
    const headers = request.headers.filter(([, , secrets]) => !secrets.some(isStray))
    const inHeaders = new Set(request.headers.flatMap(([, , secrets]) => secrets))
    const stray = used.find((secret) => isStray(secret) && !inHeaders.has(secret))
    if (stray !== undefined) throw denied('with a secret in its URL or body', stray.tag)
    return { ...request, headers }
  }
}

function entryOf<T>(entries: Map<string, T>, origin: string, make: () => T): T {
  const entry = entries.get(origin) ?? make()
  entries.set(origin, entry)
  for (const oldest of entries.keys()) {
    if (entries.size <= MAX_ORIGINS) break
    entries.delete(oldest)
  }
  return entry
}

function urlOf(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
