/** The same tables in bytes, which are cut within characters too: a stream gives what one shot gives. */

import { expect, it } from 'vitest'
import { differencesInBytes } from './cuts.ts'
import { VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

const TABLES = Object.entries({ SIMPLE, PAIRS, STACKED })

it.each(TABLES)('%s, in pieces of 7 and 61', (_, writers) => {
  const cuts = { sizes: [7, 61], atWorst: false }
  const look = faultsIn(writers, VALUES, (redactor, writing) => differencesInBytes(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})
