/**
 * The redactor on realistic logs of every kind, beside its fastest peer: whole texts, streams, loggers, what learning
 * secrets costs, and the worst that texts and values can do to it.
 *
 * `GUILLEMET_BENCH=lines|chunks|adding|pino|worst|growth npm run bench -- redact` runs one part; several are parted by
 * commas.
 */

import { adding } from './redact-adding.ts'
import { chunks } from './redact-chunks.ts'
import { climb } from './redact-climb.ts'
import { growth } from './redact-growth.ts'
import { lines } from './redact-lines.ts'
import { pinoLines } from './redact-pino.ts'
import type { Row } from './row.ts'

export const title = 'Redaction'

type Part = () => readonly Row[] | Promise<readonly Row[]>

const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['lines', lines],
  ['chunks', chunks],
  ['adding', adding],
  ['pino', pinoLines],
  ['worst', climb],
  ['growth', growth],
])

export async function run(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const name of process.env['GUILLEMET_BENCH']?.split(',') ?? PARTS.keys()) {
    const part = PARTS.get(name)
    if (part === undefined) throw new Error(`GUILLEMET_BENCH is one of ${[...PARTS.keys()].join(', ')}`)
    rows.push(...(await part()))
  }
  return rows
}
