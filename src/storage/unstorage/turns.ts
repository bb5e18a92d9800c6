/** One after the other, for each record: what unstorage cannot compare and set is compared and set while nobody else writes. */

/** The turns of all records. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs the work when all that was asked for this key before is over, whatever came of it. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = this.settled(key).then(work)
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
}
