/** Every known way out of a logger, an error or an output is either closed by a test or stated as not covered. */

import { expect, it } from 'vitest'
import paths from '../cases/leak-paths.json' with { type: 'json' }
import { filesOf } from '../tooling/repository.ts'

const OURS = ['logger', 'error', 'stdout', 'process', 'telemetry', 'package']

/** What guillemet does not close, and why; SECURITY.md says so to users. */
const NOT_COVERED: Readonly<Record<string, string>> = {
  'LP-010':
    'whoever subscribes to a diagnostics channel first is told first: call redactPinoTracing before an agent starts',
  'LP-013':
    'dd-trace replaces asJson inside of pino and takes the line before any hook or channel; scrub in its collector',
  'LP-028':
    'log4js appenders serialise events inside of log4js; a layout is ours to redact, a tcp or recording appender is not',
  'LP-030': 'consola keeps the last entry in memory to count repetitions; it prints nothing of it past the reporters',
  'LP-044': 'a child with stdio "inherit" writes to the file descriptor itself: pipe it through redactPipe',
  'LP-047': 'a diagnostic report holds the environment of the process: hand resolved environments to children only',
  'LP-093': 'the environment of a process is readable by its own user and by root',
  'LP-094':
    'the author of a template names the keys of an environment; a value under NODE_OPTIONS or LD_PRELOAD is code',
}

const listed = paths.filter(({ category }) => OURS.includes(category)).map(({ id }) => id)
const tests = [...filesOf('test/leaks', '.test.ts')].filter(([name]) => /^(?:loggers|errors)/.test(name))
const tested = new Set(
  tests
    .filter(([name]) => name !== 'loggers-paths.test.ts')
    .flatMap(([, text]) => [...text.matchAll(/\[?'((?:LP-\d{3} ?)+)/g)])
    .flatMap(([, ids]) => ids!.trim().split(' ')),
)

it.each(listed)('%s is tested or stated', (id) => {
  expect([tested.has(id), Object.hasOwn(NOT_COVERED, id)].filter(Boolean), id).toEqual([true])
})

it('no test and no statement names a path that is not known', () => {
  const known = paths.map(({ id }) => id)
  expect([...tested, ...Object.keys(NOT_COVERED)].filter((id) => !known.includes(id))).toEqual([])
})

it('paths of each category are known', () => {
  expect(listed.length).toBeGreaterThan(40)
  for (const category of OURS) expect(paths.some((path) => path.category === category)).toBe(true)
})
