/** What it costs to learn secrets: time before the first line can be redacted, memory, and what is left when they go. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createRedactor } from '../../src/redact.ts'
import { logsOf, secretsOf } from './redact-data.ts'
import { allPatternsOf } from './redact-patterns.ts'
import { knowing } from './redact-throughput.ts'
import { longByTurns, median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

const PATIENCE = { ms: 3000, least: 3, most: 9 }
const BUDGET_MS = 100
const MANY = 1000
const FEW = 10
const MEGABYTE = 1e6
const ROTATIONS = 5

export function adding(): readonly Row[] {
  return [added(100), added(MANY, 0, BUDGET_MS), added(MANY, 10, BUDGET_MS), added(10 * MANY), rotated(), ...memory()]
}

/** A redactor may leave work for the first text, so that one line is redacted too. */
function added(count: number, pems = 0, atMostMs?: number): Row {
  const secrets = secretsOf(count, pems)
  const [line] = logsOf(1, secrets)
  const { own, forms } = longByTurns(
    { own: () => knowing(secrets).text(line!), forms: () => allPatternsOf(secrets) },
    PATIENCE,
  )
  return {
    work: `add ${count} secrets${pems > 0 ? `, ${pems} of them PEM keys` : ''}, beside only writing their forms`,
    ratio: `${timesAsLong(own, forms).toFixed(2)} × the time`,
    figure: `${shown(own)} against ${shown(forms)}`,
    ...(atMostMs !== undefined && { budget: `at most ${atMostMs} ms`, met: median(own) <= atMostMs * 1e6 }),
  }
}

/** Whether a redactor that knows much pays for each that comes and goes. */
function rotated(): Row {
  const work = (count: number): (() => unknown) => {
    const secrets = secretsOf(count)
    const redactor = knowing(secrets)
    const [line] = logsOf(1, secrets)
    const next = secretsOf(MANY + 1)
    let turn = 0
    return () => {
      redactor.add(next[turn++ % next.length]!, 'next')
      redactor.text(line!)
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
  const secrets = secretsOf(MANY)
  const [line] = logsOf(1, secrets)
  const characters = allPatternsOf(secrets).reduce((sum, { length }) => sum + length, 0)
  const before = bytesUsed()
  const redactor = createRedactor()
  const addAll = (): void => {
    for (const [index, secret] of secrets.entries()) redactor.add(secret, `s${index}`)
    redactor.text(line!)
  }
  addAll()
  const once = bytesUsed() - before
  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    for (const index of secrets.keys()) redactor.remove(`s${index}`)
    addAll()
  }
  const again = bytesUsed() - before
  redactor.text(line!) // it is alive until here
  return [
    {
      work: `memory of ${MANY} secrets, beside the characters of their forms`,
      ratio: `${(once / characters).toFixed(2)} ×`,
      figure: `${(once / MEGABYTE).toFixed(1)} MB against ${(characters / MEGABYTE).toFixed(1)} MB`,
    },
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
