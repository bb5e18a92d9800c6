/**
 * The worst text that a stranger can write, searched for by a hill climb over pieces of escapes, beside plain text of
 * that length through the same code.
 *
 * `GUILLEMET_BENCH_SECONDS=600` climbs for so long instead of a minute, `GUILLEMET_BENCH_SEED=7` begins where another run
 * did. What is found is printed with its seed.
 */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import { flat, type Random, randomOf, secretsOf } from './real-logs.ts'
import { filled, mutated, type Pattern, randomPattern, SINGLE, shownPattern, simpler } from './redact-hostile.ts'
import { longByTurns, shown } from './rounds.ts'
import type { Row } from './row.ts'

const SECONDS = 60
const BAR = 25
/** How long texts are while the climb goes on, and in the end. */
const SHORT = 4096
const FULL = 65_536
const PIECE = 64
/** A climb that is not higher after so many steps begins somewhere else. */
const STEPS = 50
/** How many pieces it begins with, of those that cost most by themselves; and how many texts let the compiler warm up. */
const STARTS = 8
const WARM_UP = 100
const TRIES = 3
/** What takes longer is not tried again, nor is what costs less than this share of what it is measured against. */
const SLOW_MS = 20
const NEAR = 0.8
/** What costs this share of another is as slow. */
const SAME = 0.95
const PLAIN: Pattern = [{ piece: 'the quick brown fox jumps over the lazy dog 12345\n', times: 1 }]
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
  const { pattern, tried } = worstOf(
    (pattern, length, against) => costOf(way(redactor, flat(filled(pattern, length))), against),
    randomOf(seed),
    ms,
  )
  const worst = way(redactor, flat(filled(pattern, FULL)))
  const plain = way(redactor, flat(filled(PLAIN, FULL)))
  const times = longByTurns({ worst: worst.work, plain: plain.work }, PATIENCE)
  const ratio = Math.min(...times.worst) / worst.length / (Math.min(...times.plain) / plain.length)
  return {
    work: `${name}, the worst of ${tried} texts (seed ${seed}), beside plain text`,
    ratio: `${ratio.toFixed(1)} × the time`,
    figure: `${shown(times.worst)} against ${shown(times.plain)} for ${shownPattern(pattern)}`,
    budget: `at most ${BAR} ×`,
    met: ratio <= BAR,
  }
}

/** Milliseconds for a character. What disturbs a run makes it longer only, so the shortest is nearest to the truth. */
function costOf({ work, length }: Prepared, against = 0): number {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < TRIES; count++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
    if (least > SLOW_MS || least / length < against * NEAR) break
  }
  return least / length
}

/** A pattern, and milliseconds for a character of it. */
interface Hill {
  readonly pattern: Pattern
  readonly height: number
}

/** The highest hills, each measured anew and at full length: what was a busy moment is none of them any more. */
function highestOf(hills: readonly Hill[], cost: (pattern: Pattern, length: number) => number): Hill {
  const [highest] = hills
    .map(({ pattern }): Hill => ({ pattern, height: cost(pattern, FULL) }))
    .sort((a, b) => b.height - a.height)
  return highest!
}

/** What is left of a pattern without the pieces that cost nothing, so that a reader sees what it is that costs. */
function simplified({ pattern, height }: Hill, cost: (pattern: Pattern, length: number) => number): Pattern {
  const next = simpler(pattern).find((one) => cost(one, FULL) >= height * SAME)
  return next === undefined ? pattern : simplified({ pattern: next, height }, cost)
}

/** Climbs until the time is over: from each of the highest pieces alone, then from anywhere, again and again. */
function worstOf(
  cost: (pattern: Pattern, length: number, against?: number) => number,
  random: Random,
  ms: number,
): { readonly pattern: Pattern; readonly tried: number } {
  const end = performance.now() + ms
  for (let count = 0; count < WARM_UP; count++) cost(randomPattern(random), SHORT)
  const ranked = (patterns: readonly Pattern[]): Hill[] =>
    patterns.map((pattern): Hill => ({ pattern, height: cost(pattern, SHORT) })).sort((a, b) => a.height - b.height)
  const promising = ranked(SINGLE).slice(-4 * STARTS)
  const starts = ranked(promising.map(({ pattern }) => pattern)).slice(-STARTS)
  const tops: Hill[] = starts.slice()
  let tried = SINGLE.length
  for (let here = starts.pop()!; performance.now() < end; here = starts.pop() ?? anywhere()) {
    for (let steps = 0; steps < STEPS && performance.now() < end; steps++, tried++) {
      const pattern = mutated(here.pattern, random)
      let height = cost(pattern, SHORT, here.height)
      // once more, since a busy moment looks like a hill
      if (height > here.height) height = Math.min(height, cost(pattern, SHORT))
      if (height > here.height) {
        here = { pattern, height }
        steps = 0
      }
    }
    tops.push(here)
  }
  function anywhere(): Hill {
    const pattern = randomPattern(random)
    return { pattern, height: cost(pattern, SHORT) }
  }
  return { pattern: simplified(highestOf(tops, cost), cost), tried }
}
