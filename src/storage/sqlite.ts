/**
 * Records in a table of an SQLite database, through the driver that the application has.
 *
 * @module guillemet/storage/sqlite
 */

import { GuillemetError } from '../errors.ts'
import { ownValue, withoutPrototype } from '../plain-object.ts'
import type { CallOptions, ListPage, RecordKey, StoredRecord, VaultStorage } from '../ports/storage.ts'
import { readOptions } from '../read-options.ts'
import { unavailable } from './failures.ts'
import { requireLimit, requireRecord } from './records.ts'
import { SqliteConnection, type SqliteDatabase } from './sqlite/connection.ts'
import { readFailure, writeFailure } from './sqlite/failures.ts'
import { patiently } from './sqlite/patience.ts'
import { getRecords, listRecords, listWorkspaces, putRecord, requirePage, requireTexts } from './sqlite/records.ts'
import { migrateTables, requireTables, type Tables, tablesOf } from './sqlite/schema.ts'
import { inReadTransaction, inWriteTransaction } from './sqlite/transaction.ts'

export type { SqliteDatabase, SqliteStatement } from './sqlite/connection.ts'

/** Options of {@link sqliteStorage}. */
export interface SqliteStorageOptions {
  /**
   * An open handle of better-sqlite3, libsql, `node:sqlite` or `bun:sqlite`, for this storage alone; it stays open when the
   * vault closes.
   */
  readonly database: SqliteDatabase
  /** 1 to 63 characters of `A–Z a–z 0–9 _`, no digit first. A second table, `…_schema`, holds its version. @default 'guillemet_records' */
  readonly table?: string | undefined
  /** Milliseconds that a call waits while another connection writes, 0 to 600,000. @default 5000 */
  readonly busyTimeout?: number | undefined
}

/** What {@link sqliteStorage} makes. */
export interface SqliteStorage extends VaultStorage {
  /** The workspaces that hold a record, bytewise. */
  workspaces: NonNullable<VaultStorage['workspaces']>
  /**
   * Makes the tables where they are not there, and switches the database to WAL mode: to be called when the application starts.
   * Several processes may call it at once, and calling it again changes nothing.
   *
   * @throws ERR_STORAGE_UNAVAILABLE when the database cannot be written or does not take WAL mode, when the table is newer
   *   than this version of guillemet, or when it is not as this method makes it
   */
  migrate(options?: CallOptions): Promise<void>
}

const DEFAULT_TABLE = 'guillemet_records'
const DEFAULT_BUSY_TIMEOUT_MS = 5_000
const LONGEST_BUSY_TIMEOUT_MS = 600_000

