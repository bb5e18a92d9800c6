/** Waiting for other connections without stopping the process: a driver that waits by itself would. */

import type { GuillemetError } from '../../errors.ts'
import { pause } from '../../waiting.ts'
import { unavailable } from '../failures.ts'
import { isBusy } from './failures.ts'

/** How long to try, and who may end it sooner. */
export interface Patience {
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

const SHORTEST_SLEEP_MS = 1
const LONGEST_SLEEP_MS = 20

/**
 * Runs the work, again while another connection is in the way.
 *
 * @param toFailure makes one of ours of what the work throws otherwise
 * @throws ERR_STORAGE_UNAVAILABLE when the time is over or the signal aborted
 */
export async function patiently<T>(
  { timeout, signal }: Patience,
  work: () => T,
  toFailure: (error: unknown) => GuillemetError,
): Promise<T> {
  const end = performance.now() + timeout
  let longest = SHORTEST_SLEEP_MS
  for (;;) {
    if (signal?.aborted) throw unavailable('The call was given up', 'try again')
    try {
      return work()
    } catch (error) {
      if (!isBusy(error)) throw toFailure(error)
      if (performance.now() >= end) throw stillBusy(timeout)
    }
    // by chance, so that several processes do not come back at the same moment again and again
    await pause(SHORTEST_SLEEP_MS + Math.random() * longest)
    longest = Math.min(longest * 2, LONGEST_SLEEP_MS)
  }
}

function stillBusy(timeout: number): GuillemetError {
  return unavailable(
    `Another connection has been writing to the SQLite database for ${timeout} ms`,
    'end transactions that stay open, or raise the option busyTimeout',
  )
}
