/**
 * What every HTTP client of this folder does with a request, whatever sends it: decide what is resolved, resolve it on a
 * copy, and know what to mask in what comes back. A client brings its request to `HttpCall`, sends `Outgoing`, and shows
 * what it gets.
 */

import { GuillemetError } from '../errors.ts'
import type { ReferenceLocation } from '../location.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import { parseUrl } from '../url.ts'
import type { Resolved, Used, Vault } from '../vault/api.ts'
import type { ClientAccess, SkippedText } from '../vault/client.ts'
import { type HopContext, hopContextOf, type UsedSecret } from '../vault/redirect.ts'
import { untilAborted } from '../waiting.ts'
import { type ClientSettings, refuseOption, requireVault } from './client-options.ts'
import { type Diversion, diversionOf, requireSameMethod, transportError } from './diversion.ts'
import { findInHeaders } from './found-references.ts'
import { type Outgoing, permittedHop } from './hop.ts'
import type { HttpCall } from './http-call.ts'
import { LastPlan } from './last-plan.ts'
import { requireNoMasks, WrittenMasks } from './masks-in-requests.ts'
import { nearReferencesIn } from './near-references.ts'
import { absoluteUrl, firstRequest, urlOf } from './outgoing.ts'
import { RedirectTrail, type ResponseHead } from './redirect-trail.ts'
import { canBeSentAgain } from './request-body.ts'
import { planRequest, type RequestParts, type RequestPlan } from './request-plan.ts'
import { createMaskSource, type ResponseMasks } from './response-masks.ts'
import { requireUnsigned } from './signed.ts'
import { warnOfNearReferences, warnOfNearUrl, warnOfSkipped } from './skipped-warning.ts'

/** A request with its secrets, ready to be sent. */
export interface ResolvedRequest {
  /** Holds plaintext: given to what sends it, never kept, never shown. */
  readonly first: Outgoing
  /** What was used, and the policy's say on a redirect. */
  readonly context: HopContext
  /** Cleans what comes back, errors included. */
  readonly masks: ResponseMasks
  /** The URL as the vault shows it; undefined where no secret is in it. */
  readonly shownUrl: string | undefined
  /**
   * The same request with the newest secrets, once, to be sent again after the body of the first answer was let go of;
   * undefined where the status is not 401 or 403, where the option `retryUnauthorized` or the body does not permit it,
   * and where no secret that was sent has another version by now. All who wait share one read of the storage. Rejects with
   * the reason of the call's signal, once it is aborted.
   *
   * @param last the hop of a redirect that was answered so. @default first
   */
  refresh(status: number, last?: Outgoing): Promise<ResolvedRequest | undefined>
}

/** Where a request goes. */
interface RequestTarget {
  readonly url: URL
  readonly method: string
}

/** A request, and what is to be resolved in it. */
interface PlannedRequest {
  readonly call: HttpCall
  readonly plan: RequestPlan
  readonly template: RequestParts
  /** Undefined where the template itself has the URL. */
  readonly destination: RequestTarget | undefined
  readonly diversion: Diversion | undefined
  /** Where its servers have led it. */
  readonly trail: RedirectTrail
}

/** What a request was resolved with. */
interface EarlierResolve {
  readonly resolved: Resolved<RequestParts>
  /** How many fresh reads had begun by then. */
  readonly since: number
  /** Whether it was answered itself, and not a hop of a redirect. */
  readonly isFirst: boolean
}

export const UNAUTHORIZED: readonly number[] = [401, 403]
const IN_URL: readonly ReferenceLocation[] = ['host', 'path', 'query']
/** What was sent again is not sent a third time. */
const noSecondRefresh = async (): Promise<undefined> => undefined

/** One client, made once: a vault, its options, and what it remembers of its requests. */
export class VaultClient {
  readonly settings: ClientSettings
  readonly #vault: Vault
  readonly #access: ClientAccess
  readonly #written = new WrittenMasks()
  readonly #trail = new RedirectTrail()
  readonly #masksFor = createMaskSource()
  readonly #lastPlan: LastPlan

  /** @throws ERR_INVALID_INPUT for a vault of another copy of the package, and for a snapshot of another vault or view */
  constructor(vault: Vault, settings: ClientSettings) {
    const access = requireVault(vault, settings.client)
    const { snapshot, client } = settings
    if (snapshot !== undefined && !access.hasTaken(snapshot)) {
      refuseOption(client, 'snapshot', 'must be a snapshot that the same vault or view has taken')
    }
    this.#vault = vault
    this.#access = access
    this.#lastPlan = new LastPlan(access.scan)
    this.settings = settings
  }

