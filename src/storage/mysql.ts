/**
 * Records in a table of MariaDB or MySQL, for any number of machines.
 *
 * @module guillemet/storage/mysql
 */

import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import type { CallOptions, ListPage, RecordKey, StoredRecord, VaultStorage, WorkspacePage } from '../ports/storage.ts'
import { readOptions } from '../read-options.ts'
import { conflict } from './failures.ts'
import { isConflict, refused, requirePool, tooLarge, unanswered } from './mysql/failures.ts'
import { cellText, readChanged, readLook, readRecord, readRows } from './mysql/rows.ts'
import { createStatement, faultOf, lookStatement } from './mysql/schema.ts'
import { type MysqlPool, Refusal, readAtOnce, runRead, runWrite } from './mysql/session.ts'
import {
  getStatement,
  insertStatement,
  listStatement,
  updateStatement,
  workspacesStatement,
} from './mysql/statements.ts'
import {
  boundCalls,
  copyPage,
  copyPlaces,
  copyWorkspacePage,
  requireNames,
  requireOrder,
  requireRecord,
} from './records.ts'

export type { MysqlConnection, MysqlPool, MysqlQuery } from './mysql/session.ts'

/** Where the records are kept, and through what. */
export interface MysqlStorageOptions {
  /** A pool of mysql2/promise (`createPool`). It stays the application's: nothing closes it. */
  readonly client: MysqlPool
  /**
   * A table of the pool's database: letters, digits and underscores, at most 64, not a digit first.
   *
   * @default 'guillemet_records'
   */
  readonly table?: string | undefined
}

/** A storage in MariaDB or MySQL. */
export interface MysqlStorage extends VaultStorage {
  /**
   * Makes the table; does nothing where it is there. Nothing else ever does: run it once, when the application is installed
   * or starts. Any number of processes may call it at once, and again after one was killed: it is one statement, and a
   * statement that makes a table commits by itself.
   *
   * @throws ERR_STORAGE_UNAVAILABLE when it may not be made, or one of that name is there that is not as it must be, or
   *   that a newer release has made
   * @throws ERR_OUTCOME_UNKNOWN when the connection was lost meanwhile; call it again
   */
  migrate(options?: CallOptions): Promise<void>
}

const TABLE = /^[A-Za-z_]\w{0,63}$/
/** What a packet holds besides the statement. */
const PACKET_ROOM = 64

/**
 * A storage in a table of MariaDB or MySQL.
 *
 * A put is one statement that compares and sets, whatever the isolation level, the SQL mode and the character set of the
 * connection. Each call first asks its connection whether it is in a transaction that somebody has left open, and takes
 * another one then; a get from MariaDB asks that along with its records, in one round trip. An acknowledged put is as durable as the server makes a commit (`innodb_flush_log_at_trx_commit`), and reads
 * see it at once, as long as they reach the same primary. A statement is twice as long as the body it writes, so
 * `max_allowed_packet` must be more than that.
 *
 * @throws ERR_INVALID_INPUT when an option is unknown or not valid. Calls fail with the codes of {@link VaultStorage}
 * @example
 * const storage = mysqlStorage({ client: createPool(process.env.DATABASE_URL) })
 * await storage.migrate()
 * const vault = createVault({ storage, keys: process.env.GUILLEMET_KEY })
 */
export function mysqlStorage(options: MysqlStorageOptions): MysqlStorage {
  const records = new MysqlRecords(options)
  return { ...boundCalls(records), migrate: (call) => records.migrate(call) }
}

class MysqlRecords {
  readonly #pool: MysqlPool
  readonly #name: string
  readonly #table: string
  /** Bytes of the longest statement; 0 until the table was looked at. */
  #maxPacket = 0
  /** Whether a read can say by itself that its connection is in no transaction. */
  #tellsTransaction = false

