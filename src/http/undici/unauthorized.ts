/** Holds an answer of 401 or 403 back until it is known whether the request goes out once more with newer secrets. */

import { type ResolvedRequest, UNAUTHORIZED } from '../client.ts'
import {
  type Abort,
  type Controller,
  type Handler,
  type HeaderRecord,
  isOlderHandler,
  type RawHeaders,
  type RequestContext,
} from './dispatch.ts'

/** One answer that may be given up for a second one. */
class HeldAnswer {
  readonly #request: ResolvedRequest
  readonly #sendAgain: (request: ResolvedRequest) => void
  /** What came while it was held back; undefined where it is not. */
  #events: (() => void)[] | undefined
  #isEnded = false
  #isGivenUp = false
  /** Ends the connection of an answer that is given up. */
  abort: Abort = () => undefined

  constructor(request: ResolvedRequest, sendAgain: (request: ResolvedRequest) => void) {
    this.#request = request
    this.#sendAgain = sendAgain
  }

  /** Whether the head of the answer is to be held back. */
  isHeld(status: number): boolean {
    return UNAUTHORIZED.includes(status)
  }

  /** Holds the answer back. @param goOn gives it to the caller after all, or what is left of it */
  hold(status: number, goOn: () => void): void {
    this.#events = [goOn]
    const refreshed = (again?: ResolvedRequest): void => {
      if (this.#isEnded) return
      if (again === undefined) this.#release()
      else this.#giveUp(again)
    }
    // it fails where the caller gives up, whom undici tells: the request is connected
    void this.#request.refresh(status).then(refreshed, () => refreshed())
  }

  /** Passes an event on in its turn. @returns whether it was passed on at once */
  pass(event: () => void): boolean {
    if (this.#isGivenUp) return false
    if (this.#events === undefined) event()
    else this.#events.push(event)
    return this.#events === undefined
  }

  /** The request has failed, or was aborted: the caller is told at once, and gets no more of it; nor is it sent again. */
  fail(event: () => void): void {
    if (this.#isGivenUp) return
    this.#isEnded = true
    this.#events = undefined
    event()
  }

  #release(): void {
    try {
      // what comes meanwhile waits for its turn
      for (let event = this.#events?.shift(); event !== undefined; event = this.#events?.shift()) event()
      this.#events = undefined
    } catch (error) {
      this.#events = undefined
      this.abort(error) // as undici does with what a handler throws
    }
  }

  #giveUp(again: ResolvedRequest): void {
    this.#isGivenUp = true
    this.abort(new Error('A newer secret is sent.'))
    this.#sendAgain(again)
  }
}

/**
 * A handler in front of the one that shows the answer.
 *
 * @param sendAgain dispatches the request with its newest secrets
 */
export function retryingHandler(
  handler: Handler,
  request: ResolvedRequest,
  sendAgain: (request: ResolvedRequest) => void,
): Handler {
  const answer = new HeldAnswer(request, sendAgain)
  return isOlderHandler(handler) ? older(handler, answer) : newer(handler, answer)
}

function older(handler: Handler, answer: HeldAnswer): Handler {
  return {
    onConnect(abort: Abort, context?: RequestContext) {
      answer.abort = abort
      handler.onConnect!(abort, context)
    },
    onResponseStarted: () => handler.onResponseStarted?.(),
    onBodySent: (chunk: unknown, total?: number) => handler.onBodySent?.(chunk, total),
    onRequestSent: () => handler.onRequestSent?.(),
    onUpgrade: (status: number, headers: RawHeaders, socket: unknown) => handler.onUpgrade!(status, headers, socket),
    onHeaders(status: number, headers: RawHeaders, resume: () => void, statusText?: string) {
      const start = () => handler.onHeaders!(status, headers, resume, statusText)
      if (!answer.isHeld(status)) return start()
      answer.hold(status, () => {
        if (start() !== false) queueMicrotask(resume)
      })
      return false
    },
    onData(chunk: Uint8Array) {
      let isGoingOn: boolean | undefined
      const isPassed = answer.pass(() => {
        isGoingOn = handler.onData!(chunk)
      })
      return isPassed ? isGoingOn : false
    },
    onComplete: (trailers: RawHeaders) => void answer.pass(() => handler.onComplete!(trailers)),
    onError: (error: unknown) => answer.fail(() => handler.onError!(error)),
  }
}

function newer(handler: Handler, answer: HeldAnswer): Handler {
  return {
    onRequestStart(controller: Controller, context?: RequestContext) {
      answer.abort = (reason) => controller.abort(reason)
      handler.onRequestStart!(controller, context)
    },
    onResponseStarted: () => handler.onResponseStarted?.(),
    onRequestUpgrade: (controller: Controller, status: number, headers: HeaderRecord, socket: unknown) =>
      handler.onRequestUpgrade!(controller, status, headers, socket),
    onResponseStart(controller: Controller, status: number, headers: HeaderRecord, statusText?: string) {
      const start = () => handler.onResponseStart!(controller, status, headers, statusText)
      if (!answer.isHeld(status)) return start()
      controller.pause()
      answer.hold(status, () => {
        // before the caller is asked, who may want to wait
        controller.resume()
        start()
      })
    },
    onResponseData: (controller: Controller, chunk: Uint8Array) =>
      void answer.pass(() => handler.onResponseData!(controller, chunk)),
    onResponseEnd: (controller: Controller, trailers: HeaderRecord) =>
      void answer.pass(() => handler.onResponseEnd!(controller, trailers)),
    onResponseError: (controller: Controller | null, error: unknown) =>
      answer.fail(() => handler.onResponseError!(controller, error)),
  }
}
