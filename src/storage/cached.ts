/**
 * A cache in front of a storage: sealed records are kept for a while, so that a resolve need not ask for them.
 *
 * @module guillemet/storage/cached
 */

import { codeOf, GuillemetError } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { ReadOptions, RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'
import { Entries, placeId } from './cached/entries.ts'
import {
  type CachedStorageOptions,
  type ReadCacheOptions,
  readCacheOptions,
  type StopListening,
} from './cached/options.ts'
import { type Answers, type Read, Reads } from './cached/reads.ts'
import { corrupt, unavailable } from './failures.ts'

export type { CachedStorageOptions, ChangeSource, StaleRead, StopListening } from './cached/options.ts'

/** What {@link cachedStorage} makes. */
export interface CachedStorage extends VaultStorage {
  /**
   * Forgets what is kept, at once: one record, a workspace, or everything. A read that is under way is not kept either.
   *
   * @param workspace of all workspaces where it is left out
   * @param key of all records of the workspace where it is left out
   */
  invalidate(workspace?: string, key?: RecordKey): void
}

type AskedPlaces = ReadonlyMap<string, RecordKey>
type Found = Map<string, StoredRecord | undefined>

/** With `staleFor`, a storage that has not answered by then counts as unavailable. Milliseconds. */
const PATIENCE_MS = 2_000

const ignore = (): void => {}

/**
 * Keeps sealed records of the storage for `ttl` milliseconds. The vault does not know of it, and what is kept is of no use
 * without its keys.
 *
 * Within one process nothing goes unseen: a put through this storage is seen by the next read. A change by another
 * process is seen after `ttl` at the latest, or at once where `changes` tells of it. Reads of the vault that must be fresh, all
 * changes among them, ask the storage; so does `vault.resolve(template, { fresh: true })`.
 *
 * A record is read once for all who want it at the same moment. That a record is absent is never kept.
 *
 * @param storage closed together with the cache
 * @throws ERR_INVALID_INPUT when an option is not as it must be. Later failures are those of the storage
 * @example
 * const storage = cachedStorage(postgresStorage({ client: pool }), { ttl: 30_000 })
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function cachedStorage(storage: VaultStorage, options: CachedStorageOptions): CachedStorage {
  if (typeof (storage as Partial<VaultStorage> | null | undefined)?.get !== 'function') {
    throw new GuillemetError('ERR_INVALID_INPUT', 'cachedStorage needs the storage to ask, and then its options.')
  }
  const cache = new Cache(storage, readCacheOptions(options))
  return {
    get: (workspace, keys, call) => cache.get(workspace, keys, call),

    async put(record, call) {
      const { workspace, environment, tag } = record
      try {
        await storage.put(record, call)
      } finally {
        // also when it failed, since nobody knows then; a read that was begun before or meanwhile may not have seen it
        cache.invalidate(workspace, { environment, tag })
      }
    },

    list: (workspace, page, call) => storage.list(workspace, page, call),
    ...(storage.workspaces && { workspaces: (page, call) => storage.workspaces!(page, call) }),
    invalidate: (workspace, key) => cache.invalidate(workspace, key),

    get where() {
      return storage.where!
    },

    async close() {
      try {
        await cache.stopListening()
      } finally {
        await storage.close?.()
      }
    },
  }
}

class Cache {
  readonly #storage: VaultStorage
  readonly #options: ReadCacheOptions
  readonly #entries: Entries
  readonly #reads = new Reads()
  #stop: StopListening | undefined
  #isClosed = false

  constructor(storage: VaultStorage, options: ReadCacheOptions) {
    this.#storage = storage
    this.#options = options
    this.#entries = new Entries(options.ttl, options.maxRecords)
    void this.#listen()
  }

  async get(
    workspace: string,
    keys: readonly RecordKey[],
    call: ReadOptions | undefined,
  ): Promise<(StoredRecord | undefined)[]> {
    const ids = keys.map((key) => placeId(workspace, key))
    const asked: AskedPlaces = new Map(keys.map(({ environment, tag }, index) => [ids[index]!, { environment, tag }]))
    const signal = ownValue(call, 'signal')
    const found: Found = new Map()
    const isFresh = ownValue(call, 'fresh') === true
    try {
      let reads = isFresh ? [this.#begin(workspace, asked, true)] : this.#readsFor(workspace, asked, found)
      while (reads.length > 0) {
        const answers = await Promise.all(reads.map((read) => this.#reads.wait(read, signal)))
        for (const some of answers) for (const [id, record] of some ?? []) found.set(id, record)
        reads = answers.includes(undefined) ? this.#readsFor(workspace, asked, found) : []
      }
    } catch (error) {
      const mayBeStale = !isFresh && !signal?.aborted && codeOf(error) !== 'ERR_RECORD_CORRUPT'
      if (!mayBeStale || !this.#findStale(workspace, asked, found)) throw error
    }
    return ids.map((id) => {
      const record = found.get(id)
      return record && { ...record }
    })
  }

  /** Puts what is current into `found`; the reads that will answer for the rest, one of them new where it must be. */
  #readsFor(workspace: string, asked: AskedPlaces, found: Found): readonly Read[] {
    const now = performance.now()
    const reads = new Set<Read>()
    const missing = new Map<string, RecordKey>()
    for (const [id, key] of asked) {
      if (found.has(id)) continue
      const record = this.#entries.current(id, now)
      const read = record === undefined ? this.#reads.joinable(id, now) : undefined
      if (record !== undefined) found.set(id, record)
      else if (read !== undefined) reads.add(read)
      else missing.set(id, key)
    }
    if (missing.size > 0) reads.add(this.#begin(workspace, missing, false))
    return [...reads]
  }

  /** Asks the storage, once for all of the keys, and keeps the answers. */
  #begin(workspace: string, asked: AskedPlaces, isFresh: boolean): Read {
    const begunAt = performance.now()
    return this.#reads.begin(workspace, asked, begunAt, !isFresh, async ({ ending, overtaken }) => {
      const keys = [...asked.values()]
      const call = withoutPrototype({ fresh: isFresh, signal: ending.signal })
      const answer = this.#storage.get(workspace, keys, call)
      const rows = await (isFresh || this.#options.staleFor === 0 ? answer : inTime(answer, ending))
      if (!Array.isArray(rows) || rows.length !== keys.length) throw incompleteAnswer()
      const answers: Answers = new Map(
        [...asked].map(([id, key], index) => [id, recordAt(workspace, key, rows[index])]),
      )
      for (const [id, record] of answers) {
        if (!overtaken.has(id)) this.#entries.keep(id, record, begunAt, performance.now())
      }
      return answers
    })
  }

  /** Whether all that is not found is known and young enough; puts it into `found`, and tells of it. */
  #findStale(workspace: string, asked: AskedPlaces, found: Found): boolean {
    const { ttl, staleFor, onStale } = this.#options
    if (staleFor === 0) return false
    const now = performance.now()
    const keys: RecordKey[] = []
    let oldest = 0
    for (const [id, key] of asked) {
      if (found.has(id)) continue
      const known = this.#entries.lastKnown(id, now)
      if (known === undefined || known.age >= ttl + staleFor) return false
      found.set(id, known.record)
      keys.push({ ...key })
      oldest = Math.max(oldest, known.age)
    }
    try {
      const told: unknown = onStale?.({ workspace, keys, age: oldest })
      // a function of this type may be async all the same, and nobody else would hear that it failed
      Promise.resolve(told).catch(ignore)
    } catch {
      // who listens must not break a resolve
    }
    return true
  }

  invalidate(workspace?: string, key?: RecordKey): void {
    const isMeant = (other: string, otherKey: RecordKey) =>
      (workspace === undefined || other === workspace) &&
      (key === undefined || (otherKey.environment === key.environment && otherKey.tag === key.tag))
    if (workspace !== undefined && key !== undefined) this.#entries.forgetOne(placeId(workspace, key))
    else this.#entries.forget((record) => isMeant(record.workspace, record))
    this.#reads.overtake(isMeant)
  }

  /** A source that fails, now or later, changes nothing: each record is asked for again after its time. */
  async #listen(): Promise<void> {
    try {
      const stop = await this.#options.changes?.((workspace) => {
        const isMeant = (other: string) => workspace === undefined || other === workspace
        this.#entries.outdate((record) => isMeant(record.workspace))
        this.#reads.overtake(isMeant)
      })
      if (typeof stop !== 'function') return
      if (this.#isClosed) await stop()
      else this.#stop = stop
    } catch {
      // without news, records live as long as ttl says
    }
  }

  async stopListening(): Promise<void> {
    this.#isClosed = true
    await this.#stop?.()
  }
}

/** The answer, or the failure that stands for it when it takes too long: a storage that hangs is unavailable. */
async function inTime<T>(answer: Promise<T>, ending: AbortController): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(unavailable('The storage did not answer', 'try again'))
      ending.abort()
    }, PATIENCE_MS)
  })
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

/** The row as a record of the place that was asked for, and a copy. */
function recordAt(workspace: string, { environment, tag }: RecordKey, row: unknown): StoredRecord | undefined {
  if (row === undefined) return undefined
  if (typeof row !== 'object' || row === null) throw incompleteAnswer()
  const { version, body } = row as StoredRecord
  return { workspace, environment, tag, version, body }
}

function incompleteAnswer(): GuillemetError {
  return corrupt('The storage did not answer with a record for each that was asked for')
}
