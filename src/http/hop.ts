/** What a redirect may carry on (Fetch Standard §4.4 "HTTP-redirect fetch", and stricter where secrets are concerned). */

import { GuillemetError } from '../errors.ts'
import { denialOf } from '../secrets/denial.ts'
import { parseUrl } from '../url.ts'
import type { HopContext, UsedSecret } from '../vault/redirect.ts'
import { isWebStream } from './body-streams.ts'

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

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
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
  return REDIRECT_STATUSES.has(status)
}

/**
 * The next request of a redirect, without what the hop may not have.
 *
 * @param carried the secrets in the URL of the redirect, each with the part of it that holds it
 * @throws ERR_REDIRECT_DENIED when the URL or the body would carry a secret where it may not go, or when the hop
 *   leaves https
 */
export function nextHop(from: Outgoing, status: number, url: URL, carried: readonly UsedSecret[]): Outgoing {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw denied('to another scheme than http')
  if (from.url.protocol === 'https:' && url.protocol === 'http:') throw denied('from https to http')
  const becomesGet = turnsIntoGet(status, from.method)
  const method = becomesGet ? 'GET' : from.method
  const isSameOrigin = from.url.origin === url.origin
  const mayGo = (secret: UsedSecret) => (isSameOrigin || isBound(secret)) && isAllowed(secret, url, method)
  const stray = carried.find((secret) => !mayGo(secret))
  if (stray !== undefined) throw denied('with a secret in its URL', stray.tag)
  if (!becomesGet) requireBody(from, mayGo)
  const headers = from.headers.filter(([name, , secrets]) => {
    if (becomesGet && BODY_HEADERS.has(name)) return false
    // a rule that names the new host binds the secret to it; a header that only belongs to the old origin stays there
    return secrets.length === 0 ? isSameOrigin || !ORIGIN_HEADERS.has(name) : secrets.every(mayGo)
  })
  if (becomesGet) return { url, method, headers, body: undefined, bodySecrets: [] }
  return { url, method, headers, body: from.body, bodySecrets: from.bodySecrets }
}

/** Whether a redirect turns the request into a GET without its body. */
function turnsIntoGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD'
  return (status === 301 || status === 302) && method === 'POST'
}

function requireBody({ body, bodySecrets }: Outgoing, mayGo: (secret: UsedSecret) => boolean): void {
  const stray = bodySecrets.find((secret) => !mayGo(secret))
  if (stray !== undefined) throw denied('with a secret in its body', stray.tag)
  if (isWebStream(body)) throw denied('with a streamed body, which cannot be sent again')
}

/** Whether a secret's own rule names hosts; one without was meant for the origin that the author wrote, and no other. */
export function isBound({ allow }: UsedSecret): boolean {
  return allow?.hosts !== undefined
}

/**
 * The hop without the headers that the policy refuses; the listener is told of it.
 *
 * @param carried the secrets in its URL
 * @throws ERR_REDIRECT_DENIED where the policy refuses one in the URL or the body
 */
export async function permittedHop(
  next: Outgoing,
  carried: readonly UsedSecret[],
  { authorizeHop }: HopContext,
): Promise<Outgoing> {
  const sent = [...carried, ...next.headers.flatMap(([, , secrets]) => secrets), ...next.bodySecrets]
  if (sent.length === 0) return next
  const refused = await authorizeHop(sent, next.url, next.method)
  if (refused.size === 0) return next
  const isRefused = ({ tag }: UsedSecret): boolean => refused.has(tag)
  const stray = [...carried, ...next.bodySecrets].find(isRefused)
  if (stray !== undefined) throw denied('to a place that the policy refuses', stray.tag)
  return { ...next, headers: next.headers.filter(([, , secrets]) => !secrets.some(isRefused)) }
}

/** The next request, as far as rules and policy allow it. */
export async function authorizedHop(
  from: Outgoing,
  status: number,
  target: URL,
  carried: readonly UsedSecret[],
  context: HopContext,
): Promise<Outgoing> {
  return permittedHop(nextHop(from, status, target, carried), carried, context)
}

/** Where a redirect leads. @throws ERR_REDIRECT_DENIED for what is not a URL */
export function targetOf(location: string, base: URL): URL {
  const target = parseUrl(location, base)
  if (target === undefined) throw denied('to an invalid URL')
  if (target.hash === '') target.hash = base.hash
  return target
}

/** Whether the rule of a secret lets it go there, where it stood in the request before. */
export function isAllowed(
  { tag, allow, location, name }: Pick<UsedSecret, 'tag' | 'allow' | 'location' | 'name'>,
  url: URL,
  method: string,
): boolean {
  const use = {
    location,
    name,
    path: undefined,
    destination: { url, method },
    shownHost: undefined,
    urlPaths: undefined,
  }
  return denialOf(allow, tag, use) === undefined
}

/** The error of a redirect that is not followed; it holds no part of its URL. */
export function denied(how: string, tag?: string): GuillemetError {
  return new GuillemetError(
    'ERR_REDIRECT_DENIED',
    `The server redirects ${how}, so the redirect was not followed; call the final URL yourself, or widen the rule of the secret.`,
    tag === undefined ? {} : { tag },
  )
}
