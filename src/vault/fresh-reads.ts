/** Reads past every cache, one for all who want the same records at the same time. */

import type { RecordKey } from '../ports/storage.ts'
import type { Row } from './store.ts'

type Rows = readonly (Row | undefined)[]

interface FreshRead {
  /** Counted from 1, in the order in which they begin. */
  readonly number: number
  readonly begunAt: number
  readonly rows: Promise<Rows>
}

/** How old an answer may be that is given to one more; in milliseconds. */
const MAX_AGE_MS = 10_000
/** How many answers are remembered, each of other records; the oldest goes first. */
const MAX_READS = 100

/** The fresh reads of one view. Holds sealed records, and no value. */
export class FreshReads {
  readonly #read: (keys: readonly RecordKey[]) => Promise<Rows>
  readonly #now: () => number
  readonly #last = new Map<string, FreshRead>()
  #begun = 0

  constructor(read: (keys: readonly RecordKey[]) => Promise<Rows>, now: () => number) {
    this.#read = read
    this.#now = now
  }

  /** How many have begun: what was read before now is older than any that begins later. */
  get begun(): number {
    return this.#begun
  }

  /** The records as they were at some time after `since` reads had begun; a read that failed is begun anew. */
  get(keys: readonly RecordKey[], since: number): Promise<Rows> {
    const id = keys.map(({ environment, tag }) => `${environment}/${tag}`).join(' ')
    const begunAt = this.#now()
    const known = this.#last.get(id)
    if (known !== undefined && known.number > since && begunAt - known.begunAt <= MAX_AGE_MS) return known.rows
    this.#begun++
    const made = { number: this.#begun, begunAt, rows: this.#read(keys) }
    this.#last.delete(id)
    this.#last.set(id, made)
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= MAX_READS) break
      this.#last.delete(oldest)
    }
    made.rows.catch(() => {
      if (this.#last.get(id) === made) this.#last.delete(id)
    })
    return made.rows
  }
}
