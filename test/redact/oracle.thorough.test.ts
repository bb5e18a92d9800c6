/** Engine and oracle mask the same of every writing of the tables. `compare-with-oracle.ts` looks at random texts. */

import { expect, it } from 'vitest'
import { createOracle } from './oracle.ts'
import { VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

/** The oracle is slow: longer values would take minutes. */
const LONGEST = 80
const values = Object.fromEntries(Object.entries(VALUES).filter(([, { length }]) => length < LONGEST))

it.each(Object.entries({ SIMPLE, PAIRS, STACKED, LOGGED }))('every writing of a table: %s', (_, writers) => {
  const oracles = new Map(Object.entries(values).map(([name, value]) => [name, createOracle(value)]))
  const findings = faultsIn(writers, values, ({ text }, { name, whole }) => {
    const wanted = oracles.get(valueName(name))!.text(whole)
    const given = text(whole)
    return given === wanted ? [] : [`engine ${JSON.stringify(given)}, oracle ${JSON.stringify(wanted)}`]
  })
  expect(reportOf(findings)).toBe('')
})

/** The value of a writing: `writer × value #3`. */
function valueName(writing: string): string {
  return writing.replace(/^.* × /, '').replace(/ #\d+$/, '')
}
