import { describe, expect, it } from 'vitest'
import type { TestModule } from 'vitest/node'
import { leftToCheck, tally } from './closing-line.ts'

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

describe('what is left to `npm run check`', () => {
  const FILES = ['a.test.ts', 'b.test.ts', 'c.thorough.test.ts']
  const run = (...projects: string[]) => projects.map((name) => ({ project: { name } as TestModule['project'] }))

  it('is said by `npm test`', () => {
    expect(leftToCheck(run('plain', 'plain'), FILES)).toMatch(/^left to `npm run check`: 1 files? of .*\(\*\.thorough/)
  })

  it.each([
    ['one file alone', run('plain')],
    ['another run', run('polluted', 'polluted')],
    ['all runs', run('plain', 'plain', 'thorough')],
  ])('is not said by %s', (_, modules) => {
    expect(leftToCheck(modules, FILES)).toBeUndefined()
  })
})
