/**
 * An interceptor for undici: secrets are resolved on a copy of each dispatched request, and masked in what comes back.
 * Also as the global dispatcher, for clients that take neither a fetch nor a dispatcher.
 *
 * @module guillemet/http/undici
 */

import { GuillemetError } from '../errors.ts'
import { parseUrl } from '../url.ts'
import type { Vault } from '../vault/api.ts'
import { type ResolvedRequest, VaultClient } from './client.ts'
import { type ClientOptions, readClientOptions, refuseOption } from './client-options.ts'
import { requireNoDots } from './masks-in-requests.ts'
import type { RedirectTrail } from './redirect-trail.ts'
import { mayResolve, URL_LOCATIONS } from './reference-choice.ts'
import { canBeSentAgain } from './request-body.ts'
import { locationsIn, MaskedAnswer } from './undici/answer.ts'
import { type DispatchCall, dispatchOptions, plainOptions, readDispatch } from './undici/call.ts'
import { FollowedRequests } from './undici/chain.ts'
import type { Dispatch, DispatchOptions, Handler } from './undici/dispatch.ts'
import { failBeforeDispatch, maskedHandler, notingHandler } from './undici/handlers.ts'
import { isPlainCall } from './undici/plain.ts'
import { resolveCall } from './undici/resolve-call.ts'
import { retryingHandler } from './undici/unauthorized.ts'
import { placeError } from './undici/unsafe-places.ts'

/** Options of `vaultInterceptor`; by default references are resolved in credential headers only. */
export interface VaultInterceptorOptions extends ClientOptions {
  /**
   * The origin of the dispatcher, where that has only one: a `Client` or a `Pool`, whose requests need not name it.
   *
   * @default that of each request
   */
  readonly origin?: string | URL | undefined
}

/** The `dispatch` of a dispatcher of undici 6 or 7. */
// biome-ignore lint/suspicious/noExplicitAny: the options and handlers of the two versions have no type in common
export type DispatchLike = (options: any, handler: any) => boolean

/** The platform's fetch, or undici's. */
// biome-ignore lint/suspicious/noExplicitAny: Request and RequestInit of undici and of the platform have no type in common
export type FetchFunction = (input: any, init?: any) => Promise<unknown>

/**
 * An interceptor whose requests may hold references in their credential headers: `Authorization`, `x-api-key` and the
 * others of docs/CLIENTS.md.
 *
 * Takes what undici takes; the options are not changed. Text in the URL and the body is sent as it is, unless `in` or
 * `authored` says otherwise; a reference in another header is an error. A request without references goes to the inner
 * dispatch with the same options. In headers, texts, trailers and errors that come back, this request's secrets are
 * masked, and the answer says `Vary: *`, so that no cache outside keeps it for somebody else.
 *
 * Its place: outside `cache`, `deduplicate` and `dns` (after them in `compose`), inside `redirect` and `retry` (before
 * them). Each hop of a redirect is then a request of its own, to which secrets without `hosts` do not go.
 *
 * @param vault the vault, or a view of it
 * @returns an interceptor; handlers get ERR_LOCATION_DENIED for a reference in a header that is not open to them;
 *   ERR_UNSAFE_TRANSPORT for a place in the chain where a secret could go elsewhere, and for a request whose origin is not
 *   known; ERR_OPAQUE_VALUE for a stream as the body where bodies are resolved; ERR_INVALID_INPUT for a request that
 *   carries a mask in place of a secret; the errors of `vault.resolveRequest`; those of undici, masked
 * @throws ERR_INVALID_INPUT for an unknown option, or one of another type, and for a vault of another copy of the package
 * @example
 * ```ts
 * const dispatcher = new Agent().compose(vaultInterceptor(vault))
 * await request('https://api.example.com/me', { dispatcher, headers: { authorization: 'Bearer << secrets.example >>' } })
 * ```
 */
export function vaultInterceptor(
  vault: Vault,
  options?: VaultInterceptorOptions,
): <D extends DispatchLike>(dispatch: D) => D {
  const { options: own, settings } = readClientOptions(options, 'vaultInterceptor', ['origin'])
  const origin = own.origin === undefined ? undefined : onlyOrigin(own.origin)
  const interceptor = new Interceptor(new VaultClient(vault, settings), origin)
  // undici counts the parameters of what an interceptor gives
  return (dispatch) =>
    ((given: DispatchOptions, handler: Handler) => interceptor.dispatch(dispatch, given, handler)) as typeof dispatch
}

/**
 * Makes sure that a fetch passes through an interceptor of this package: at start-up, after `setGlobalDispatcher`.
 *
 * In a pair of versions where the fetch of the platform does not use the dispatcher that undici has set, every reference
 * would go out as text, in silence. The request that is made for it is refused by every interceptor; where there is none,
 * it does not leave the process either, since its host is never found (RFC 6761).
 *
 * @param fetch the function that clients use. @default globalThis.fetch
 * @throws ERR_UNSAFE_TRANSPORT when the fetch goes another way
 * @example
 * ```ts
 * setGlobalDispatcher(new Agent().compose(vaultInterceptor(vault)))
 * await requireInterceptedFetch()
 * ```
 */
