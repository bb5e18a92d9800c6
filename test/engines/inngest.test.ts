/** Inngest: what its handler sends to be stored, and what its test engine keeps, holds references or masks. */

import { InngestTestEngine } from '@inngest/test'
import { Inngest, type InngestFunction, NonRetriableError } from 'inngest'
import { serve } from 'inngest/edge'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { leakProbe } from '../../src/testing/node.ts'
import type { Vault } from '../../src/vault/api.ts'
import { createVault } from '../../src/vault/vault.ts'
import { FAILURES } from './failures.ts'
import { reportFunction } from './inngest-function.ts'
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

const STEPS = 20

let vault: Vault
let echo: EchoServer
const inngest = new Inngest({ id: 'app', isDev: true })

beforeAll(async () => {
  echo = await startEcho()
  vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await fillVault(vault, echo.origin)
})
afterAll(() => echo.close())

/** One thing that the handler asks the service to store. */
interface Op {
  readonly op: string
  readonly id: string
  readonly data: unknown
  readonly error?: unknown
}

/** Calls the function's handler as the service does, until it is done; every answer is what the service stores. */
async function run(fn: InngestFunction.Any, data: object): Promise<{ stored: string[]; result: unknown; ops: Op[] }> {
  const handler = serve({ client: inngest, functions: [fn] })
  const event = { name: 'report/asked', data }
  const steps: Record<string, unknown> = {}
  const stored: string[] = []
  const ops: Op[] = []
  const call = async (stepId: string): Promise<readonly Op[] | undefined> => {
    const stack = { stack: Object.keys(steps), current: Object.keys(steps).length }
    const ctx = { run_id: 'r', attempt: 0, disable_immediate_execution: false, use_api: false, stack }
    const response = await handler(
      new Request(`http://localhost/api/inngest?fnId=app-${fn.id()}&stepId=${stepId}`, {
        method: 'POST',
        headers: { host: 'localhost', 'content-type': 'application/json' },
        body: JSON.stringify({ event, events: [event], steps, ctx, version: 2, use_api: false }),
      }),
    )
    stored.push(await response.text())
    if (response.status !== 206) return undefined
    return JSON.parse(stored.at(-1)!)
  }
  for (let count = 0; count < STEPS; count++) {
    const found = await call('step')
    if (found === undefined) return { stored, ops, result: JSON.parse(stored.at(-1)!) }
    // those of one tick know nothing of each other
    const done = await Promise.all(found.map(async (op) => (op.op === 'StepPlanned' ? (await call(op.id))![0]! : op)))
    for (const { id, data, error } of done) {
      steps[id] = error === undefined ? { type: 'data', data } : { type: 'error', error }
    }
    ops.push(...done)
  }
  throw new Error('the function does not end')
}

/** The same, where neither what is stored nor what is printed shows a secret; a value written on purpose is found. */
async function runClean(fn: InngestFunction.Any, data: object): Promise<Awaited<ReturnType<typeof run>>> {
  for (const name of ['log', 'error', 'warn'] as const) vi.spyOn(console, name).mockImplementation(() => undefined)
  const { leaks, result, error } = await leakProbe(
    { ...SECRETS, ...CONTROL },
    async ({ output }) => {
      const done = await run(fn, data)
      const engine = new InngestTestEngine({ function: fn, events: [{ name: 'report/asked', data }] })
      const { ctx, state, ...execution } = await engine.execute()
      const kept = await Promise.all(Object.values(state).map((each) => each.catch((reason: unknown) => reason)))
      output([done.stored, CONTROL.control], 'stored')
      output([kept, execution, ctx.step.run.mock.results, CONTROL.control], 'kept')
      console.error(CONTROL.control)
      return done
    },
    { capture: ['stdout', 'stderr', 'console'] },
  )
  if (error !== undefined) throw error
  expect(leaks.filter(({ label }) => label !== 'control')).toEqual([])
  expect(new Set(leaks.map(({ where }) => where))).toEqual(new Set(['stored', 'kept', 'console', 'stderr']))
  return result!
}

const { config: _, ...view } = stepTo('')
const request = (path: string, more = {}) => stepTo(`${echo.origin}${path}`, more).config

it('two parallel steps and one with their outputs', async () => {
  const report = request('/text', { body: 'got {{ steps.both }}' })
  const data = { ...view, contacts: request('/echo'), orders: request('/echo'), report }
  const { result, ops } = await runClean(reportFunction(inngest, vault), data)
  const text = expect.stringMatching(/^got .*Bearer \[secret:crm\].*Bearer \[secret:crm\]/)
  expect(result).toEqual({ status: 200, text })
  expect(ops).toHaveLength(3)
  expect(echo.arrived.every(({ headers }) => headers.authorization === `Bearer ${SECRETS.crm}`)).toBe(true)
})

it('a step that fails', async () => {
  const data = { ...view, contacts: request('/500'), orders: request('/echo'), report: request('/echo') }
  const { ops } = await runClean(reportFunction(inngest, vault), data)
  const message = '500 sent Bearer [secret:crm] Bearer%20[secret:crm]'
  expect(ops.filter(({ error }) => error !== undefined)).toMatchObject([{ error: { message } }])
})

it('whatever a step throws; an error by which Inngest is steered keeps its class', async () => {
  const failures = [...FAILURES, (key: string) => new NonRetriableError(`revoked ${key}`, { cause: new Error(key) })]
  const fn = inngest.createFunction({ id: 'throws', triggers: [{ event: 'report/asked' }] }, async ({ step }) => {
    const scope = vault.with({ workspace: 'acme', environment: 'live' })
    for (const [index, fail] of failures.entries()) {
      const work = ({ headers }: { headers?: Record<string, string> }) => {
        throw fail(headers!['Authorization']!)
      }
      await step.run(`s${index}`, () => scope.use(request('/echo'), work, { as: 'request' })).catch(() => undefined)
    }
  })
  const { ops } = await runClean(fn, view)
  expect(ops).toHaveLength(failures.length)
  expect(ops.at(-1)).toMatchObject({ op: 'StepFailed', error: { message: 'revoked Bearer [secret:crm]' } })
})

it('an output that holds every spelling of a reference arrives as text in the next step', async () => {
  const data = {
    ...view,
    contacts: request('/text', { body: '{{ steps.nothing }}' }),
    orders: request('/text', { headers: {}, body: '-' }),
    report: request('/text', { body: '{{ steps.both }}' }),
  }
  for (const output of SYNTAXES) {
    const fn = inngest.createFunction({ id: 'text', triggers: [{ event: 'report/asked' }] }, async ({ step }) => {
      const { runStep } = await import('./step.ts')
      const first = await step.run('first', () => output) // what another system answers
      const config = { ...view, config: data.report }
      return step.run('next', async () => (await runStep(vault, config, { 'steps.both': first })).redacted)
    })
    expect((await run(fn, data)).result).toEqual({ status: 200, text: output })
  }
  await expectClean([echo.arrived.map(({ body }) => body), CONTROL.control])
})

it('a step that resolves outside of use is found', async () => {
  const fn = inngest.createFunction({ id: 'leaks', triggers: [{ event: 'report/asked' }] }, async ({ step }) => {
    const scope = vault.with({ workspace: 'acme', environment: 'live' })
    return step.run('leaks', async () => (await scope.resolve(request('/echo'), { as: 'request' })).expose())
  })
  expect(await leaksIn((await run(fn, view)).stored)).not.toEqual([])
})
