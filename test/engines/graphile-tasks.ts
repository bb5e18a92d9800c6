/** The tasks of the graphile-worker recipe; quoted by docs/EMBEDDING.md. */

import type { TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Vault } from '../../src/vault/api.ts'
import { runStep, type Step } from './step.ts'

/** A job's payload: the step, and which one of which run it is. */
export interface RunStep extends Step {
  readonly run: string
  readonly id: string
}

export function tasksOf(vault: Vault, pool: Pool): TaskList {
  // #region tasks
  return {
    async step(payload, { logger }) {
      const { run, id, ...step } = payload as RunStep
      const { rows } = await pool.query('SELECT id, output FROM history WHERE run = $1', [run])
      const outputs = Object.fromEntries(rows.map(({ id, output }) => [`steps.${id}`, textOf(output)]))
      const outcome = await runStep(vault, step, outputs)
      logger.info(`received ${outcome}`)
      await pool.query('INSERT INTO history VALUES ($1, $2, $3)', [run, id, JSON.stringify(outcome)])
    },
  }
  // #endregion
}

/** An output as a text. */
function textOf(output: unknown): string {
  return typeof output === 'string' ? output : JSON.stringify(output)
}
