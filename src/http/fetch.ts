/**
 * `fetch` that resolves secrets on a copy of the request and checks their rules on every redirect.
 *
 * @module guillemet/http/fetch
 */

import { utf8 } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { isPlainObject } from '../plain-object.ts'
import { type Grant, grantsOf } from '../vault/resolved.ts'
import type { Vault } from '../vault/surface.ts'
import { denied, isRedirect, MAX_HOPS, nextHop, type Outgoing } from './hop.ts'

/** The shape of the platform's fetch. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * A fetch whose URL, headers and body may hold references.
 *
 * Takes what fetch takes; the input is not changed. A request without references goes straight to fetch. With secrets
 * in it, redirects are followed here, hop by hop: headers that a hop may not have are dropped, and a hop that would
 * carry a secret in its URL or body where it may not go, or that leaves https, is refused. Userinfo in the URL is sent
 * as basic auth. `response.url` shows masks in place of secrets.
 *
 * @param vault the vault, or a view of it
 * @param fetchFunction where the request goes out. @default globalThis.fetch
 * @returns a function; it rejects with ERR_REDIRECT_DENIED, with the errors of `vault.resolveRequest`, and with the
 *   errors of fetch, redacted
 * @example
 * ```ts
 * const response = await vaultFetch(vault)('https://acme.zendesk.com/api/v2/tickets.json', {
 *   headers: { Authorization: 'Bearer << secrets.zendesk >>' },
 * })
 * ```
 */
export function vaultFetch(vault: Vault, fetchFunction: Fetch = (input, init) => globalThis.fetch(input, init)): Fetch {
  return async (input, init) => {
    const template = templateOf(input, init)
    if (vault.references(template, { as: 'request' }).length === 0) return fetchFunction(input, init)
    const resolved = await vault.resolveRequest(template)
    const grants = grantsOf(resolved)
    if (grants === undefined) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'The vault comes from another copy of this package; import both from one.',
      )
    }
    const { url, method, headers, body, ...rest } = resolved.expose()
    const first = outgoing({ url, method, headers, body }, grants)
    const shownUrl = (resolved.redacted as { url: string }).url
    try {
      const { response, last, hops } = await send(vault, fetchFunction, first, rest, grants)
      return withShownUrl(response, hops === 0 ? shownUrl : vault.redactor.text(last.href), last, hops)
    } catch (error) {
      throw cleaned(vault, error, rest.signal)
    }
  }
}

interface RequestTemplate extends Omit<RequestInit, 'headers'> {
  readonly url: string | URL
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
}

/** What fetch was given, as one request config; a Request's URL as a URL, since its references are percent-encoded. */
function templateOf(input: string | URL | Request, init: RequestInit = {}): RequestTemplate {
  const own: Record<string, unknown> = { ...init }
  const request = typeof input === 'object' && !(input instanceof URL) ? input : undefined
  const inherited = request === undefined ? {} : membersOf(request)
  const members = { ...inherited, ...withoutUndefined(own) } as RequestInit
  return {
    ...members,
    url: request === undefined ? (input as string | URL) : new URL(request.url),
    method: (members.method ?? 'GET').toUpperCase(),
    headers: pairsOf(members.headers),
  }
}

function membersOf(request: Request): RequestInit {
  const { method, headers, body, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive } = request
  const members = { method, headers, signal, credentials, cache, redirect, referrerPolicy, integrity, keepalive }
  // the platform refuses a streamed body without a word about its direction
  return body === null ? members : ({ ...members, body, duplex: 'half' } as RequestInit)
}

function withoutUndefined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

function pairsOf(headers: RequestInit['headers']): readonly (readonly [string, string])[] {
  if (headers === undefined) return []
  if (Array.isArray(headers)) return headers as [string, string][]
  return isPlainObject(headers)
    ? Object.entries(headers as Record<string, string>)
    : [...(headers as Headers).entries()]
}

/** The first request, with each secret beside the part that it stands in. */
function outgoing(
  exposed: Pick<RequestTemplate, 'url' | 'method' | 'headers'> & { readonly body: Outgoing['body'] },
  grants: readonly Grant[],
): Outgoing {
  const url = new URL(exposed.url)
  const headers = exposed.headers.map(([name, value], index): Outgoing['headers'][number] => {
    const path = `headers[${index}][`
    return [name.toLowerCase(), value, grants.filter((grant) => grant.path.startsWith(path))]
  })
  const { username, password } = url
  const isNamed = headers.some(([name]) => name === 'authorization')
  if ((username !== '' || password !== '') && !isNamed) {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const auth = grants.filter(({ location }) => location === 'auth')
    headers.push(['authorization', `Basic ${base64(utf8(pair))}`, auth])
  }
  // fetch refuses a URL with userinfo, and quotes it in its error
  url.username = ''
  url.password = ''
  return {
    url,
    method: exposed.method,
    headers,
    body: exposed.body,
    bodySecrets: grants.filter(({ location }) => location === 'body'),
  }
}

async function send(
  vault: Vault,
  fetchFunction: Fetch,
  first: Outgoing,
  rest: RequestInit,
  grants: readonly Grant[],
): Promise<{ readonly response: Response; readonly last: URL; readonly hops: number }> {
  const redirect = rest.redirect ?? 'follow'
  let current = first
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const response = await fetchFunction(current.url.href, {
      ...rest,
      method: current.method,
      headers: current.headers.map(([name, value]): [string, string] => [name, value]),
      ...(current.body !== undefined && { body: current.body }),
      redirect: redirect === 'follow' ? 'manual' : redirect,
    })
    if (redirect !== 'follow') return { response, last: current.url, hops }
    if (response.type === 'opaqueredirect') throw denied('to a place that this runtime does not show')
    const location = isRedirect(response.status) ? response.headers.get('location') : null
    if (location === null) return { response, last: current.url, hops }
    await response.body?.cancel()
    const target = targetOf(location, current.url)
    current = nextHop(current, response.status, target, carriedBy(vault, target, grants))
  }
  throw denied(`more than ${MAX_HOPS} times`)
}

function targetOf(location: string, base: URL): URL {
  let target: URL
  try {
    target = new URL(location, base)
  } catch {
    throw denied('to something that is no URL')
  }
  if (target.hash === '') target.hash = base.hash
  return target
}

/** The secrets of this request that the server wrote into the URL of its redirect. */
function carriedBy(vault: Vault, target: URL, grants: readonly Grant[]): Grant[] {
  const parts: readonly (readonly [ReferenceLocation, string])[] = [
    ['host', target.host],
    ['path', target.pathname],
    ['query', `${target.search}${target.hash}`],
    ['auth', `${target.username}:${target.password}`],
  ]
  return parts.flatMap(([location, text]) => {
    const labels = new Set(vault.redactor.find(text).map(({ label }) => label.split('.')[0]))
    return grants.filter(({ tag }) => labels.has(tag)).map((grant) => ({ ...grant, location }))
  })
}

/** The response, with the masked URL of the last hop in place of the real one. */
function withShownUrl(response: Response, shown: string, last: URL, hops: number): Response {
  if (shown !== last.href) Object.defineProperty(response, 'url', { value: shown, enumerable: true })
  if (hops > 0) Object.defineProperty(response, 'redirected', { value: true, enumerable: true })
  return response
}

/** An error without plaintext; the caller's own reason for aborting is given back as it is. */
function cleaned(vault: Vault, error: unknown, signal: AbortSignal | null | undefined): unknown {
  if (error instanceof GuillemetError || (signal?.aborted === true && error === signal.reason)) return error
  return vault.redactor.value(error)
}
