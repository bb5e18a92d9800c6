/** Values of 5 KB, by every writer. */

import { expect, it } from 'vitest'
import { unmaskedIn } from './unmasked.ts'
import { LONG_VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED } from './writers.ts'
import { reportOf } from './writings.ts'

it.each(Object.entries({ SIMPLE, PAIRS, STACKED, LOGGED }))(
  'a value of 5 KB is found as the writers write it: %s',
  (_, writers) => expect(reportOf(unmaskedIn(writers, LONG_VALUES))).toBe(''),
)
