/** `postgresStorage` keeps every promise of the port on a real server, and refuses a table that is not as it must be. */

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVault, generateKey } from '../../src/index.ts'
import { postgresStorage } from '../../src/storage/postgres.ts'
import { describeOnPostgres, keepsEveryPromise, postgresOfFile } from './postgres-stage.ts'
import { keyOf, putUpTo, readOne, recordOf } from './scratch.ts'
import type { PostgresServer } from './servers/postgres.ts'

const serverOfFile = postgresOfFile()

describeOnPostgres('postgresStorage', () => {
  let server: PostgresServer
  let pool: pg.Pool
  let count = 0

  beforeAll(() => {
    server = serverOfFile()
    pool = new pg.Pool(server.options())
  })
  afterAll(() => pool?.end())

  describe('keeps the promise:', () => keepsEveryPromise(() => pool))

  const tableOf = (table: string) => postgresStorage({ client: pool, table })
  const sql = (statement: string) => server.sql('postgres', statement)

  describe('a table', () => {
    test('that is not there is said, with what to do, and nothing makes it but migrate', async () => {
      const storage = tableOf('absent')
      const failure = {
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringMatching(/"public"\."absent" is not there; .* call migrate\(\)/),
      }
      await expect(storage.put(recordOf('a'))).rejects.toMatchObject(failure)
      await expect(storage.get('default', [keyOf('a')])).rejects.toMatchObject(failure)
      await expect(storage.list('default', { limit: 1 })).rejects.toMatchObject(failure)
      await storage.migrate()
      await storage.migrate()
      await storage.put(recordOf('a'))
      await storage.migrate()
      expect(await readOne(tableOf('absent'), 'a')).toEqual(recordOf('a'))
    })

    test('that was dropped while it was used is said too', async () => {
      const storage = tableOf('dropped')
      await storage.migrate()
      await storage.put(recordOf('a'))
      await sql('DROP TABLE dropped')
      const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/42P01.*call migrate\(\)/) }
      await expect(storage.put(recordOf('a', 2))).rejects.toMatchObject(failure)
      await expect(storage.get('default', [keyOf('a')])).rejects.toMatchObject(failure)
    })

    test('is made in the schema that is given, which is made too', async () => {
      const storage = postgresStorage({ client: pool, schema: 'Own_Schema', table: 'Records' })
      await storage.migrate()
      await storage.put(recordOf('a'))
      expect(await sql('SELECT tag, version, body FROM "Own_Schema"."Records"')).toEqual([
        { tag: 'a', version: '1', body: 'a@1' },
      ])
    })

    const COLUMNS = 'environment text COLLATE "C", version bigint, body text'
    const PLACE = 'workspace text COLLATE "C", tag text COLLATE "C"'
    const KEY = 'PRIMARY KEY (workspace, environment, tag)'
    test.each([
      [
        'of another collation',
        `workspace text COLLATE "C", tag text, ${COLUMNS}, ${KEY}`,
        'tag of the type text COLLATE "C"',
      ],
      [
        'of a collation of a language',
        `workspace text COLLATE "en-US-x-icu", tag text COLLATE "C", ${COLUMNS}, ${KEY}`,
        'workspace',
      ],
      ['without its key', `${PLACE}, ${COLUMNS}`, 'PRIMARY KEY'],
      ['with a key in another order', `${PLACE}, ${COLUMNS}, PRIMARY KEY (workspace, tag, environment)`, 'PRIMARY KEY'],
      [
        'whose versions end too soon',
        `${PLACE}, ${COLUMNS.replace('bigint', 'integer')}, ${KEY}`,
        'version of the type bigint',
      ],
      ['without a column', `${PLACE}, ${COLUMNS.replace(', body text', '')}, ${KEY}`, 'no column body'],
    ])('%s is refused by migrate and by the first use', async (_, columns, words) => {
      const table = `unfit_${count++}`
      await sql(`CREATE TABLE ${table} (${columns})`)
      const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringContaining(words) }
      await expect(tableOf(table).migrate()).rejects.toMatchObject(failure)
      await expect(tableOf(table).put(recordOf('a'))).rejects.toMatchObject(failure)
      await expect(tableOf(table).list('default', { limit: 1 })).rejects.toMatchObject(failure)
      expect(await sql(`SELECT count(*)::int AS count FROM ${table}`)).toEqual([{ count: 0 }])
    })

    test('made by a newer release is refused, and columns that somebody has added are not', async () => {
      const storage = tableOf('newer')
      await storage.migrate()
      await sql('ALTER TABLE newer ADD COLUMN changed_at timestamptz DEFAULT now()')
      await storage.put(recordOf('a'))
      await sql("COMMENT ON TABLE newer IS 'guillemet storage, schema 2'")
      const failure = {
        code: 'ERR_STORAGE_UNAVAILABLE',
        message: expect.stringMatching(/newer release.*update guillemet/),
      }
      await expect(tableOf('newer').migrate()).rejects.toMatchObject(failure)
      await expect(readOne(tableOf('newer'), 'a')).rejects.toMatchObject(failure)
    })
  })

  test('workspaces are listed bytewise, page by page', async () => {
    const storage = tableOf('workspaces')
    await storage.migrate()
    const names = ['-', 'B', '_', 'a', 'a-b', 'a_b', 'ab', 'z']
    for (const workspace of [...names].reverse()) {
      for (const tag of ['one', 'two']) await storage.put({ ...recordOf(tag), workspace })
    }
    for (const limit of [1, 3, 8, 20]) {
      const seen: string[] = []
      for (;;) {
        const after = seen.at(-1)
        const page = await storage.workspaces!(after === undefined ? { limit } : { after, limit })
        if (page.length === 0) break
        seen.push(...page)
      }
      expect(seen).toEqual(names)
    }
  })

  test('a put that is sent twice, by a driver or a wrapper around it, is done for the vault, which meets its own write', async () => {
    const twice = {
      query: async (text: string, values: unknown[] = []) => {
        if (!text.includes('pg_attribute')) await pool.query(text, values)
        return pool.query(text, values)
      },
    }
    const storage = postgresStorage({ client: twice, table: 'twice' })
    await storage.migrate()
    const vault = createVault({ storage, keys: generateKey() })
    const { version } = await vault.create({ tag: 'a', value: 'the first value' })
    expect(await vault.update('a', { value: 'the second value' })).toMatchObject({ version: version + 1 })
    await vault.delete('a', { confirm: 'a' })
    expect(await vault.describe('a')).toBeUndefined()
  })

  test('a vault over it works, and what stands in the table is readable but for the values', async () => {
    const storage = tableOf('vaults')
    await storage.migrate()
    const vault = createVault({ storage, keys: generateKey() })
    await vault.create({ tag: 'zendesk', value: 'a-token-of-zendesk', description: 'for the support team' })
    await vault.update('zendesk', { value: 'another-token-of-zendesk' })
    const resolved = await vault.resolveHeaders({ Authorization: 'Bearer << secrets.zendesk >>' })
    expect(resolved.expose()).toEqual({ Authorization: 'Bearer another-token-of-zendesk' })
    const rows = await sql("SELECT workspace, environment, version, body FROM vaults WHERE tag = 'zendesk'")
    expect(rows).toMatchObject([{ workspace: 'default', environment: 'default' }])
    expect(String(rows[0]!['body'])).toContain('for the support team')
    expect(JSON.stringify(rows)).not.toContain('token-of-zendesk')
  })

  test('a read-only server is said, costs the pool that one connection, and the next write succeeds elsewhere', async () => {
    const storage = tableOf('failover')
    await storage.migrate()
    await putUpTo(storage, 'a', 1)
    const removed: unknown[] = []
    pool.on('remove', (client) => removed.push(client))
    await sql('ALTER SYSTEM SET default_transaction_read_only = on')
    await sql('SELECT pg_reload_conf()')
    const failure = { code: 'ERR_STORAGE_UNAVAILABLE', message: expect.stringMatching(/25006.*primary/) }
    await expect
      .poll(
        () =>
          storage.put(recordOf('other')).then(
            () => 'written',
            (error) => error,
          ),
        { timeout: 60_000 },
      )
      .toMatchObject(failure)
    await expect.poll(() => removed.length).toBe(1)
    expect(await readOne(storage, 'a')).toEqual(recordOf('a'))
    await server.sql(
      'postgres',
      'SET default_transaction_read_only = off',
      'ALTER SYSTEM RESET default_transaction_read_only',
      'SELECT pg_reload_conf()',
    )
    await expect
      .poll(
        () =>
          storage.put(recordOf('a', 2)).then(
            () => 'written',
            (error) => error.code,
          ),
        { timeout: 60_000 },
      )
      .toBe('written')
  })
})
