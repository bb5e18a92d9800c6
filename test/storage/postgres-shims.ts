/** What docs/STORAGE.md shows for drivers other than pg. */

import { rmSync, writeFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import type postgres from 'postgres'
import type { PostgresPool } from '../../src/storage/postgres.ts'

// #region postgresjs
/** postgres.js as a pool: it has its own, so that a session is whatever connection is free. */
export function postgresJs(sql: postgres.Sql): PostgresPool {
  let cancelled: Promise<unknown> = Promise.resolve()
  return {
    async connect() {
      await cancelled // one that is still on its way would end the next statement
      let cancel = () => {}
      return {
        async query(text, values = []) {
          const statement = sql.unsafe(text, values as string[], { prepare: false }) // no named statement
          cancel = () => {
            cancelled = Promise.allSettled([cancelled, statement.cancel()])
          }
          return { rows: await statement.finally(() => (cancel = () => {})) }
        },
        release: (error) => error && cancel(), // what nobody waits for must not keep a connection
      }
    },
  }
}
// #endregion

// #region pglite
/** PGlite does not notice a second process on its folder, and two of them destroy it. */
export async function onlyPglite(folder: string): Promise<PGlite> {
  const lock = `${folder}.lock`
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
  } catch {
    throw new Error(`${folder} is used by another process; if none is running, remove ${lock}`)
  }
  process.once('exit', () => rmSync(lock))
  return PGlite.create(folder)
}
// #endregion
