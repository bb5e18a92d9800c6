/**
 * One call of a storage, for which nobody waits longer than until its deadline, or until the caller gives up.
 *
 * What the storage then still answers is dropped, a late failure too: it must not end the process as an unhandled rejection.
 */

import { whenAborted } from '../waiting.ts'

/** Why there is no answer. */
export type Unanswered = 'late' | 'aborted'

/** Thrown in place of an answer; it never leaves the vault. */
export class NotAnswered {
  readonly why: Unanswered

  constructor(why: Unanswered) {
    this.why = why
  }
}

/** How long a call may take. */
export interface CallLimits {
  /** Milliseconds until it is given up. */
  readonly timeout: number
  /** The caller's own, if there is one. Its reason may hold anything, so that it is never passed on. */
  readonly signal: AbortSignal | undefined
  /**
   * Milliseconds left to the storage, once it was told to stop, to say what it knows: a write that still waited for a
   * connection is certainly not done, and only the storage can say so. @default 0
   */
  readonly grace?: number
}

/** Makes the signal of one call when it is first asked for: most storages never do, and making one costs a microsecond. */
export class CallSignal {
  #controller: AbortController | undefined
  #isAborted = false

  /** Aborted when the call is given up. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isAborted) this.#controller.abort()
    }
    return this.#controller.signal
  }

  /** Tells the storage that nobody waits any longer. */
  abort(): void {
    this.#isAborted = true
    this.#controller?.abort()
  }
}

/**
 * What the call answers.
 *
 * @throws NotAnswered when it was given up; else what the call throws, also before there is a promise
 */
export function answerOf<T>(
  call: (signal: CallSignal) => Promise<T>,
  { timeout, signal, grace = 0 }: CallLimits,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const own = new CallSignal()
    let timer: ReturnType<typeof setTimeout>
    let isGivenUp = false
    let leave: (() => void) | undefined
    const end = () => {
      clearTimeout(timer)
      leave?.()
    }
    const giveUp = (why: Unanswered) => {
      if (isGivenUp) return
      isGivenUp = true
      end()
      if (grace === 0) reject(new NotAnswered(why))
      else timer = setTimeout(() => reject(new NotAnswered(why)), grace)
      // after the rejection: what a storage answers to its signal comes second where nobody waits for it
      own.abort()
    }
    timer = setTimeout(giveUp, timeout, 'late')
    if (signal !== undefined) leave = whenAborted(signal, () => giveUp('aborted'))
    const succeed = (value: T) => {
      end()
      resolve(value)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    try {
      Promise.resolve(call(own)).then(succeed, fail)
    } catch (error) {
      fail(error)
    }
  })
}
