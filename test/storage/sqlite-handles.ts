/** Real SQLite handles for one test file: libsql wherever these tests run, `node:sqlite` where Node has it. */

import { afterAll } from 'vitest'
import { type Handle, type OpenHandle, openLibsql, openNodeSqlite } from './sqlite-driver.ts'

export { type Handle, openLibsql } from './sqlite-driver.ts'

/** The drivers that are there, by name. */
export const drivers: ReadonlyMap<string, OpenHandle> = new Map([
  ['libsql', openLibsql],
  ...(openNodeSqlite === undefined ? [] : ([['node:sqlite', openNodeSqlite]] as const)),
])

if (openNodeSqlite === undefined)
  console.warn('SKIPPED the tests on node:sqlite: this version of Node does not have it')

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

/** The rows of a statement, as plain objects. */
export function rowsOf(handle: Handle, sql: string): Record<string, unknown>[] {
  return (handle.prepare(sql).all() as object[]).map((row) => ({ ...row }))
}
