/** The contract of a benchmark: `test/bench/<name>.bench.ts` exports `title` and `run`. */

/** One measured line: ratios of pairs from the same run, since absolute times of a shared machine say little. */
export interface Row {
  /** What was done, such as `redact 10,000 log lines, 100 secrets`. */
  readonly work: string
  /** The ratio that the budget speaks of, such as `27.3 ×`. */
  readonly ratio: string
  /** What was measured, with units, such as `1.8 GB/s against 0.066 GB/s`. */
  readonly figure: string
  /** The budget, such as `at least 20 ×`. */
  readonly budget?: string
  readonly met?: boolean
}

/** What a benchmark file exports. */
export interface Benchmark {
  readonly title: string
  readonly run: () => Promise<readonly Row[]>
}
