/** The suite itself: nothing in it is judged by its speed, so that a busy machine fails no test. */

import { expect, it } from 'vitest'
import { filesOf } from './repository.ts'

/** A clock that is read, or a limit of one test beside the one for all (`vitest.config.ts`). */
const JUDGES_SPEED = /performance\s*\.now|hrtime|testTimeout|\b(?:it|test|describe)\b[^\n]*\{ ?timeout:|\}, \d+_000\)/

it('has no test that reads a clock or has a time limit of its own', () => {
  const isTest = (path: string) => !path.startsWith('bench/') && path !== 'tooling/suite.test.ts'
  const tests = [...filesOf('test', '.ts')].filter(([path]) => isTest(path))
  expect(tests.length).toBeGreaterThan(100)
  expect(tests.filter(([, text]) => JUDGES_SPEED.test(text)).map(([path]) => path)).toEqual([
    'tooling/vitest.config.ts',
  ])
})

it.each([
  'const start = performance.now()',
  'vi.setConfig({ testTimeout: 60_000 })',
  "it('ends', { timeout: 5_000 }, () => {})",
  "test.skipIf(skip)('ends', { timeout: 5_000 }, () => {})",
  "it('ends', () => {}, 5_000)",
])('the check finds %j', (line) => {
  expect(JUDGES_SPEED.test(line)).toBe(true)
})
