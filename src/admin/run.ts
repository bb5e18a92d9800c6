/** What every command of an administrator gives: something to iterate over for its steps, or to await for its report. */

import { GuillemetError } from '../errors.ts'

/** The most records that a report lists. */
export const MOST_LISTED = 1_000

/**
 * A command of an administrator. It starts when it is iterated over or awaited, and runs once.
 *
 * Iterating gives each step as soon as it is done; awaiting, also afterwards, runs it to its end and gives the report.
 * Leaving the loop early ends the command after the step at hand; what was done stays done.
 *
 * @example
 * ```ts
 * const run = rotateKeys(vault)
 * for await (const step of run) console.log(step)
 * console.log(await run)
 * ```
 */
export interface AdminRun<Step, Report> extends AsyncIterable<Step>, PromiseLike<Report> {}

/** The run of these steps; what they return is the report. */
export function adminRun<Step, Report>(steps: AsyncGenerator<Step, Report, undefined>): AdminRun<Step, Report> {
  const iterator = remembering(steps)
  return {
    [Symbol.asyncIterator]: () => iterator,
    // biome-ignore lint/suspicious/noThenProperty: awaiting a command must run it: `await rotateKeys(vault)` that did nothing in silence would be worse
    then: (onReport, onError) => reportOf(iterator).then(onReport, onError),
  }
}

interface RememberingIterator<Step, Report> extends AsyncIterator<Step, undefined, undefined> {
  /** How it ended; undefined while it runs. */
  readonly ended: { readonly report: Report } | { readonly error: unknown } | 'left' | undefined
}

/** The same steps; how they ended is kept for whoever awaits the report. */
function remembering<Step, Report>(
  steps: AsyncGenerator<Step, Report, undefined>,
): RememberingIterator<Step, Report> & { return(): Promise<IteratorResult<Step, undefined>> } {
  let ended: RememberingIterator<Step, Report>['ended']
  return {
    get ended() {
      return ended
    },
    async next() {
      if (ended !== undefined) return { done: true, value: undefined }
      try {
        const step = await steps.next()
        if (!step.done) return step
        ended ??= { report: step.value }
        return { done: true, value: undefined }
      } catch (error) {
        ended = { error }
        throw error
      }
    },
    async return() {
      ended ??= 'left'
      // not waited for: an iterator that is left in the middle of a step would wait for that step
      void steps.return(undefined as Report).catch(() => undefined)
      return { done: true, value: undefined }
    },
  }
}

async function reportOf<Step, Report>(iterator: RememberingIterator<Step, Report>): Promise<Report> {
  while (iterator.ended === undefined) await iterator.next()
  const { ended } = iterator
  if (ended === 'left') {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The command was left before its end, so there is no report; run it again.',
    )
  }
  if ('error' in ended) throw ended.error
  return ended.report
}
