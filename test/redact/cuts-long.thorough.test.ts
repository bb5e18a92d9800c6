/** The same as `cuts-text` for values of 5 KB, and beside it: one file takes one core. */

import { expect, it } from 'vitest'
import { differencesInText } from './cuts.ts'
import { LONG_VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

it.each(Object.entries({ SIMPLE, PAIRS, STACKED }))('%s of values of 5 KB, in pieces of 16 and 64', (_, writers) => {
  const cuts = { sizes: [16, 64], atWorst: false }
  const look = faultsIn(writers, LONG_VALUES, (redactor, writing) => differencesInText(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})