export async function requireInterceptedFetch(fetch: FetchFunction = globalThis.fetch): Promise<void> {
  const error: unknown = await fetch('http://guillemet.invalid/', {
    headers: { authorization: '[secret]' },
    redirect: 'manual',
  }).catch((thrown: unknown) => thrown)
  const cause = error instanceof Error ? (error.cause ?? error) : undefined
  if (cause instanceof GuillemetError && cause.code === 'ERR_INVALID_INPUT') return
  throw new GuillemetError(
    'ERR_UNSAFE_TRANSPORT',
    'The fetch does not pass through vaultInterceptor: it has another dispatcher, or undici is of a version that it does not share its global dispatcher with. Use the fetch of the undici package, or another version of it.',
  )
}

/** @throws ERR_INVALID_INPUT */
function onlyOrigin(given: string | URL): string {
  const { origin = '', pathname, search, hash } = parseUrl(given) ?? {}
  if (origin.startsWith('http') && pathname === '/' && search === '' && hash === '') return origin
  return refuseOption('vaultInterceptor', 'origin', "must be an origin such as 'https://api.example.com'")
}

/** What a request was dispatched with, and where. */
interface Dispatched {
  readonly dispatch: Dispatch
  readonly options: DispatchOptions
  readonly handler: Handler
  readonly call: DispatchCall
  readonly trail: RedirectTrail | undefined
}

class Interceptor {
  readonly #client: VaultClient
  readonly #origin: string | undefined
  readonly #followed = new FollowedRequests()

  constructor(client: VaultClient, origin: string | undefined) {
    this.#client = client
    this.#origin = origin
  }

  dispatch(dispatch: Dispatch, options: DispatchOptions, handler: Handler): boolean {
    const { scan } = this.#client
    const call = readDispatch(options, this.#origin, scan)
    if (call === undefined) return dispatch(options, handler)
    if (isPlainCall(call, scan) && !this.#isOpaque(call)) return this.#sendPlain(dispatch, options, handler, call)
    this.#send(dispatch, options, handler, call).catch((error: unknown) => failBeforeDispatch(handler, error))
    return true
  }

  async #send(dispatch: Dispatch, options: DispatchOptions, handler: Handler, given: DispatchCall): Promise<void> {
    // undici would only say that such a header is invalid
    requireNoDots(given.headers.map(({ value }) => value))
    if (this.#isOpaque(given)) throw opaqueStream()
    const { settings } = this.#client
    const refusal = placeError(given, this.#origin, handler, settings.allowsUnsafeTransport)
    if (refusal !== undefined) await this.#requireNoSecrets(given, refusal)
    const followed = this.#followed.of(handler)
    const { call, request } = await resolveCall(this.#client, given, followed)
    if (request === undefined) {
      this.#sendPlain(dispatch, options, handler, call)
      return
    }
    this.#sendResolved({ dispatch, options, handler, call, trail: followed?.trail }, request)
  }

  /** Sends a request without secrets; text in the URL that its answer leads to is the server's. */
  #sendPlain(dispatch: Dispatch, options: DispatchOptions, handler: Handler, call: DispatchCall): boolean {
    const isUrlRead = URL_LOCATIONS.some((location) => mayResolve(this.#client.settings, location))
    if (!isUrlRead) return dispatch(plainOptions(options, call), handler)
    const noting = notingHandler(handler, ({ status, values }) => {
      for (const location of locationsIn(values)) this.#client.noteUrl(call.url, { status, location })
    })
    return dispatch(plainOptions(options, call), noting)
  }

  #sendResolved(dispatched: Dispatched, request: ResolvedRequest): void {
    const { dispatch, options, handler, call, trail } = dispatched
    const answer = new MaskedAnswer(this.#client, call, request, trail)
    const masked = maskedHandler(handler, answer)
    const { redactsResponses, retriesUnauthorized } = this.#client.settings
    const mayRetry = retriesUnauthorized(call.method)
    const sendAgain = (again: ResolvedRequest): void => {
      try {
        this.#sendResolved(dispatched, again)
      } catch (error) {
        failBeforeDispatch(handler, error)
      }
    }
    try {
      const sent = dispatchOptions(options, call, request.first, redactsResponses)
      dispatch(sent, mayRetry ? retryingHandler(masked, request, sendAgain) : masked)
    } catch (error) {
      throw answer.error(error)
    }
  }

  /** Refuses a request with secrets whose place in the chain is not safe, before one of them is opened. */
  async #requireNoSecrets(call: DispatchCall, refusal: GuillemetError): Promise<void> {
    if (await this.#client.wouldResolve(call)) throw refusal
  }

  /** Whether its references would be sent as text, although they are to be resolved. */
  #isOpaque({ body }: DispatchCall): boolean {
    return mayResolve(this.#client.settings, 'body') && !canBeSentAgain(body)
  }
}

function opaqueStream(): GuillemetError {
  return new GuillemetError(
    'ERR_OPAQUE_VALUE',
    'The body is a stream, which cannot be looked into for references; send a text. The fetch of a global dispatcher makes a stream of every body: use vaultFetch where bodies are resolved.',
    { path: 'body' },
  )
}
