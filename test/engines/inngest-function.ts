/** The function of the Inngest recipe; quoted by docs/EMBEDDING.md. */

import type { Inngest } from 'inngest'
import type { Vault } from '../../src/vault/api.ts'
import { runStep, type Step, type StepRequest } from './step.ts'

/** What the event says of the run, and the configs of its steps. */
export interface ReportEvent extends Omit<Step, 'config'> {
  readonly contacts: StepRequest
  readonly orders: StepRequest
  readonly report: StepRequest
}

export function reportFunction(inngest: Inngest, vault: Vault) {
  // #region function
  const options = { id: 'report', triggers: [{ event: 'report/asked' }], retries: 2 as const }
  return inngest.createFunction(options, async ({ event, step }) => {
    const { contacts, orders, report, ...view } = event.data as ReportEvent
    // the work is wrapped, not the engine: a middleware is one of several ways to what it stores
    const run = (id: string, config: StepRequest, outputs = {}) =>
      step.run(id, async () => (await runStep(vault, { ...view, config }, outputs)).redacted)
    const both = await Promise.all([run('contacts', contacts), run('orders', orders)])
    return run('report', report, { 'steps.both': JSON.stringify(both) })
  })
  // #endregion
}
