/**
 * Every writer with every hand-picked value: the value is gone, and nothing else.
 *
 * The writers share no code with the library. `npx tsx test/redact/list-unmasked.ts` lists all that gets past it.
 */

import { describe, expect, it } from 'vitest'
import { MOST_LIMITS, STATED_LIMITS } from './stated-limits.ts'
import { unmaskedIn } from './unmasked.ts'
import { VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED, type Writer } from './writers.ts'
import { bashQuoted } from './writers-text.ts'
import { type Findings, reportOf } from './writings.ts'

const TABLES = {
  'as a writer writes it': SIMPLE,
  'as two writers write it one after the other': PAIRS,
  'in a JSON log line': LOGGED,
  'behind several levels of escapes': STACKED,
}
const looked = new Map<readonly Writer[], Findings>()
function lookAt(writers: readonly Writer[]): Findings {
  const findings = looked.get(writers) ?? unmaskedIn(writers, VALUES)
  looked.set(writers, findings)
  return findings
}

describe('every hand-picked value is found', () => {
  it.each(Object.entries(TABLES))('%s', (_, writers) => {
    const { count, faults } = lookAt(writers)
    expect(reportOf({ count, faults: faults.filter(({ writing }) => !STATED_LIMITS.includes(writing)) })).toBe('')
  })
})

it('the stated limits are few, and none is stale', () => {
  expect(STATED_LIMITS.length).toBeLessThanOrEqual(MOST_LIMITS)
  const missed = new Set(
    Object.values(TABLES).flatMap((writers) => lookAt(writers).faults.map(({ writing }) => writing)),
  )
  expect(STATED_LIMITS.filter((writing) => !missed.has(writing))).toEqual([])
})

it('a real bash writes the values', ({ skip }) => {
  if (bashQuoted() === undefined) skip('no bash here to quote the values with printf %q')
  expect(bashQuoted()!.size).toBeGreaterThanOrEqual(Object.keys(VALUES).length)
})

it('has no writer that writes nothing', () => {
  const silent = Object.values(TABLES)
    .flat()
    .filter(
      (writer) =>
        !writer.name.includes('bash') && Object.values(VALUES).every((value) => writer.write(value).length === 0),
    )
  expect(silent.map(({ name }) => name)).toEqual([])
})
