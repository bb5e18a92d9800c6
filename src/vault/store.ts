/**
 * The storage as the vault sees it: every call ends, every failure has a code, every answer is checked, every doubtful
 * write is settled.
 */

import { codeOf } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { CallOptions, ListPage, RecordKey, StoredRecord, VaultStorage, WorkspacePage } from '../ports/storage.ts'
import { isStoredName } from '../tag.ts'
import { answerOf, type CallLimits, type CallSignal, NotAnswered } from './deadline.ts'
import { settleWrite, type WriteVerdict } from './settle-write.ts'
import { closedMeanwhile, corruptAnswer, readFailure, refusedWrite, storageUnavailable } from './storage-errors.ts'

/** What the vault takes from a row: the place is the one asked for, never the one in the row that came back. */
export interface Row {
  readonly version: number
  readonly body: string
}

/** A row of a listing; its place is all there is to know where it is stored. */
export interface ListedRow extends Row, RecordKey {}

/** How rows are read. */
export interface RowOptions {
  /** Whether the storage is asked past every cache. */
  readonly isFresh: boolean
  /** Ends the waiting. */
  readonly signal: AbortSignal | undefined
}

/** How a write is offered. */
export interface WriteOptions {
  /**
   * Of a change that must not be made twice: a conflict that may have been one with itself is an unknown outcome then, since
   * others have gone on and nobody can tell any more.
   */
  readonly isOnce: boolean
}

/** How long one call of the storage may take where the vault's options do not say it. */
const STORAGE_TIMEOUT_MS = 10_000
/** How long a storage that was told to stop a write may take to say what it knows of it. */
const WRITE_GRACE_MS = 100
const MAY_REPEAT: WriteOptions = { isOnce: false }
/** UTF-16 code units. */
const MAX_WHERE = 4_200

/** A storage whose failures and answers can be relied on. */
export class Store {
  readonly #storage: VaultStorage
  readonly #timeout: number
  #underWay = 0
  #isClosed = false
  #allDone: (() => void) | undefined

  /** @param timeout how long one call may take, in milliseconds. @default 10,000 */
  constructor(storage: VaultStorage, timeout: number = STORAGE_TIMEOUT_MS) {
    this.#storage = storage
    this.#timeout = timeout
  }

  /** What errors call the storage. */
  get where(): string {
    const { where } = this.#storage
    return typeof where === 'string' && where.length <= MAX_WHERE ? where : 'this storage'
  }

  /**
   * Rows in the order of the keys; one round trip.
   *
   * @throws ERR_STORAGE_UNAVAILABLE, also when it takes too long or the signal is aborted; ERR_RECORD_CORRUPT
   */
  async get(
    workspace: string,
    keys: readonly RecordKey[],
    { isFresh, signal }: RowOptions,
  ): Promise<readonly (Row | undefined)[]> {
    this.#requireOpen()
    return this.#rows(workspace, keys, isFresh, { timeout: this.#timeout, signal })
  }

  /**
   * What is stored at one place, past every cache.
   *
   * @throws as `get`
   */
  async getFresh(workspace: string, key: RecordKey, signal?: AbortSignal): Promise<Row | undefined> {
    return (await this.get(workspace, [key], { isFresh: true, signal }))[0]
  }

