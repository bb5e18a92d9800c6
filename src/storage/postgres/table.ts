/** The table of a storage: its name, quoted, and every statement on it. */

import { GuillemetError } from '../../errors.ts'
import type { ListPage, RecordKey, StoredRecord } from '../../ports/storage.ts'
import type { Statement } from './client.ts'

/** Where the records are. */
export interface RecordTable {
  readonly schema: string
  readonly table: string
}

/** Longer names Postgres cuts without a word. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/**
 * Checks the names; they cannot be values of a statement, so nothing but these characters may stand in them.
 *
 * @throws ERR_INVALID_INPUT
 */
export function requireTable(schema: unknown = 'public', table: unknown = 'guillemet_records'): RecordTable {
  for (const [name, given] of Object.entries({ schema, table })) {
    if (typeof given === 'string' && IDENTIFIER.test(given)) continue
    const rule = '1 to 63 letters of a to z, digits and underscores, no digit first'
    throw new GuillemetError('ERR_INVALID_INPUT', `The option "${name}" must be a name: ${rule}.`)
  }
  return { schema: schema as string, table: table as string }
}

/** The name as it stands in a statement. */
export function quoted({ schema, table }: RecordTable): string {
  return `"${schema}"."${table}"`
}

/** One for all tables, since the name of a channel is as short as that of a table. */
export const CHANNEL = 'guillemet'

/** What a message begins with that is about this table; the workspace follows. */
export function payloadPrefix({ schema, table }: RecordTable): string {
  return `${schema}.${table}:`
}

/** Stands before each body that is read: PGlite drops a U+FEFF with which a text begins. */
export const BODY_MARK = '='

/** The statements on one table. */
export interface Statements {
  /** One row for each key, in their order; version and body are null where there is no record. */
  get(workspace: string, keys: readonly RecordKey[]): Statement
  /** One row if the record was written, none if another version is stored. */
  put(record: StoredRecord): Statement
  /** Undefined where no record can be on the page. */
  list(workspace: string, page: ListPage): Statement | undefined
  /** The workspaces after this one. */
  workspaces(after: string, limit: number): Statement
}

/**
 * Every statement is a transaction of its own, since nobody sends BEGIN: it is done or not, and stands behind a pooler
 * that gives each transaction another connection. Versions travel as text, whatever a driver makes of a bigint.
 *
 * @param isTold whether each write is told on the channel, in the statement that does it
 */
export function statementsOn(at: RecordTable, isTold: boolean): Statements {
  const name = quoted(at)
  const columns = `environment, tag, version::text AS version, '${BODY_MARK}' || body AS body`
  const tell = `SELECT pg_notify('${CHANNEL}', '${payloadPrefix(at)}' || $1) FROM written`
  const write = (statement: string): string => (isTold ? `WITH written AS (${statement}) ${tell}` : statement)
  const create = write(
    `INSERT INTO ${name} (workspace, environment, tag, version, body) VALUES ($1, $2, $3, $4::bigint, $5)
ON CONFLICT (workspace, environment, tag) DO NOTHING RETURNING 1 AS done`,
  )
  const replace = write(
    `UPDATE ${name} SET version = $4::bigint, body = $5
WHERE workspace = $1 AND environment = $2 AND tag = $3 AND version = $4::bigint - 1 RETURNING 1 AS done`,
  )
  // one text for any number of keys
  const get = `SELECT asked.position::text AS position, stored.version::text AS version, '${BODY_MARK}' || stored.body AS body
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS asked(environment, tag, position)
LEFT JOIN ${name} AS stored
ON stored.workspace = $1 AND stored.environment = asked.environment AND stored.tag = asked.tag
ORDER BY asked.position`
  const listAll = `SELECT ${columns} FROM ${name}
WHERE workspace = $1 AND (environment, tag) > ($2, $3) ORDER BY environment, tag LIMIT $4::bigint`
  const listOne = `SELECT ${columns} FROM ${name}
WHERE workspace = $1 AND environment = $2 AND tag > $3 ORDER BY environment, tag LIMIT $4::bigint`

  return {
    get: (workspace, keys) => ({
      text: get,
      values: [workspace, keys.map(({ environment }) => environment), keys.map(({ tag }) => tag)],
    }),
    put: ({ workspace, environment, tag, version, body }) => ({
      text: version === 1 ? create : replace,
      values: [workspace, environment, tag, String(version), body],
    }),
    list: (workspace, page) => listStatement(workspace, page, { listAll, listOne }),
    workspaces: (after, limit) => ({ text: workspacesText(name), values: [after, String(limit)] }),
  }
}

/** No name is empty, so every name is after the empty one. */
function listStatement(
  workspace: string,
  { environment, after, limit }: ListPage,
  { listAll, listOne }: Readonly<Record<'listAll' | 'listOne', string>>,
): Statement | undefined {
  if (environment === undefined) {
    return { text: listAll, values: [workspace, after?.environment ?? '', after?.tag ?? '', String(limit)] }
  }
  if (after !== undefined && after.environment > environment) return undefined
  const isWithin = after?.environment === environment
  return { text: listOne, values: [workspace, environment, isWithin ? after.tag : '', String(limit)] }
}

/** Steps from name to name along the index, where DISTINCT would read every record. */
function workspacesText(name: string): string {
  const next = (after: string): string =>
    `SELECT workspace FROM ${name} WHERE workspace > ${after} ORDER BY workspace LIMIT 1`
  return `WITH RECURSIVE found AS (
(${next('$1')}) UNION ALL SELECT (${next('found.workspace')}) FROM found WHERE found.workspace IS NOT NULL
) SELECT workspace FROM found WHERE workspace IS NOT NULL LIMIT $2::bigint`
}