/**
 * A storage in an SQLite database on a local disk, for any number of processes of one machine.
 *
 * A put that has returned is on the disk, since each is committed with `synchronous=FULL`; reads see it at once, from
 * every process. The driver works synchronously: a write takes the event loop for as long as the disk needs, but waiting
 * for other writers does not. Inside a transaction of the application every call is refused.
 *
 * @throws ERR_INVALID_INPUT when an option is not as it must be. Later failures have the codes of {@link VaultStorage}
 * @example
 * const storage = sqliteStorage({ database: new DatabaseSync('app.db') })
 * await storage.migrate()
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function sqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  const { connection, tables, busyTimeout } = readSqliteOptions(options)
  const { patience, checked, reading, writing } = transactionsOf(connection, tables, busyTimeout)
  return {
    get where() {
      return tablePlace(connection, tables)
    },

    async get(workspace, keys, call) {
      const asked: readonly RecordKey[] = keys.map(({ environment, tag }) => ({ environment, tag }))
      requireTexts([workspace, ...asked.flatMap(({ environment, tag }) => [environment, tag])])
      if (asked.length === 0) return []
      return await reading(call, () => getRecords(connection, tables, workspace, asked))
    },

    async put({ workspace, environment, tag, version, body }, call) {
      const record: StoredRecord = { workspace, environment, tag, version, body }
      requireTexts([workspace, environment, tag])
      requireRecord(record)
      await writing(call, () => checked(() => putRecord(connection, tables, record)))
    },

    async list(workspace, given, call) {
      const page = copyOf(given)
      requireTexts([workspace])
      requirePage(page)
      return await reading(call, () => listRecords(connection, tables, workspace, page))
    },

    async workspaces(page, call) {
      const { after = '', limit } = withoutPrototype(page)
      requireTexts([after])
      requireLimit(limit)
      return await reading(call, () => listWorkspaces(connection, tables, after, limit))
    },

    async migrate(call) {
      await patiently(patience(call), () => requireWal(connection), writeFailure)
      await writing(call, () => migrateTables(connection, tables))
    },
  }
}

/** How calls reach the database: each waits its turn, and looks at the tables once before they are used. */
function transactionsOf(connection: SqliteConnection, tables: Tables, busyTimeout: number) {
  let isChecked = false
  const patience = (call: CallOptions | undefined) => ({ timeout: busyTimeout, signal: ownValue(call, 'signal') })
  const checked = <T>(work: () => T) => {
    if (!isChecked) requireTables(connection, tables)
    isChecked = true
    return work()
  }
  const reading = <T>(call: CallOptions | undefined, work: () => T) =>
    patiently(patience(call), () => inReadTransaction(connection, () => checked(work)), readFailure)
  const writing = <T>(call: CallOptions | undefined, work: () => T) =>
    patiently(patience(call), () => inWriteTransaction(connection, work), writeFailure)
  return { patience, checked, reading, writing }
}

/** Without a prototype; the cursor is copied too, since a call may have to wait. */
function copyOf(given: ListPage): ListPage {
  const page = withoutPrototype(given)
  return page.after === undefined ? page : withoutPrototype({ ...page, after: { ...page.after } })
}

/** The file as SQLite knows it: a secret that is not there was often looked for in another one. */
function tablePlace(connection: SqliteConnection, { name }: Tables): string {
  let file: unknown
  try {
    file = connection.rows("SELECT file FROM pragma_database_list WHERE name = 'main'")[0]?.['file']
  } catch {
    // what is wrong with the handle is said by the call that fails
  }
  const database = typeof file === 'string' && file !== '' ? ` ${JSON.stringify(file)}` : ''
  return `the table ${name} of the SQLite database${database}`
}

function readSqliteOptions(given: SqliteStorageOptions) {
  const options = readOptions(given, 'options of sqliteStorage', ['database', 'table', 'busyTimeout'])
  const { database, table = DEFAULT_TABLE, busyTimeout = DEFAULT_BUSY_TIMEOUT_MS } = options
  const handle = database as Partial<SqliteDatabase> | null | undefined
  if (typeof handle?.prepare !== 'function' || typeof handle.exec !== 'function') {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'sqliteStorage needs the option database: an open handle of better-sqlite3, libsql, node:sqlite or bun:sqlite.',
    )
  }
  if (typeof busyTimeout !== 'number' || !(busyTimeout >= 0 && busyTimeout <= LONGEST_BUSY_TIMEOUT_MS)) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      `The option busyTimeout must be a number of milliseconds from 0 to ${LONGEST_BUSY_TIMEOUT_MS}.`,
    )
  }
  return { connection: new SqliteConnection(database), tables: tablesOf(table), busyTimeout }
}

/**
 * In WAL mode readers and the writer do not wait for each other. It is kept in the file, and an SQLite that cannot have it (on a
 * network share, say) answers with another mode. A database in memory answers `memory`, and loses all with its handle anyway.
 */
function requireWal(connection: SqliteConnection): void {
  const modeOf = () => String(connection.rows('PRAGMA main.journal_mode')[0]?.['journal_mode']).toLowerCase()
  if (modeOf() === 'wal') return
  connection.exec('PRAGMA main.journal_mode = WAL')
  const mode = modeOf()
  if (mode === 'wal' || mode === 'memory') return
  throw unavailable('The SQLite database does not take WAL mode', 'keep it in a file on a local disk')
}
