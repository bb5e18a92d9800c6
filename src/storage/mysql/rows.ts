/** Rows as the driver gives them, read with suspicion. */

import { fromUtf8 } from '../../bytes.ts'
import type { StoredRecord } from '../../ports/storage.ts'
import { corrupt } from '../failures.ts'
import { versionFromDatabase } from '../records.ts'
import type { Look } from './schema.ts'

/** The rows of an answer, each a list. */
export function readRows(answer: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(answer) || !answer.every(Array.isArray)) {
    throw corrupt('The database answered with something that is not a list of rows')
  }
  return answer
}

/** A column of bytes that hold UTF-8. */
export function cellText(cell: unknown): string {
  const text = cell instanceof Uint8Array ? fromUtf8(cell) : cell
  if (typeof text !== 'string') throw corrupt('The database returned a column that is not text')
  return text
}

/** A row of environment, tag, version, body. */
export function readRecord(workspace: string, [environment, tag, version, body]: readonly unknown[]): StoredRecord {
  return {
    workspace,
    environment: cellText(environment),
    tag: cellText(tag),
    version: versionFromDatabase(version instanceof Uint8Array ? cellText(version) : version),
    body: cellText(body),
  }
}

/** How many rows a statement has changed. */
export function readChanged(answer: unknown): number | undefined {
  const changed = Number((answer as { affectedRows?: unknown } | undefined)?.affectedRows)
  return changed === 0 || changed === 1 ? changed : undefined
}

const IN_TRANSACTION = 1
const AUTOCOMMIT = 2

/**
 * Whether the connection is in no transaction after this answer, which is no rows: what it changed is committed, and what it
 * reads next is as of now. Where the answer does not say it, it is not so.
 */
export function isFree(answer: unknown): boolean {
  const status = (answer as { serverStatus?: unknown } | undefined)?.serverStatus
  return typeof status === 'number' && (status & (IN_TRANSACTION | AUTOCOMMIT)) === AUTOCOMMIT
}

/** The same of the answer to a read that `withStatus` has asked; the rows of records come after it. */
export function isFreeByRow(answer: unknown): boolean {
  return String(readRows(answer)[0]?.[2]) === '1'
}

/** The one row of a look at the table; what is not there is empty. */
export function readLook(answer: unknown): Look {
  const [maxPacket, server, engine, comment, columns, primaryKey] = readRows(answer)[0] ?? []
  const text = (cell: unknown): string => (cell === null || cell === undefined ? '' : cellText(cell))
  return {
    maxPacket: Number(maxPacket),
    server: text(server),
    engine: text(engine),
    comment: text(comment),
    columns: text(columns),
    primaryKey: text(primaryKey),
  }
}
