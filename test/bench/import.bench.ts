/** What it costs a process to import the package: fresh processes by turns, each less the empty one beside it. */

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Importing'

const ROUNDS = 21
// this file is bundled into `.bench/`, a folder of the package like the one it comes from
const PACKAGE = fileURLToPath(new URL('../', import.meta.url))
const PROCESSES = {
  empty: '',
  guillemet: "import 'guillemet'",
  redact: "import 'guillemet/redact'",
  zod: "import 'zod'",
}

type Process = keyof typeof PROCESSES

export async function run(): Promise<readonly Row[]> {
  const names = Object.keys(PROCESSES) as Process[]
  const times: Record<Process, number[]> = { empty: [], guillemet: [], redact: [], zod: [] }
  for (const name of names) millisecondsOf(PROCESSES[name]) // once for the file system's cache
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 === 0 ? names : names.slice().reverse()) {
      times[name].push(millisecondsOf(PROCESSES[name]))
    }
  }
  const cost = (name: Process): number => median(times[name].map((time, round) => time - times.empty[round]!))
  const zod = cost('zod')
  const row = (name: Process): Pick<Row, 'ratio' | 'figure'> => ({
    ratio: `${(cost(name) / zod).toFixed(2)} × the time`,
    figure: `${cost(name).toFixed(1)} ms against ${zod.toFixed(1)} ms, over ${median(times.empty).toFixed(1)} ms of an empty process`,
  })
  return [
    {
      work: 'import guillemet, beside zod',
      ...row('guillemet'),
      budget: 'at most 0.5 × the time',
      met: cost('guillemet') / zod <= 0.5,
    },
    { work: 'import guillemet/redact, beside zod', ...row('redact') },
  ]
}

/** How long a process lives that does this and nothing else. */
function millisecondsOf(code: string): number {
  const start = performance.now()
  execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: PACKAGE })
  return performance.now() - start
}
