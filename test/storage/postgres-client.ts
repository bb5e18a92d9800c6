/** A structural client that answers as a test wants, and notes what it was asked and how its connections were given back. */

import { setTimeout as wait } from 'node:timers/promises'
import type { PostgresAnswer, PostgresPool } from '../../src/storage/postgres.ts'

/** What a look at a table that is as it must be answers. */
const SOUND_TABLE = (['workspace', 'environment', 'tag', 'version', 'body'] as const).map((name) => ({
  name,
  type: name === 'version' ? 'bigint' : 'text',
  collation: name === 'version' ? null : name === 'body' ? 'default' : 'C',
  comment: 'guillemet storage, schema 1',
  encoding: 'UTF8',
  key: 'PRIMARY KEY (workspace, environment, tag)',
}))

export interface FakePool extends PostgresPool {
  /** The statements that were sent, but for looks at the table. */
  readonly sent: { text: string; values: unknown[] }[]
  /** What each release was called with. */
  readonly released: unknown[]
  /** Sessions that were given and not given back. */
  open: number
}

export interface FakeBehaviour {
  /** Answers a statement, but for looks at the table unless `look` does. */
  readonly query: (text: string, values: unknown[]) => Partial<PostgresAnswer> | Promise<Partial<PostgresAnswer>>
  readonly look?: () => Partial<PostgresAnswer> | Promise<Partial<PostgresAnswer>>
  readonly connect?: () => void | Promise<void>
  readonly status?: string | null
}

/** A pool of these manners; each call yields to the event loop, as a network does. */
export function fakePool({ query, look, connect, status = 'I' }: FakeBehaviour): FakePool {
  const pool: FakePool = {
    sent: [],
    released: [],
    open: 0,
    async connect() {
      await connect?.()
      pool.open++
      return {
        getTransactionStatus: () => status,
        async query(text, values = []) {
          await wait(0)
          if (text.includes('pg_attribute')) return (await (look?.() ?? { rows: SOUND_TABLE })) as PostgresAnswer
          pool.sent.push({ text, values })
          return (await query(text, values)) as PostgresAnswer
        },
        release(error) {
          pool.open--
          pool.released.push(error)
        },
      }
    },
  }
  return pool
}

/** An error as a driver gives it, with what must not reach anybody. */
export function driverError(code: string | undefined): Error {
  const error = new Error('password=hunter2 at postgres://app:hunter2@db/vault')
  return Object.assign(error, { code, severity: 'FEHLER', detail: 'hunter2' })
}
