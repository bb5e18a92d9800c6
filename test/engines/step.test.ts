/** The step that every engine runs, by itself: what an output may not do to its request, and what is worth a retry. */

import { expect, it, onTestFinished } from 'vitest'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import { createVault } from '../../src/vault/vault.ts'
import { fillVault, startEcho, stepTo } from './stage.ts'
import { isWorthRetry, runStep } from './step.ts'

async function stage() {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  const vault = createVault({ storage: memoryStorage(), keys: generateKey() })
  await fillVault(vault, echo.origin)
  return { echo, vault }
}

it('an output stays one text of a body, whatever is written in it', async () => {
  const { echo, vault } = await stage()
  const outputs = { 'steps.a': 'x","admin":true,"z":"say << secrets.crm >> \\ ' }
  const step = stepTo(`${echo.origin}/text`, { body: { note: 'got {{ steps.a }}', list: [1, null] } })
  await runStep(vault, { ...step, run: 'r1', id: 'more members than a view takes' } as typeof step, outputs)
  expect(JSON.parse(echo.arrived[0]!.body)).toEqual({ note: `got ${outputs['steps.a']}`, list: [1, null] })
})

it('a refusal is not worth another attempt, and a failure is', async () => {
  const { echo, vault } = await stage()
  const failed = (url: string) => runStep(vault, stepTo(url), {}).catch((error: unknown) => error)
  expect(isWorthRetry(await failed(`${echo.origin}/500`))).toBe(true)
  expect(isWorthRetry(await failed('https://other.example/'))).toBe(false)
  for (const [status, isWorth] of [
    [401, false],
    [429, true],
    [503, true],
  ] as const) {
    expect(isWorthRetry(Object.assign(new Error('x'), { status }))).toBe(isWorth)
  }
  expect(isWorthRetry(new TypeError('fetch failed'))).toBe(true)
})