  constructor(options: MysqlStorageOptions) {
    const { client, table = 'guillemet_records' } = readOptions(options, 'options of mysqlStorage', ['client', 'table'])
    requirePool(client)
    if (typeof table !== 'string' || !TABLE.test(table)) {
      throw new GuillemetError(
        'ERR_INVALID_INPUT',
        'The option table must be up to 64 letters, digits or underscores, and not begin with a digit.',
      )
    }
    this.#pool = client
    this.#name = table
    this.#table = `\`${table}\``
  }

  get where(): string {
    return `the MySQL table "${this.#name}"`
  }

  async migrate(options?: CallOptions): Promise<void> {
    const signal = ownValue(options, 'signal')
    try {
      await runWrite(this.#pool, signal, (query) => query(createStatement(this.#table)))
    } catch (error) {
      throw error instanceof Refusal ? refused(error.number) : error
    }
    await this.#look(signal)
  }

  async get(
    workspace: string,
    keys: readonly RecordKey[],
    options?: CallOptions,
  ): Promise<readonly (StoredRecord | undefined)[]> {
    const places = copyPlaces(workspace, keys)
    if (places.length === 0) return []
    const signal = ownValue(options, 'signal')
    await this.#requireReady(signal)
    const sql = getStatement(this.#table, workspace, places)
    const rows = this.#tellsTransaction
      ? await readAtOnce(this.#pool, sql, signal)
      : readRows(await runRead(this.#pool, sql, signal))
    const found = rows.map((row) => readRecord(workspace, row))
    const byPlace = new Map(found.map((record) => [placeKeyOf(record), record]))
    return places.map((place) => {
      const record = byPlace.get(placeKeyOf(place))
      return record && { ...record }
    })
  }

  async put(given: StoredRecord, options?: CallOptions): Promise<void> {
    const { workspace, environment, tag, version, body } = given
    const record: StoredRecord = { workspace, environment, tag, version, body }
    requireNames(workspace, environment, tag)
    requireRecord(record)
    const signal = ownValue(options, 'signal')
    await this.#requireReady(signal)
    const sql = version === 1 ? insertStatement(this.#table, record) : updateStatement(this.#table, record)
    if (sql.length + PACKET_ROOM > this.#maxPacket) throw tooLarge()
    const changed = await this.#change(sql, signal)
    if (changed === 1) return
    throw changed === 0 ? conflict(tag) : unanswered()
  }

  async list(workspace: string, page: ListPage, options?: CallOptions): Promise<readonly StoredRecord[]> {
    const asked = copyPage(page)
    requireNames(workspace)
    const signal = ownValue(options, 'signal')
    await this.#requireReady(signal)
    const records = await this.#select(workspace, listStatement(this.#table, workspace, asked), signal)
    requireOrder(records, asked)
    return records
  }

  async workspaces(page: WorkspacePage, options?: CallOptions): Promise<readonly string[]> {
    const asked = copyWorkspacePage(page)
    const signal = ownValue(options, 'signal')
    await this.#requireReady(signal)
    const rows = readRows(await runRead(this.#pool, workspacesStatement(this.#table, asked), signal))
    return rows.map(([name]) => cellText(name))
  }

  async #select(workspace: string, sql: string, signal: AbortSignal | undefined): Promise<readonly StoredRecord[]> {
    return readRows(await runRead(this.#pool, sql, signal)).map((row) => readRecord(workspace, row))
  }

  /** How many rows the statement has changed; none where the row is another one than it expects. */
  async #change(sql: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    try {
      return await runWrite(this.#pool, signal, async (query) => readChanged(await query(sql)))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (isConflict(error.number)) return 0
      throw refused(error.number)
    }
  }

  async #requireReady(signal: AbortSignal | undefined): Promise<void> {
    if (this.#maxPacket === 0) await this.#look(signal)
  }

  async #look(signal: AbortSignal | undefined): Promise<void> {
    const look = readLook(await runRead(this.#pool, lookStatement(this.#name), signal))
    const fault = faultOf(look)
    if (fault !== undefined) throw fault
    this.#tellsTransaction = look.server.includes('MariaDB')
    this.#maxPacket = look.maxPacket
  }
}

/** A blank is in no name. */
function placeKeyOf({ environment, tag }: RecordKey): string {
  return `${environment} ${tag}`
}
