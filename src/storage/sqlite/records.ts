/** Records as rows: each call one statement, whose values are bound and never part of its text. */

import { GuillemetError } from '../../errors.ts'
import type { ListPage, RecordKey, StoredRecord } from '../../ports/storage.ts'
import { conflict, corrupt } from '../failures.ts'
import { bodyFromDatabase, requireLimit, requireOrder, versionFromDatabase } from '../records.ts'
import type { SqliteConnection, SqliteRow } from './connection.ts'
import type { Tables } from './schema.ts'

/** The records of the keys, in their order. */
export function getRecords(
  connection: SqliteConnection,
  { records }: Tables,
  workspace: string,
  keys: readonly RecordKey[],
): (StoredRecord | undefined)[] {
  const found: (StoredRecord | undefined)[] = Array(keys.length).fill(undefined)
  // one list as one value: the statement is the same for any number of keys, and sees one snapshot
  const rows = connection.rows(
    `SELECT asked.key AS position, stored.version AS version, stored.body AS body
      FROM json_each(?) AS asked CROSS JOIN ${records} AS stored
      ON stored.workspace = ?
      AND stored.environment = json_extract(asked.value, '$[0]') AND stored.tag = json_extract(asked.value, '$[1]')`,
    JSON.stringify(keys.map(({ environment, tag }) => [environment, tag])),
    workspace,
  )
  for (const row of rows) {
    const position = Number(row['position'])
    const key = keys[position]
    if (key === undefined) throw corrupt('The SQLite database answered with a record that was not asked for')
    found[position] = recordOfRow(workspace, key.environment, key.tag, row)
  }
  return found
}

/** Writes the record if the stored version is the one before. */
export function putRecord(connection: SqliteConnection, { records }: Tables, record: StoredRecord): void {
  const { workspace, environment, tag, version, body } = record
  const written =
    version === 1
      ? connection.rows(
          `INSERT INTO ${records} (workspace, environment, tag, version, body) VALUES (?, ?, ?, 1, ?)
            ON CONFLICT DO NOTHING RETURNING version`,
          workspace,
          environment,
          tag,
          body,
        )
      : connection.rows(
          `UPDATE ${records} SET version = ?, body = ?
            WHERE workspace = ? AND environment = ? AND tag = ? AND version = ? RETURNING version`,
          version,
          body,
          workspace,
          environment,
          tag,
          version - 1,
        )
  if (written.length !== 1) throw conflict(tag)
}

/** One page, by environment and then tag; the page has no prototype. */
export function listRecords(
  connection: SqliteConnection,
  { records }: Tables,
  workspace: string,
  page: ListPage,
): StoredRecord[] {
  const { environment, after = { environment: '', tag: '' }, limit } = page
  const columns = 'environment, tag, version, body'
  const rows =
    environment === undefined
      ? connection.rows(
          `SELECT ${columns} FROM ${records} WHERE workspace = ? AND (environment, tag) > (?, ?)
            ORDER BY environment, tag LIMIT ?`,
          workspace,
          after.environment,
          after.tag,
          limit,
        )
      : connection.rows(
          `SELECT ${columns} FROM ${records} WHERE workspace = ? AND environment = ? AND tag > ?
            ORDER BY tag LIMIT ?`,
          workspace,
          environment,
          after.environment === environment ? after.tag : '',
          after.environment > environment ? 0 : limit,
        )
  const listed = rows.map((row) => recordOfRow(workspace, nameColumn(row, 'environment'), nameColumn(row, 'tag'), row))
  requireOrder(listed, page)
  return listed
}

/** One page of the workspaces; each is found by one look into the index, however many records there are. */
export function listWorkspaces(
  connection: SqliteConnection,
  { records }: Tables,
  after: string,
  limit: number,
): string[] {
  const rows = connection.rows(
    `WITH RECURSIVE found (workspace) AS (
        SELECT min(workspace) FROM ${records} WHERE workspace > ?
        UNION ALL
        SELECT (SELECT min(workspace) FROM ${records} WHERE workspace > found.workspace)
          FROM found WHERE found.workspace IS NOT NULL
      )
      SELECT workspace FROM found WHERE workspace IS NOT NULL LIMIT ?`,
    after,
    limit,
  )
  return rows.map((row) => nameColumn(row, 'workspace'))
}

/**
 * Checks that every part of a key is text, before anything is bound.
 *
 * @throws ERR_INVALID_INPUT when one is not
 */
export function requireTexts(texts: readonly unknown[]): void {
  if (texts.every((text) => typeof text === 'string')) return
  throw new GuillemetError('ERR_INVALID_INPUT', 'Workspace, environment and tag must be texts.')
}

/**
 * The same for a page of a listing.
 *
 * @throws ERR_INVALID_INPUT when the limit is not a whole number from 1, or a name not text
 */
export function requirePage({ environment = '', after = { environment: '', tag: '' }, limit }: ListPage): void {
  requireTexts([environment, after.environment, after.tag])
  requireLimit(limit)
}

function recordOfRow(workspace: string, environment: string, tag: string, row: SqliteRow): StoredRecord {
  return {
    workspace,
    environment,
    tag,
    version: versionFromDatabase(row['version']),
    body: bodyFromDatabase(row['body']),
  }
}

function nameColumn(row: SqliteRow, column: string): string {
  const name = row[column]
  if (typeof name !== 'string') throw corrupt('The SQLite database returned a name that is not text')
  return name
}
