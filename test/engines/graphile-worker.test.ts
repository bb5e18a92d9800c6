/** graphile-worker on a real Postgres, which also keeps the vault's records: payload, last_error and logs hold references or masks. */

import { EventEmitter } from 'node:events'
import { Logger, makeWorkerUtils, runOnce, type TaskList, type WorkerUtils } from 'graphile-worker'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { postgresStorage } from '../../src/storage/postgres.ts'
import { leakProbe } from '../../src/testing/node.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../storage/servers/postgres.ts'
import { describeWith } from '../storage/servers/server-process.ts'
import { FAILURES } from './failures.ts'
import { tasksOf } from './graphile-tasks.ts'
import {
  CONTROL,
  type EchoServer,
  expectClean,
  fillVault,
  leaksIn,
  SECRETS,
  SYNTAXES,
  startEcho,
  stepTo,
} from './stage.ts'
import type { Step } from './step.ts'

describeWith('graphile-worker', postgresMissing(), () => {
  let server: PostgresServer
  let pool: pg.Pool
  let vault: Vault
  let echo: EchoServer
  let utils: WorkerUtils
  /** What the worker logs and emits. */
  let printed: unknown[] = []

  beforeAll(async () => {
    server = await startPostgres()
    pool = new pg.Pool(server.options())
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    echo = await startEcho()
    const storage = postgresStorage({ client: pool })
    await storage.migrate()
    vault = createVault({ storage, keys: generateKey() })
    await fillVault(vault, echo.origin)
    await pool.query('CREATE TABLE history (run text, id text, output json)')
    utils = await makeWorkerUtils({ pgPool: pool, logger })
    await utils.migrate()
  })
  afterAll(async () => {
    await utils?.release()
    await vault?.close()
    await pool?.end()
    echo?.close()
    await server?.stop()
  })

  const logger = new Logger((scope) => (level, message, meta) => void printed.push([scope, level, message, meta]))

  async function isLocked(): Promise<boolean> {
    const { rows } = await pool.query('SELECT 1 FROM graphile_worker._private_jobs WHERE locked_at IS NOT NULL')
    return rows.length > 0
  }

  /** Lets the worker do what is due, as often as a job may be tried. */
  async function work(taskList: TaskList, times = 1): Promise<void> {
    const events = new EventEmitter()
    for (const event of ['job:start', 'job:success', 'job:error', 'job:failed', 'job:complete']) {
      events.on(event, ({ job, error }) => printed.push([event, job, error]))
    }
    for (let time = 0; time < times; time++) {
      // a retry is due at once
      await pool.query("UPDATE graphile_worker._private_jobs SET run_at = now() - interval '1 minute'")
      await runOnce({ pgPool: pool, logger, taskList, events, noHandleSignals: true })
      // the worker does not wait for its own last word on a job
      while (await isLocked()) await new Promise(setImmediate)
    }
  }

  /** All tables of the database, as text. */
  async function dump(): Promise<Record<string, unknown>> {
    const { rows } = await pool.query<{ name: string }>(
      "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    const tables: Record<string, unknown> = {}
    for (const { name } of rows) {
      const { rows: lines } = await pool.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`)
      tables[name] = lines.map(({ line }) => line)
    }
    return tables
  }

  /** Runs a piece of an application: nothing that is stored or printed shows a secret, and what was written on purpose is found. */
  async function probed(run: () => Promise<unknown>): Promise<void> {
    printed = []
    const { leaks, error } = await leakProbe({ ...SECRETS, ...CONTROL }, async ({ output }) => {
      await run()
      printed.push(CONTROL.control)
      await pool.query('INSERT INTO history VALUES ($1, $2, $3)', ['planted', '', { planted: CONTROL.control }])
      await utils.addJob('nobody', { planted: CONTROL.control }, { maxAttempts: 1 })
      const tables = await dump()
      for (const [name, lines] of Object.entries(tables)) output(lines, name)
      output(printed, 'printed')
    })
    if (error !== undefined) throw error
    expect(leaks.filter(({ label }) => label !== 'control')).toEqual([])
    expect(new Set(leaks.map(({ where }) => where))).toEqual(
      new Set(['public.history', 'graphile_worker._private_jobs', 'printed']),
    )
  }

  const lastError = async (): Promise<unknown> => {
    const { rows } = await pool.query(
      'SELECT attempts, last_error FROM graphile_worker._private_jobs WHERE last_error IS NOT NULL ORDER BY id DESC LIMIT 1',
    )
    return rows[0]
  }

  it('a step that succeeds, with its output in the history', async () => {
    await probed(async () => {
      await utils.addJob('step', { run: 'echo', id: 'first', ...stepTo(`${echo.origin}/echo`) })
      await work(tasksOf(vault, pool))
      const { rows } = await pool.query("SELECT output FROM history WHERE run = 'echo'")
      expect(rows).toEqual([{ output: { status: 200, text: 'sent Bearer [secret:crm] Bearer%20[secret:crm]' } }])
    })
    expect(echo.arrived.at(-1)!.headers.authorization).toBe(`Bearer ${SECRETS.crm}`)
  })

  it('a request that fails three times', async () => {
    await probed(async () => {
      await utils.addJob('step', { run: 'r', id: 'first', ...stepTo(`${echo.origin}/500`) }, { maxAttempts: 3 })
      await work(tasksOf(vault, pool), 3)
      const last_error = expect.stringContaining('500 sent Bearer [secret:crm] Bearer%20[secret:crm]')
      expect(await lastError()).toEqual({ attempts: 3, last_error })
    })
  })

  it('a retry that succeeds, with the references of the stored payload', async () => {
    await probed(async () => {
      await utils.addJob('step', { run: 'r', id: 'first', ...stepTo(`${echo.origin}/flaky?2`) }, { maxAttempts: 3 })
      await work(tasksOf(vault, pool), 3)
    })
    const keys = echo.arrived.filter(({ url }) => url === '/flaky?2').map(({ headers }) => headers.authorization)
    expect(keys).toEqual(Array.from({ length: 3 }, () => `Bearer ${SECRETS.crm}`))
  })

  it('whatever a step throws, each attempt something else', async () => {
    const throwing: TaskList = {
      async throws(payload, { job }) {
        const { workspace, environment, config } = payload as Step
        await vault.with({ workspace, environment }).use(
          config,
          ({ headers }) => {
            throw FAILURES[job.attempts - 1]!(headers!['Authorization']!)
          },
          { as: 'request' },
        )
      },
    }
    await probed(async () => {
      await utils.addJob('throws', stepTo(`${echo.origin}/echo`), { maxAttempts: FAILURES.length })
      await work(throwing, FAILURES.length)
      expect(await lastError()).toMatchObject({ attempts: FAILURES.length })
    })
  })

  it('an output that holds every spelling of a reference arrives as text in the next step', async () => {
    await probed(async () => {
      for (const [index, output] of SYNTAXES.entries()) {
        const run = `syntax ${index}`
        await pool.query('INSERT INTO history VALUES ($1, $2, $3)', [run, 'first', JSON.stringify(output)])
        await utils.addJob('step', { run, id: 'next', ...stepTo(`${echo.origin}/text`, { body: '{{ steps.first }}' }) })
        await work(tasksOf(vault, pool))
        expect(echo.arrived.at(-1)!.body).toBe(output)
      }
    })
    await expectClean([echo.arrived.map(({ body }) => body), CONTROL.control])
  })

  it('a task that resolves outside of use is found by the same dump', async () => {
    const leaking: TaskList = {
      async leaks(payload) {
        const { workspace, environment, config } = payload as Step
        const request = await vault.with({ workspace, environment }).resolve(config, { as: 'request' })
        throw new Error(`refused ${request.expose().headers!['Authorization']}`)
      },
    }
    printed = []
    await utils.addJob('leaks', stepTo(`${echo.origin}/echo`), { maxAttempts: 1 })
    await work(leaking)
    expect(await leaksIn((await dump())['graphile_worker._private_jobs'])).not.toEqual([])
    expect(await leaksIn(printed)).not.toEqual([])
  })
})
