/**
 * What a run says last: every skipped test with its reason, every measured figure, what it left to `npm run check`, and
 * the one line that `.ci/run` adds up.
 */

import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node'
import { filesOf } from './repository.ts'

const THOROUGH = '.thorough.test.ts'

/** How a run ended. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Counts the tests of a run; whatever broke outside of a test counts as one failure each. */
export function tally(modules: readonly TestModule[], unhandled: readonly unknown[]): Tally {
  let passed = 0
  let skipped = 0
  let failed = unhandled.length
  for (const module of modules) {
    failed += module.errors().length
    for (const suite of module.children.allSuites()) failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') passed++
      else if (state === 'failed') failed++
      else skipped++
    }
  }
  return { passed, failed, skipped }
}

/** A vitest reporter whose last line is `N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  #isFiltered = false
  #isCheck = false

  onInit(vitest: Vitest): void {
    this.#isFiltered = vitest.config.testNamePattern !== undefined
    this.#isCheck = vitest.config.coverage.enabled
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) for (const line of remarks(module, this.#isFiltered)) console.log(line)
    const left = leftToCheck(modules, filesOf('test', '.test.ts').keys())
    if (left !== undefined && !this.#isCheck) console.log(left)
    const { passed, failed, skipped } = tally(modules, unhandled)
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

/** What `npm test` does not run, in one line; undefined for any other run, and where only some files were asked for. */
export function leftToCheck(
  modules: readonly Pick<TestModule, 'project'>[],
  files: Iterable<string>,
): string | undefined {
  const names = [...files]
  const thorough = names.filter((name) => name.endsWith(THOROUGH)).length
  const isWholePlainRun =
    modules.length === names.length - thorough && modules.every(({ project }) => project.name.startsWith('plain'))
  if (!isWholePlainRun) return undefined
  return (
    `left to \`npm run check\`: ${thorough} files of exhaustive tables, fault loops and sizes (*${THOROUGH}), ` +
    'laws with twenty times the examples, and all of the above once more under an attacked Object.prototype'
  )
}

/** `ctx.skip(reason)` and `ctx.annotate(text, 'figure')` said aloud; with `-t` the rest is skipped for no reason. */
function* remarks(module: TestModule, isFiltered: boolean): Generator<string> {
  for (const test of module.children.allTests()) {
    for (const { type, message } of test.annotations()) if (type === 'figure') yield `figure: ${message}`
    const result = test.result()
    if (result.state !== 'skipped') continue
    if (result.note !== undefined) yield `SKIPPED ${test.fullName}: ${result.note}`
    else if (!isFiltered) yield `SKIPPED ${test.fullName}: no reason given`
  }
}
