/** The suite is data, so that any runner runs it: node:test for real, in a process of its own. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { storageConformance } from '../../src/testing.ts'

const SCRIPT = fileURLToPath(new URL('./children/node-test.ts', import.meta.url))
/** Ends a runner that hangs; it takes seconds on a busy machine. */
const TIME_LIMIT_MS = 120_000

/** What `node --test` says of the storage, and its exit code. */
async function nodeTest(storage: string): Promise<{ readonly code: number; readonly output: string }> {
  // the runner tells its children that they are children, and would not start another one
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['--import', import.meta.resolve('tsx'), '--test', '--test-reporter=tap', SCRIPT]
  return promisify(execFile)(process.execPath, args, {
    env: { ...env, STORAGE: storage },
    timeout: TIME_LIMIT_MS,
    maxBuffer: 16 * 1024 * 1024,
  }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, output: stdout }),
  )
}

describe('under node:test', () => {
  it('a sound storage passes every case, and one process alone sees by name what it left out', async () => {
    const [sound, alone] = await Promise.all([nodeTest('sound'), nodeTest('alone')])
    expect(sound.code).toBe(0)
    expect(sound.output).toContain(`# pass ${storageConformance.length}\n# fail 0`)
    const leftOut = storageConformance.filter(({ needs }) => needs !== undefined)
    expect(leftOut.length).toBeGreaterThan(3)
    expect(alone.code).toBe(0)
    expect(alone.output).toContain(`# skipped ${leftOut.length}`)
    for (const { name } of leftOut) expect(alone.output).toContain(`${name} # SKIP`)
  })

  it('a broken one fails, with what was seen and the usual cause', async () => {
    const { code, output } = await nodeTest('broken')
    expect(code).toBe(1)
    expect(output).toContain('not ok')
    expect(output).toContain('a BIGINT that the driver gives as text?')
  })
})
