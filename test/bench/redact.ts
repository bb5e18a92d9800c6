/**
 * How fast the redactor is, as ratios to its peers in the same process.
 *
 * Run: node --import tsx test/bench/redact.ts
 */

import { formsOf } from '../../src/redact/forms.ts'
import type { Entry } from '../../src/redact/pattern.ts'
import { createRedactor } from '../../src/redact.ts'
import { logsOf, secretsOf } from './redact-data.ts'
import { peers, readEveryCharacter } from './redact-peers.ts'

const SIZE = 4_000_000
const ROUNDS = 9
const SLOW = 2000

/** The best of several runs in milliseconds; one run where a run takes seconds. */
function best(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
    if (least > SLOW) break
  }
  return least
}

function patternsOf(secrets: readonly string[]): readonly string[] {
  const rules = { minLength: 8, isSearchable: (text: string) => text.length >= 8 }
  const texts = new Set<string>()
  for (const key of secrets) {
    const entry: Entry = { key, verdict: 'ok', labels: [''], anchors: [] }
    for (const { text } of formsOf(entry, key, true, rules)) texts.add(text)
  }
  return [...texts]
}

function row(name: string, milliseconds: number, reference: number): void {
  const speed = `${(SIZE / milliseconds / 1000).toFixed(0)} MB/s`
  console.log(`  ${name.padEnd(34)}${speed.padStart(12)}${`${(reference / milliseconds).toFixed(2)} ×`.padStart(12)}`)
}

const sample = logsOf(SIZE, secretsOf(10)).join('\n')
const reading = best(() => readEveryCharacter(sample))
console.log('limits (ratio to reading every character)')
row('reads every character', reading, reading)
row(
  'indexOf of one absent needle',
  best(() => sample.indexOf('\u0001absent')),
  reading,
)

const ours = new Map<number, number>()
const counts = process.argv.slice(2).map(Number)
for (const count of counts.length > 0 ? counts : [1, 10, 100, 1000, 10_000]) {
  const secrets = secretsOf(count)
  const lines = logsOf(SIZE, secrets)
  const text = lines.join('\n')
  const patterns = patternsOf(secrets)
  console.log(`\n${count} secrets, ${patterns.length} patterns (ratio to reading every character)`)
  const redactor = createRedactor()
  const adding = best(() => {
    const fresh = createRedactor()
    for (const [index, secret] of secrets.entries()) fresh.add(secret, `s${index}`)
  })
  for (const [index, secret] of secrets.entries()) redactor.add(secret, `s${index}`)
  const whole = best(() => redactor.text(text))
  ours.set(count, whole)
  row('guillemet text, one text', whole, reading)
  row(
    'guillemet text, line by line',
    best(() => {
      for (const line of lines) redactor.text(line)
    }),
    reading,
  )
  row(
    'guillemet json, line by line',
    best(() => {
      for (const line of lines) redactor.json(line)
    }),
    reading,
  )
  row(
    'guillemet chunks, line by line',
    best(() => {
      const chunks = redactor.chunks<string>()
      for (const line of lines) chunks.push(`${line}\n`)
    }),
    reading,
  )
  console.log(`  adding them all: ${adding.toFixed(1)} ms`)
  for (const peer of peers) {
    if (count > peer.limit) continue
    const search = peer.prepare(patterns, secrets)
    const time = best(() => search(text))
    row(peer.name, time, reading)
    console.log(`    guillemet is ${(time / whole).toFixed(1)} × as fast`)
  }
}
console.log(`\n10,000 secrets have ${(ours.get(10)! / ours.get(10_000)!).toFixed(2)} × the throughput of 10`)
