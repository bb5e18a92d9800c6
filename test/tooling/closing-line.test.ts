import { expect, it } from 'vitest'
import type { TestModule } from 'vitest/node'
import { tally } from './closing-line.ts'

/** As much of vitest's report of one file as the count looks at. */
function report(states: readonly string[], brokenSuites = 0, errors = 0): TestModule {
  return {
    errors: () => new Array(errors).fill({}),
    children: {
      allSuites: () => [{ errors: () => new Array(brokenSuites).fill({}) }],
      allTests: () => states.map((state) => ({ result: () => ({ state }) })),
    },
  } as unknown as TestModule
}

it('tests are counted by their state over all files', () => {
  const reports = [report(['passed', 'failed', 'passed']), report(['skipped', 'passed'])]
  expect(tally(reports, [])).toEqual({ passed: 3, failed: 1, skipped: 1 })
})

it('a file that does not load, a hook that throws and an error out of nowhere are failures', () => {
  expect(tally([report([], 0, 1)], [])).toEqual({ passed: 0, failed: 1, skipped: 0 })
  expect(tally([report(['passed'], 1)], [])).toEqual({ passed: 1, failed: 1, skipped: 0 })
  expect(tally([report(['passed'])], [new Error('unhandled')])).toEqual({ passed: 1, failed: 1, skipped: 0 })
})
