/** Four megabytes of log lines through the redactor, beside its peers and two limits. */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import { flat, logsOf, SECRET_LINE, secretsOf } from './redact-data.ts'
import { allPatternsOf } from './redact-patterns.ts'
import { findAbsentNeedle, PEERS, readEveryCharacter } from './redact-peers.ts'
import { longByTurns, median, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const SIZE = 4_000_000

const COUNTS = [1, 10, 100, 1000, 10_000]
const BUDGETED = 100
const FEWEST = 10
const AHO_CORASICK_BUDGET = 20
const READING_BUDGET = 0.5
const GROWTH_BUDGET = 0.3
const PATIENCE = { ms: 4000, least: 3, most: 15 }
const IMPATIENCE = { ms: 1500, least: 2, most: 15 }

export function knowing(secrets: readonly string[]): Redactor {
  const redactor = createRedactor()
  for (const [index, secret] of secrets.entries()) redactor.add(secret, `s${index}`)
  return redactor
}

/** Such as `1.85 GB/s`; nothing here is beyond Latin-1, so that a character is a byte. */
export function speed(times: readonly number[], characters = SIZE): string {
  return `${(characters / median(times)).toFixed(3)} GB/s`
}

/** How fast `own` is beside `peer`: above one it is the faster. */
export function beside(work: string, own: readonly number[], peer: readonly number[], atLeast?: number): Row {
  const ratio = timesAsLong(peer, own)
  const budget = atLeast === undefined ? {} : { budget: `at least ${atLeast} ×`, met: ratio >= atLeast }
  return {
    work,
    ratio: `${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)} ×`,
    figure: `${speed(own)} against ${speed(peer)}`,
    ...budget,
  }
}

export function throughput(): readonly Row[] {
  return [...COUNTS.flatMap(rowsFor), growth(), wide()]
}

function rowsFor(count: number): readonly Row[] {
  const secrets = secretsOf(count)
  const lines = logsOf(SIZE, secrets)
  const text = flat(lines.join('\n'))
  const redactor = knowing(secrets)
  const patterns = allPatternsOf(secrets)
  const whole = (): unknown => redactor.text(text)
  const peers = (areAhoCorasick: boolean): Record<string, () => unknown> => {
    const wanted = PEERS.filter((peer) => peer.most >= count && (peer.isAhoCorasick === true) === areAhoCorasick)
    return Object.fromEntries(
      wanted.map(({ name, prepare }) => {
        const search = prepare(patterns, secrets)
        return [name, () => search(text)]
      }),
    )
  }
  const times = longByTurns<string>(
    {
      ...worksOf(redactor, lines),
      whole,
      read: () => readEveryCharacter(text),
      indexOf: () => findAbsentNeedle(text),
      ...peers(true),
    },
    PATIENCE,
  )
  // what takes seconds is measured apart: it would leave the others few rounds
  const slow = longByTurns<string>({ whole, ...peers(false) }, IMPATIENCE)
  const work = `${count} secret${count === 1 ? '' : 's'}`
  return [leaks(work, redactor, lines, secrets), ...ownRows(work, count, times), ...peerRows(work, count, times, slow)]
}

type Measured = Readonly<Record<string, readonly number[]>>

function ownRows(work: string, count: number, { whole, read, indexOf, lines, json, chunks }: Measured): readonly Row[] {
  return [
    beside(`${work}, beside reading every character`, whole!, read!, count === BUDGETED ? READING_BUDGET : undefined),
    beside(`${work}, beside indexOf of one absent needle`, whole!, indexOf!),
    beside(`${work}, line by line, beside reading`, lines!, read!),
    beside(`${work}, json line by line, beside reading`, json!, read!),
    beside(`${work}, chunks line by line, beside reading`, chunks!, read!),
  ]
}

function peerRows(work: string, count: number, times: Measured, slow: Measured): readonly Row[] {
  return PEERS.map(({ name, isAhoCorasick, most }) => {
    const row = `${work}, beside ${name}`
    if (count > most) return { work: row, ratio: '–', figure: 'left out: too slow or too large here' }
    if (!isAhoCorasick) return beside(row, slow['whole']!, slow[name]!)
    return beside(row, times['whole']!, times[name]!, count === BUDGETED ? AHO_CORASICK_BUDGET : undefined)
  })
}

function worksOf(redactor: Redactor, lines: readonly string[]): Record<string, () => unknown> {
  const ended = lines.map((line) => flat(`${line}\n`))
  return {
    lines() {
      for (const line of lines) redactor.text(line)
    },
    json() {
      for (const line of lines) redactor.json(line)
    },
    chunks() {
      const { push, end } = redactor.chunks<string>()
      for (const line of ended) push(line)
      end()
    },
  }
}

/** Speed counts for nothing where a leak stays. */
function leaks(work: string, redactor: Redactor, lines: readonly string[], secrets: readonly string[]): Row {
  const all = logsOf(SIZE, secrets).filter((_, index) => index % SECRET_LINE === 0)
  const masked = all.filter((line) => redactor.text(line) !== line)
  const others = lines.filter((line, index) => index % SECRET_LINE !== 0 && redactor.text(line) !== line)
  return {
    work: `${work}, lines masked that hold one`,
    ratio: `${masked.length} of ${all.length}`,
    figure: `${others.length} others`,
    budget: 'all, no other',
    met: masked.length === all.length && others.length === 0,
  }
}

/** Many secrets against few, in the same turns. */
function growth(): Row {
  const work = (count: number): (() => unknown) => {
    const secrets = secretsOf(count)
    const redactor = knowing(secrets)
    const text = flat(logsOf(SIZE, secrets).join('\n'))
    return () => redactor.text(text)
  }
  const most = COUNTS.at(-1)!
  const { many, few } = longByTurns({ many: work(most), few: work(FEWEST) }, PATIENCE)
  return beside(`${most} secrets, beside ${FEWEST}`, many, few, GROWTH_BUDGET)
}

/** One character beyond Latin-1 makes the engine keep two bytes for each. */
function wide(): Row {
  const secrets = secretsOf(BUDGETED)
  const redactor = knowing(secrets)
  const text = flat(`${logsOf(SIZE, secrets).join('\n')}\n✓`)
  const { own, read } = longByTurns({ own: () => redactor.text(text), read: () => readEveryCharacter(text) }, PATIENCE)
  return beside(`${BUDGETED} secrets, a text with one ✓, beside reading every character`, own, read)
}
