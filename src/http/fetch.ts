/**
 * `fetch` that resolves secrets on a copy of the request, checks their rules on every redirect, and masks them in what
 * comes back. Made to be handed to any client that takes a fetch.
 *
 * @module guillemet/http/fetch
 */

import { GuillemetError } from '../errors.ts'
import type { Vault } from '../vault/api.ts'
import { type ClientAccess, clientAccessOf } from '../vault/client.ts'
import { type RedirectContext, redirectContextOf, type UsedSecret } from '../vault/resolved.ts'
import { type FetchCall, headerOf, readFetchCall } from './fetch-call.ts'
import { type FetchSettings, readFetchOptions, type VaultFetchOptions } from './fetch-options.ts'
import { type Answer, sendAndFollow } from './follow.ts'
import { requireNoDots, requireNoMasks, WrittenMasks } from './masks-in-requests.ts'
import { absoluteUrl, firstRequest, redirectMode } from './outgoing.ts'
import { RedirectTrail } from './redirect-trail.ts'
import { planRequest, type RequestParts, type RequestPlan } from './request-plan.ts'
import { maskedResponse, withShown } from './response.ts'
import { createMaskSource, type ResponseMasks } from './response-masks.ts'
import { requireUnsigned } from './signed.ts'
import { warnOfSkipped } from './skipped-warning.ts'

export type { FetchLike, ResponseLike, VaultFetchOptions } from './fetch-options.ts'

/** One fetch: its vault, its options, and what it remembers of its responses. */
interface VaultFetcher {
  readonly vault: Vault
  readonly access: ClientAccess
  readonly settings: FetchSettings
  readonly written: WrittenMasks
  readonly trail: RedirectTrail
  readonly masksFor: (secrets: readonly UsedSecret[]) => ResponseMasks
}

/**
 * A fetch whose credential headers may hold references: `Authorization`, `x-api-key` and the others of docs/CLIENTS.md.
 *
 * Takes what fetch takes; the input is not changed. Text in the URL and the body is sent as it is, whatever it looks
 * like, unless `in` or `authored` says otherwise; the listener then gets one event `skipped`. A reference in another
 * header is an error. A request without references goes straight to fetch. With secrets in it, redirects are followed
 * here, hop by hop: headers that a hop may not have are dropped, and a hop that would carry a secret in its URL or body
 * where it may not go, or that leaves https, is refused. In headers, texts and errors that come back, this request's
 * secrets are masked; `response.url` shows masks too.
 *
 * @param vault the vault, or a view of it
 * @returns a function; it rejects with ERR_LOCATION_DENIED for a reference in a header that is not open to them;
 *   ERR_REDIRECT_DENIED; ERR_UNSAFE_TRANSPORT when the fetch below follows redirects by itself; ERR_INVALID_INPUT for a
 *   request that carries a mask in place of a secret; the errors of `vault.resolveRequest`; those of fetch, masked
 * @throws ERR_INVALID_INPUT for an unknown option, or one of another type, and for a vault of another copy of the package
 * @example
 * ```ts
 * const openai = new OpenAI({ apiKey: '<< secrets.openai >>', fetch: vaultFetch(vault) })
 * ```
 */
export function vaultFetch(vault: Vault, options?: VaultFetchOptions): typeof globalThis.fetch {
  const settings = readFetchOptions(options)
  const access = clientAccessOf(vault)
  if (access === undefined) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The vault must be one of createVault or with, from the same copy of this package; import both from one.',
    )
  }
  const fetcher = {
    vault,
    access,
    settings,
    written: new WrittenMasks(),
    trail: new RedirectTrail(),
    masksFor: createMaskSource(),
  }
  return (input, init) => fetchWithSecrets(fetcher, input as string | URL | Request, init)
}

async function fetchWithSecrets(
  fetcher: VaultFetcher,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const { vault, access, settings, written } = fetcher
  const call = readCall(input, init)
  requireNoMasks(call, settings.isOpenHeader, written)
  const plan = await planRequest(call, settings, vault, access)
  if (plan.skipped.length > 0) {
    access.tellSkipped(plan.skipped, originOf(call.url))
    warnOfSkipped(access.root)
  }
  if (plan.template === undefined) return settings.fetch(input, init) as Promise<Response>
  const redirect = redirectMode(call)
  requireUnsigned(call, plan.template)
  // the request goes where its own URL says; without references that is known without the vault's reading it
  const destination = { url: absoluteUrl(call.url), method: call.method }
  const resolved = await vault.resolveRequest(plan.template, plan.template.url === undefined ? { destination } : {})
  const context = redirectContextOf(resolved)!
  const parts = resolved.expose<RequestParts>()
  const masks = fetcher.masksFor(context.secrets)
  try {
    const first = firstRequest(call, plan, parts, context.secrets)
    const sent = fetcher.trail.applyTo(first, context.secrets)
    const answer = await sendAndFollow(settings.fetch, sent, call.rest, redirect, context)
    fetcher.trail.note(answer.last, answer.response)
    return shownResponse(fetcher, call, answer, context, masks, shownUrl(plan, resolved.redacted))
  } catch (error) {
    throw masked(masks, error, call.rest.signal)
  }
}

function readCall(input: string | URL | Request, init: RequestInit | undefined): FetchCall {
  try {
    return readFetchCall(input, init)
  } catch (error) {
    requireNoDots(init?.headers)
    throw error
  }
}

function originOf(url: string): string | undefined {
  try {
    return new URL(url).origin
  } catch {
    return undefined
  }
}

/** The URL as the vault shows it; undefined where no secret is in it. */
function shownUrl({ template }: RequestPlan, redacted: unknown): string | undefined {
  return template?.url === undefined ? undefined : (redacted as { readonly url: string }).url
}

function shownResponse(
  { settings, written }: VaultFetcher,
  call: FetchCall,
  { response, last, hops }: Answer,
  { secrets }: RedirectContext,
  masks: ResponseMasks,
  firstUrl: string | undefined,
): Response {
  const url = hops === 0 ? firstUrl : maskedUrl(last.url, masks)
  const shown = { url: url === last.url.href ? undefined : url, isRedirected: hops > 0 }
  if (!settings.redactsResponses) return withShown(response, shown)
  written.add(secrets.map(({ label }: UsedSecret) => label))
  const asked = { method: last.method, isRange: headerOf(call, 'range') !== undefined }
  return withShown(
    maskedResponse(response, asked, masks.data, (error) => masked(masks, error, call.rest.signal)),
    shown,
  )
}

function maskedUrl({ href }: URL, masks: ResponseMasks): string {
  return masks.error(href) as string
}

/** An error without plaintext; the caller's own reason for aborting is given back as it is. */
function masked(masks: ResponseMasks, error: unknown, signal: AbortSignal | null | undefined): unknown {
  if (error instanceof GuillemetError || (signal?.aborted === true && error === signal.reason)) return error
  return masks.error(error)
}
