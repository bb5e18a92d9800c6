/** `npx tsx test/redact/list-unmasked.ts`: how many writings the tables hold, and each that is not masked completely. */

import { STATED_LIMITS } from './stated-limits.ts'
import { unmaskedIn } from './unmasked.ts'
import { LONG_VALUES, VALUES } from './values.ts'
import { LOGGED, PAIRS, SIMPLE, STACKED } from './writers.ts'

let writings = 0
let missed = 0
for (const [table, writers] of Object.entries({ SIMPLE, PAIRS, STACKED, LOGGED })) {
  const { count, faults } = unmaskedIn(writers, VALUES)
  const long = unmaskedIn(writers, LONG_VALUES)
  writings += count
  missed += faults.length
  console.log(`${table}: ${count} writings, ${faults.length} not masked; of 5 KB ${long.count}, ${long.faults.length}`)
  for (const { writing, what } of [...faults, ...long.faults]) {
    console.log(`  ${STATED_LIMITS.includes(writing) ? 'stated limit: ' : ''}${writing}: ${what}`)
  }
}
console.log(`together ${writings} writings, ${missed} of them not masked completely`)
