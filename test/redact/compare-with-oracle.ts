/**
 * Compares engine and oracle, and streams with one shot, on random texts over a small alphabet of escapes. It lists where
 * they differ, each shrunk to its smallest: `npx tsx test/redact/compare-with-oracle.ts [seed] [thousands of texts]`.
 */

import fc from 'fast-check'
import { createComparison, type Difference, shown } from './oracle-laws.ts'
import { samples, TEXTS } from './random-texts.ts'
import { shrunk } from './shrink.ts'

/** Values for a thousand texts, which are made at once. */
const BATCH = 1000 / TEXTS
/** More differences are counted, and not shrunk. */
const MOST_SHOWN = 40

const [seed = 1, thousands = 10] = process.argv.slice(2).map(Number)
const counts: Record<Difference, number> = { less: 0, more: 0, stream: 0 }
const listed = new Set<string>()
let texts = 0

function list(value: string, text: string, difference: Difference): void {
  counts[difference]++
  if (listed.size >= MOST_SHOWN) return
  const smallest = shrunk(value, text, (nextValue, nextText) => createComparison(nextValue)(nextText).has(difference))
  listed.add(`${difference}: ${shown(smallest.value, smallest.text)}`)
}

for (let batch = 0; batch < thousands; batch++) {
  for (const sample of fc.sample(samples, { seed: seed * 1_000_003 + batch, numRuns: BATCH })) {
    const compare = createComparison(sample.value)
    for (const text of sample.texts) for (const difference of compare(text)) list(sample.value, text, difference)
    texts += sample.texts.length
  }
}
console.log([...listed].sort().join('\n'))
console.log(
  `${texts} texts: the engine masks less than the oracle in ${counts.less} and more in ${counts.more}; a stream differs from one shot in ${counts.stream}`,
)
process.exitCode = Number(listed.size > 0)
