/** One workflow step, as every engine of these tests runs it; quoted by docs/EMBEDDING.md. */

import { GuillemetError } from '../../src/errors.ts'
import type { JsonValue } from '../../src/template/redacted.ts'
import { escapeReferences } from '../../src/template.ts'
import type { Outcome, Vault } from '../../src/vault/api.ts'
import type { Actor } from '../../src/vault/policy.ts'

// #region step
/** What the engine has stored of a step: references in place of secrets. */
export interface Step {
  readonly workspace: string
  readonly environment: string
  /** Who runs the workflow, for the policy and the audit. */
  readonly actor: Actor
  readonly purpose: string
  /** The request as its author saved it. */
  readonly config: StepRequest
}

export interface StepRequest {
  readonly url: string
  readonly method?: string
  readonly headers?: Record<string, string>
  /** A value, not its JSON: an output that is filled into JSON could end its text and write members of its own. */
  readonly body?: JsonValue
}

/** Runs a step: its own tags first, the secrets last. The outcome prints, logs and stores itself redacted. */
export function runStep(vault: Vault, step: Step, outputs: Record<string, string>): Promise<Outcome<unknown>> {
  const { workspace, environment, actor, purpose, config } = step
  const authored = vault.references(config, { as: 'request' })
  const scope = vault.with({ workspace, environment, actor, purpose })
  return scope.use(fill(config, outputs), send, { as: 'request', authored })
}

/** Fills the engine's own tags into each text of the config: an output is data, whatever is written in it. */
export function fill(config: StepRequest, outputs: Record<string, string>): StepRequest {
  const text = (leaf: string): string =>
    leaf.replace(/\{\{ (steps\.[\w.]+) \}\}/g, (tag, name: string) =>
      Object.hasOwn(outputs, name) ? escapeReferences(outputs[name]!) : tag,
    )
  return JSON.parse(JSON.stringify(config), (_, leaf) => (typeof leaf === 'string' ? text(leaf) : leaf))
}

/** What the step does with the plaintext. It may throw and give back whatever it likes. */
export async function send({ url, body, ...rest }: StepRequest): Promise<unknown> {
  const init: RequestInit = { ...rest, redirect: 'error' }
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw Object.assign(new Error(`${response.status} ${text}`), { status: response.status })
  return { status: response.status, text }
}

/** Whether another attempt may do better: a server or a storage that fails for now; a refusal stays one. */
export function isWorthRetry(error: unknown): boolean {
  if (error instanceof GuillemetError) return ['ERR_STORAGE_UNAVAILABLE', 'ERR_CONFLICT'].includes(error.code)
  const { status = 500 } = error as { status?: number }
  return status >= 500 || status === 408 || status === 429
}
// #endregion
