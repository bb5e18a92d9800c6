/** Rows of Postgres as records, each checked: a driver, its type parsers and a damaged index may answer anything. */

import { ownValue, withoutPrototype } from '../../plain-object.ts'
import type { ListPage, RecordKey, StoredRecord } from '../../ports/storage.ts'
import { corrupt } from '../failures.ts'
import { bodyFromDatabase, requireOrder, versionFromDatabase } from '../records.ts'
import { BODY_MARK } from './table.ts'

/** The page as it is now: who asked may change it while the database answers. */
export function pageAsAsked(page: ListPage): ListPage {
  const environment = ownValue(page, 'environment')
  const after = ownValue(page, 'after')
  return withoutPrototype({
    ...(environment !== undefined && { environment }),
    ...(after !== undefined && { after: { environment: after.environment, tag: after.tag } }),
    limit: page.limit,
  })
}

/** The records of the keys, out of one row for each. */
export function recordsOfKeys(
  rows: readonly unknown[],
  workspace: string,
  keys: readonly RecordKey[],
): (StoredRecord | undefined)[] {
  if (rows.length !== keys.length)
    throw corrupt('The database answered with another number of rows than it was asked for')
  return keys.map(({ environment, tag }, index) => {
    const row = rows[index]
    if (textColumn(row, 'position') !== String(index + 1))
      throw corrupt('The database answered in another order than asked')
    const version = columnOf(row, 'version')
    if (version === null) return undefined
    return { workspace, environment, tag, version: versionFromDatabase(version), body: bodyColumn(row) }
  })
}

/** The records of a page, which must be the page that was asked for. */
export function recordsOfPage(rows: readonly unknown[], workspace: string, page: ListPage): StoredRecord[] {
  const records = rows.map((row) => ({
    workspace,
    environment: textColumn(row, 'environment'),
    tag: textColumn(row, 'tag'),
    version: versionFromDatabase(columnOf(row, 'version')),
    body: bodyColumn(row),
  }))
  requireOrder(records, page)
  return records
}

/** The workspaces of a page, each after the one before. */
export function workspacesOfPage(rows: readonly unknown[], after: string, limit: number): string[] {
  const names = rows.map((row) => textColumn(row, 'workspace'))
  if (names.length > limit || names.some((name, index) => name <= (names[index - 1] ?? after))) {
    throw corrupt('The database listed its workspaces in another order than bytewise, or too many')
  }
  return names
}

function bodyColumn(row: unknown): string {
  const marked = bodyFromDatabase(columnOf(row, 'body'))
  if (!marked.startsWith(BODY_MARK)) throw corrupt('The database returned a body that is not as it was asked for')
  return marked.slice(BODY_MARK.length)
}

function textColumn(row: unknown, name: string): string {
  const value = columnOf(row, name)
  if (typeof value !== 'string') throw corrupt(`The database returned a row whose ${name} is not a text`)
  return value
}

/** A row is an object by column name; one of a driver that was told to answer otherwise has no such member. */
function columnOf(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? ownValue(row, name) : undefined
}
