/** Two megabytes of log lines of every kind, beside an Aho–Corasick that only counts the values as they are. */

import ModernAhoCorasick from 'modern-ahocorasick'
import { createRedactor } from '../../src/redact.ts'
import { CLEAN, type LineKind, linesOf, logOf, MIXED, secretsOf, TOKENS } from './real-logs.ts'
import { longByTurns, median, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const SIZE = 2_000_000
const PATIENCE = { ms: 1500, least: 3, most: 15 }
const JAPANESE_BAR = 0.4
const MANY_BAR = 4

/** What is written, and how many times as fast as the peer it is redacted at least, with few secrets. */
const KINDS: Readonly<Record<string, readonly [kinds: readonly LineKind[], bar: number]>> = {
  clean: [CLEAN, 10],
  'all kinds mixed': [MIXED, 7],
  access: [['access'], 5.5],
  stack: [['stack'], 5.5],
  nested: [['nested'], 5.5],
  coloured: [['coloured'], 5.5],
}

type Secrets = Readonly<Record<string, string>>

export function lines(): readonly Row[] {
  const few = secretsOf(50)
  return [
    masked(few),
    ...speeds('50 secrets', few),
    japanese(few),
    ...speeds('500 secrets', secretsOf(500), MANY_BAR),
    ...speeds('10,000 tokens', secretsOf(10_000, TOKENS), MANY_BAR),
  ]
}

/** Such as `355 MB/s`, of a text of {@link SIZE} characters. */
export function speed(times: readonly number[]): string {
  const figure = (SIZE * 1000) / median(times)
  return `${figure < 10 ? figure.toPrecision(2) : figure.toFixed(0)} MB/s`
}

/** How fast `own` is beside `other`: above one it is the faster. */
export function beside(work: string, own: readonly number[], other: readonly number[], bar?: number): Row {
  const ratio = timesAsLong(other, own)
  return {
    work,
    ratio: `${ratio < 1 ? ratio.toPrecision(2) : ratio.toFixed(1)} ×`,
    figure: `${speed(own)} against ${speed(other)}`,
    ...(bar !== undefined && { budget: `at least ${bar} ×`, met: ratio >= bar }),
  }
}

function speeds(count: string, secrets: Secrets, manyBar?: number): readonly Row[] {
  const redactor = createRedactor({ secrets })
  const peer = new ModernAhoCorasick(Object.values(secrets))
  return Object.entries(KINDS).map(([name, [kinds, bar]]) => {
    const text = logOf(SIZE, kinds)
    const times = longByTurns({ own: () => redactor.text(text), peer: () => peer.count(text) }, PATIENCE)
    return beside(`${count}, ${name}, beside modern-ahocorasick`, times.own, times.peer, manyBar ?? bar)
  })
}

/** The peer takes seconds for what is not ASCII. */
function japanese(secrets: Secrets): Row {
  const { text } = createRedactor({ secrets })
  const [wide, clean] = [logOf(SIZE, ['japanese']), logOf(SIZE, CLEAN)]
  const times = longByTurns({ wide: () => text(wide), clean: () => text(clean) }, PATIENCE)
  return beside('50 secrets, Japanese, beside clean lines', times.wide, times.clean, JAPANESE_BAR)
}

const SECRET_LINE = 200
/** How a secret came into a line. */
const LEAKS: readonly ((secret: string) => string)[] = [
  (secret) => `authorization: Bearer ${secret}`,
  (secret) => `authorization: Basic ${Buffer.from(`app:${secret}`).toString('base64')}`,
  (secret) => `https://api.acme.dev/login?key=${encodeURIComponent(secret)}&next=%2F`,
  (secret) => JSON.stringify({ body: JSON.stringify({ user: 'app', key: secret }) }),
]

/** Speed counts for nothing where a leak stays, or where a line loses what is no secret. */
function masked(secrets: Secrets): Row {
  const { text } = createRedactor({ secrets })
  const values = Object.values(secrets)
  const all = linesOf(SIZE, MIXED)
  const leaking = all.filter((_, index) => index % SECRET_LINE === 0)
  const found = leaking.filter((line, index) => {
    const [before, after] = [`${line} `, ` ${line}`]
    const redacted = text(before + LEAKS[index % LEAKS.length]!(values[index % values.length]!) + after)
    return redacted.includes('[secret:') && redacted.startsWith(before) && redacted.endsWith(after)
  })
  const others = all.filter((line) => text(line) !== line)
  return {
    work: '50 secrets, lines masked that hold one',
    ratio: `${found.length} of ${leaking.length}`,
    figure: `${others.length} others`,
    budget: 'all, no other',
    met: found.length === leaking.length && others.length === 0,
  }
}