  /** The vault that the client was made with. */
  get vault(): Vault {
    return this.#vault
  }

  /** What the grammar of the vault finds in a text. */
  get scan(): ClientAccess['scan'] {
    return this.#access.scan
  }

  /**
   * Whether anything in a request would be resolved; opens nothing.
   *
   * @throws as `planRequest` does
   */
  async wouldResolve(call: HttpCall): Promise<boolean> {
    const { template } = await planRequest(call, this.settings, this.#vault, this.#access)
    return template !== undefined
  }

  /**
   * The request with its secrets; undefined where it has no reference that is resolved, so that it is sent as it is.
   *
   * @param trail where its servers have led it, where it is known to be a hop of one request
   * @param asked the same call with the headers that the leaf has left out of the hop; where it differs, what is left is
   *   a request of ours even without references, since its answer has to be noted in the trail
   * @throws ERR_LOCATION_DENIED, ERR_PERMISSION_DENIED, ERR_UNEXPECTED_REFERENCE, ERR_OPAQUE_VALUE as `planRequest` has
   *   them; ERR_INVALID_INPUT for a request that carries a mask or is signed; ERR_UNSAFE_TRANSPORT for a bound
   *   secret with something that could lead it elsewhere; ERR_REDIRECT_DENIED where a server has led a secret of an earlier
   *   request here; the errors of `vault.resolveRequest`; the reason of the call's signal, once it is aborted
   */
  async resolve(
    given: HttpCall,
    trail: RedirectTrail = this.#trail,
    asked: HttpCall = given,
  ): Promise<ResolvedRequest | undefined> {
    return untilAborted(this.#resolve(given, trail, asked), ownValue(given, 'signal'))
  }

  async #resolve(given: HttpCall, trail: RedirectTrail, asked: HttpCall): Promise<ResolvedRequest | undefined> {
    requireNoMasks(given, this.settings.isOpenHeader, this.#written)
    const call = trail.withoutDenied(given, (each) => findInHeaders(each, this.#access.scan))
    const isUrlOfServer = ownValue(call, 'isUrlOfServer') === true || trail.hasNamed(call.url)
    const plan = this.#lastPlan.of(call) ?? (await this.#plan(call, isUrlOfServer))
    this.#tellSkipped(call, plan.skipped, nearReferencesIn(call, this.settings, this.#access, isUrlOfServer))
    // what is left of a request that was led astray is not what the caller gave, so it does not go out as it is
    const template =
      plan.template ?? (call === asked ? undefined : withoutPrototype<RequestParts>({ method: call.method }))
    if (template === undefined) return undefined
    requireUnsigned(call, template)
    // the request goes where its own URL says; without references that is known without the vault's reading it
    const destination = template.url === undefined ? { url: absoluteUrl(call.url), method: call.method } : undefined
    const diversion = this.settings.allowsUnsafeTransport ? undefined : diversionOf(call)
    if (diversion === undefined) return this.#prepareRequest({ call, plan, template, destination, diversion, trail })
    const withDiversion = withoutPrototype<RequestParts>({ ...template, proxy: true })
    try {
      return await this.#prepareRequest({ call, plan, template: withDiversion, destination, diversion, trail })
    } catch (error) {
      throw transportError(error, diversion, this.settings.client)
    }
  }

  async #plan(call: HttpCall, isUrlOfServer: boolean): Promise<RequestPlan> {
    const plan = await planRequest(call, this.settings, this.#vault, this.#access, isUrlOfServer)
    this.#lastPlan.keep(call, plan)
    return plan
  }

  /** Says what goes out as text, although it is a reference, or nearly one. */
  #tellSkipped({ url }: HttpCall, skipped: readonly SkippedText[], near: readonly SkippedText[]): void {
    const { root, tellSkipped } = this.#access
    const { client } = this.settings
    if (skipped.length + near.length > 0) tellSkipped([...skipped, ...near], parseUrl(url)?.origin)
    if (skipped.length > 0) warnOfSkipped(root, client)
    if (near.some(({ location }) => location === 'header')) warnOfNearReferences(root, client)
    if (near.some(({ location }) => location !== 'header')) warnOfNearUrl(root, client)
  }

  /** Resolves the template, and puts its values into the request. */
  async #prepareRequest(planned: PlannedRequest): Promise<ResolvedRequest> {
    const { template, destination } = planned
    const resolved = await this.#resolveTemplate(this.#lastPlan.templateOf(template, this.#vault), destination)
    const since = this.#access.freshReads()
    const request = await this.#askPolicy(this.#fill(planned, resolved), planned.trail)
    return {
      ...request,
      refresh: (status, last = request.first) => {
        const again = this.#refresh(planned, { resolved, since, isFirst: last === request.first }, status, last)
        return untilAborted(again, ownValue(planned.call, 'signal'))
      },
    }
  }

  /** A hop that something above follows, as far as the policy allows it: for a snapshot it was asked about the first request. */
  async #askPolicy(request: ResolvedRequest, trail: RedirectTrail): Promise<ResolvedRequest> {
    const { first, context } = request
    if (this.settings.snapshot === undefined || !trail.hasLedTo(first.url)) return request
    const inHeaders = new Set(first.headers.flatMap(([, , secrets]) => secrets))
    const carried = context.secrets.filter((each) => IN_URL.includes(each.location) && !inHeaders.has(each))
    return { ...request, first: await permittedHop(first, carried, context) }
  }

  /** The request with its values. */
  #fill(
    { call, plan, template, destination, diversion, trail }: PlannedRequest,
    resolved: Resolved<RequestParts>,
  ): ResolvedRequest {
    const context = hopContextOf(resolved)
    const { secrets } = context
    if (diversion !== undefined) requireSameMethod(secrets, diversion, this.settings.client)
    const masks = this.#masksFor(secrets)
    try {
      const url = template.params === undefined ? destination?.url : undefined
      const first = firstRequest(call, plan, resolved.expose<RequestParts>(), secrets, url)
      const shownUrl = shownUrlOf(call, template, resolved)
      return { first: trail.applyTo(first, secrets), context, masks, shownUrl, refresh: noSecondRefresh }
    } catch (error) {
      throw maskedError(masks, error)
    }
  }

