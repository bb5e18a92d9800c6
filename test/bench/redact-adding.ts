/** What it costs to learn secrets: time before the first line can be redacted, memory, and what is left when they go. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import ModernAhoCorasick from 'modern-ahocorasick'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { linesOf, secretsOf, TOKENS } from './real-logs.ts'
import { longByTurns, median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

const PATIENCE = { ms: 3000, least: 3, most: 9 }
const MANY = 1000
const FEW = 10
const TOKENS_BAR_MS = 150
const ACCOUNTS_BAR_MS = 1500
const MEGABYTE = 1e6
const ROTATIONS = 5
const [LINE] = linesOf(1, ['pino'])

export function adding(): readonly Row[] {
  return [
    added(`add ${MANY} tokens`, secretsOf(MANY, TOKENS), TOKENS_BAR_MS),
    added('add 500 service accounts', secretsOf(500, ['account']), ACCOUNTS_BAR_MS),
    added(`add ${MANY} secrets of all kinds`, secretsOf(MANY)),
    rotated(),
    ...memory(),
  ]
}

function addAll(secrets: Readonly<Record<string, string>>, redactor: Redactor = createRedactor()): Redactor {
  for (const [label, secret] of Object.entries(secrets)) redactor.add(label, secret)
  redactor.text(LINE!) // it may leave work for the first text
  return redactor
}

function added(work: string, secrets: Readonly<Record<string, string>>, barMs?: number): Row {
  const values = Object.values(secrets)
  const { own, peer } = longByTurns({ own: () => addAll(secrets), peer: () => new ModernAhoCorasick(values) }, PATIENCE)
  return {
    work: `${work}, beside modern-ahocorasick of the values`,
    ratio: `${timesAsLong(own, peer).toFixed(1)} × the time`,
    figure: `${shown(own)} against ${shown(peer)}`,
    ...(barMs !== undefined && { budget: `at most ${barMs} ms`, met: median(own) <= barMs * 1e6 }),
  }
}

/** Whether a redactor that knows much pays for each that comes and goes. */
function rotated(): Row {
  const next = Object.values(secretsOf(MANY + 1, TOKENS))
  const work = (count: number): (() => unknown) => {
    const redactor = addAll(secretsOf(count, TOKENS))
    let turn = 0
    return () => {
      redactor.add('next', next[turn++ % next.length]!)
      redactor.text(LINE!)
      redactor.remove('next')
    }
  }
  const { many, few } = longByTurns({ many: work(MANY), few: work(FEW) }, PATIENCE)
  return {
    work: `add, redact a line, remove: where ${MANY} are known, beside ${FEW}`,
    ratio: `${timesAsLong(many, few).toFixed(2)} × the time`,
    figure: `${shown(many)} against ${shown(few)}`,
  }
}

function memory(): readonly Row[] {
  const secrets = secretsOf(MANY, TOKENS)
  const before = bytesUsed()
  const redactor = addAll(secrets)
  const once = bytesUsed() - before
  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    for (const label of Object.keys(secrets)) redactor.remove(label)
    addAll(secrets, redactor)
  }
  const again = bytesUsed() - before
  redactor.text(LINE!) // it is alive until here
  return [
    { work: `memory of ${MANY} tokens`, ratio: '', figure: `${(once / MEGABYTE).toFixed(1)} MB` },
    {
      work: `the same after all were removed and added ${ROTATIONS} times, beside once`,
      ratio: `${(again / once).toFixed(2)} ×`,
      figure: `${(again / MEGABYTE).toFixed(1)} MB against ${(once / MEGABYTE).toFixed(1)} MB`,
    },
  ]
}

/** What is in use after garbage was collected. */
function bytesUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
