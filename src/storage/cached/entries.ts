/** Records that were read, each with the moment of its reading: bounded, the least recently used go first. */

import type { RecordKey, StoredRecord } from '../../ports/storage.ts'

interface CachedEntry {
  readonly record: StoredRecord
  /** When the read was begun that gave it, in milliseconds of the monotonic clock: what is stored cannot be newer. */
  readonly readAt: number
  /** Told to be old by a notification: no longer served, but still the last that is known. */
  isOutdated: boolean
}

/** A record together with its age in milliseconds. */
export interface Aged {
  readonly record: StoredRecord
  readonly age: number
}

/** A text for each place, of which no two are alike: lengths stand before the names. */
export function placeId(workspace: string, { environment, tag }: RecordKey): string {
  return `${workspace.length}.${environment.length}.${workspace}${environment}${tag}`
}

/** The entries by place. */
export class Entries {
  readonly #entries = new Map<string, CachedEntry>()
  readonly #ttl: number
  readonly #most: number

  constructor(ttl: number, most: number) {
    this.#ttl = ttl
    this.#most = most
  }

  /** The record, while it is young enough to be served. */
  current(id: string, now: number): StoredRecord | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.isOutdated || now - entry.readAt >= this.#ttl) return undefined
    // the order of a map is that of insertion: the first is the least recently used
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return entry.record
  }

  /** The record whatever its age, for when the storage cannot be asked. */
  lastKnown(id: string, now: number): Aged | undefined {
    const entry = this.#entries.get(id)
    return entry && { record: entry.record, age: now - entry.readAt }
  }

  /**
   * Keeps what a read gave. Absence is never kept. An answer that is older than the entry next to it tells that one of the
   * two reads was overtaken, and neither is kept.
   */
  keep(id: string, record: StoredRecord | undefined, readAt: number, now: number): void {
    const before = this.current(id, now)
    this.#entries.delete(id)
    if (record === undefined || (before !== undefined && before.version > record.version)) return
    this.#entries.set(id, { record, readAt, isOutdated: false })
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!)
  }

  /** Forgets what is at these places. */
  forget(isMeant: (record: StoredRecord, id: string) => boolean): void {
    for (const [id, { record }] of this.#entries) {
      if (isMeant(record, id)) this.#entries.delete(id)
    }
  }

  /** Forgets one place. */
  forgetOne(id: string): void {
    this.#entries.delete(id)
  }

  /** Serves none of these any longer without a new read. */
  outdate(isMeant: (record: StoredRecord) => boolean): void {
    for (const entry of this.#entries.values()) {
      if (isMeant(entry.record)) entry.isOutdated = true
    }
  }
}
