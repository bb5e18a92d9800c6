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

/** A row of a listing; its place is all there is to know where it stands. */
export interface ListedRow extends Row, RecordKey {}

/** How many times a write is offered whose outcome nobody could tell. */
const PUT_ATTEMPTS = 3

/** The storage, with settled outcomes. */
export interface Store {
  /** Rows in the order of the keys; one round trip. */
  get(workspace: string, keys: readonly RecordKey[], fresh?: boolean): Promise<readonly (Row | undefined)[]>
  /** Whether this write won; `false` is a conflict: somebody else has written this version. */
  put(record: StoredRecord): Promise<boolean>
  list(workspace: string, page: ListPage): Promise<readonly ListedRow[]>
  close(): Promise<void>
}

/** The store over a storage that the user chose. */
export function createStore(storage: VaultStorage): Store {
  // options without a prototype: an adapter that reads an absent one plainly must not find a polluted one
  async function get(workspace: string, keys: readonly RecordKey[], fresh = false) {
    const rows = await reading(() => storage.get(workspace, keys, withoutPrototype({ fresh })))
    if (!Array.isArray(rows) || rows.length !== keys.length) throw corrupt()
    return rows.map((row: unknown) => (row === undefined ? undefined : readRow(row)))
  }

  /** Whether the record that stands there is the very one that was offered; undefined while it is an older one. */
  async function isOurs(record: StoredRecord): Promise<boolean | undefined> {
    const [row] = await get(record.workspace, [record], true).catch(() => {
      throw outcomeUnknown()
    })
    if (row === undefined || row.version < record.version) return undefined
    // somebody has gone on since: whether from ours, nobody can tell any more
    if (row.version > record.version) throw outcomeUnknown()
    return row.body === record.body
  }

  async function put(record: StoredRecord): Promise<boolean> {
    for (let attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
      try {
        await storage.put({ ...record })
        return true
      } catch (error) {
        const code = codeOf(error)
        if (code === 'ERR_CONFLICT' && attempt === 1) return false
        // a doubt that an earlier attempt left is not settled by an attempt that never arrived
        if (code === 'ERR_STORAGE_UNAVAILABLE') throw attempt === 1 ? unavailable(error) : outcomeUnknown()
        // a doubtful write may have won after all, and its repetition then conflicts with itself
        const ours = await isOurs(record)
        if (ours !== undefined) return ours
        // not there yet: offering it again is safe, since the version decides
      }
    }
    throw outcomeUnknown()
  }

  async function list(workspace: string, page: ListPage) {
    const rows = await reading(() => storage.list(workspace, withoutPrototype(page)))
    if (!Array.isArray(rows) || rows.length > page.limit) throw corrupt()
    return rows.map((row: unknown) => {
      const { version, body } = readRow(row)
      const environment = ownValue(row as StoredRecord, 'environment')
      const tag = ownValue(row as StoredRecord, 'tag')
      if (typeof environment !== 'string' || typeof tag !== 'string') throw corrupt()
      return { environment, tag, version, body }
    })
  }

  return {
    get,
    put,
    list,
    close: () => reading(async () => storage.close?.()),
  }
}

function readRow(row: unknown): Row {
  if (typeof row !== 'object' || row === null) throw corrupt()
  const version = ownValue(row as StoredRecord, 'version')
  const body = ownValue(row as StoredRecord, 'body')
  if (!Number.isSafeInteger(version) || (version as number) < 1 || typeof body !== 'string') throw corrupt()
  return { version: version as number, body }
}

/** What a call gives; its failure, also one thrown before there is a promise, as one of ours. */
async function reading<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call()
  } catch (error) {
    if (isSaid(error, 'ERR_RECORD_CORRUPT')) throw error
    throw codeOf(error) === 'ERR_RECORD_CORRUPT' ? corrupt() : unavailable(error)
  }
}

/** Whether an adapter says it in the words of this library, which quote nothing and tell what to do. */
function isSaid(error: unknown, code: GuillemetErrorCode): error is GuillemetError {
  return error instanceof GuillemetError && error.code === code
}

function corrupt(): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The storage gave back something that is not a record; look at what was stored and restore it from a backup.',
  )
}

/** A system's error code such as `ECONNREFUSED` or `EROFS`, and nothing else of a foreign error. */
const SYSTEM_CODE = /^[A-Z0-9_]{1,40}$/

function unavailable(error: unknown): GuillemetError {
  if (isSaid(error, 'ERR_STORAGE_UNAVAILABLE')) return error
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

function outcomeUnknown(): GuillemetError {
  return new GuillemetError(
    'ERR_OUTCOME_UNKNOWN',
    'The storage did not say whether the write was done, and reading it back did not tell; describe the secret before you try again.',
  )
}
