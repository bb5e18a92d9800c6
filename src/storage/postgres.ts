/**
 * Records in a table of Postgres, for any number of machines.
 *
 * `postgres/table.ts` has the statements, `postgres/schema.ts` the table, `postgres/client.ts` what is asked of a driver
 * and `postgres/failures.ts` what its codes mean for a record.
 *
 * @module guillemet/storage/postgres
 */

import { ownValue } from '../plain-object.ts'
import type { CallOptions, VaultStorage } from '../ports/storage.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { pause } from '../waiting.ts'
import { conflict, corrupt } from './failures.ts'
import { type PostgresPool, type PostgresSession, type Sender, type Statement, senderOf } from './postgres/client.ts'
import { isWorthAnotherTry, leavesConnectionSound, statementUnavailable, writeFailure } from './postgres/failures.ts'
import { pageAsAsked, recordsOfKeys, recordsOfPage, workspacesOfPage } from './postgres/records.ts'
import { createStatement, faultOf, lookStatement, MADE_BY_ANOTHER, notKept, tableMissing } from './postgres/schema.ts'
import { quoted, type RecordTable, requireTable, statementsOn } from './postgres/table.ts'
import { requireRecord } from './records.ts'

export { type PostgresChangesOptions, type PostgresListener, postgresChanges } from './postgres/changes.ts'
export type {
  PostgresAnswer,
  PostgresEmitter,
  PostgresPool,
  PostgresPoolSession,
  PostgresSession,
} from './postgres/client.ts'

/** Where the records are kept, and through what. */
export interface PostgresStorageOptions {
  /**
   * A `Pool` of pg, which is what a server wants; or one connection: a connected `Client` of pg that nothing else uses, or a
   * `PGlite`. Any other driver by a shim of a few lines (docs/STORAGE.md). It stays the application's: nothing closes it.
   */
  readonly client: PostgresPool | PostgresSession
  /**
   * Letters, digits and underscores, at most 63.
   *
   * @default 'public'
   */
  readonly schema?: string | undefined
  /**
   * Letters, digits and underscores, at most 63.
   *
   * @default 'guillemet_records'
   */
  readonly table?: string | undefined
  /**
   * Tells each write to whoever listens by `postgresChanges`, within the statement that writes: the workspace, no tag.
   *
   * @default false
   */
  readonly notify?: boolean | undefined
}

/** A storage in Postgres. */
export interface PostgresStorage extends VaultStorage {
  /**
   * Makes the table, and its schema if need be; does nothing where it is there. Nothing else ever does: run it once, when the
   * application is installed or starts. Any number of processes may call it at once, and again after one was killed.
   *
   * @throws ERR_STORAGE_UNAVAILABLE when it may not be made, or one of that name is there that is not as it must be
   * @throws ERR_OUTCOME_UNKNOWN when the connection was lost meanwhile; call it again
   */
  migrate(options?: CallOptions): Promise<void>
}

/** How often a statement is sent that other transactions have made fail. */
const TRIES = 10
/** The first pause between tries, at most; each may last twice as long as the one before, up to 32 times as long. */
const PAUSE_MS = 10

