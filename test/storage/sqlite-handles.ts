/** Real SQLite handles: libsql wherever these tests run, `node:sqlite` where Node has it. */

import { createRequire } from 'node:module'
import { afterAll } from 'vitest'
import type { SqliteDatabase } from '../../src/storage/sqlite.ts'

/** A handle, with what tests need next to what the storage uses. */
export interface Handle extends SqliteDatabase {
  prepare(sql: string): { all(...values: (string | number)[]): unknown; run(...values: (string | number)[]): unknown }
  close(): void
}

/** Opens a handle on a file. */
export type OpenHandle = (path: string) => Handle

const load = createRequire(import.meta.url)
const nodeSqlite = loadNodeSqlite()

/** The drivers that are there, by name. */
export const drivers: ReadonlyMap<string, OpenHandle> = new Map([
  ['libsql', openLibsql],
  ...(nodeSqlite === undefined
    ? []
    : ([['node:sqlite', (path: string) => new nodeSqlite.DatabaseSync(path)]] as const)),
] satisfies readonly (readonly [string, OpenHandle])[])

if (nodeSqlite === undefined) console.warn('SKIPPED the tests on node:sqlite: this version of Node does not have it')

/** Opens handles that are closed when the file's tests are done. */
export function handles(): (open: OpenHandle, path: string) => Handle {
  const opened = new Set<Handle>()
  afterAll(() => {
    for (const handle of opened) handle.close()
  })
  return (open, path) => {
    const handle = open(path)
    const close = handle.close.bind(handle)
    opened.add(handle)
    handle.close = () => {
      opened.delete(handle)
      close()
    }
    return handle
  }
}

export function openLibsql(path: string): Handle {
  const Database = load('libsql') as new (path: string) => Handle
  return new Database(path)
}

/** The rows of a statement, as plain objects. */
export function rowsOf(handle: Handle, sql: string): Record<string, unknown>[] {
  return (handle.prepare(sql).all() as object[]).map((row) => ({ ...row }))
}

function loadNodeSqlite(): { DatabaseSync: new (path: string) => Handle } | undefined {
  try {
    return load('node:sqlite') as { DatabaseSync: new (path: string) => Handle }
  } catch {
    return undefined
  }
}
