/** BullMQ's sandboxed processors: the child opens the vault itself, and what it hands back or prints is clean. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Queue, QueueEvents, Worker, type WorkerOptions } from 'bullmq'
import { buildSync } from 'esbuild'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { redisStorage } from '../../src/storage/redis.ts'
import { leakProbe } from '../../src/testing/node.ts'
import { createVault } from '../../src/vault/vault.ts'
import { type RedisServer, redisMissing, startRedis } from '../storage/servers/redis.ts'
import { describeWith } from '../storage/servers/server-process.ts'
import { FAILURES } from './failures.ts'
import { dumpRedis } from './redis-dump.ts'
import { CONTROL, type EchoServer, fillVault, SECRETS, startEcho, stepTo } from './stage.ts'
import type { Step } from './step.ts'

/** What each job gave back, or the reason of its failure. */
type Ends = Record<string, unknown>

/** Within the package, where its packages are found. */
const BUILT = fileURLToPath(new URL(`../../.bench/engines-${process.pid}/`, import.meta.url))
const KEY = generateKey()

describeWith('a sandboxed processor', redisMissing, () => {
  let server: RedisServer
  let echo: EchoServer
  let count = 0
  const processor = join(BUILT, 'sandboxed-step.mjs')

  beforeAll(async () => {
    mkdirSync(BUILT, { recursive: true })
    buildSync({
      entryPoints: [fileURLToPath(new URL('./children/sandboxed-step.ts', import.meta.url))],
      outfile: processor,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    })
    server = await startRedis()
    echo = await startEcho()
    const client = new Redis(server.port, '127.0.0.1')
    const vault = createVault({ storage: redisStorage({ client }), keys: KEY })
    await fillVault(vault, echo.origin)
    await vault.close()
    client.disconnect()
  })
  beforeEach(() => void vi.spyOn(console, 'log').mockImplementation(() => undefined))
  afterAll(async () => {
    echo?.close()
    await server?.end()
    rmSync(BUILT, { recursive: true, force: true })
  })

  // #region environment
  /** Only a worker that resolves is given the key. */
  function isolation(useWorkerThreads: boolean, resolves: boolean): Partial<WorkerOptions> {
    const { GUILLEMET_KEY: _, ...rest } = process.env
    const env = { ...rest, REDIS_PORT: String(server.port), ...(resolves ? { GUILLEMET_KEY: KEY } : {}) }
    return { useWorkerThreads, workerForkOptions: { env, stdio: 'pipe' }, workerThreadsOptions: { env } }
  }
  // #endregion

  describe.each([
    ['process', false],
    ['thread', true],
  ] as const)('in a %s of its own', (mode, useWorkerThreads) => {
    /** Runs one job of each name; their results, or reasons of failure. */
    async function run(names: readonly string[], { attempts = 1, resolves = true } = {}): Promise<Ends> {
      const connection = { host: '127.0.0.1', port: server.port }
      const name = `${mode}${count++}`
      const queue = new Queue<Step>(name, { connection })
      const events = new QueueEvents(name, { connection })
      for (const event of ['completed', 'failed', 'progress'] as const) {
        events.on(event, (details: unknown) => console.log(event, details))
      }
      const worker = new Worker<Step>(name, pathToFileURL(processor), {
        connection,
        ...isolation(useWorkerThreads, resolves),
      })
      worker.on('error', (error) => console.log('error', error))
      worker.on('failed', (job, error) => console.log(job?.toJSON(), error))
      worker.on('completed', (job, result) => console.log(job.toJSON(), result))
      const ends: Ends = {}
      try {
        for (const each of names) {
          const job = await queue.add(each, stepTo(`${echo.origin}/echo`), { attempts })
          ends[each] = await job.waitUntilFinished(events).catch((error: Error) => error.message)
        }
      } finally {
        for (const each of [worker, events, queue]) await each.close()
      }
      return ends
    }

    /** The same, where neither output nor Redis shows a secret; the key of the vault neither. */
    async function runClean(names: readonly string[], attempts = 1): Promise<Ends> {
      for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(() => true)
      const secrets = { ...SECRETS, ...CONTROL, key: KEY }
      const { leaks, result, error } = await leakProbe(
        secrets,
        async ({ output }) => {
          const ends = await run(names, { attempts })
          await server.admin.set('planted', CONTROL.control)
          output(await dumpRedis(server.admin), 'redis')
          for (const each of [process.stdout, process.stderr]) each.write(CONTROL.control)
          console.log(CONTROL.control)
          return ends
        },
        { capture: ['stdout', 'stderr', 'console'] },
      )
      vi.restoreAllMocks()
      if (error !== undefined) throw error
      expect(leaks.filter(({ label }) => label !== 'control')).toEqual([])
      expect(new Set(leaks.map(({ where }) => where))).toEqual(new Set(['redis', 'stdout', 'stderr', 'console']))
      return result!
    }

    it('hands back masks, in results, progress and logs, and its prints are masked', async () => {
      expect(await runClean(['step', 'prints'])).toEqual({
        step: { status: 200, text: 'sent Bearer [secret:crm] Bearer%20[secret:crm]' },
        prints: 'printed',
      })
    })

    it('throws what is clean, each attempt something else', async () => {
      expect(await runClean(['throws'], FAILURES.length)).toEqual({ throws: expect.any(String) })
    })

    it('never hands on a result itself: it is its redacted form, or refused', async () => {
      const ends = await runClean(['outcome', 'resolved', 'snapshot'])
      if (mode === 'process') {
        expect(ends).toMatchObject({
          outcome: { status: 200, text: 'sent Bearer [secret:crm] Bearer%20[secret:crm]' },
          resolved: { headers: { Authorization: 'Bearer [secret:crm]' } },
          snapshot: {},
        })
      } else {
        // the platform's DataCloneError, which BullMQ does not print
        const refused = expect.any(String)
        expect(ends).toEqual({
          outcome: refused,
          resolved: refused,
          snapshot: expect.any(String),
        })
      }
    })

    it('has the key no longer where others look for it', async () => {
      expect(await run(['environment'])).toEqual({ environment: { key: 'none' } })
    })

    it('throws what is clean where nobody waits for it', async () => {
      const { later } = await runClean(['later'])
      expect(later).toBe('too late for use: Bearer [secret:crm]')
    })

    it('opens no vault where it was not given the key', async () => {
      expect(await run(['step'], { resolves: false })).toEqual({ step: expect.stringContaining('generateKey') })
    })
  })
})