  async #refresh(
    planned: PlannedRequest,
    { resolved, since, isFirst }: EarlierResolve,
    status: number,
    { method, headers, body, bodySecrets }: Outgoing,
  ): Promise<ResolvedRequest | undefined> {
    const mayRetry = UNAUTHORIZED.includes(status) && this.settings.retriesUnauthorized(method) && canBeSentAgain(body)
    if (!mayRetry) return undefined
    const inParts = new Set([...headers.flatMap(([, , secrets]) => secrets), ...bodySecrets].map(({ tag }) => tag))
    const isSent = ({ tag, location }: Used): boolean => inParts.has(tag) || (isFirst && IN_URL.includes(location))
    const references = resolved.references.filter(isSent)
    try {
      const again = await this.#access.resolveAgain(
        planned.template,
        { destination: planned.destination },
        { references, since },
      )
      return again && this.#fill(planned, again)
    } catch {
      return undefined // whatever keeps the newest secret from being used, the server's own answer says enough
    }
  }

  async #resolveTemplate<T>(template: T, destination: RequestTarget | undefined): Promise<Resolved<T>> {
    const { snapshot } = this.settings
    return snapshot === undefined
      ? this.#vault.resolveRequest(template, { destination })
      : snapshot.resolve(template, { as: 'request', destination })
  }

  /** Notes where a response leads that came to a request without secrets. */
  noteUrl(sent: string | URL, response: ResponseHead): void {
    this.#trail.noteUrl(sent, response)
  }

  /** Notes a response that the caller gets: where it leads, and that it may show masks of these secrets. */
  note(sent: Outgoing, response: ResponseHead, secrets: readonly UsedSecret[], trail = this.#trail): void {
    trail.note(sent, response)
    if (this.settings.redactsResponses) this.#written.add(secrets.map(({ label }) => label))
  }
}

/** An error without plaintext; the caller's own reason for aborting is given back as it is. */
export function maskedError(masks: ResponseMasks, error: unknown, signal?: AbortSignal | null): unknown {
  if (error instanceof GuillemetError || (signal?.aborted === true && error === signal.reason)) return error
  return masks.strict(error)
}

/** The URL with masks in place of secrets; undefined where it holds none. */
function shownUrlOf(call: HttpCall, template: RequestParts, resolved: Resolved<RequestParts>): string | undefined {
  const { url, params } = template
  if (url === undefined && params === undefined) return undefined
  const redacted = resolved.redacted as unknown as RequestParts
  return urlOf(call, url && redacted.url, params && redacted.params)
}
