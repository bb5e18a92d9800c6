/** The worker of the BullMQ recipe; quoted by docs/EMBEDDING.md. */

import { type ConnectionOptions, type Job, UnrecoverableError, Worker, type WorkerOptions } from 'bullmq'
import type { Vault } from '../../src/vault/api.ts'
import { isWorthRetry, runStep, type Step } from './step.ts'

export function startWorker(
  vault: Vault,
  queue: string,
  given: Partial<WorkerOptions> & { connection: ConnectionOptions },
) {
  // #region worker
  const work = async (job: Job<Step>) => {
    const children = Object.values(await job.getChildrenValues())
    const outputs = { 'steps.children': JSON.stringify(children) }
    const outcome = await runStep(vault, job.data, outputs).catch((error) => {
      throw isWorthRetry(error) ? error : new UnrecoverableError(error.message)
    })
    await job.updateProgress({ received: outcome.redacted })
    await job.log(`received ${outcome}`)
    return outcome.redacted // what BullMQ stores, and hands to the parent
  }
  return new Worker(queue, work, given)
  // #endregion
}
