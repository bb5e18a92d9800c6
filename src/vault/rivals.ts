/** Changes by compare-and-set against others who may be faster: how often one is tried, and the pause before the next try. */

import { pause } from '../waiting.ts'

/** After that many tries the caller is told of the conflict. */
export const MAX_TRIES = 64
const LONGEST_PAUSE_MS = 20

/** A pause after that many tries; random, so that rivals part. */
export function pauseForRivals(tries: number): Promise<void> {
  return pause(Math.random() * Math.min(LONGEST_PAUSE_MS, tries))
}
