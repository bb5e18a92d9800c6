/** Handlers between a request with secrets and the one who asked for it, in both lifecycles of undici. */

import type { AnswerHead, MaskedAnswer } from './answer.ts'
import {
  type Abort,
  type Controller,
  type Handler,
  type HeaderRecord,
  isOlderHandler,
  type RawHeaders,
  type RequestContext,
} from './dispatch.ts'
import { editRaw, editRecord, type HeaderEdit, rawText, rawValues } from './headers.ts'
import { redirectsBelowError } from './unsafe-places.ts'

/** The handler that is dispatched in place of the caller's. */
export function maskedHandler(handler: Handler, answer: MaskedAnswer): Handler {
  return isOlderHandler(handler) ? new OlderHandler(handler, answer) : new NewerHandler(handler, answer)
}

/** The caller's own handler, for a request without secrets; `note` is told how its answer begins. */
export function notingHandler(handler: Handler, note: (head: AnswerHead) => void): Handler {
  // a copy: of a frozen object a proxy may show the very members alone
  const shape: Handler = Object.assign(Object.create(Object.getPrototypeOf(handler)), handler)
  return new Proxy(shape, {
    get(_shape, name) {
      const member: unknown = Reflect.get(handler, name, handler)
      if (typeof member !== 'function') return member
      if (name === 'onHeaders') {
        return (status: number, headers: RawHeaders, ...rest: unknown[]) => {
          note({ status, values: (wanted) => rawValues(headers, wanted) })
          return member.call(handler, status, headers, ...rest)
        }
      }
      if (name === 'onResponseStart') {
        return (controller: Controller, status: number, headers: HeaderRecord, ...rest: unknown[]) => {
          note({ status, values: (wanted) => recordValues(headers, wanted) })
          return member.call(handler, controller, status, headers, ...rest)
        }
      }
      return member.bind(handler)
    },
  })
}

/** Gives an error to a caller whose request was not dispatched, as undici itself does. */
export function failBeforeDispatch(handler: Handler, error: unknown): void {
  if (isOlderHandler(handler)) handler.onError!(error)
  else handler.onResponseError?.(null, error)
}

/** An answer to a request with secrets says that it differs by what no header of the request shows (RFC 9110 §12.5.5). */
const VARY = [rawText('vary'), rawText('*')]

class OlderHandler implements Handler {
  readonly #handler: Handler
  readonly #answer: MaskedAnswer

  constructor(handler: Handler, answer: MaskedAnswer) {
    this.#handler = handler
    this.#answer = answer
  }

  onConnect(abort: Abort, context?: RequestContext): void {
    const error = redirectsBelowError(context)
    if (error !== undefined) abort(error)
    else this.#handler.onConnect?.(this.#answer.aborting(abort), context)
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.()
  }

  onBodySent(chunk: unknown, total?: number): void {
    if (this.#answer.hasShownBody) this.#handler.onBodySent?.(chunk, total)
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.()
  }

  onHeaders(status: number, headers: RawHeaders, resume: () => void, statusText?: string): boolean | undefined {
    const reason = statusText && this.#answer.text(statusText)
    if (status < 200) return this.#handler.onHeaders?.(status, editRaw(headers, textEdit(this.#answer)), resume, reason)
    const edit = this.#answer.begin({ status, values: (name) => rawValues(headers, name) })
    return this.#handler.onHeaders?.(status, [...editRaw(headers, edit), ...VARY], resume, reason)
  }

  onUpgrade(status: number, headers: RawHeaders, socket: unknown): void {
    this.#handler.onUpgrade?.(status, editRaw(headers, textEdit(this.#answer)), socket)
  }

  onData(chunk: Uint8Array): boolean | undefined {
    const shown = this.#answer.push(chunk)
    return shown.length === 0 ? true : this.#handler.onData?.(shown)
  }

  onComplete(trailers: RawHeaders): void {
    const rest = this.#answer.end()
    if (rest.length > 0) this.#handler.onData?.(rest)
    this.#handler.onComplete?.(editRaw(trailers, textEdit(this.#answer)))
  }

  onError(error: unknown): void {
    this.#handler.onError?.(this.#answer.error(error))
  }
}

class NewerHandler implements Handler {
  readonly #handler: Handler
  readonly #answer: MaskedAnswer
  #shown: ShownController | undefined

