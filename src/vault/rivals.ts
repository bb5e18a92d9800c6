/** Changes by compare-and-set against others who may be faster: how often one is tried, and the pause before the next try. */

import { GuillemetError } from '../errors.ts'
import { pause } from '../waiting.ts'

/** After that many tries the caller is told of the conflict. */
export const MAX_TRIES = 64
const LONGEST_PAUSE_MS = 20

/** A pause after that many tries; random, so that rivals part. */
export function pauseForRivals(tries: number): Promise<void> {
  return pause(Math.random() * Math.min(LONGEST_PAUSE_MS, tries))
}

/**
 * Runs one compare-and-set after the other until one wins; undefined means that somebody else was faster.
 *
 * @param what is changed, for the error
 * @throws ERR_CONFLICT when others were faster again and again; what `once` throws
 */
export async function retryOnConflict<R>(what: string, once: () => Promise<R | undefined>): Promise<R> {
  for (let count = 1; count <= MAX_TRIES; count++) {
    const done = await once()
    if (done !== undefined) return done
    await pauseForRivals(count)
  }
  throw new GuillemetError(
    'ERR_CONFLICT',
    `Others changed ${what} faster, ${MAX_TRIES} times in a row; nothing was written, try again later.`,
  )
}
