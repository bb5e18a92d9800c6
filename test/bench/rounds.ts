/** Measures several ways to do one work by turns, so that a busy neighbour slows them all alike. */

import { Bench } from 'tinybench'

/** Nanoseconds of one call, by name: one median for each round. */
export type Times<K extends string> = Readonly<Record<K, readonly number[]>>

const ROUNDS = 15
const ROUND_MS = 50
/** How long one sample takes at least: a single call may be shorter than the clock can tell. */
const SAMPLE_MS = 0.25

/**
 * Runs every work in each of the rounds, in turning order, after one round that is not counted.
 *
 * @param works all synchronous, or all returning promises
 */
export async function byTurns<K extends string>(works: Readonly<Record<K, () => unknown>>): Promise<Times<K>> {
  const names = Object.keys(works) as K[]
  const times = Object.fromEntries(names.map((name): [K, number[]] => [name, []])) as Record<K, number[]>
  const batches = new Map<K, number>()
  for (const name of names) batches.set(name, await batchOf(works[name]))
  for (let round = 0; round <= ROUNDS; round++) {
    const bench = new Bench({ time: ROUND_MS, warmup: false, iterations: 3, throws: true })
    for (const name of round % 2 === 0 ? names : names.slice().reverse()) {
      bench.add(name, sampled(works[name], batches.get(name)!))
    }
    await bench.run()
    if (round === 0) continue
    for (const { name, result } of bench.tasks) {
      if (result.state !== 'completed') throw new Error(`${name} did not run`)
      times[name as K].push(result.latency.p50 * 1e6)
    }
  }
  return times
}

/** How often `longByTurns` measures each work: until so many milliseconds are over, at least and at most so often. */
export interface Patience {
  readonly ms: number
  readonly least: number
  readonly most: number
}

const LONG_SAMPLE_MS = 10

/**
 * The same for works of which a single call takes milliseconds to seconds: each is called once a round (a work that is
 * over sooner than {@link LONG_SAMPLE_MS} more often), after one round that is not counted.
 */
export function longByTurns<K extends string>(
  works: Readonly<Record<K, () => unknown>>,
  { ms, least, most }: Patience,
): Times<K> {
  const names = Object.keys(works) as K[]
  const times = Object.fromEntries(names.map((name): [K, number[]] => [name, []])) as Record<K, number[]>
  const calls = Object.fromEntries(names.map((name): [K, number] => [name, 1])) as Record<K, number>
  for (const name of names) {
    elapsedOf(works[name], 1) // lazily built structures, and the first look of the compiler
    calls[name] = Math.max(1, Math.ceil(LONG_SAMPLE_MS / elapsedOf(works[name], 1)))
  }
  const end = performance.now() + ms
  for (let round = 0; round < most && (round < least || performance.now() < end); round++) {
    for (const name of round % 2 === 0 ? names : names.slice().reverse()) {
      times[name].push((elapsedOf(works[name], calls[name]) / calls[name]) * 1e6)
    }
  }
  return times
}

function elapsedOf(work: () => unknown, calls: number): number {
  const start = performance.now()
  for (let count = 0; count < calls; count++) work()
  return performance.now() - start
}

/** One sample: a batch of calls, of which the mean counts. */
function sampled(work: () => unknown, batch: number): () => unknown {
  const measured = (start: number) => {
    const elapsed = performance.now() - start
    return { overriddenDuration: elapsed / batch, overriddenIterationCost: elapsed }
  }
  if (isPromise(work())) {
    return async () => {
      const start = performance.now()
      for (let count = 0; count < batch; count++) await work()
      return measured(start)
    }
  }
  return () => {
    const start = performance.now()
    for (let count = 0; count < batch; count++) work()
    return measured(start)
  }
}

/** How many calls one sample takes. */
async function batchOf(work: () => unknown): Promise<number> {
  for (let batch = 1; ; batch *= 2) {
    const start = performance.now()
    for (let count = 0; count < batch; count++) {
      const result = work()
      if (isPromise(result)) await result
    }
    if (performance.now() - start >= SAMPLE_MS) return batch
  }
}

function isPromise(value: unknown): boolean {
  return value instanceof Promise
}

/** How many times as long `slow` takes as `fast`: the median over the rounds. */
export function timesAsLong(slow: readonly number[], fast: readonly number[]): number {
  return median(slow.map((time, round) => time / fast[round]!))
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

/** Such as `512 ns` or `13.4 µs`. */
export function shown(times: readonly number[]): string {
  const nanoseconds = median(times)
  if (nanoseconds < 1_000) return `${nanoseconds.toFixed(0)} ns`
  return nanoseconds < 1e6 ? `${(nanoseconds / 1e3).toFixed(1)} µs` : `${(nanoseconds / 1e6).toFixed(2)} ms`
}
