/**
 * The redactor: its throughput beside its peers, what adding costs, streams and memory, and the worst that texts and
 * values can do to it.
 *
 * `GUILLEMET_BENCH=peers|adding|chunks|worst npm run bench -- redact` runs one part, several are parted by commas.
 */

import { throughput } from './redact-throughput.ts'
import type { Row } from './row.ts'

export const title = 'Redaction'

const PARTS: Readonly<Record<string, () => readonly Row[]>> = {
  peers: throughput,
}

export async function run(): Promise<readonly Row[]> {
  const wanted = process.env['GUILLEMET_BENCH']?.split(',') ?? Object.keys(PARTS)
  return wanted.flatMap((part) => PARTS[part]!())
}
