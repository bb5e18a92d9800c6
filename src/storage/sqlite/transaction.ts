/**
 * Reads and writes as whole transactions, in one turn of the event loop, so that nothing of this process comes between.
 *
 * A put is a single statement and would commit by itself. It has a transaction around it all the same, because that is how
 * a handle which others have left in disorder is noticed: after SQLITE_BUSY libsql leaves the statement unfinished, and from
 * then on a statement by itself reports success and is never committed, while `COMMIT` says so. `BEGIN` also fails
 * inside a transaction of the application, on any driver, whatever it calls its property for that.
 */

import { outcomeUnknown, unavailable } from '../failures.ts'
import type { SqliteConnection } from './connection.ts'
import { isOutsideTransaction, resultOf, type writeFailure } from './failures.ts'

/** `synchronous` as a number: a commit has reached the disk from here on. better-sqlite3 has 1 in WAL mode. */
const SYNCHRONOUS_FULL = 2
const SETTINGS = `SELECT busy.timeout AS timeout, level.synchronous AS synchronous
  FROM pragma_busy_timeout AS busy, pragma_synchronous AS level`

/** A failure of `COMMIT` after which SQLite keeps nothing. After an error of the disk nobody knows. */
const KEEPS_NOTHING: ReadonlySet<string | undefined> = new Set([
  'BUSY',
  'LOCKED',
  'FULL',
  'READONLY',
  'CONSTRAINT',
  'ERROR',
])

/** Runs the work on one snapshot of the database. */
export function inReadTransaction<T>(connection: SqliteConnection, work: () => T): T {
  connection.exec('BEGIN')
  try {
    const result = work()
    connection.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(connection)
    throw error
  }
}

/**
 * Runs the work while no other connection can write. What it did has reached the disk when this returns; nothing of it is
 * kept when this throws, unless the error is ERR_OUTCOME_UNKNOWN.
 *
 * @throws what the driver throws where another connection writes: at once, since waiting would stop the whole process
 */
export function inWriteTransaction<T>(connection: SqliteConnection, work: () => T): T {
  beginWrite(connection)
  let isCommitting = false
  try {
    const result = work()
    isCommitting = true
    connection.exec('COMMIT')
    return result
  } catch (error) {
    const isOver = rollBack(connection)
    if (isCommitting && !(isOver && KEEPS_NOTHING.has(resultOf(error)))) {
      throw outcomeUnknown('The SQLite database failed while it committed')
    }
    if (!isOver) throw unended()
    throw error
  }
}

function beginWrite(connection: SqliteConnection): void {
  const [settings] = connection.rows(SETTINGS)
  if (Number(settings?.['synchronous']) < SYNCHRONOUS_FULL) connection.exec('PRAGMA main.synchronous = FULL')
  const timeout = Number(settings?.['timeout'])
  connection.exec('PRAGMA busy_timeout = 0')
  try {
    connection.exec('BEGIN IMMEDIATE')
  } finally {
    // as the application has set it, for statements of its own
    if (timeout > 0) connection.exec(`PRAGMA busy_timeout = ${timeout}`)
  }
}

/** Whether the handle is out of the transaction. */
function rollBack(connection: SqliteConnection): boolean {
  try {
    connection.exec('ROLLBACK')
    return true
  } catch (error) {
    return isOutsideTransaction(error)
  }
}

function unended(): ReturnType<typeof writeFailure> {
  return unavailable('A transaction on the SQLite handle could not be ended', 'close the handle and open a new one')
}
