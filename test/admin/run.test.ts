import { describe, expect, it } from 'vitest'
import { adminRun } from '../../src/admin/run.ts'
import type { AdminRun } from '../../src/admin.ts'
import { all, failure } from '../vault/fixture.ts'

const counted = (log: string[] = []): AdminRun<number, string> =>
  adminRun(
    (async function* () {
      try {
        log.push('started')
        for (const step of [1, 2, 3]) yield step
        return 'report'
      } finally {
        log.push('ended')
      }
    })(),
  )

describe('a command', () => {
  it('does nothing before it is iterated over or awaited', async () => {
    const log: string[] = []
    const run = counted(log)
    await Promise.resolve()
    expect(log).toEqual([])
    expect(await run).toBe('report')
    expect(log).toEqual(['started', 'ended'])
  })

  it('gives its steps, and afterwards its report, without running twice', async () => {
    const log: string[] = []
    const run = counted(log)
    expect(await all(run)).toEqual([1, 2, 3])
    expect([await run, await run]).toEqual(['report', 'report'])
    expect(await all(run)).toEqual([])
    expect(log).toEqual(['started', 'ended'])
  })

  it('that is left early ends there and has no report', async () => {
    const log: string[] = []
    const run = counted(log)
    for await (const step of run) if (step === 2) break
    expect(log).toEqual(['started', 'ended'])
    expect((await failure(Promise.resolve(run))).code).toBe('ERR_INVALID_INPUT')
  })

  it('that fails tells so to whoever iterates and whoever awaits', async () => {
    const run = adminRun(
      // biome-ignore lint/correctness/useYield: it fails before its first step
      (async function* (): AsyncGenerator<number, string, undefined> {
        throw new RangeError('no')
      })(),
    )
    await expect(all(run)).rejects.toThrow(RangeError)
    await expect(Promise.resolve(run)).rejects.toThrow(RangeError)
  })
})
