import { describe, expect, it, vi } from 'vitest'
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

const failing = (message: string): AdminRun<number, string> =>
  adminRun(
    // biome-ignore lint/correctness/useYield: it fails before its first step
    (async function* (): AsyncGenerator<number, string, undefined> {
      throw new RangeError(message)
    })(),
  )

describe('a command', () => {
  it('runs by itself, also when nobody awaits it', async () => {
    const log: string[] = []
    void counted(log)
    await vi.waitFor(() => expect(log).toEqual(['started', 'ended']))
  })

  it('is a promise, with catch and finally, and starts once', async () => {
    const log: string[] = []
    const run = counted(log)
    expect(run).toBeInstanceOf(Promise)
    const last = vi.fn()
    expect(await run.catch(() => 'never').finally(last)).toBe('report')
    expect(await Promise.all([run, run.then((report) => report.length)])).toEqual(['report', 6])
    expect(last).toHaveBeenCalledOnce()
    expect(log).toEqual(['started', 'ended'])
  })

  it('that has failed before a loop begins is told of there, once', async () => {
    const late = failing('before the loop')
    late.catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    const steps = late[Symbol.asyncIterator]()
    await expect(steps.next()).rejects.toThrow('before the loop')
    expect(await steps.next()).toEqual({ done: true, value: undefined })
    const finished = failing('with finally')
    finished.finally(() => undefined).catch(() => undefined)
    await expect(all(finished)).rejects.toThrow('with finally')
  })

  it('that nobody awaits and that fails is an unhandled rejection, and one that was iterated over is none', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
    try {
      await expect(all(failing('iterated'))).rejects.toThrow('iterated')
      for await (const _ of counted()) break
      void failing('alone')
      await vi.waitFor(() => expect(unhandled).toEqual([new RangeError('alone')]))
    } finally {
      process.removeAllListeners('unhandledRejection')
      for (const other of others) process.on('unhandledRejection', other)
    }
  })

  it('that is iterated over goes at the pace of the loop, until somebody awaits it', async () => {
    const log: string[] = []
    const run = counted(log)
    const steps = run[Symbol.asyncIterator]()
    expect(await steps.next()).toEqual({ done: false, value: 1 })
    await new Promise((go) => setImmediate(go))
    expect(log).toEqual(['started'])
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
    const run = failing('no')
    await expect(all(run)).rejects.toThrow(RangeError)
    await expect(Promise.resolve(run)).rejects.toThrow(RangeError)
  })
})