  constructor(handler: Handler, answer: MaskedAnswer) {
    this.#handler = handler
    this.#answer = answer
  }

  onRequestStart(controller: Controller, context?: RequestContext): void {
    const error = redirectsBelowError(context)
    if (error !== undefined) controller.abort(error)
    else this.#handler.onRequestStart?.(this.#show(controller), context)
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.()
  }

  onRequestUpgrade(controller: Controller, status: number, headers: HeaderRecord, socket: unknown): void {
    const shown = this.#show(controller)
    const edit = textEdit(this.#answer)
    shown.rawHeaders = controller.rawHeaders && editRaw(controller.rawHeaders, edit)
    this.#handler.onRequestUpgrade?.(shown, status, editRecord(headers, edit), socket)
  }

  onResponseStart(controller: Controller, status: number, headers: HeaderRecord, statusText?: string): void {
    const shown = this.#show(controller)
    const { rawHeaders } = controller
    const isEarly = status < 200
    const edit = isEarly
      ? textEdit(this.#answer)
      : this.#answer.begin({ status, values: (name) => recordValues(headers, name) })
    const masked = editRecord(headers, edit)
    shown.rawHeaders = rawHeaders && [...editRaw(rawHeaders, edit), ...(isEarly ? [] : VARY)]
    const reason = statusText && this.#answer.text(statusText)
    this.#handler.onResponseStart?.(shown, status, isEarly ? masked : withVary(masked), reason)
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    const shown = this.#answer.push(chunk)
    if (shown.length > 0) this.#handler.onResponseData?.(this.#show(controller), shown)
  }

  onResponseEnd(controller: Controller, trailers: HeaderRecord): void {
    const shown = this.#show(controller)
    const rest = this.#answer.end()
    if (rest.length > 0) this.#handler.onResponseData?.(shown, rest)
    const edit = textEdit(this.#answer)
    shown.rawTrailers = controller.rawTrailers && editRaw(controller.rawTrailers, edit)
    this.#handler.onResponseEnd?.(shown, editRecord(trailers, edit))
  }

  onResponseError(controller: Controller | null, error: unknown): void {
    this.#handler.onResponseError?.(controller && this.#show(controller), this.#answer.error(error))
  }

  #show(controller: Controller): ShownController {
    if (this.#shown?.isOf(controller) !== true) this.#shown = new ShownController(controller, this.#answer)
    return this.#shown
  }
}

/** The controller, but for the headers as they came. */
class ShownController implements Controller {
  rawHeaders: RawHeaders | null | undefined = null
  rawTrailers: RawHeaders | null | undefined = null
  readonly #controller: Controller
  readonly #abort: Abort

  constructor(controller: Controller, answer: MaskedAnswer) {
    this.#controller = controller
    this.#abort = answer.aborting((reason) => controller.abort(reason))
  }

  isOf(controller: Controller): boolean {
    return this.#controller === controller
  }

  get aborted(): boolean {
    return this.#controller.aborted
  }

  get reason(): unknown {
    return this.#controller.reason
  }

  get paused(): boolean {
    return this.#controller.paused
  }

  pause(): void {
    this.#controller.pause()
  }

  resume(): void {
    this.#controller.resume()
  }

  abort(reason?: unknown): void {
    this.#abort(reason)
  }
}

function textEdit(answer: MaskedAnswer): HeaderEdit {
  return (_name, value) => answer.text(value)
}

function recordValues(headers: HeaderRecord, name: string): readonly string[] {
  return [headers[name] ?? []].flat()
}

function withVary(headers: HeaderRecord): HeaderRecord {
  const { vary = [] } = headers
  return { ...headers, vary: vary.length === 0 ? '*' : [vary, '*'].flat() }
}
