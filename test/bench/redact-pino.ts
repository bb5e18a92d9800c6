/** What a line of pino costs with the redactor on: clean lines, lines with escapes, and a long URL of any text. */

import pino from 'pino'
import { redactPino } from '../../src/log/pino.ts'
import { createRedactor } from '../../src/redact.ts'
import { flat, randomOf, secretsOf } from './real-logs.ts'
import { filled, randomPattern, SINGLE, shownPattern } from './redact-hostile.ts'
import { byTurns, longByTurns, median, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

const BAR = 1.3
const URL_LENGTH = 15_000
const URL_BAR_MS = 1
const MIXTURES = 200
const SEED = 7
const TRIES = 5
const SLOW_MS = 20
const PATIENCE = { ms: 500, least: 3, most: 15 }

type Entry = readonly [data: object, message: string]

const CLEAN: readonly Entry[] = [
  [{ req: { id: 'req-1', method: 'GET', url: '/api/v2/tickets.json?page=2' }, ms: 12.4 }, 'request completed'],
  [{ user: { id: 48151623, team: 'support' }, job: 'sync-contacts', attempt: 2 }, 'job started'],
  [{ cache: 'contacts', hit: false, keys: ['a1', 'b2', 'c3'], size: 20480 }, 'cache refreshed'],
  [{}, 'listening on http://0.0.0.0:8080'],
  [{ headers: { accept: '*/*', host: 'api.acme.dev', 'content-type': 'application/json' } }, 'sent'],
]

const STACK = 'Error: connect\n    at foo (C:\\app\\x.js:1:2)\n    at Object.<anonymous> (C:\\app\\y.js:95:5)'
const MARKED: readonly Entry[] = [
  [{ req: { method: 'GET', url: '/search?q=hello%20world%2Ftest&x=%7B%22a%22%3A1%7D' } }, 'request completed'],
  [{ err: { type: 'Error', message: 'connect', stack: STACK } }, 'request failed'],
  [{ payload: JSON.stringify({ id: 'a7', note: 'some "quoted" text', path: 'C:\\temp' }) }, 'job failed'],
  [{}, '\x1b[32mGET\x1b[0m /api/v2/tickets \x1b[33m304\x1b[0m 12 ms'],
  [{ sql: 'SELECT "u"."id" FROM "users" AS "u" WHERE "u"."name" = \'O\'\'Neill\'' }, 'query'],
]

export async function pinoLines(): Promise<readonly Row[]> {
  return [await line('clean', CLEAN), await line('with escapes', MARKED), url()]
}

function loggers(): { readonly plain: pino.Logger; readonly safe: pino.Logger } {
  const destination = (): pino.DestinationStream => pino.destination({ dest: '/dev/null', sync: true })
  const redactor = createRedactor({ secrets: secretsOf(50) })
  return { plain: pino(destination()), safe: pino(redactPino(redactor, {}), destination()) }
}

async function line(name: string, entries: readonly Entry[]): Promise<Row> {
  const { plain, safe } = loggers()
  const all = (logger: pino.Logger) => (): void => {
    for (const [data, message] of entries) logger.info(data, message)
  }
  const times = await byTurns({ plain: all(plain), safe: all(safe) })
  const each = (sums: readonly number[]): string => shown(sums.map((time) => time / entries.length))
  const ratio = timesAsLong(times.safe, times.plain)
  return {
    work: `a line of pino, ${name}, 50 secrets, beside pino alone`,
    ratio: `${ratio.toFixed(2)} × the time`,
    figure: `${each(times.safe)} against ${each(times.plain)}`,
    budget: `at most ${BAR} ×`,
    met: ratio <= BAR,
  }
}

/** Each hostile piece alone, and mixtures of them, as the URL of a request. */
function url(): Row {
  const { plain, safe } = loggers()
  const random = randomOf(SEED)
  const patterns = [...SINGLE, ...Array.from({ length: MIXTURES }, () => randomPattern(random))]
  const logged = (logger: pino.Logger, text: string) => (): void => {
    logger.info({ req: { method: 'GET', url: text } }, 'request completed')
  }
  let worst = { took: 0, text: '', pattern: '' }
  for (const pattern of patterns) {
    const text = flat(`/search?q=${filled(pattern, URL_LENGTH)}`)
    const took = fastest(logged(safe, text))
    if (took > worst.took) worst = { took, text, pattern: shownPattern(pattern) }
  }
  const times = longByTurns({ safe: logged(safe, worst.text), plain: logged(plain, worst.text) }, PATIENCE)
  return {
    work: `a line of pino with a URL of 15 KB, the worst of ${patterns.length} texts`,
    ratio: `${timesAsLong(times.safe, times.plain).toFixed(1)} × the time`,
    figure: `${shown(times.safe)} against ${shown(times.plain)} for ${worst.pattern}`,
    budget: `at most ${URL_BAR_MS} ms`,
    met: median(times.safe) <= URL_BAR_MS * 1e6,
  }
}

/** Milliseconds; what takes long is not tried again. */
function fastest(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < TRIES; count++) {
    const start = performance.now()
    work()
    least = Math.min(least, performance.now() - start)
    if (least > SLOW_MS) break
  }
  return least
}
