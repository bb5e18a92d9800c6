/** One request of axios with secrets in it, from the first hop to what the caller is shown of its answer or its error. */

import { GuillemetError } from '../../errors.ts'
import { defineOwn, ownValue } from '../../plain-object.ts'
import { maskedError, type ResolvedRequest, type VaultClient } from '../client.ts'
import type { AxiosCall } from './call.ts'
import type { AxiosSettings } from './options.ts'
import { type RedirectProgress, sendAndFollow } from './redirects.ts'
import { maskedAnswer, type ShownRequest, shownRequest } from './response.ts'
import { type AxiosAnswer, type AxiosErrorLike, isAxiosError } from './types.ts'

const TIMEOUT = /^timeout of [0-9]+ms exceeded$/

/**
 * Sends a request.
 *
 * @throws errors of this package; those of axios, made anew with the caller's config and with masks
 */
export class AxiosExchange {
  readonly #client: VaultClient
  readonly #settings: AxiosSettings
  readonly #call: AxiosCall
  readonly #progress: RedirectProgress

  constructor(client: VaultClient, settings: AxiosSettings, call: AxiosCall, request: ResolvedRequest) {
    this.#client = client
    this.#settings = settings
    this.#call = call
    this.#progress = { at: { request, last: request.first, route: [] } }
  }

  async answer(): Promise<AxiosAnswer> {
    let answer: AxiosAnswer
    try {
      const sent = await sendAndFollow(this.#settings, this.#call, this.#progress)
      const { request, last } = this.#progress.at
      const location = sent.headers.get('location')
      const head = { status: sent.status, location: typeof location === 'string' ? location : null }
      this.#client.note(last, head, request.context.secrets)
      answer = await this.#shownAnswer(sent)
    } catch (error) {
      throw await this.#shownError(error)
    }
    this.#requireStatus(answer)
    return answer
  }

  async #shownAnswer(answer: AxiosAnswer): Promise<AxiosAnswer> {
    const { redactsResponses } = this.#settings
    const { request, last } = this.#progress.at
    const data = redactsResponses ? request.masks.data : undefined
    const masked = await maskedAnswer(answer, last.method, {
      data,
      error: (error) => this.#cleanError(error, undefined),
    })
    return { ...masked, config: this.#call.config, request: this.#shownRequest(answer.request, answer.status) }
  }

  /** As axios judges it; the adapter below was told to refuse nothing. */
  #requireStatus(answer: AxiosAnswer): void {
    const { config } = this.#call
    const isValid = ownValue(config, 'validateStatus')
    const { status, request } = answer
    if (typeof isValid !== 'function' || !status || isValid(status)) return
    const code = status >= 400 && status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE'
    const { AxiosError } = this.#settings.axios
    throw new AxiosError(`Request failed with status code ${status}`, code, config, request, answer)
  }

  #shownRequest(inner: unknown, status: number | undefined): ShownRequest {
    const { request, last, route } = this.#progress.at
    const { shownUrl, masks } = request
    const url = route.length === 0 && shownUrl !== undefined ? shownUrl : masks.strict(last.url.href)
    return shownRequest(last, url, inner, status, masks)
  }

  async #shownError(error: unknown): Promise<unknown> {
    const { response } = isAxiosError(error) ? error : {}
    return this.#cleanError(error, response && (await this.#shownAnswer(response)))
  }

  /** The error without plaintext. One of axios is made anew: its parts, hidden ones included, hold the request. */
  #cleanError(error: unknown, response: AxiosAnswer | undefined): unknown {
    const { config } = this.#call
    const { masks } = this.#progress.at.request
    const signal = ownValue(config, 'signal') as AbortSignal | undefined
    const token = ownValue(config, 'cancelToken') as { readonly reason?: unknown } | undefined
    if (error instanceof GuillemetError) return error
    if (!isAxiosError(error)) return maskedError(masks, error, signal)
    const request = this.#shownRequest(error.request, response?.status)
    // the caller's own, which the fetch adapter of axios has filled in
    if (error === token?.reason || error === signal?.reason) return filledIn(error, config, request)
    return this.#madeAnew(error, request, response)
  }

  #madeAnew(error: AxiosErrorLike, request: ShownRequest, response: AxiosAnswer | undefined): Error {
    const { masks } = this.#progress.at.request
    const { AxiosError, CanceledError } = this.#settings.axios
    // of what is left for a hop, where the adapter below words it by itself
    const { limits } = this.#call
    const isTimeout = limits.timeLeft() !== undefined && TIMEOUT.test(error.message)
    const message = isTimeout ? limits.timeoutMessage : masks.strict(error.message)
    const made: Error = Object.hasOwn(error, '__CANCEL__')
      ? new CanceledError(message, this.#call.config, request)
      : new AxiosError(message, error.code, this.#call.config, request, response)
    made.name = error.name
    made.stack = masks.strict(error.stack)!
    const hidden = { writable: true, configurable: true, enumerable: false }
    if (Object.hasOwn(error, 'cause')) defineOwn(made, 'cause', { ...hidden, value: masks.strict(error.cause) })
    return made
  }
}

/** What the fetch adapter has written into an error that is not its own is replaced; nothing else of it is touched. */
function filledIn(error: AxiosErrorLike, config: unknown, request: ShownRequest): Error {
  if (Object.hasOwn(error, 'config')) Object.assign(error, { config })
  if (Object.hasOwn(error, 'request')) Object.assign(error, { request })
  return error
}
