/** The tables: made and checked by `migrate`, checked once by whoever uses them. */

import { GuillemetError } from '../../errors.ts'
import { unavailable } from '../failures.ts'
import type { SqliteConnection } from './connection.ts'

/** The names of one storage's tables: plain, and as they stand in statements. */
export interface Tables {
  readonly name: string
  readonly schemaName: string
  /** Quoted, and of the main database: a temporary table of the same name cannot take its place. */
  readonly records: string
  readonly schema: string
}

const TABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/
const RESERVED = /^sqlite_/i

/** The schema that this version writes, which is the number of its steps. */
const STEPS: readonly ((tables: Tables) => readonly string[])[] = [
  ({ records, schema }) => [
    `CREATE TABLE ${records} (
      workspace TEXT NOT NULL,
      environment TEXT NOT NULL,
      tag TEXT NOT NULL,
      version INTEGER NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (workspace, environment, tag)
    )`,
    `CREATE TABLE ${schema} (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)`,
    `INSERT INTO ${schema} (id, version) VALUES (1, 0)`,
  ],
]

/** Name, type and place in the primary key of each column. */
const COLUMNS = [
  ['workspace', 'TEXT', 1],
  ['environment', 'TEXT', 2],
  ['tag', 'TEXT', 3],
  ['version', 'INTEGER', 0],
  ['body', 'TEXT', 0],
]

/**
 * The tables of a storage.
 *
 * @throws ERR_INVALID_INPUT when the name is not of the grammar; it never becomes part of a statement then
 */
export function tablesOf(name: unknown): Tables {
  if (typeof name !== 'string' || !TABLE_NAME.test(name) || RESERVED.test(name)) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The option table must be 1 to 63 characters of A-Z, a-z, 0-9 and "_", with no digit first and no "sqlite_".',
    )
  }
  const schemaName = `${name}_schema`
  return { name, schemaName, records: `main."${name}"`, schema: `main."${schemaName}"` }
}

/** Brings the tables to the newest schema; inside a write. */
export function migrateTables(connection: SqliteConnection, tables: Tables): void {
  const steps = STEPS.slice(schemaVersion(connection, tables))
  for (const statementsOf of steps) {
    for (const statement of statementsOf(tables)) connection.exec(statement)
  }
  // nothing is written where nothing was to be done
  if (steps.length > 0) connection.exec(`UPDATE ${tables.schema} SET version = ${STEPS.length} WHERE id = 1`)
  requireShape(connection, tables)
}

/**
 * Checks that the tables are there and what they must be; inside a read or a write.
 *
 * @throws ERR_STORAGE_UNAVAILABLE when they are not: the message says to call migrate, or what is wrong
 */
export function requireTables(connection: SqliteConnection, tables: Tables): void {
  if (schemaVersion(connection, tables) < STEPS.length) {
    throw unavailable(
      `The SQLite database has no table ${tables.name}, or an older one`,
      'call migrate() of the sqliteStorage once before the storage is used, and check that it is the database you mean',
    )
  }
  requireShape(connection, tables)
}

/** The number of steps that were done, 0 where there is no table. */
function schemaVersion(connection: SqliteConnection, { name, schemaName, schema }: Tables): number {
  const found = connection.rows(
    'SELECT lower(name) AS name FROM main.sqlite_master WHERE lower(name) IN (lower(?), lower(?))',
    name,
    schemaName,
  )
  const names = found.map((row) => row['name'])
  if (!names.includes(schemaName.toLowerCase())) {
    if (names.length > 0) throw foreignTable(name)
    return 0
  }
  const [row] = connection.rows(`SELECT version FROM ${schema} WHERE id = 1`)
  const version = Number(row?.['version'])
  if (!Number.isSafeInteger(version) || version < 0) throw foreignTable(name)
  if (version > STEPS.length) {
    throw unavailable(
      `The table ${name} has schema ${version}, and this version of guillemet knows schema ${STEPS.length}`,
      'update guillemet here too',
    )
  }
  return version
}

/**
 * Each column as it was made, and no collation: the order of a language or one without case would skip records in a listing and
 * take two tags for one.
 */
function requireShape(connection: SqliteConnection, { name }: Tables): void {
  const columns = connection.rows("SELECT name, type, pk FROM pragma_table_info(?, 'main') ORDER BY cid", name)
  const shape = columns.map((column) => [column['name'], column['type'], Number(column['pk'])])
  const [table] = connection.rows(
    "SELECT sql FROM main.sqlite_master WHERE type = 'table' AND lower(name) = lower(?)",
    name,
  )
  const hasCollation = /\bcollate\b/i.test(String(table?.['sql']))
  if (hasCollation || JSON.stringify(shape) !== JSON.stringify(COLUMNS)) throw foreignTable(name)
}

function foreignTable(name: string): GuillemetError {
  return unavailable(
    `The table ${name} of the SQLite database is not as storage.migrate() makes it: other columns, or compared other than bytewise`,
    'give another name as the option table',
  )
}
