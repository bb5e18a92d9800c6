/**
 * Redirects that were handed to the caller (`redirect: 'manual'`): a wrapper around the client follows them by itself, with
 * the headers of the first request. No secret goes there that would not go along on a hop of ours; one in a header is left
 * out, as it would be there, so that a sign-in through several hosts works.
 */

import { parseUrl } from '../url.ts'
import type { UsedSecret } from '../vault/redirect.ts'
import type { FoundHeader } from './found-references.ts'
import { denied, isAllowed, isBound, type Outgoing } from './hop.ts'
import type { HttpCall } from './http-call.ts'

/** How many origins are remembered; the oldest goes first. */
const MAX_ORIGINS = 1_000

/** The head of a response, as far as it says where to go on. */
export interface ResponseHead {
  readonly status: number
  /** The header `location`. */
  readonly location: string | null
}

/** The secrets that servers have led to an origin, by tag. */
interface Lead {
  /** Those without `hosts`. */
  readonly unbound: Set<string>
  /** Those whose rules forbid the place there that they were led to, by tag; other paths may be open to them. */
  readonly denied: Map<string, Pick<UsedSecret, 'tag' | 'allow' | 'location' | 'name'>>
  /** Those without `hosts` that were sent there before anybody led them anywhere: the way back is open to them. */
  readonly home: Set<string>
  /** Whether a server has led there, or only from there. */
  isTarget: boolean
}

/** What the servers of one client, or of one request, have said of where to go. */
export class RedirectTrail {
  readonly #leads = new Map<string, Lead>()
  readonly #urls = new Set<string>()

  /** Notes where a response leads that the caller gets as it is. */
  note({ url, method, headers, bodySecrets }: Outgoing, { status, location }: ResponseHead): void {
    const target = this.noteUrl(url, { status, location })
    if (target === undefined || target.origin === url.origin) return
    this.#leadOf(target.origin).isTarget = true
    const secrets = [...headers.flatMap(([, , used]) => used), ...bodySecrets]
    const [from, to] = [this.#leadOf(url.origin), this.#leadOf(target.origin)]
    const sent = secrets.filter((secret) => !isBound(secret)).map(({ tag }) => tag)
    for (const tag of sent) from.home.add(tag)
    // what was not sent along to here is not sent on from here either, except back to where it came from
    for (const tag of [...sent, ...from.unbound]) if (!to.home.has(tag)) to.unbound.add(tag)
    for (const secret of secrets) {
      if (!isBound(secret) || isAllowed(secret, target, method)) continue
      const { tag, allow, location: place, name } = secret // not its texts
      to.denied.set(tag, { tag, allow, location: place, name })
    }
  }

  /**
   * Notes the URL that a response names, of a request without secrets too: text in it is not a reference.
   *
   * @param from where the request went; a URL without secrets may be relative, to a page or to a server in this process
   */
  noteUrl(from: string | URL, { status, location }: ResponseHead): URL | undefined {
    const base = typeof from === 'string' ? parseUrl(from) : from
    const target = location === null || !mayLead(status) ? undefined : parseUrl(location, base)
    if (target === undefined) return undefined
    this.#urls.add(target.href)
    for (const oldest of this.#urls) {
      if (this.#urls.size <= MAX_ORIGINS) break
      this.#urls.delete(oldest)
    }
    return target
  }

  /** Whether a server has named that URL. */
  hasNamed(url: string): boolean {
    return this.#urls.size > 0 && this.#urls.has(parseUrl(url)?.href ?? '')
  }

  /** Whether a server has led to the origin of that URL. */
  hasLedTo({ origin }: URL): boolean {
    return this.#leads.get(origin)?.isTarget === true
  }

  /**
   * The call without the headers whose secrets a server has led to where their rules do not let them go; the call itself
   * where there are none.
   */
  withoutDenied(call: HttpCall, find: (call: HttpCall) => readonly FoundHeader[]): HttpCall {
    const lead = this.#leadTo(call.url)
    if (lead === undefined || lead.denied.size === 0) return call
    const url = new URL(call.url)
    const isStray = ({ tag }: { readonly tag: string }): boolean => {
      const secret = lead.denied.get(tag)
      return secret !== undefined && !isAllowed(secret, url, call.method)
    }
    const isDenied = ({ references }: FoundHeader): boolean => references.some(isStray)
    const stray = new Set(
      find(call)
        .filter(isDenied)
        .map(({ header }) => header),
    )
    return stray.size === 0 ? call : { ...call, headers: call.headers.filter((header) => !stray.has(header)) }
  }

  /** What is known of an origin from now on; the oldest goes first. */
  #leadOf(origin: string): Lead {
    const known = this.#leads.get(origin)
    if (known !== undefined) return known
    const made = { unbound: new Set<string>(), denied: new Map(), home: new Set<string>(), isTarget: false }
    this.#leads.set(origin, made)
    for (const oldest of this.#leads.keys()) {
      if (this.#leads.size <= MAX_ORIGINS) break
      this.#leads.delete(oldest)
    }
    return made
  }

  #leadTo(url: string): Lead | undefined {
    return this.#leads.size === 0 ? undefined : this.#leads.get(parseUrl(url)?.origin ?? '')
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

/** Any status of redirection: followers above obey others than we do, undici 300, got 300 and 304. */
function mayLead(status: number): boolean {
  return status >= 300 && status < 400
}
