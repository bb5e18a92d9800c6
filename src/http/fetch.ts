/**
 * `fetch` that resolves secrets on a copy of the request and checks their rules on every redirect.
 *
 * @module guillemet/http/fetch
 */

import { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { defineOwn, withoutPrototype } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import type { Vault } from '../vault/api.ts'
import { type RedirectContext, redirectContextOf } from '../vault/resolved.ts'
import { denied, isRedirect, MAX_HOPS, nextHop, type Outgoing } from './hop.ts'
import { firstRequest, type RequestTemplate, redirectMode, requireSentMembers, templateOf } from './outgoing.ts'
import { secretsIn } from './redirect-secrets.ts'

/** The shape of the platform's fetch. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** Options of one request. */
export interface VaultFetchOptions {
  /** The references of the request as its author stored it (`vault.references`); any other is refused. */
  readonly authored?: readonly Reference[]
}

/** A fetch whose URL, headers and body may hold references. */
export type VaultFetch = (
  input: string | URL | Request,
  init?: RequestInit,
  options?: VaultFetchOptions,
) => Promise<Response>

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
export function vaultFetch(
  vault: Vault,
  fetchFunction: Fetch = (input, init) => globalThis.fetch(input, init),
): VaultFetch {
  return async (input, init, options) => {
    const named = readOptions(options, 'options', ['authored'])
    const template = templateOf(input, init)
    const references = vault.references(template, { as: 'request' })
    if (references.length === 0) return fetchFunction(input, init)
    requireSentMembers(references)
    const resolved = await vault.resolveRequest(template, named)
    const context = redirectContextOf(resolved)
    if (context === undefined) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'The vault comes from another copy of this package; import both from one.',
      )
    }
    const { url: shownUrl } = resolved.redacted as { readonly url: string }
    return send(fetchFunction, resolved.expose<RequestTemplate>(), context, shownUrl)
  }
}

async function send(
  fetchFunction: Fetch,
  exposed: RequestTemplate,
  context: RedirectContext,
  shownUrl: string,
): Promise<Response> {
  const { url: _url, method: _method, headers: _headers, body: _body, ...more } = exposed
  const rest = withoutPrototype<RequestInit>(more)
  try {
    const first = firstRequest(exposed, context.secrets)
    const { response, last, hops } = await followRedirects(fetchFunction, first, rest, redirectMode(exposed), context)
    return withShownUrl(response, hops === 0 ? shownUrl : context.redactor.text(last.href), last, hops)
  } catch (error) {
    throw redactedError(context, error, rest.signal)
  }
}

async function followRedirects(
  fetchFunction: Fetch,
  first: Outgoing,
  rest: RequestInit,
  redirect: 'follow' | 'manual' | 'error',
  { secrets }: RedirectContext,
): Promise<{ readonly response: Response; readonly last: URL; readonly hops: number }> {
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
    current = nextHop(current, response.status, target, secretsIn(target, location, secrets))
  }
  throw denied(`more than ${MAX_HOPS} times`)
}

function targetOf(location: string, base: URL): URL {
  let target: URL
  try {
    target = new URL(location, base)
  } catch {
    throw denied('to an invalid URL')
  }
  if (target.hash === '') target.hash = base.hash
  return target
}

/** The response, and each copy of it, with the masked URL of the last hop in place of the real one. */
function withShownUrl(response: Response, shown: string, last: URL, hops: number): Response {
  const clone = response.clone.bind(response)
  if (shown !== last.href) {
    redefine(response, 'url', shown)
    redefine(response, 'clone', () => withShownUrl(clone(), shown, last, hops))
  }
  if (hops > 0) redefine(response, 'redirected', true)
  return response
}

function redefine(response: Response, key: string, value: unknown): void {
  defineOwn(response, key, { value, enumerable: true })
}

/** An error without plaintext; the caller's own reason for aborting is given back as it is. */
function redactedError({ redactor }: RedirectContext, error: unknown, signal: AbortSignal | null | undefined): unknown {
  if (error instanceof GuillemetError || (signal?.aborted === true && error === signal.reason)) return error
  return redactor.value(error)
}
