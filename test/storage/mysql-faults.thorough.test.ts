/** The MySQL storage among processes that are killed, connections that are cut or late, and pools set up in every way. */

import type { Pool, PoolOptions } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { codeOf } from '../../src/errors.ts'
import { createVault, generateKey } from '../../src/index.ts'
import type { VaultStorage } from '../../src/ports/storage.ts'
import { type MysqlPool, mysqlStorage } from '../../src/storage/mysql.ts'
import { storageConformance } from '../../src/testing.ts'
import { expectExactCount } from './counted-updates.ts'
import { readOne, recordOf, scratch } from './scratch.ts'
import { type MariadbServer, mariadbMissing, startMariadb } from './servers/mariadb.ts'
import { type CuttingProxy, startProxy } from './servers/proxy.ts'
import { describeWith, eventually } from './servers/server-process.ts'

const place = scratch()
const EIGHT = { processes: 8, updates: 200, kills: 4 }

describeWith('mysqlStorage', mariadbMissing, () => {
  let server: MariadbServer
  let proxy: CuttingProxy
  let direct: Pool
  let count = 0
  beforeAll(async () => {
    server = await startMariadb(['--max-allowed-packet=16M'])
    proxy = await startProxy(server.socket)
    direct = server.pool()
  })
  afterEach(() => proxy?.rule({}))
  afterAll(async () => {
    await proxy?.end()
    await server?.end()
  })

  /** A pool whose connections pass through the proxy. */
  const proxied = (): Pool =>
    server.pool({ socketPath: undefined as never, host: '127.0.0.1', port: proxy.port, connectionLimit: 1 })
  const codeFrom = (attempt: Promise<unknown>): Promise<unknown> => attempt.then(() => 'written', codeOf)

  const POOLS: readonly [name: string, options: PoolOptions][] = [
    ['numbers as text', { supportBigNumbers: true, bigNumberStrings: true, flags: ['-FOUND_ROWS'] }],
    ['rows as lists, a cast of its own', { rowsAsArray: true, typeCast: () => 'cast', flags: ['FOUND_ROWS'] }],
    ['no cast, nested tables, an old charset', { typeCast: false, nestTables: true, charset: 'LATIN1_SWEDISH_CI' }],
    [
      'several statements, named placeholders',
      { multipleStatements: true, namedPlaceholders: true, decimalNumbers: true },
    ],
  ]
  describe.each(POOLS)('on a pool with %s', (_, options) => {
    const tables = new WeakMap<VaultStorage, string>()
    const pools: MysqlPool[] = []
    beforeAll(() => {
      pools.push(server.pool(options), server.pool(options))
    })

    for (const { name, run } of storageConformance) {
      test(name, () =>
        run(async (sameDataAs) => {
          const table = (sameDataAs && tables.get(sameDataAs)) ?? `t${count++}`
          const storage = mysqlStorage({ client: pools[sameDataAs ? 1 : 0]!, table })
          if (sameDataAs === undefined) await storage.migrate()
          tables.set(storage, table)
          return storage
        }),
      )
    }
  })

  test.each(['REPEATABLE-READ', 'SERIALIZABLE'])(
    'processes count exactly under %s, one of them killed again and again',
    async (isolation) => {
      await server.run(`SET GLOBAL tx_isolation = '${isolation}'`, 'DROP TABLE IF EXISTS app.guillemet_records')
      await mysqlStorage({ client: direct }).migrate()
      const size = isolation === 'SERIALIZABLE' ? { processes: 3, updates: 50, kills: 1 } : EIGHT
      await expectExactCount({ kind: 'mysql', address: server.socket, ...size }, place)
    },
  )

  test('of eight creators of one new key one wins, and the others meet a conflict', async () => {
    await server.run("SET GLOBAL tx_isolation = 'SERIALIZABLE'")
    const storage = mysqlStorage({ client: server.pool({ connectionLimit: 8 }), table: `t${count++}` })
    await storage.migrate()
    for (let round = 0; round < 30; round++) {
      const offers = Array.from({ length: 8 }, (_, by) => codeFrom(storage.put(recordOf(`r${round}`, 1, `by ${by}`))))
      expect((await Promise.all(offers)).sort()).toEqual([...Array(7).fill('ERR_CONFLICT'), 'written'])
    }
    await server.run("SET GLOBAL tx_isolation = 'REPEATABLE-READ'")
  })

  test('a cut at any moment: written is there, not written is not, and the pool serves on', async () => {
    const seen = new Set<unknown>()
    for (const direction of ['toServer', 'toClient'] as const) {
      for (let cutAt = 0; cutAt < 11; cutAt++) {
        const table = `t${count++}`
        const check = mysqlStorage({ client: direct, table })
        await check.migrate()
        const storage = mysqlStorage({ client: proxied(), table })
        let pieces = 0
        proxy.rule({ [direction]: () => (pieces++ === cutAt ? 'cut' : 'pass') })
        for (const version of [1, 2]) {
          const outcome = await codeFrom(storage.put(recordOf('t', version)))
          seen.add(outcome)
          const stored = (await readOne(check, 't'))?.version ?? 0
          if (outcome === 'written') expect(stored).toBe(version)
          else if (outcome === 'ERR_STORAGE_UNAVAILABLE') expect(stored).toBe(version - 1)
          else expect(outcome).toBe('ERR_OUTCOME_UNKNOWN')
          // the same put once more settles it, whatever became of the first: written now, or before
          if (outcome !== 'written') {
            expect(await codeFrom(storage.put(recordOf('t', version)))).toBeOneOf(['written', 'ERR_CONFLICT'])
            expect(await readOne(check, 't')).toEqual(recordOf('t', version))
          }
        }
        proxy.rule({})
        expect(await readOne(storage, 't')).toEqual(recordOf('t', 2))
      }
    }
    expect([...seen].sort()).toEqual(['ERR_OUTCOME_UNKNOWN', 'ERR_STORAGE_UNAVAILABLE', 'written'])
  })

  test('a statement that arrives late, when its caller was told it is in doubt, changes nothing any more', async () => {
    const table = `t${count++}`
    const check = mysqlStorage({ client: direct, table })
    await check.migrate()
    const keys = generateKey()
    const vault = createVault({ storage: mysqlStorage({ client: proxied(), table }), keys })
    await vault.create({ tag: 'late', value: 'value number 0' })
    for (let turn = 1; turn <= 10; turn++) {
      let isHeld = false
      proxy.rule({
        toServer(piece) {
          if (isHeld || !piece.includes('UPDATE')) return 'pass'
          isHeld = true
          return 'late'
        },
      })
      await vault.update('late', { value: `value number ${turn}` })
      expect(isHeld).toBe(true)
      const before = await readOne(check, 'late')
      proxy.deliver()
      await vault.describe('late')
      const running = "SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE %'"
      await eventually(async () => expect(await server.run(running)).toEqual([]))
      expect(await readOne(check, 'late')).toEqual(before)
      expect((await vault.resolve('<< secrets.late >>')).expose()).toBe(`value number ${turn}`)
    }
  })

  test('migrate: four at once, and again after a cut at any moment, make one and the same table', async () => {
    const shown = async (table: string): Promise<string> => {
      const [row] = (await server.run(`SHOW CREATE TABLE app.${table}`)) as Record<string, string>[]
      return row!['Create Table']!.replace(table, '')
    }
    const pools = [direct, server.pool(), server.pool(), server.pool()]
    const first = `t${count++}`
    await mysqlStorage({ client: direct, table: first }).migrate()
    const clean = await shown(first)
    expect(clean).toContain('varbinary(129)')
    for (let round = 0; round < 20; round++) {
      const table = `t${count++}`
      await Promise.all(pools.map((client) => mysqlStorage({ client, table }).migrate()))
      expect(await shown(table)).toBe(clean)
    }
    for (const direction of ['toServer', 'toClient'] as const) {
      for (let cutAt = 0; cutAt < 8; cutAt++) {
        const table = `t${count++}`
        const storage = mysqlStorage({ client: proxied(), table })
        let pieces = 0
        proxy.rule({ [direction]: () => (pieces++ === cutAt ? 'cut' : 'pass') })
        const code = await codeFrom(storage.migrate())
        expect(['written', 'ERR_STORAGE_UNAVAILABLE', 'ERR_OUTCOME_UNKNOWN']).toContain(code)
        proxy.rule({})
        await storage.migrate()
        expect(await shown(table)).toBe(clean)
      }
    }
  })
})