/**
 * A storage in a table of Postgres.
 *
 * A put is one statement that compares and sets, so that no write is lost and none is half done, behind a transaction
 * pooler too and whatever isolation level is the default. An acknowledged put is as durable as the server makes a commit
 * (`synchronous_commit`), and reads see it at once, as long as they reach the same primary. Names are ordered bytewise.
 *
 * The first call looks at the table, one statement more, and refuses one that is not as `migrate()` makes it. An `error`
 * listener is added to the client and to the connections that are used: pg would end the process when a server goes
 * away, which the next call tells anyway.
 *
 * @throws ERR_INVALID_INPUT when an option is not valid. Later failures have the codes of {@link VaultStorage}; a message
 *   names the SQLSTATE and what to do, nothing that the database said
 * @example
 * const storage = postgresStorage({ client: new pg.Pool({ connectionString: process.env.DATABASE_URL }) })
 * await storage.migrate()
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function postgresStorage(options: PostgresStorageOptions): PostgresStorage {
  const given = readOptions(options, 'options of postgresStorage', ['client', 'schema', 'table', 'notify'])
  const at = requireTable(given.schema, given.table)
  const statements = statementsOn(at, requireBoolean(given.notify, 'notify'))
  const database = new Database(senderOf(given.client, leavesConnectionSound), at)

  return {
    where: `the table ${quoted(at)} of a Postgres database`,

    async get(workspace, keys, call) {
      if (keys.length === 0) return []
      const asked = keys.map(({ environment, tag }) => ({ environment, tag }))
      return recordsOfKeys(await database.read(statements.get(workspace, asked), signalOf(call)), workspace, asked)
    },

    async put(record, call) {
      requireRecord(record)
      const { tag } = record
      await database.write(statements.put(record), tag, signalOf(call))
    },

    async list(workspace, page, call) {
      const asked = pageAsAsked(page)
      const statement = statements.list(workspace, asked)
      if (statement === undefined) return []
      return recordsOfPage(await database.read(statement, signalOf(call)), workspace, asked)
    },

    async workspaces(page, call) {
      const { limit } = page
      const after = ownValue(page, 'after') ?? ''
      return workspacesOfPage(await database.read(statements.workspaces(after, limit), signalOf(call)), after, limit)
    },

    migrate: async (call) => database.migrate(signalOf(call)),
  }
}

/** By own key: an attack on `Object.prototype` is no signal. */
function signalOf(call: CallOptions | undefined): AbortSignal | undefined {
  return ownValue(call, 'signal')
}

/** The table behind a sender. */
class Database {
  readonly #sender: Sender
  readonly #at: RecordTable
  #isFit = false

  constructor(sender: Sender, at: RecordTable) {
    this.#sender = sender
    this.#at = at
  }

  /** The rows of a statement that changes nothing. */
  async read(statement: Statement, signal: AbortSignal | undefined): Promise<readonly unknown[]> {
    await this.#requireFit(signal)
    const answer = await this.#send(statement, signal)
    if (answer.rows === undefined) throw statementUnavailable(answer)
    return answer.rows
  }

  /** Sends the write of one record; a conflict unless it says that it was done. */
  async write(statement: Statement, tag: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#requireFit(signal)
    const answer = await this.#send(statement, signal)
    // other writers were faster each time: certainly not written, and to be read again
    if (answer.rows === undefined && isWorthAnotherTry(answer)) throw conflict(tag)
    if (answer.rows === undefined) throw writeFailure(answer)
    // the row that RETURNING gives: a count is null, a text or a number, as drivers like
    if (answer.rows.length === 0) throw conflict(tag)
    if (answer.rows.length > 1) throw corrupt('The database wrote more than one row for one record')
  }

  async migrate(signal: AbortSignal | undefined): Promise<void> {
    if ((await this.#fault(signal)) === undefined) return
    const answer = await this.#send(createStatement(this.#at), signal)
    if (answer.rows === undefined && !MADE_BY_ANOTHER.test(answer.code ?? '')) throw writeFailure(answer)
    // whatever was answered, the table is looked at: a COMMIT that answers ROLLBACK is no error to a driver
    const fault = await this.#fault(signal)
    if (fault !== undefined) throw notKept(this.#at)
    this.#isFit = true
  }

  /** The table is looked at until it was as it must be once; it costs a statement. */
  async #requireFit(signal: AbortSignal | undefined): Promise<void> {
    if (this.#isFit) return
    if ((await this.#fault(signal)) === 'missing') throw tableMissing(this.#at)
    this.#isFit = true
  }

  /** Undefined where the table is as it must be, `missing` where there is none; one that is otherwise throws. */
  async #fault(signal: AbortSignal | undefined): Promise<'missing' | undefined> {
    const answer = await this.#send(lookStatement(this.#at), signal)
    if (answer.rows === undefined) throw statementUnavailable(answer)
    return faultOf(answer.rows, this.#at)
  }

  /**
   * Sends a statement, again where another transaction made it fail (`serializable` does, even for rows that nobody
   * else has touched): the server has rolled it back, so this is not the repetition of a doubtful write.
   */
  async #send(statement: Statement, signal: AbortSignal | undefined): ReturnType<Sender['send']> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#sender.send(statement, signal)
      if (answer.rows !== undefined || !isWorthAnotherTry(answer) || attempt === TRIES) return answer
      await pause(Math.random() * PAUSE_MS * 2 ** Math.min(attempt - 1, 5), signal)
    }
  }
}
