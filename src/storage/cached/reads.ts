/**
 * Reads under way: each place is read once for all who want it, and no read leaves behind what a change has overtaken.
 *
 * A read belongs to nobody: one who gives up leaves, and only when the last has left is it ended.
 */

import type { RecordKey, StoredRecord } from '../../ports/storage.ts'
import { untilAborted, within } from '../../waiting.ts'
import { unavailable } from '../failures.ts'

/** The answers of a read, by the ids of places. */
export type Answers = ReadonlyMap<string, StoredRecord | undefined>

/** One read of one or more places of a workspace. */
export interface Read {
  readonly workspace: string
  readonly keys: ReadonlyMap<string, RecordKey>
  /** When it was begun, in milliseconds of the monotonic clock. */
  readonly begunAt: number
  readonly answers: Promise<Answers>
  /** Places that were changed since: the answer may be older, and is not kept. */
  readonly overtaken: Set<string>
  readonly ending: AbortController
  waiting: number
}

/** Asks the storage. */
export type Ask = (read: Omit<Read, 'answers'>) => Promise<Answers>

/** Others do not join a read that is older, or wait for it any longer: if it hangs, a new one may not. Milliseconds. */
const JOINED_FOR_MS = 1_000

/** The reads of one cache. */
export class Reads {
  readonly #all = new Set<Read>()
  readonly #joinable = new Map<string, Read>()

  /** The read under way that will answer for the place, if there is one that is young enough. */
  joinable(id: string, now: number): Read | undefined {
    const read = this.#joinable.get(id)
    return read !== undefined && now - read.begunAt < JOINED_FOR_MS ? read : undefined
  }

  /**
   * Begins a read.
   *
   * @param isShared whether others may join it
   */
  begin(workspace: string, keys: ReadonlyMap<string, RecordKey>, now: number, isShared: boolean, ask: Ask): Read {
    const begun = {
      workspace,
      keys,
      begunAt: now,
      overtaken: new Set<string>(),
      ending: new AbortController(),
      waiting: 0,
    }
    const read: Read = Object.assign(begun, { answers: ask(begun) })
    this.#all.add(read)
    if (isShared) for (const id of keys.keys()) this.#joinable.set(id, read)
    const end = () => this.#end(read)
    read.answers.then(end, end)
    return read
  }

  /**
   * Waits for the answers; rejects at once when the signal aborts, and ends the read when nobody waits any longer. Gives
   * undefined to one who has joined a read that takes too long: a platform that gives up a request, as Workers do, drops
   * the read that it has begun, and no answer or failure ever comes.
   */
  async wait(read: Read, signal: AbortSignal | undefined): Promise<Answers | undefined> {
    const isJoined = read.waiting > 0
    read.waiting++
    try {
      const answers = untilAborted(read.answers, signal, () => unavailable('The call was given up', 'try again'))
      return await (isJoined ? within(answers, read.begunAt + JOINED_FOR_MS - performance.now()) : answers)
    } finally {
      read.waiting--
      if (read.waiting === 0 && this.#all.has(read)) {
        this.#end(read)
        read.ending.abort()
      }
    }
  }

  /** What was read so far at these places may be old: such answers are not kept, and nobody joins these reads. */
  overtake(isMeant: (workspace: string, key: RecordKey) => boolean): void {
    for (const read of this.#all) {
      for (const [id, key] of read.keys) {
        if (!isMeant(read.workspace, key)) continue
        read.overtaken.add(id)
        if (this.#joinable.get(id) === read) this.#joinable.delete(id)
      }
    }
  }

  #end(read: Read): void {
    this.#all.delete(read)
    for (const id of read.keys.keys()) {
      if (this.#joinable.get(id) === read) this.#joinable.delete(id)
    }
  }
}
