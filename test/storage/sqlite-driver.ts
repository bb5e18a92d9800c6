/** The SQLite drivers that are there. */

import { createRequire } from 'node:module'
import type { SqliteDatabase } from '../../src/storage/sqlite.ts'

/** A handle, with what tests need next to what the storage uses. */
export interface Handle extends SqliteDatabase {
  prepare(sql: string): { all(...values: (string | number)[]): unknown; run(...values: (string | number)[]): unknown }
  close(): void
}

/** Opens a handle on a file. */
export type OpenHandle = (path: string) => Handle

const load = createRequire(import.meta.url)

export function openLibsql(path: string): Handle {
  const Database = load('libsql') as new (path: string) => Handle
  return new Database(path)
}

/** Opens a handle of `node:sqlite`; undefined where Node does not have it. */
export const openNodeSqlite: OpenHandle | undefined = loadNodeSqlite()

function loadNodeSqlite(): OpenHandle | undefined {
  try {
    const { DatabaseSync } = load('node:sqlite') as { DatabaseSync: new (path: string) => Handle }
    return (path) => new DatabaseSync(path)
  } catch {
    return undefined
  }
}
