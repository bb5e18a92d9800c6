/** Every writer, every hand-picked value, pieces of every size and the worst cut: a stream gives what one shot gives. */

import { expect, it } from 'vitest'
import { differencesInText, PIECES } from './cuts.ts'
import { VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

it.each(Object.entries({ SIMPLE, PAIRS, STACKED }))(
  '%s, in pieces of 1, 7, 16 and 64 and cut in two (a long text not into ones, and in two at the borders of the value)',
  (_, writers) => {
    const cuts = { sizes: PIECES, atWorst: true }
    const look = faultsIn(writers, VALUES, (redactor, writing) => differencesInText(redactor, writing, cuts))
    expect(reportOf(look)).toBe('')
  },
)
