/** What every command of an administrator gives: a promise of its report, to iterate over for its steps as well. */

import { GuillemetError } from '../errors.ts'

/** The most records that a report lists. */
export const MOST_LISTED = 1_000

/**
 * A command of an administrator: a promise of its report, which can be iterated over as well. It runs once.
 *
 * It starts by itself, also when nobody awaits it, and what it fails with is then an unhandled rejection. Iterated over at
 * once, without an `await` between, it goes at the pace of the loop and gives each step as soon as it is done; leaving the
 * loop early ends it after the step at hand, and what was done stays done. Awaiting, also afterwards, runs it to its end.
 * A mistake in the call itself is thrown at once.
 *
 * @example
 * ```ts
 * const run = rotateKeys(vault)
 * for await (const step of run) console.log(step)
 * console.log(await run)
 * ```
 */
export interface AdminRun<Step, Report> extends AsyncIterable<Step>, Promise<Report> {}

/** The run of these steps; what they return is the report. */
export function adminRun<Step, Report>(steps: AsyncGenerator<Step, Report, undefined>): AdminRun<Step, Report> {
  return new Run(steps)
}

class Run<Step, Report> extends Promise<Report> implements AdminRun<Step, Report> {
  /** What `then` gives is no command, but a promise as any other. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  readonly #iterator: RememberingIterator<Step, Report>
  #isIterated = false

  constructor(steps: AsyncGenerator<Step, Report, undefined>) {
    const iterator = remembering(steps)
    let settle!: { resolve(report: Report): void; reject(error: unknown): void }
    super((resolve, reject) => {
      settle = { resolve, reject }
    })
    this.#iterator = iterator
    iterator.onEnd = (ended) => {
      if (ended === 'left') settle.reject(leftEarly())
      else if ('error' in ended) settle.reject(ended.error)
      else settle.resolve(ended.report)
    }
    // once the caller had the time to take the iterator
    queueMicrotask(() => {
      void this.#runToItsEnd(() => this.#isIterated)
    })
  }

  [Symbol.asyncIterator](): AsyncIterator<Step, undefined, undefined> {
    this.#isIterated = true
    // the one who iterates is told of a failure there
    super.then(undefined, () => undefined)
    return tellingFailure(this.#iterator)
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a command that was iterated over in part waits for its end
  override then<A = Report, B = never>(
    onReport?: ((report: Report) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    void this.#runToItsEnd()
    return super.then(onReport, onError)
  }

  /** @param isLeftToOthers asked before each step */
  async #runToItsEnd(isLeftToOthers: () => boolean = () => false): Promise<void> {
    // a failure is that of the promise
    while (this.#iterator.ended === undefined && !isLeftToOthers()) await this.#iterator.next().catch(() => undefined)
  }
}

/** How a command ended. */
type Ended<Report> = { readonly report: Report } | { readonly error: unknown } | 'left'

interface RememberingIterator<Step, Report> extends AsyncIterator<Step, undefined, undefined> {
  /** Undefined while it runs. */
  readonly ended: Ended<Report> | undefined
  /** Told of the end, once. */
  onEnd: (ended: Ended<Report>) => void
}

/** The same steps; how they ended is kept for the one who awaits the report. */
function remembering<Step, Report>(steps: AsyncGenerator<Step, Report, undefined>): RememberingIterator<Step, Report> {
  let ended: Ended<Report> | undefined
  const end = (how: Ended<Report>): void => {
    if (ended !== undefined) return
    ended = how
    iterator.onEnd(how)
  }
  const iterator: RememberingIterator<Step, Report> = {
    get ended() {
      return ended
    },
    onEnd: () => undefined,
    async next() {
      if (ended !== undefined) return { done: true, value: undefined }
      try {
        const step = await steps.next()
        if (!step.done) return step
        end({ report: step.value })
        return { done: true, value: undefined }
      } catch (error) {
        end({ error })
        throw error
      }
    },
    async return() {
      end('left')
      // not waited for: an iterator that is left in the middle of a step would wait for that step
      void steps.return(undefined as Report).catch(() => undefined)
      return { done: true, value: undefined }
    },
  }
  return iterator
}

/** The same for a loop, which is told of a failure also where the command had failed before it began. */
function tellingFailure<Step, Report>(
  steps: RememberingIterator<Step, Report>,
): AsyncIterator<Step, undefined, undefined> {
  let isTold = false
  return {
    async next() {
      const step = await steps.next().catch((error: unknown) => {
        isTold = true
        throw error
      })
      const { ended } = steps
      if (!step.done || isTold || ended === undefined || ended === 'left' || !('error' in ended)) return step
      isTold = true
      throw ended.error
    },
    return: () => steps.return!(),
  }
}

function leftEarly(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'The command was left before its end, so there is no report; run it again.',
  )
}
