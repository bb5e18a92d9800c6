/** Every writer, every hand-picked value, pieces of every size and the worst cut: a stream gives what one shot gives. */

import { expect, it } from 'vitest'
import { differencesInText, PIECES } from './cuts.ts'
import { LONG_VALUES, VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

const TABLES = Object.entries({ SIMPLE, PAIRS, STACKED })

it.each(TABLES)(
  '%s, in pieces of 1, 7, 16 and 64 and cut in two (a long text not into ones, and in two at the borders of the value)',
  (_, writers) => {
    const cuts = { sizes: PIECES, atWorst: true }
    const look = faultsIn(writers, VALUES, (redactor, writing) => differencesInText(redactor, writing, cuts))
    expect(reportOf(look)).toBe('')
  },
)

it.each(TABLES)('%s of values of 5 KB, in pieces of 16 and 64', (_, writers) => {
  const cuts = { sizes: [16, 64], atWorst: false }
  const look = faultsIn(writers, LONG_VALUES, (redactor, writing) => differencesInText(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})
