/** What the MySQL storage does when the server refuses, is read-only, is gone or is set up in another way. */

import { createPool } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import type { StoredRecord } from '../../src/ports/storage.ts'
import {
  type MysqlPool,
  type MysqlQuery,
  type MysqlStorage,
  type MysqlStorageOptions,
  mysqlStorage,
} from '../../src/storage/mysql.ts'
import { keyOf, readOne, recordOf } from './scratch.ts'
import { type MariadbServer, mariadbMissing, startMariadb } from './servers/mariadb.ts'
import { describeWith, eventually } from './servers/server-process.ts'

test('the sample of the documents has a storage at once, whether the server is there or not', async () => {
  // #region mysql
  const client = createPool(process.env['DATABASE_URL'] ?? 'mysql://localhost/shop')
  const storage = mysqlStorage({ client, table: 'shop_secrets' })
  // #endregion
  await client.end()
  expect(storage.where).toBe('the MySQL table "shop_secrets"')
})

describe('mysqlStorage refuses', () => {
  const client = { getConnection: async () => ({}) }
  test.each<[string, unknown]>([
    ['no options', undefined],
    ['no client', {}],
    ['one connection, which may be in a transaction', { client: { query: async () => [[]] } }],
    ['a URL for a client', { client: 'mysql://root:password@localhost' }],
    ['an option that it does not know', { client, prefix: 'x' }],
    ['a table that would end its quotes', { client, table: 'a`; DROP TABLE users; --' }],
    ['a table of another database', { client, table: 'other.records' }],
    ['a table that is too long', { client, table: 'x'.repeat(65) }],
  ])('%s', (_, options) => {
    let error: unknown
    try {
      mysqlStorage(options as MysqlStorageOptions)
    } catch (thrown) {
      error = thrown
    }
    expect(codeOf(error)).toBe('ERR_INVALID_INPUT')
    expect(String(error)).not.toContain('password')
  })
})

/** The message of a failure, which must have this code and quote nothing. */
async function failure(attempt: Promise<unknown>, code: string): Promise<string> {
  const error = await attempt.then(
    () => new Error('it did not fail'),
    (thrown: Error) => thrown,
  )
  expect([codeOf(error), error.message]).toEqual([code, expect.any(String)])
  expect(error.cause).toBeUndefined()
  expect(`${error.message}${error.stack}`).not.toMatch(/canary|socket|SELECT|INSERT|UPDATE/)
  return error.message
}

const canary = (tag: string, version = 1): StoredRecord => recordOf(tag, version, 'canary of a body')

