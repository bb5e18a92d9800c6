/** BullMQ on a real Redis, which also keeps the vault's records: whatever is stored or printed holds references or masks. */

import {
  type ConnectionOptions,
  FlowProducer,
  Queue,
  QueueEvents,
  type Telemetry,
  UnrecoverableError,
  Worker,
} from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { redisStorage } from '../../src/storage/redis.ts'
import { leakProbe } from '../../src/testing/node.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { type RedisServer, redisMissing, startRedis } from '../storage/servers/redis.ts'
import { describeWith, eventually } from '../storage/servers/server-process.ts'
import { startWorker } from './bullmq-worker.ts'
import { FAILURES } from './failures.ts'
import { dumpRedis, plant } from './redis-dump.ts'
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

describeWith('BullMQ', redisMissing, () => {
  let server: RedisServer
  let client: Redis
  let vault: Vault
  let echo: EchoServer
  let connection: ConnectionOptions
  let count = 0

  beforeAll(async () => {
    server = await startRedis()
    client = new Redis(server.port, '127.0.0.1')
    connection = { host: '127.0.0.1', port: server.port }
    echo = await startEcho()
    vault = createVault({ storage: redisStorage({ client }), keys: generateKey() })
    await fillVault(vault, echo.origin)
  })
  afterAll(async () => {
    await vault?.close()
    client?.disconnect()
    echo?.close()
    await server?.end()
  })

  /** A queue of its own, with somebody who prints every event; all of it ends with the test. */
  async function stage(start: (name: string) => Worker, telemetry?: Telemetry) {
    const name = `steps${count++}`
    const options = telemetry === undefined ? { connection } : { connection, telemetry }
    const queue = new Queue<Step>(name, options)
    const flow = new FlowProducer(options)
    const events = new QueueEvents(name, { connection })
    for (const event of ['completed', 'failed', 'progress', 'retries-exhausted'] as const) {
      events.on(event, (details: unknown) => console.log(event, details))
    }
    for (const each of [queue, events]) each.setMaxListeners(0) // all jobs are waited for at once
    await events.waitUntilReady()
    const worker = start(name)
    worker.on('failed', (job, error) => console.log('failed', job?.toJSON(), error))
    worker.on('completed', (job, result) => console.log('completed', job.toJSON(), result))
    worker.on('error', (error) => console.log('error', error))
    onTestFinished(async () => {
      for (const each of [worker, events, flow, queue]) await each.close()
    })
    return { name, queue, flow, events, worker }
  }

  /** Runs a piece of an application: nothing that it printed and nothing in Redis shows a secret. */
  async function probed(run: () => Promise<unknown>): Promise<void> {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const { leaks, error } = await leakProbe(
      { ...SECRETS, ...CONTROL },
      async ({ output }) => {
        await run()
        console.log(CONTROL.control)
        await plant(server.admin, CONTROL.control)
        const dump = await dumpRedis(server.admin)
        for (const [type, keys] of Object.entries(dump)) output(keys, type)
      },
      { capture: ['stdout', 'stderr', 'console'] },
    )
    if (error !== undefined) throw error
    expect(leaks.filter(({ label }) => label !== 'control')).toEqual([])
    // what was written on purpose is found in each
    const places = ['console', 'stdout', 'string', 'hash', 'list', 'set', 'zset', 'stream']
    expect(new Set(leaks.map(({ where }) => where))).toEqual(new Set(places))
    log.mockRestore()
  }

  it('a flow: results, progress and logs hold masks, and a parent gets what its children have stored', async () => {
    const spans: unknown[] = []
    const { name, flow, queue, events } = await stage(
      (name) => startWorker(vault, name, { connection, telemetry: telemetryTo(spans) }),
      telemetryTo(spans),
    )
    await probed(async () => {
      const child = () => ({ name: 'contacts', queueName: name, data: stepTo(`${echo.origin}/echo`) })
      const data = stepTo(`${echo.origin}/text`, { body: 'got {{ steps.children }}' })
      const { job } = await flow.add({ name: 'report', queueName: name, data, children: [child(), child()] })
      const result = await job.waitUntilFinished(events)
      expect(result).toEqual({
        status: 200,
        text: expect.stringMatching(/^got .*Bearer \[secret:crm\].*Bearer \[secret:crm\]/),
      })
      expect((await queue.getJobLogs(job.id!)).logs).toEqual([expect.stringContaining('received {"status":200')])
      expect(await queue.getJob(job.id!)).toMatchObject({ data, progress: { received: result } })
    })
    expect(echo.arrived.every(({ headers }) => headers.authorization === `Bearer ${SECRETS.crm}`)).toBe(true)
    expect(spans).not.toEqual([])
    await expectClean([spans, CONTROL.control])
  })

  it('a request that fails three times, for a job that stays and for one that is removed', async () => {
    const spans: unknown[] = []
    const { queue, events } = await stage(
      (name) => startWorker(vault, name, { connection, telemetry: telemetryTo(spans) }),
      telemetryTo(spans),
    )
    await probed(async () => {
      for (const removeOnFail of [false, true]) {
        const job = await queue.add('orders', stepTo(`${echo.origin}/500`), { attempts: 3, removeOnFail })
        await expect(job.waitUntilFinished(events)).rejects.toThrow(
          `500 sent Bearer [secret:crm] Bearer%20[secret:crm]`,
        )
        const stored = await queue.getJob(job.id!)
        if (removeOnFail) await eventually(async () => expect(await queue.getJob(job.id!)).toBeUndefined())
        else expect(stored).toMatchObject({ attemptsMade: 3, stacktrace: expect.objectContaining({ length: 3 }) })
      }
      // a deleted job leaves its reason in the stream
      expect(JSON.stringify((await dumpRedis(server.admin))['stream'])).toContain('500 sent Bearer [secret:crm]')
    })
    await expectClean([spans, CONTROL.control])
  })

  it('a retry that succeeds, with the references of the stored job', async () => {
    const { queue, events } = await stage((name) => startWorker(vault, name, { connection }))
    await probed(async () => {
      const job = await queue.add('orders', stepTo(`${echo.origin}/flaky?2`), { attempts: 3 })
      expect(await job.waitUntilFinished(events)).toMatchObject({ status: 200 })
      expect(await queue.getJob(job.id!)).toMatchObject({ attemptsMade: 3 })
    })
    const keys = echo.arrived.filter(({ url }) => url === '/flaky?2').map(({ headers }) => headers.authorization)
    expect(keys).toEqual(Array.from({ length: 3 }, () => `Bearer ${SECRETS.crm}`))
  })

  it('whatever a step throws, each attempt something else', async () => {
    const { queue, events } = await stage(
      (name) =>
        new Worker<Step>(
          name,
          async ({ data, attemptsMade }) => {
            const scope = vault.with({ workspace: data.workspace, environment: data.environment })
            await scope.use(
              data.config,
              ({ headers }) => {
                throw FAILURES[attemptsMade]!(headers!['Authorization']!)
              },
              { as: 'request' },
            )
          },
          { connection },
        ),
    )
    await probed(async () => {
      const job = await queue.add('throws', stepTo(`${echo.origin}/echo`), { attempts: FAILURES.length })
      await expect(job.waitUntilFinished(events)).rejects.toThrow()
      expect(await queue.getJob(job.id!)).toMatchObject({ attemptsMade: FAILURES.length })
    })
  })

  it('an error by which BullMQ is steered keeps its class', async () => {
    const { queue, events } = await stage(
      (name) =>
        new Worker<Step>(
          name,
          ({ data }) =>
            vault.with({ workspace: data.workspace, environment: data.environment }).use(
              data.config,
              ({ headers }) => {
                throw new UnrecoverableError(`revoked: ${headers!['Authorization']}`)
              },
              { as: 'request' },
            ),
          { connection },
        ),
    )
    await probed(async () => {
      const job = await queue.add('throws', stepTo(`${echo.origin}/echo`), { attempts: 3 })
      await expect(job.waitUntilFinished(events)).rejects.toThrow('revoked: Bearer [secret:crm]')
      expect(await queue.getJob(job.id!)).toMatchObject({ attemptsMade: 1 })
    })
  })

  it('an output that holds every spelling of a reference arrives as text in the next step', async () => {
    const { name, flow, events } = await stage((name) => startWorker(vault, name, { connection }))
    // what another system answers
    const first = new Worker<{ output: string }>(`first${name}`, async ({ data }) => data.output, { connection })
    onTestFinished(() => first.close())
    await probed(async () => {
      for (const output of SYNTAXES) {
        const first = { name: 'first', queueName: `first${name}`, data: { output } }
        const data = stepTo(`${echo.origin}/text`, { body: '{{ steps.children }}' })
        const { job } = await flow.add({ name: 'next', queueName: name, data, children: [first] })
        expect(await job.waitUntilFinished(events)).toEqual({ status: 200, text: JSON.stringify([output]) })
      }
    })
    await expectClean([echo.arrived.map(({ body }) => body), CONTROL.control])
  })

  it('1,000 jobs of two tenants with equal tags, many at once', async () => {
    const { queue, events } = await stage((name) => startWorker(vault, name, { connection, concurrency: 50 }))
    const tenants = [
      { workspace: 'acme', actor: { id: 'ann' } },
      { workspace: 'globex', actor: { id: 'bob' } },
    ]
    await probed(async () => {
      const jobs = await queue.addBulk(
        Array.from({ length: 1_000 }, (_, index) => {
          const Authorization = 'Bearer << secrets.crm >>'
          const step = stepTo(`${echo.origin}/echo`, { headers: { Authorization, 'x-run': String(index) } })
          return { name: 'step', data: { ...step, ...tenants[index % 2] } }
        }),
      )
      const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events)))
      expect(new Set(results.map(({ text }) => text))).toEqual(
        new Set(['sent Bearer [secret:crm] Bearer%20[secret:crm]']),
      )
    })
    const runs = echo.arrived.filter(({ headers }) => headers['x-run'] !== undefined)
    expect(runs).toHaveLength(1_000)
    for (const { headers } of runs) {
      const value = Number(headers['x-run']) % 2 === 0 ? SECRETS.crm : SECRETS.globex
      expect(headers.authorization).toBe(`Bearer ${value}`)
    }
  })

  it('a worker that resolves outside of use is found by the same dump', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const { queue, events } = await stage(
      (name) =>
        new Worker<Step>(
          name,
          async ({ data }) => {
            const scope = vault.with({ workspace: data.workspace, environment: data.environment })
            const { headers } = (await scope.resolve(data.config, { as: 'request' })).expose()
            throw new Error(`refused ${headers!['Authorization']}`)
          },
          { connection },
        ),
    )
    const job = await queue.add('leaks', stepTo(`${echo.origin}/echo`))
    await expect(job.waitUntilFinished(events)).rejects.toThrow()
    const dump = await dumpRedis(server.admin)
    expect(await leaksIn(dump['hash'])).not.toEqual([])
    expect(await leaksIn(dump['stream'])).not.toEqual([])
  })
})

/** Telemetry that keeps all that it is told. */
function telemetryTo(spans: unknown[]): Telemetry {
  const note =
    (what: string) =>
    (...given: unknown[]) =>
      void spans.push([what, ...given])
  const startSpan = (...given: unknown[]) => {
    note('start')(...given)
    return {
      setSpanOnContext: (context: unknown) => context,
      setAttribute: note('attribute'),
      setAttributes: note('attributes'),
      addEvent: note('event'),
      recordException: note('exception'),
      end: note('end'),
    }
  }
  return {
    tracer: { startSpan },
    contextManager: {
      with: (_context, run) => run(),
      active: () => ({}),
      getMetadata: () => '{}',
      fromMetadata: (active) => active,
    },
  }
}
