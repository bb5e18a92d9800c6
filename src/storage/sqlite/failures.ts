/** What SQLite's result codes mean for a record; no text of SQLite, a driver or a statement is ever repeated. */

import { codeOf, GuillemetError } from '../../errors.ts'
import { ownValue } from '../../plain-object.ts'
import { corrupt, unavailable } from '../failures.ts'

/** The primary result codes that are told apart, by the number of node:sqlite, bun:sqlite and libsql. */
const RESULT_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'ERROR'],
  [5, 'BUSY'],
  [6, 'LOCKED'],
  [8, 'READONLY'],
  [10, 'IOERR'],
  [11, 'CORRUPT'],
  [13, 'FULL'],
  [14, 'CANTOPEN'],
  [18, 'TOOBIG'],
  [19, 'CONSTRAINT'],
  [23, 'AUTH'],
  [26, 'NOTADB'],
])
const CODE_TEXT = /^SQLITE_([A-Z]{1,16})(?:_[A-Z_]*)?$/

/** What happened, and what to do. */
const RESULT_WORDS: ReadonlyMap<string, readonly [happened: string, advice: string]> = new Map([
  [
    'READONLY',
    ['The SQLite database is read-only', 'open it for writing, and check the rights of its file and directory'],
  ],
  ['FULL', ['The disk of the SQLite database is full', 'free some space and try again']],
  ['IOERR', ['The disk of the SQLite database failed', 'check the disk and its free space']],
  ['CANTOPEN', ['The SQLite database cannot be opened', 'check that its directory exists and can be written']],
  ['CORRUPT', ['The SQLite database is damaged', 'restore it from a backup']],
  ['NOTADB', ['The file is not an SQLite database, or an encrypted one', 'look at the path and restore the file']],
  ['TOOBIG', ['The record is larger than this SQLite permits', 'raise its limit of a row (SQLITE_LIMIT_LENGTH)']],
  [
    'CONSTRAINT',
    ['The table refused the record by a rule of its own', 'remove constraints and triggers that were added'],
  ],
  ['AUTH', ['An authorizer of the SQLite handle forbids it', 'permit what this storage does with its own table']],
  [
    'ERROR',
    ['The SQLite database refused the statement', 'look at the table; storage.migrate() says what is wrong with it'],
  ],
])

/** SQLite's own sentences for a statement that a transaction does not permit; of libsql's and others' codes all are alike. */
const WITHIN_TRANSACTION = /(?:within|inside) a transaction/
const UNFINISHED_STATEMENT = /statements in progress/
const NO_TRANSACTION = /no transaction is active/

/** The primary result code without `SQLITE_`, such as `BUSY`; undefined where the error is not SQLite's. */
export function resultOf(error: unknown): string | undefined {
  const [, name] = CODE_TEXT.exec(codeOf(error) ?? '') ?? []
  if (name !== undefined) return name
  if (typeof error !== 'object' || error === null) return undefined
  for (const key of ['errcode', 'errno', 'rawCode']) {
    const code = ownValue(error, key) as unknown
    // an extended code holds the primary one in its lowest byte; system errors have negative numbers
    if (typeof code === 'number' && Number.isSafeInteger(code) && code > 0) return RESULT_NAMES.get(code & 0xff)
  }
  return undefined
}

/** Whether another connection is in the way, and waiting helps. */
export function isBusy(error: unknown): boolean {
  const result = resultOf(error)
  return (result === 'BUSY' || result === 'LOCKED') && !UNFINISHED_STATEMENT.test(messageOf(error))
}

/** Whether there was nothing to roll back: some failures end the transaction by themselves. */
export function isOutsideTransaction(error: unknown): boolean {
  return NO_TRANSACTION.test(messageOf(error))
}

/** The failure of a read; an error of this library passes as it is. */
export function readFailure(error: unknown): GuillemetError {
  const result = resultOf(error)
  const [happened] = RESULT_WORDS.get(result ?? '') ?? []
  if (happened !== undefined && (result === 'CORRUPT' || result === 'NOTADB')) return corrupt(happened)
  return writeFailure(error)
}

/** The failure of a write of which nothing was kept; an error of this library passes as it is. */
export function writeFailure(error: unknown): GuillemetError {
  if (error instanceof GuillemetError) return error
  const message = messageOf(error)
  if (WITHIN_TRANSACTION.test(message)) {
    return unavailable(
      'The SQLite handle is inside a transaction of the application, which could undo an acknowledged write',
      'end the transaction first, or open a handle for this storage alone',
    )
  }
  if (UNFINISHED_STATEMENT.test(message)) {
    return unavailable(
      'A statement of the application is unfinished on this SQLite handle, so that nothing can be committed',
      'open a handle for this storage alone',
    )
  }
  return unavailable(...(RESULT_WORDS.get(resultOf(error) ?? '') ?? UNKNOWN_FAILURE))
}

const UNKNOWN_FAILURE = ['The SQLite handle failed', 'check that it is open and that its file can be reached'] as const

/** Never shown: only compared with sentences of SQLite itself. */
function messageOf(error: unknown): string {
  return error instanceof Error && typeof error.message === 'string' ? error.message : ''
}
