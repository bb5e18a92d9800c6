/**
 * The redactor: its throughput beside its peers, what learning secrets costs, streams, and the worst that texts and
 * values can do to it.
 *
 * `GUILLEMET_BENCH=peers|adding|chunks|worst npm run bench -- redact` runs one part; several are parted by commas.
 */

import { adding } from './redact-adding.ts'
import { chunks } from './redact-chunks.ts'
import { throughput } from './redact-throughput.ts'
import { worst } from './redact-worst.ts'
import type { Row } from './row.ts'

export const title = 'Redaction'

const PARTS: ReadonlyMap<string, () => readonly Row[]> = new Map([
  ['peers', throughput],
  ['adding', adding],
  ['chunks', chunks],
  ['worst', worst],
])

export async function run(): Promise<readonly Row[]> {
  const wanted = process.env['GUILLEMET_BENCH']?.split(',') ?? [...PARTS.keys()]
  return wanted.flatMap((name) => {
    const part = PARTS.get(name)
    if (part === undefined) throw new Error(`GUILLEMET_BENCH is one of ${[...PARTS.keys()].join(', ')}`)
    return part()
  })
}
