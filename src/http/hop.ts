/** What a redirect may carry on (Fetch Standard §4.4 "HTTP-redirect fetch", and stricter where secrets are concerned). */

import { GuillemetError } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { denialOf } from '../secrets/allow.ts'
import type { UsedSecret } from '../vault/resolved.ts'

/** A request as it goes out, and what of it came out of secrets. */
export interface Outgoing {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string, secrets: readonly UsedSecret[]])[]
  readonly body: BodyInit | null | undefined
  /** What the body holds. */
  readonly bodySecrets: readonly UsedSecret[]
}

/** How many redirects are followed; the limit of the Fetch Standard. */
export const MAX_HOPS = 20

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Describe a body that is not sent again. */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
])
/** Belong to an origin, whether or not a secret is in them. */
const ORIGIN_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host', 'proxy-authorization'])

/** Whether a status asks for a redirect. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * The next request of a redirect, without what the hop may not have.
 *
 * @param carried the secrets that stand in the URL of the redirect, with their positions
 * @throws ERR_REDIRECT_DENIED when the URL or the body would carry a secret where it may not go, or when the hop
 *   leaves https
 */
export function nextHop(
  from: Outgoing,
  status: number,
  location: URL,
  carried: readonly (UsedSecret & { readonly location: ReferenceLocation })[],
): Outgoing {
  if (location.protocol !== 'https:' && location.protocol !== 'http:') throw denied('to another scheme than http')
  if (from.url.protocol === 'https:' && location.protocol === 'http:') throw denied('from https to http')
  const isSameOrigin = from.url.origin === location.origin
  const isRewritten =
    (status === 303 && from.method !== 'GET' && from.method !== 'HEAD') ||
    ((status === 301 || status === 302) && from.method === 'POST')
  const method = isRewritten ? 'GET' : from.method
  const may = (grant: UsedSecret, at = grant.location) => mayGo(grant, at, location, method, isSameOrigin)
  for (const grant of carried) if (!may(grant)) throw denied('with a secret in its URL', grant.tag)
  if (!isRewritten) {
    for (const grant of from.bodySecrets) if (!may(grant)) throw denied('with a secret in its body', grant.tag)
    if (isStream(from.body)) throw denied('with a streamed body, which cannot be sent again')
  }
  const headers = from.headers.filter(([name, , secrets]) => {
    if (isRewritten && BODY_HEADERS.has(name)) return false
    // a rule that names the new host binds the secret to it; a header that only belongs to the old origin stays behind
    if (secrets.length === 0) return isSameOrigin || !ORIGIN_HEADERS.has(name)
    return secrets.every((grant) => may(grant))
  })
  return {
    url: location,
    method,
    headers,
    body: isRewritten ? undefined : from.body,
    bodySecrets: isRewritten ? [] : from.bodySecrets,
  }
}

/**
 * Whether a secret may go along. To another origin only where its own rule names that origin: a secret without hosts
 * was meant for the origin that the author wrote.
 */
function mayGo(
  { tag, allow }: UsedSecret,
  location: ReferenceLocation,
  url: URL,
  method: string,
  isSameOrigin: boolean,
): boolean {
  if (!isSameOrigin && allow?.hosts === undefined) return false
  return (
    denialOf(allow, tag, { location, path: undefined, destination: { url, method }, shownHost: undefined }) ===
    undefined
  )
}

function isStream(body: Outgoing['body']): boolean {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream
}

/** The error of a redirect that is not followed; it holds no part of its URL. */
export function denied(how: string, tag?: string): GuillemetError {
  return new GuillemetError(
    'ERR_REDIRECT_DENIED',
    `The server redirects ${how}, so the redirect was not followed; call the final URL yourself, or widen the rule of the secret.`,
    tag === undefined ? {} : { tag },
  )
}
