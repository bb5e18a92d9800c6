/** One after the other, for each record: what unstorage cannot compare and set is compared and set while nobody else writes. */

import type { GuillemetError } from '../../errors.ts'
import { untilAborted } from '../../waiting.ts'
import { outcomeUnknown, unavailable } from '../failures.ts'

/** Begins to write, unless the call was given up before. */
export type Write = (set: () => Promise<void>) => Promise<void>

/** The turns of all records. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()
  /** The keys of writes that have not ended, also where nobody waits for them any longer. */
  readonly #writing = new Set<string>()

  /**
   * Runs the work when all that was asked for this key before is over, whatever came of it. The turn ends with the work, or
   * when the signal is aborted.
   *
   * @throws ERR_STORAGE_UNAVAILABLE where a write that was given up may still be carried out: it would undo this one
   */
  async take<T>(key: string, signal: AbortSignal | undefined, work: (write: Write) => Promise<T>): Promise<T> {
    const turn = this.settled(key).then(() => this.#run(key, signal, work))
    this.#last.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
  }

  /** Resolves when nobody is at work on this key. */
  async settled(key: string): Promise<void> {
    await this.#last.get(key)?.catch(() => {})
  }

  async #run<T>(key: string, signal: AbortSignal | undefined, work: (write: Write) => Promise<T>): Promise<T> {
    if (this.#writing.has(key)) {
      throw unavailable(
        'The unstorage driver has not answered to an earlier write of this record, which may still be carried out',
        'try again; if it stays so, look at its backend and start this process anew',
      )
    }
    let isBegun = false
    const write: Write = async (set) => {
      if (signal?.aborted) throw givenUp(isBegun)
      isBegun = true
      this.#writing.add(key)
      await set().finally(() => this.#writing.delete(key))
    }
    if (signal?.aborted) throw givenUp(isBegun)
    return await untilAborted(work(write), signal, () => givenUp(isBegun))
  }
}

function givenUp(isBegun: boolean): GuillemetError {
  const happened = 'The call was given up before the unstorage driver answered'
  return isBegun ? outcomeUnknown(happened) : unavailable(happened, 'try again')
}
