/** The table as it must be: looked at before it is used, and made by `migrate()`. */

import type { GuillemetError } from '../../errors.ts'
import { unavailable } from '../failures.ts'
import type { Statement } from './client.ts'
import { quoted, type RecordTable } from './table.ts'

/** What this release makes and reads; told in the table's comment. */
const SCHEMA_VERSION = 1
const COMMENT = /^guillemet storage, schema (\d{1,9})$/
const PRIMARY_KEY = 'PRIMARY KEY (workspace, environment, tag)'
/** Bytewise: the order of a language would skip records from page to page, and changes with the operating system. */
const BYTEWISE = 'C'

/** Each column's type and, for those of the key, its collation. */
const COLUMNS: Readonly<Record<string, readonly [type: string, collation?: string]>> = {
  workspace: ['text', BYTEWISE],
  environment: ['text', BYTEWISE],
  tag: ['text', BYTEWISE],
  version: ['bigint'],
  body: ['text'],
}

/** One row for each column of the table; what concerns the whole table is in each. */
export function lookStatement({ schema, table }: RecordTable): Statement {
  return {
    text: `SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type, l.collname::text AS collation,
obj_description(c.oid, 'pg_class') AS comment, current_setting('server_encoding') AS encoding,
(SELECT pg_get_constraintdef(p.oid) FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p') AS key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE n.nspname = $1 AND c.relname = $2`,
    values: [schema, table],
  }
}

/**
 * Makes the table, and the schema if need be, in one statement: nothing half done can be left, and no BEGIN can be left
 * open, whatever stands between here and the server. Several starters wait for each other inside of it.
 */
export function createStatement(at: RecordTable): Statement {
  const name = quoted(at)
  const columns = Object.entries(COLUMNS).map(
    ([column, [type, collation]]) => `${column} ${type}${collation ? ` COLLATE "${collation}"` : ''} NOT NULL`,
  )
  return {
    text: `DO $guillemet$ BEGIN
PERFORM pg_advisory_xact_lock(hashtextextended('guillemet ${name}', 0));
IF to_regnamespace('"${at.schema}"') IS NULL THEN CREATE SCHEMA "${at.schema}"; END IF;
IF to_regclass('${name}') IS NULL THEN
CREATE TABLE ${name} (${columns.join(', ')}, ${PRIMARY_KEY});
COMMENT ON TABLE ${name} IS 'guillemet storage, schema ${SCHEMA_VERSION}';
END IF;
END $guillemet$`,
    values: [],
  }
}

/** Codes of a starter that was overtaken by one without the lock: somebody else has made it. */
export const MADE_BY_ANOTHER = /^(?:23505|42P0[67]|42710)$/

/**
 * What is wrong with the table that was looked at: nothing, or that there is none.
 *
 * @throws ERR_STORAGE_UNAVAILABLE when it is not as it must be
 */
export function faultOf(rows: readonly unknown[], at: RecordTable): 'missing' | undefined {
  const columns = rows as readonly Readonly<Record<string, unknown>>[]
  const [first] = columns
  if (first === undefined) return 'missing'
  const stored = COMMENT.exec(String(first['comment']))?.[1]
  if (stored !== undefined && Number(stored) > SCHEMA_VERSION) {
    throw unfit(at, 'was made by a newer release', 'update guillemet')
  }
  if (first['encoding'] !== 'UTF8') {
    throw unfit(at, 'is in a database whose encoding is not UTF8', 'use one with the encoding UTF8')
  }
  for (const [name, [type, collation]] of Object.entries(COLUMNS)) {
    const column = columns.find((candidate) => candidate['name'] === name)
    if (column?.['type'] === type && (collation === undefined || column['collation'] === collation)) continue
    const wanted = collation === undefined ? type : `${type} COLLATE "${collation}"`
    throw unfit(at, `has no column ${name} of the type ${wanted}`, 'let migrate() make a table, and copy the records')
  }
  if (first['key'] === PRIMARY_KEY) return undefined
  throw unfit(at, `has not the ${PRIMARY_KEY}`, 'let migrate() make a table, and copy the records')
}

/** The error of a table that is not there. */
export function tableMissing(at: RecordTable): GuillemetError {
  return unavailable(
    `The table ${quoted(at)} is not there`,
    'call migrate() of the postgresStorage once, or give the schema and table that it was called with',
  )
}

/** The error of a table that was to be made and is not there, though the server said nothing. */
export function notKept(at: RecordTable): GuillemetError {
  return unavailable(`The database answered, but has not made the table ${quoted(at)}`, 'look at its log and try again')
}

function unfit(at: RecordTable, what: string, advice: string): GuillemetError {
  return unavailable(`The table ${quoted(at)} ${what}`, advice)
}