  /**
   * Whether this write won; `false` is a conflict: somebody else has written this version.
   *
   * @throws ERR_OUTCOME_UNKNOWN when the storage has it, or may have it; else it is certainly not written
   */
  async put(record: StoredRecord, signal?: AbortSignal, { isOnce }: WriteOptions = MAY_REPEAT): Promise<boolean> {
    this.#requireOpen()
    if (signal?.aborted) throw storageUnavailable(new NotAnswered('aborted'), 'written')
    // all of it is under way until it is settled, so that `close` waits for the last word
    this.#underWay++
    try {
      const first = await this.#offer(record, { timeout: this.#timeout, signal })
      if (first === 'written') return true
      if (typeof first !== 'string') throw first
      return await settleWrite(first, record, {
        timeout: this.#timeout,
        signal,
        isOnce,
        offer: (limits) => this.#offer(record, limits),
        read: async (limits) => (await this.#rows(record.workspace, [record], true, limits))[0],
      })
    } finally {
      this.#done()
    }
  }

  /**
   * One page of a listing.
   *
   * @throws as `get`
   */
  async list(workspace: string, page: ListPage, signal?: AbortSignal): Promise<readonly ListedRow[]> {
    this.#requireOpen()
    const call = (own: CallSignal) => this.#storage.list(workspace, withoutPrototype(page), callOptions(own))
    const rows = await this.#read(call, { timeout: this.#timeout, signal })
    if (!Array.isArray(rows) || rows.length > page.limit) throw corruptAnswer()
    return rows.map(readListedRow)
  }

  /**
   * One page of the workspaces that hold a record; undefined where the storage cannot list them.
   *
   * @throws as `get`
   */
  async workspaces(page: WorkspacePage, signal?: AbortSignal): Promise<readonly string[] | undefined> {
    this.#requireOpen()
    if (this.#storage.workspaces === undefined) return undefined
    const call = (own: CallSignal) => this.#storage.workspaces!(withoutPrototype(page), callOptions(own))
    const names = await this.#read(call, { timeout: this.#timeout, signal })
    if (!Array.isArray(names) || names.length > page.limit || !names.every(isStoredName)) throw corruptAnswer()
    return [...names]
  }

  /** Waits for the calls under way, each of which ends, and closes the storage where it can be closed. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#underWay > 0) {
      await new Promise<void>((resolve) => {
        this.#allDone = resolve
      })
    }
    await this.#read(async () => this.#storage.close?.(), { timeout: this.#timeout, signal: undefined })
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closedMeanwhile()
  }

  async #rows(
    workspace: string,
    keys: readonly RecordKey[],
    isFresh: boolean,
    limits: CallLimits,
  ): Promise<readonly (Row | undefined)[]> {
    // no more than a key has: a storage may look for all of it
    const wanted: RecordKey[] = []
    for (const { environment, tag } of keys) wanted.push({ environment, tag })
    const rows = await this.#read((own) => this.#storage.get(workspace, wanted, readCallOptions(own, isFresh)), limits)
    if (!Array.isArray(rows) || rows.length !== keys.length) throw corruptAnswer()
    return rows.map(readRow)
  }

  async #read<T>(call: (own: CallSignal) => Promise<T>, limits: CallLimits): Promise<T> {
    this.#underWay++
    try {
      if (limits.signal?.aborted) throw new NotAnswered('aborted')
      return await answerOf(call, limits)
    } catch (error) {
      throw readFailure(error)
    } finally {
      this.#done()
    }
  }

  #done(): void {
    if (--this.#underWay === 0) this.#allDone?.()
  }

  /** What the storage says of one put; an error where it says that it is certainly not written. */
  async #offer(record: StoredRecord, limits: CallLimits): Promise<WriteVerdict> {
    try {
      await answerOf((own) => this.#storage.put({ ...record }, callOptions(own)), { ...limits, grace: WRITE_GRACE_MS })
      return 'written'
    } catch (error) {
      return codeOf(error) === 'ERR_CONFLICT' ? 'conflict' : (refusedWrite(error) ?? 'unknown')
    }
  }
}

// without a prototype: an adapter that reads an absent option plainly must not find a polluted one
function callOptions(own: CallSignal): CallOptions {
  return {
    // @ts-expect-error a prototype is no member of a type
    __proto__: null,
    get signal() {
      return own.signal
    },
  }
}

function readCallOptions(own: CallSignal, fresh: boolean): CallOptions {
  return {
    // @ts-expect-error a prototype is no member of a type
    __proto__: null,
    fresh,
    get signal() {
      return own.signal
    },
  }
}

function readRow(row: unknown): Row | undefined {
  if (row === undefined) return undefined
  if (typeof row !== 'object' || row === null) throw corruptAnswer()
  const version = ownValue(row as StoredRecord, 'version')
  const body = ownValue(row as StoredRecord, 'body')
  if (!Number.isSafeInteger(version) || (version as number) < 1 || typeof body !== 'string') throw corruptAnswer()
  return { version: version as number, body }
}

function readListedRow(row: unknown): ListedRow {
  const read = readRow(row)
  const environment = ownValue(row as StoredRecord, 'environment')
  const tag = ownValue(row as StoredRecord, 'tag')
  // such a row was put there by somebody else, and its name, which is printed and suggested, may be any text
  if (read === undefined || !isStoredName(environment) || !isStoredName(tag)) throw corruptAnswer()
  return { environment, tag, version: read.version, body: read.body }
}
