/**
 * Compares engine and oracle, and a stream with one shot, on random texts over a small alphabet of escapes, and lists
 * where they differ: `npx tsx test/redact/compare-with-oracle.ts [seed] [samples]`.
 */

import fc from 'fast-check'
import { differencesInPieces, disagreements, shownCharacters } from './oracle-laws.ts'
import { samples } from './random-texts.ts'

const SHOWN = 20

const [seed = 1, numRuns = 300] = process.argv.slice(2).map(Number)
const found = { texts: 0, engine: 0, shown: 0, pieces: 0 }
const shown: string[] = []
for (const sample of fc.sample(samples, { seed, numRuns })) {
  const engine = disagreements(sample)
  const less = shownCharacters(sample)
  const pieces = differencesInPieces(sample)
  found.texts += sample.texts.length
  found.engine += engine.length
  found.shown += less.length
  found.pieces += pieces.length
  for (const difference of [...less, ...pieces, ...engine]) shown.push(`${JSON.stringify(sample.value)}: ${difference}`)
}
console.log(shown.slice(0, SHOWN).join('\n'))
console.log(
  `${found.texts} texts: engine and oracle differ ${found.engine} times, in ${found.shown} the engine masks less; streams and one shot differ ${found.pieces} times`,
)
