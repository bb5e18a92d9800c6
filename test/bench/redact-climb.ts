/**
 * The worst text that a stranger can write, searched for by a hill climb over pieces of escapes, beside plain text of
 * that length through the same code.
 *
 * `GUILLEMET_BENCH_SECONDS=600` climbs for so long instead of a minute, `GUILLEMET_BENCH_SEED=7` begins where another run
 * did. What is found is printed with its seed.
 */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import { flat, type Random, randomOf, secretsOf } from './real-logs.ts'
import { filled, mutated, type Pattern, randomPattern, SINGLE } from './redact-hostile.ts'
import { longByTurns, median, shown } from './rounds.ts'
import type { Row } from './row.ts'

const SECONDS = 60
const BAR = 25
/** How long texts are while the climb goes on, and in the end. */
const SHORT = 8192
const FULL = 65_536
const PIECE = 64
/** A climb that is not higher after so many steps begins somewhere else. */
const STEPS = 50
const TRIES = 3
/** What takes longer is not tried again. */
const SLOW_MS = 20
const PLAIN: Pattern = ['the quick brown fox jumps over the lazy dog 12345\n']
const PATIENCE = { ms: 1000, least: 3, most: 15 }

/** Work for a text, made ready, and how many characters it goes through. */
interface Prepared {
  readonly work: () => unknown
  readonly length: number
}
type Way = (redactor: Redactor, text: string) => Prepared

const WAYS: Readonly<Record<string, Way>> = {
  text: ({ text }, given) => ({ work: () => text(given), length: given.length }),
  json({ json }, given) {
    const line = flat(JSON.stringify({ level: 30, msg: given }))
    return { work: () => json(line), length: line.length }
  },
  value: ({ value }, given) => ({ work: () => value({ level: 30, msg: given }), length: given.length }),
  'chunks of 64 bytes'({ chunks }, given) {
    const bytes = new TextEncoder().encode(given)
    const pieces = Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, index) =>
      bytes.slice(index * PIECE, (index + 1) * PIECE),
    )
    const work = (): void => {
      const { push, end } = chunks<Uint8Array>()
      for (const piece of pieces) push(piece)
      end()
    }
    return { work, length: bytes.length }
  },
}

export function climb(): readonly Row[] {
  const seconds = Number(process.env['GUILLEMET_BENCH_SECONDS'] ?? SECONDS)
  const seed = Number(process.env['GUILLEMET_BENCH_SEED'] ?? Date.now() % 1e6)
  const redactor = createRedactor({ secrets: secretsOf(50) })
  const ways = Object.entries(WAYS)
  return ways.map(([name, way]) => rowOf(name, redactor, way, seed, (seconds * 1000) / ways.length))
}

function rowOf(name: string, redactor: Redactor, way: Way, seed: number, ms: number): Row {
  const { pattern, tried } = worstOf((text) => costOf(way(redactor, text)), randomOf(seed), ms)
  const worst = way(redactor, flat(filled(pattern, FULL)))
  const plain = way(redactor, flat(filled(PLAIN, FULL)))
  const times = longByTurns({ worst: worst.work, plain: plain.work }, PATIENCE)
  const perCharacter = worst.length / plain.length
  const ratio = median(times.worst.map((time, round) => time / times.plain[round]!)) / perCharacter
  return {
    work: `${name}, the worst of ${tried} texts (seed ${seed}), beside plain text`,
    ratio: `${ratio.toFixed(1)} × the time`,
    figure: `${shown(times.worst)} against ${shown(times.plain)} for ${JSON.stringify(pattern.join(''))}`,
    budget: `at most ${BAR} ×`,
    met: ratio <= BAR,
  }
}

/** Milliseconds for a character: what disturbs a run makes it longer only, so the shortest is nearest to the truth. */
function costOf({ work, length }: Prepared): number {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < TRIES; count++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
    if (least > SLOW_MS) break
  }
  return least / length
}

/** Climbs until the time is over: first from each piece alone, then from anywhere, again and again. */
function worstOf(
  cost: (text: string) => number,
  random: Random,
  ms: number,
): { readonly pattern: Pattern; readonly tried: number } {
  const end = performance.now() + ms
  const costOfPattern = (pattern: Pattern): number => cost(flat(filled(pattern, SHORT)))
  const ranked = SINGLE.map((pattern) => ({ pattern, height: costOfPattern(pattern) })).sort(
    (a, b) => b.height - a.height,
  )
  let [here] = ranked as [(typeof ranked)[number]]
  let best = here
  let tried = ranked.length
  let restarts = 0
  for (let steps = 0; performance.now() < end; tried++, steps++) {
    const isLost = steps === STEPS
    if (isLost) here = best
    const pattern = isLost && restarts++ % 2 === 0 ? randomPattern(random) : mutated(here.pattern, random)
    let height = costOfPattern(pattern)
    // once more, since a busy moment looks like a hill
    if (height > here.height) height = Math.min(height, costOfPattern(pattern))
    if (isLost || height > here.height) {
      here = { pattern, height }
      steps = 0
    }
    if (height > best.height) best = here
  }
  return { pattern: best.pattern, tried }
}
