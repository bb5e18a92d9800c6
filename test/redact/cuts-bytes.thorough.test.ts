/** The same tables in bytes, which are cut within characters too: a stream gives what one shot gives. */

import { expect, it } from 'vitest'
import { differencesInBytes, PIECES } from './cuts.ts'
import { LONG_VALUES, VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

const TABLES = { SIMPLE, PAIRS, STACKED }
const cuts = { sizes: PIECES, atWorst: true }

for (const [table, writers] of Object.entries(TABLES)) {
  it.each([
    ['the values', VALUES],
    ['the values of 5 KB', LONG_VALUES],
  ])(`${table}, %s, in pieces of 1, 7, 16, 64 and cut in two at every place`, (_, values) => {
    const look = faultsIn(writers, values, (redactor, writing) => differencesInBytes(redactor, writing, cuts))
    expect(reportOf(look)).toBe('')
  })
}
