/**
 * Engine and oracle mask the same: of every writing of the tables, and of random texts.
 *
 * A million random texts: `FUZZ_FACTOR=2000 npx vitest run --config test/tooling/vitest.config.ts --testTimeout 0 test/redact/oracle.thorough.test.ts -t random`.
 */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runs } from '../tooling/runs.ts'
import { createOracle } from './oracle.ts'
import { differencesInPieces, disagreements } from './oracle-laws.ts'
import { samples } from './random-texts.ts'
import { VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

/** The oracle is slow: longer values would take minutes. */
const LONGEST = 80
const values = Object.fromEntries(Object.entries(VALUES).filter(([, { length }]) => length < LONGEST))
/** Five texts each, on average. */
const RUNS = runs(100)

it.each(Object.entries({ SIMPLE, PAIRS, STACKED, LOGGED }))('every writing of a table: %s', (_, writers) => {
  const oracles = new Map(Object.entries(values).map(([name, value]) => [name, createOracle(value)]))
  const findings = faultsIn(writers, values, ({ text }, { name, whole }) => {
    const wanted = oracles.get(valueName(name))!.text(whole)
    const given = text(whole)
    return given === wanted ? [] : [`engine ${JSON.stringify(given)}, oracle ${JSON.stringify(wanted)}`]
  })
  expect(reportOf(findings)).toBe('')
})

it('random texts, all at once', () => {
  fc.assert(
    fc.property(samples, (sample) => expect(disagreements(sample)).toEqual([])),
    { numRuns: RUNS },
  )
})

it('random texts, in pieces of 1 and 5', () => {
  fc.assert(
    fc.property(samples, (sample) => expect(differencesInPieces(sample)).toEqual([])),
    { numRuns: RUNS },
  )
})

/** The value of a writing: `writer × value #3`. */
function valueName(writing: string): string {
  return writing.replace(/^.* × /, '').replace(/ #\d+$/, '')
}
