/**
 * What ends a request from outside while its secrets are still read: its caller gives up, its time is over, its body
 * breaks off. Once it is sent, the client below listens to all of these by itself.
 */

import { LONGEST_TIMER_MS, whenAborted } from '../waiting.ts'

/** As much of a readable stream of Node as is used here. */
interface FailingStream {
  readonly errored?: unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
}

/** How long one request waits for its secrets: each limit with the error that its caller gets then. */
export class CallerLimits {
  #controller: AbortController | undefined
  readonly #ends: (() => void)[] = []

  /** Aborted with that error as its reason; undefined where there is no limit. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal
  }

  /** Until the caller's own signal; anything but a signal is the client's to refuse. */
  untilAborted(signal: unknown, errorFor: (reason: unknown) => unknown): void {
    const given = signal as AbortSignal | null | undefined
    if (typeof given?.addEventListener !== 'function') return
    const end = this.#ending(() => errorFor(given.reason))
    if (given.aborted) end()
    this.atEnd(whenAborted(given, end))
  }

  /** Until that many milliseconds are over. @returns ends the timer */
  untilTimeout(milliseconds: number, errorFor: () => unknown): () => void {
    // node and the platform turn a longer one into one millisecond
    if (!(milliseconds > 0 && milliseconds <= LONGEST_TIMER_MS)) return () => undefined
    const timer = setTimeout(this.#ending(errorFor), milliseconds)
    return () => clearTimeout(timer)
  }

  /**
   * Until the body breaks off, such as a file that is not there. Nobody else listens to it yet, and an error that nobody
   * listens to ends the process: so this one goes on listening.
   */
  untilBroken(body: FailingStream, errorFor: (error: unknown) => unknown): void {
    let cause: unknown = body.errored
    const end = this.#ending(() => errorFor(cause))
    if (cause !== undefined && cause !== null) end()
    body.on('error', (error) => {
      cause = error
      end()
    })
  }

  /** Until somebody says so. @returns says so, with the error */
  untilTold(): (error: unknown) => void {
    let told: unknown
    const end = this.#ending(() => told)
    return (error) => {
      told = error
      end()
    }
  }

  /** What there is to do when the request is over. */
  atEnd(work: () => void): void {
    this.#ends.push(work)
  }

  /** The request is over. */
  end(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #ending(errorFor: () => unknown): () => void {
    this.#controller ??= new AbortController()
    const controller = this.#controller
    return () => controller.abort(errorFor())
  }
}
