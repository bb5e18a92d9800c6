/** The handle of the application, as little of it as every driver has, and never in a way that one of them cannot take. */

import { GuillemetError } from '../../errors.ts'

/** A prepared statement. */
export interface SqliteStatement {
  /** Runs it with values for its `?`, and gives its rows as objects. */
  all(...values: (string | number)[]): unknown
}

/**
 * An open SQLite database: the handle of better-sqlite3, libsql, `node:sqlite` or `bun:sqlite`. Only these two methods are
 * used. A handle whose methods return promises is refused.
 */
export interface SqliteDatabase {
  /** Prepares one statement. */
  prepare(sql: string): SqliteStatement
  /** Runs statements without values. */
  exec(sql: string): unknown
}

/** A row as drivers give it: an object by column, perhaps without a prototype, perhaps with bigints. */
export type SqliteRow = Readonly<Record<string, unknown>>

/**
 * A handle with its statements, each prepared once.
 *
 * Rows are read by `all` alone: libsql's `get` and `run` leave a statement that returns rows unfinished, which holds its
 * snapshot or its lock. A statement that failed is used again rather than thrown away, since running it again is what
 * resets it.
 */
export class SqliteConnection {
  readonly #database: SqliteDatabase
  readonly #statements = new Map<string, SqliteStatement>()

  constructor(database: SqliteDatabase) {
    this.#database = database
  }

  /**
   * The rows of one statement. Values are texts and numbers only: libsql ends the process when anything else is bound.
   *
   * @throws what the driver throws, and ERR_INVALID_INPUT where it answers with a promise
   */
  rows(sql: string, ...values: (string | number)[]): readonly SqliteRow[] {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      requireStatement(statement)
      this.#statements.set(sql, statement)
    }
    const rows = statement.all(...values)
    if (!Array.isArray(rows)) throw notSynchronous()
    return rows
  }

  /** Runs a statement without values or rows. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }
}

function requireStatement(statement: unknown): void {
  if (typeof (statement as { all?: unknown } | undefined)?.all !== 'function') throw notSynchronous()
}

function notSynchronous(): GuillemetError {
  return new GuillemetError(
    'ERR_INVALID_INPUT',
    'sqliteStorage needs a handle that answers at once, as those of better-sqlite3, libsql, node:sqlite and bun:sqlite do; a client whose methods return promises cannot be used.',
  )
}
