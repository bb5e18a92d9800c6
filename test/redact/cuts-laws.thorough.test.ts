/** A small and fixed slice of the exhaustive tables, so that a stream that leaks is seen at once. */

import { expect, it } from 'vitest'
import { differencesInBytes, differencesInText, PIECES } from './cuts.ts'
import { VALUES } from './values.ts'
import { PAIRS, SIMPLE, STACKED } from './writers.ts'
import { faultsIn, reportOf } from './writings.ts'

const SLICE = ['eight with specials', 'looks escaped', 'mixed', 'query specials']
const values = Object.fromEntries(SLICE.map((name) => [name, VALUES[name]!]))
const writers = [...SIMPLE, ...PAIRS, ...STACKED]

it('pieces of a text give what one shot gives, whoever wrote the value', () => {
  const cuts = { sizes: PIECES, atWorst: false }
  const look = faultsIn(writers, values, (redactor, writing) => differencesInText(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})

it('pieces of bytes give what one shot gives, whoever wrote the value', () => {
  const cuts = { sizes: [7, 64], atWorst: false }
  const look = faultsIn(writers, values, (redactor, writing) => differencesInBytes(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})

it('a text that is cut in two at any place gives what one shot gives', () => {
  const one = { 'eight with specials': values['eight with specials']! }
  const cuts = { sizes: [], atWorst: true }
  const look = faultsIn(writers, one, (redactor, writing) => differencesInText(redactor, writing, cuts))
  expect(reportOf(look)).toBe('')
})
