/**
 * The storage as the vault sees it: every failure has a code, every answer is checked, every doubtful write is settled.
 *
 * Foreign errors are never kept as `cause`: a driver's error may quote a connection string with its password.
 */

import { codeOf, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { ListPage, RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'

/** What the vault takes from a row: the place is the one asked for, never the one in the row that came back. */
export interface Row {
  readonly version: number
  readonly body: string
}

/** A row of a listing; its place is all there is to know where it is stored. */
export interface ListedRow extends Row, RecordKey {}

/** UTF-16 code units. */
const MAX_WHERE = 4_200

/** How many times a write is offered whose outcome nobody could tell. */
const PUT_ATTEMPTS = 3

// without a prototype: an adapter that reads an absent option plainly must not find a polluted one
const FRESH = Object.freeze(withoutPrototype({ fresh: true }))
const ANY_AGE = Object.freeze(withoutPrototype({ fresh: false }))

/** A storage whose failures and answers can be relied on. */
export class Store {
  readonly #storage: VaultStorage

  constructor(storage: VaultStorage) {
    this.#storage = storage
  }

  /** What errors call the storage. */
  get where(): string {
    const { where } = this.#storage
    return typeof where === 'string' && where.length <= MAX_WHERE ? where : 'this storage'
  }

  /** Rows in the order of the keys; one round trip. `isFresh` asks past every cache. */
  async get(workspace: string, keys: readonly RecordKey[], isFresh = false): Promise<readonly (Row | undefined)[]> {
    let rows: unknown
    try {
      rows = await this.#storage.get(workspace, keys, isFresh ? FRESH : ANY_AGE)
    } catch (error) {
      throw readFailure(error)
    }
    if (!Array.isArray(rows) || rows.length !== keys.length) throw corruptAnswer()
    return rows.map(readRow)
  }

  /** Whether this write won; `false` is a conflict: somebody else has written this version. */
  async put(record: StoredRecord): Promise<boolean> {
    for (let attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
      try {
        await this.#storage.put({ ...record })
        return true
      } catch (error) {
        const code = codeOf(error)
        if (code === 'ERR_CONFLICT' && attempt === 1) return false
        // an attempt that never arrived does not settle the doubt that an earlier one left
        if (code === 'ERR_STORAGE_UNAVAILABLE') throw attempt === 1 ? storageUnavailable(error) : doubtfulWrite()
        // a doubtful write may have won after all, and its repetition then conflicts with itself
        const isDone = await this.#isStored(record)
        if (isDone !== undefined) return isDone
        // not there yet: offering it again is safe, since the version decides
      }
    }
    throw doubtfulWrite()
  }

  /** One page of a listing. */
  async list(workspace: string, page: ListPage): Promise<readonly ListedRow[]> {
    let rows: unknown
    try {
      rows = await this.#storage.list(workspace, withoutPrototype(page))
    } catch (error) {
      throw readFailure(error)
    }
    if (!Array.isArray(rows) || rows.length > page.limit) throw corruptAnswer()
    return rows.map(readListedRow)
  }

  /** Closes the storage, where it can be closed. */
  async close(): Promise<void> {
    try {
      await this.#storage.close?.()
    } catch (error) {
      throw readFailure(error)
    }
  }

  /** Whether what is stored is the very record that was offered; undefined while it is an older one. */
  async #isStored(record: StoredRecord): Promise<boolean | undefined> {
    const [row] = await this.get(record.workspace, [record], true).catch(() => {
      throw doubtfulWrite()
    })
    if (row === undefined || row.version < record.version) return undefined
    // somebody has gone on since: whether from this write, nobody can tell any more
    if (row.version > record.version) throw doubtfulWrite()
    return row.body === record.body
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
  if (read === undefined || typeof environment !== 'string' || typeof tag !== 'string') throw corruptAnswer()
  return { environment, tag, version: read.version, body: read.body }
}

/** The failure of a read, also one thrown before there is a promise, as one of ours. */
function readFailure(error: unknown): GuillemetError {
  if (isOwnError(error, 'ERR_RECORD_CORRUPT')) return error
  return codeOf(error) === 'ERR_RECORD_CORRUPT' ? corruptAnswer() : storageUnavailable(error)
}

/** Whether an adapter says it in the words of this library, which quote nothing and tell what to do. */
function isOwnError(error: unknown, code: GuillemetErrorCode): error is GuillemetError {
  return error instanceof GuillemetError && error.code === code
}

function corruptAnswer(): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The storage returned something that is not a record; look at what was stored and restore it from a backup.',
  )
}

/** A system's error code such as `ECONNREFUSED` or `EROFS`, and nothing else of a foreign error. */
const SYSTEM_CODE = /^[A-Z0-9_]{1,40}$/

function storageUnavailable(error: unknown): GuillemetError {
  if (isOwnError(error, 'ERR_STORAGE_UNAVAILABLE')) return error
  const code = systemCode(error)
  return new GuillemetError(
    'ERR_STORAGE_UNAVAILABLE',
    `The storage did not answer${code === undefined ? '' : ` (${code})`}; nothing was written. Check that it can be reached and try again.`,
  )
}

function systemCode(error: unknown): string | undefined {
  for (const candidate of [codeOf(error), codeOf((error as { cause?: unknown } | undefined)?.cause)]) {
    if (candidate !== undefined && SYSTEM_CODE.test(candidate) && !candidate.startsWith('ERR_')) return candidate
  }
  return undefined
}

function doubtfulWrite(): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    'The storage did not say whether the write was done, and reading it back did not tell; look at the secret before you try again.',
  )
}
