/** A sandboxed processor of BullMQ, in a process or a thread of its own; quoted by docs/EMBEDDING.md. */

import type { SandboxedJob } from 'bullmq'
import { Redis } from 'ioredis'
import { redactProcess } from '../../../src/log/process.ts'
import { redisStorage } from '../../../src/storage/redis.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { FAILURES } from '../failures.ts'
import { runStep, type Step } from '../step.ts'

// #region open
const { REDIS_PORT, GUILLEMET_KEY: keys } = process.env
delete process.env['GUILLEMET_KEY'] // what this process starts or reports does not hold it any more
const client = new Redis(Number(REDIS_PORT), '127.0.0.1')
const vault = createVault({ storage: redisStorage({ client }), keys })
redactProcess(vault.redactor) // the parent passes on what is printed here
// BullMQ stores what is thrown where nobody waits for it: it gets a clean copy
const listeners = process.listeners('uncaughtException')
process.removeAllListeners('uncaughtException').on('uncaughtException', (error, origin) => {
  for (const listener of listeners) listener(vault.redactor.value(error), origin)
})
// #endregion

/** What each job does. */
const WORK: Readonly<Record<string, (job: SandboxedJob<Step>) => unknown>> = {
  // #region step
  async step(job) {
    const outcome = await runStep(vault, job.data, {})
    await job.updateProgress({ received: outcome.redacted })
    await job.log(`received ${outcome}`)
    return outcome.redacted // plain data: the parent knows no outcome
  },
  // #endregion
  async prints(job) {
    const outcome = await runStep(vault, job.data, {})
    console.log('printed', outcome.expose())
    console.error('printed', outcome.expose())
    return 'printed'
  },
  async throws({ data, attemptsMade }) {
    const scope = vault.with({ workspace: data.workspace, environment: data.environment })
    return scope.use(
      data.config,
      ({ headers }) => {
        throw FAILURES[attemptsMade]!(headers!['Authorization']!)
      },
      { as: 'request' },
    )
  },
  async later(job) {
    const { workspace, environment, config } = job.data
    const request = await vault.with({ workspace, environment }).resolve(config, { as: 'request' })
    setImmediate(() => {
      throw new Error(`too late for use: ${request.expose().headers!['Authorization']}`)
    })
    await new Promise(() => undefined)
  },
  outcome: (job) => runStep(vault, job.data, {}),
  resolved: ({ data: { workspace, environment, config } }) =>
    vault.with({ workspace, environment }).resolve(config, { as: 'request' }),
  snapshot: ({ data: { workspace, environment } }) => vault.with({ workspace, environment }).snapshot(['stripe']),
  environment: () => ({ key: process.env['GUILLEMET_KEY'] ?? 'none' }),
}

export default (job: SandboxedJob<Step>): unknown => WORK[job.name]!(job)