describeWith('mysqlStorage', mariadbMissing, () => {
  let server: MariadbServer
  let count = 0
  beforeAll(async () => {
    server = await startMariadb(['--max-allowed-packet=1M', '--sql-mode='])
    await server.run(
      "CREATE USER app@localhost IDENTIFIED BY 'canary'",
      'GRANT SELECT, INSERT, UPDATE, CREATE ON app.* TO app@localhost',
    )
  })
  afterAll(() => server?.end())

  async function fresh(more = {}): Promise<{ storage: MysqlStorage; pool: ReturnType<MariadbServer['pool']> }> {
    const pool = server.pool({ user: 'app', password: 'canary', ...more })
    const storage = mysqlStorage({ client: pool, table: `t${count++}` })
    await storage.migrate()
    return { storage, pool }
  }
  /** Connections that the server has of the user. */
  const connections = async (): Promise<unknown> =>
    server.run("SELECT id FROM information_schema.processlist WHERE user = 'app' ORDER BY id")

  test('a read-only server: certainly not written, and the pool gets another connection', async () => {
    const { storage } = await fresh({ connectionLimit: 1 })
    await storage.put(canary('moved'))
    const before = await connections()
    await server.run('SET GLOBAL read_only = 1')
    try {
      expect(await failure(storage.put(canary('moved', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/read-only/)
      expect(await readOne(storage, 'moved')).toEqual(canary('moved'))
    } finally {
      await server.run('SET GLOBAL read_only = 0')
    }
    expect(await connections()).not.toEqual(before)
    await storage.put(canary('moved', 2))
    expect(await readOne(storage, 'moved')).toEqual(canary('moved', 2))
  })

  test('a body is refused or comes back whole, without strict mode and over any character set', async () => {
    const { storage, pool } = await fresh({ charset: 'UTF8_GENERAL_CI', connectionLimit: 1 })
    await pool.query("SET NAMES utf8mb3, sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_ZERO_DATE'")
    const KIB = 1024
    for (const [index, length] of [64 * KIB - 1, 64 * KIB, 500 * KIB].entries()) {
      const body = `\\'";🔐é${'x'.repeat(length - 10)}`
      await storage.put(recordOf(`b${index}`, 1, body))
      expect((await readOne(storage, `b${index}`))?.body === body).toBe(true)
    }
    const large = recordOf('large', 1, 'x'.repeat(KIB * KIB))
    expect(await failure(storage.put(large), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/max_allowed_packet/)
    expect(await readOne(storage, 'large')).toBeUndefined()
  })

  test('names that are more than names are refused before anything is sent', async () => {
    const { storage } = await fresh()
    for (const name of ["x' OR '1'='1", 'a\\', 'a ', 'ä', 'a`b', '', 'x'.repeat(129), '\0']) {
      await failure(storage.get('default', [{ environment: 'e', tag: name }]), 'ERR_INVALID_INPUT')
      await failure(storage.get(name, [keyOf('t')]), 'ERR_INVALID_INPUT')
      await failure(storage.put({ ...canary('t'), environment: name }), 'ERR_INVALID_INPUT')
      await failure(storage.list(name, { limit: 1 }), 'ERR_INVALID_INPUT')
      await failure(storage.list('w', { limit: 1, after: { environment: 'e', tag: name } }), 'ERR_INVALID_INPUT')
      await failure(storage.workspaces!({ limit: 1, after: name }), 'ERR_INVALID_INPUT')
    }
    await failure(storage.list('w', { limit: '1; DROP TABLE t' as never }), 'ERR_INVALID_INPUT')
    expect(await storage.list('default', { limit: 10 })).toEqual([])
  })

  test('a table that is not there, not ours, not InnoDB, or of a newer release is refused', async () => {
    const pool = server.pool({ user: 'app', password: 'canary' })
    const absent = mysqlStorage({ client: pool, table: 'absent' })
    expect(await failure(absent.put(canary('a')), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/migrate\(\)/)
    await absent.migrate()
    await absent.put(canary('a'))
    for (const [change, message] of [
      ["COMMENT='guillemet records, schema 2'", /newer release/],
      ["COMMENT='guillemet records, schema 1', ENGINE=MyISAM", /InnoDB/],
      ["ENGINE=InnoDB, COMMENT='of somebody else'", /not as migrate/],
      ["COMMENT='guillemet records, schema 1', MODIFY tag VARCHAR(129) NOT NULL", /not as migrate/],
      ['MODIFY tag VARBINARY(129) NOT NULL, DROP PRIMARY KEY', /not as migrate/],
    ] as const) {
      await server.run(`ALTER TABLE app.absent ${change}`)
      const later = mysqlStorage({ client: pool, table: 'absent' })
      expect(await failure(later.get('default', [keyOf('a')]), 'ERR_STORAGE_UNAVAILABLE')).toMatch(message)
      expect(await failure(later.migrate(), 'ERR_STORAGE_UNAVAILABLE')).toMatch(message)
    }
  })

  test('rights that are missing are named, and the connection stays', async () => {
    const { storage } = await fresh()
    await storage.put(canary('a'))
    await server.run(
      "CREATE USER reader@localhost IDENTIFIED BY 'canary'",
      `GRANT SELECT ON app.t${count - 1} TO reader@localhost`,
    )
    const reader = mysqlStorage({ client: server.pool({ user: 'reader', password: 'canary' }), table: `t${count - 1}` })
    expect(await readOne(reader, 'a')).toEqual(canary('a'))
    expect(await failure(reader.put(canary('a', 2)), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/refuses this user/)
    const stranger = mysqlStorage({ client: server.pool({ user: 'reader', password: 'canary of a password' }) })
    expect(await failure(stranger.put(canary('a')), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/refuses this user/)
    await server.run('SET GLOBAL autocommit = 0')
    const lazy = mysqlStorage({ client: server.pool({ user: 'app', password: 'canary' }), table: `t${count - 1}` })
    const message = await failure(lazy.put(canary('a', 2)), 'ERR_STORAGE_UNAVAILABLE').finally(() =>
      server.run('SET GLOBAL autocommit = 1'),
    )
    expect(message).toMatch(/autocommit/)
  })

  test('a row that another session locks is a conflict, and a call that is given up is in doubt', async () => {
    const { storage, pool } = await fresh({ connectionLimit: 3 })
    await storage.put(canary('held'))
    const holder = await pool.getConnection()
    await holder.query('BEGIN')
    await holder.query(`SELECT * FROM t${count - 1} FOR UPDATE`)
    await server.run('SET GLOBAL innodb_lock_wait_timeout = 0')
    const other = mysqlStorage({ client: server.pool({ user: 'app', password: 'canary' }), table: `t${count - 1}` })
    await failure(other.put(canary('held', 2)), 'ERR_CONFLICT')
    await server.run('SET GLOBAL innodb_lock_wait_timeout = 50')

    await failure(storage.put(canary('held', 2), { signal: AbortSignal.abort() }), 'ERR_STORAGE_UNAVAILABLE')
    const given = new AbortController()
    const doubtful = storage.put(canary('held', 2), { signal: given.signal })
    await eventually(async () => {
      const [running] = (await server.run(
        "SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE `t%'",
      )) as unknown[]
      expect(running).toBeDefined()
    }).finally(() => given.abort())
    await failure(doubtful, 'ERR_OUTCOME_UNKNOWN')
    await holder.query('ROLLBACK')
    holder.release()
    // whether the statement that was left behind is carried out or not, the same put again settles it
    expect(await storage.put(canary('held', 2)).catch(codeOf)).toBeOneOf([undefined, 'ERR_CONFLICT'])
    for (let index = 0; index < 20; index++) expect(await readOne(storage, 'held')).toEqual(canary('held', 2))
  })

  test.each(['START TRANSACTION', 'SET autocommit = 0'])(
    'a connection that somebody released after %s is closed, and another one does the work',
    async (begin) => {
      const { storage, pool } = await fresh({ connectionLimit: 1 })
      const other = mysqlStorage({ client: server.pool(), table: `t${count - 1}` })
      await storage.put(canary('a'))
      const forget = async (): Promise<void> => {
        const connection = await pool.getConnection()
        await connection.query(begin)
        await connection.query(`SELECT * FROM t${count - 1}`)
        connection.release()
      }
      await forget()
      await storage.put(canary('a', 2))
      expect(await readOne(other, 'a')).toEqual(canary('a', 2))
      await forget()
      await other.put(canary('a', 3))
      expect(await readOne(storage, 'a')).toEqual(canary('a', 3))
      await forget()
      await other.put(canary('a', 4))
      expect(await storage.list('default', { limit: 2 })).toEqual([canary('a', 4)])
      await forget()
      await failure(storage.put(canary('a', 4)), 'ERR_CONFLICT')
    },
  )

  /** A pool with something between it and the server, which gets each statement first; counts what is closed. */
  function between(before: (sql: string, send: (sql: string) => Promise<unknown>) => Promise<void>) {
    const real = server.pool()
    const counts = { taken: 0, closed: 0 }
    const client: MysqlPool = {
      async getConnection() {
        const connection = await real.getConnection()
        counts.taken++
        return {
          async query(options: MysqlQuery) {
            await before(options.sql, (sql) => connection.query(sql))
            return await connection.query({ ...options })
          },
          release: () => connection.release(),
          destroy() {
            counts.closed++
            connection.destroy()
          },
        }
      },
    }
    return { storage: mysqlStorage({ client, table: `t${count - 1}` }), counts }
  }

  test('a pool whose connections are all in a transaction is refused, and each that was tried is closed', async () => {
    await fresh()
    const { storage, counts } = between(async (_, send) => {
      await send('START TRANSACTION')
    })
    expect(await failure(storage.put(canary('a')), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/in a transaction/)
    expect(await failure(storage.get('default', [keyOf('a')]), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/in a transaction/)
    expect(counts.taken).toBeGreaterThan(2)
    expect(counts.closed).toBe(counts.taken)
  })

  test('a put that its answer says is in a transaction is in doubt, and undone with its connection', async () => {
    const { storage } = await fresh()
    await storage.put(canary('a'))
    const { storage: doubtful, counts } = between(async (sql, send) => {
      if (/^(?:INSERT|UPDATE)/.test(sql)) await send('START TRANSACTION')
    })
    await failure(doubtful.put(canary('a', 2)), 'ERR_OUTCOME_UNKNOWN')
    await failure(doubtful.put(canary('b')), 'ERR_OUTCOME_UNKNOWN')
    // no row was changed, and yet the connection must not go on
    await failure(doubtful.put(canary('a', 9)), 'ERR_OUTCOME_UNKNOWN')
    expect(counts.closed).toBe(3)
    await eventually(async () => expect(await storage.put(canary('b')).catch(codeOf)).toBeUndefined())
    await storage.put(canary('a', 2))
    expect(await readOne(storage, 'a')).toEqual(canary('a', 2))
  })

  test.each([2006, 2013, 2014, 9001])(
    'number %d, which no server gives but a proxy may, leaves a put in doubt',
    async (errno) => {
      const { storage } = await fresh()
      await storage.put(canary('a'))
      let isLost = false
      const { storage: proxied, counts } = between(async (sql, send) => {
        if (!isLost || sql.startsWith('DO')) return
        if (sql.startsWith('UPDATE')) await send(sql)
        throw Object.assign(new Error('canary'), { errno, sqlState: 'HY000' })
      })
      expect(await readOne(proxied, 'a')).toEqual(canary('a'))
      isLost = true
      await failure(proxied.put(canary('a', 2)), 'ERR_OUTCOME_UNKNOWN')
      expect(await readOne(storage, 'a')).toEqual(canary('a', 2))
      expect(await failure(readOne(proxied, 'a'), 'ERR_STORAGE_UNAVAILABLE')).toMatch(/could not be reached/)
      expect(counts.closed).toBe(2)
    },
  )

  test('a server that cannot be reached has certainly written nothing', async () => {
    const pool = createPool({ socketPath: `${server.socket}-none`, user: 'canary' })
    const nowhere = mysqlStorage({ client: pool })
    await failure(nowhere.put(canary('a')), 'ERR_STORAGE_UNAVAILABLE')
    await failure(nowhere.migrate(), 'ERR_STORAGE_UNAVAILABLE')
    await pool.end()
    await failure(nowhere.get('default', [keyOf('a')]), 'ERR_STORAGE_UNAVAILABLE')
  })

  test('a get is one round trip, and none is prepared, however many keys it has', async () => {
    const { storage } = await fresh()
    await storage.put(canary('a'))
    const status = async (name: string): Promise<number> => {
      const [row] = (await server.run(`SHOW GLOBAL STATUS LIKE '${name}'`)) as { Value: string }[]
      return Number(row!.Value)
    }
    for (const length of [1, 7, 50, 200]) {
      const keys = Array.from({ length }, (_, index) => keyOf(`t${index}`))
      const before = await status('Questions')
      await storage.get('default', keys)
      expect((await status('Questions')) - before - 1).toBe(1) // the second asking counts, too
    }
    expect(await status('Prepared_stmt_count')).toBe(0)
    expect(await status('Com_stmt_prepare')).toBe(0)
  })

  test('a server that is not MariaDB is asked before each get, and one that is left in a transaction is not read', async () => {
    const { storage } = await fresh()
    await storage.put(canary('a'))
    const real = server.pool({ connectionLimit: 1 })
    const said: string[] = []
    const client: MysqlPool = {
      async getConnection() {
        const connection = await real.getConnection()
        return {
          async query(options: MysqlQuery) {
            said.push(options.sql.slice(0, 8))
            const [rows] = await connection.query({ ...options })
            const isLook = options.sql.includes('@@version')
            return [isLook ? (rows as unknown[][]).map((row) => row.map((cell) => asMysql(cell))) : rows]
          },
          release: () => connection.release(),
          destroy: () => connection.destroy(),
        }
      },
    }
    const asked = mysqlStorage({ client, table: `t${count - 1}` })
    const held = await real.getConnection()
    await held.query('START TRANSACTION')
    await held.query(`SELECT * FROM t${count - 1}`)
    held.release()
    await storage.put(canary('a', 2))
    expect(await readOne(asked, 'a')).toEqual(canary('a', 2))
    expect(said.slice(-2)).toEqual(['DO 0', 'SELECT e'])
  })

  test('workspaces lists those that hold a record, page by page, bytewise', async () => {
    const { storage } = await fresh()
    for (const workspace of ['b', 'B', 'a-1', 'a']) await storage.put({ ...canary('t'), workspace })
    await failure(storage.put({ ...canary('t', 2), workspace: 'empty' }), 'ERR_CONFLICT')
    expect(await storage.workspaces!({ limit: 10 })).toEqual(['B', 'a', 'a-1', 'b'])
    expect(await storage.workspaces!({ limit: 2, after: 'B' })).toEqual(['a', 'a-1'])
  })
})

/** A cell of the look at the table, as MySQL would name itself in it. */
function asMysql(cell: unknown): unknown {
  return String(cell).includes('MariaDB') ? '8.4.2' : cell
}
