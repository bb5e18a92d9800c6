/** What a logger costs with the redactor on: 100 secrets in all their forms, and lines in which there is nothing to mask. */

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { Writable } from 'node:stream'
import pino10 from 'pino'
import pino9 from 'pino9'
import winston from 'winston'
import { redactPino } from '../../src/log/pino.ts'
import { redactWinston } from '../../src/log/winston.ts'
import { createRedactor, type Redactor } from '../../src/redact.ts'
import { byTurns, shown, timesAsLong } from './rounds.ts'
import type { Row } from './row.ts'

export const title = 'Loggers with the redactor on'

const SECRETS = 100
const BUDGET = 1.2

/** Lines of an HTTP service, as its logger is given them: an object and a message. */
const ENTRIES = [
  [{ req: { id: 'req-1', method: 'GET', url: '/api/v2/tickets.json?page=2' }, ms: 12.4 }, 'request completed'],
  [{ user: { id: 48151623, team: 'support' }, job: 'sync-contacts', attempt: 2 }, 'job started'],
  [{ cache: 'contacts', hit: false, keys: ['a1', 'b2', 'c3'], size: 20480 }, 'cache refreshed'],
  [{}, 'listening on http://0.0.0.0:8080'],
  [
    { headers: { accept: '*/*', host: 'api.acme.dev', 'user-agent': 'node', 'content-type': 'application/json' } },
    'sent',
  ],
] as const

function knowing(): Redactor {
  const redactor = createRedactor()
  for (let count = 0; count < SECRETS; count++) redactor.add(`s${count}`, `sk_${randomBytes(24).toString('base64url')}`)
  return redactor
}

export async function run(): Promise<readonly Row[]> {
  const redactor = knowing()
  return [
    ...(await pinoRows('pino 10', pino10, redactor)),
    ...(await pinoRows('pino 9', pino9 as unknown as typeof pino10, redactor)),
    ...(await winstonRows(redactor)),
  ]
}

/** One call logs every entry, so that a line is a fifth of it. */
function logAll(log: (data: object, message: string) => void): () => void {
  return () => {
    for (const [data, message] of ENTRIES) log(data, message)
  }
}

async function pinoRows(name: string, pino: typeof pino10, redactor: Redactor): Promise<readonly Row[]> {
  const destination = (): pino10.DestinationStream => pino.destination({ dest: '/dev/null', sync: true })
  const plain = pino(destination())
  const safe = pino(redactPino(redactor, {}), destination())
  return rows(`${name}, a line to /dev/null`, {
    plain: logAll((data, message) => plain.info(data, message)),
    safe: logAll((data, message) => safe.info(data, message)),
  })
}

async function winstonRows(redactor: Redactor): Promise<readonly Row[]> {
  const { combine, json, timestamp } = winston.format
  const descriptor = openSync('/dev/null', 'w')
  const stream = (): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        writeSync(descriptor, chunk)
        done()
      },
    })
  const works = (format?: winston.Logform.Format): { plain: () => void; safe: () => void } => {
    const log = (...last: winston.Logform.Format[]): (() => void) => {
      const transport = new winston.transports.Stream({ stream: stream(), ...(format && { format }) })
      const logger = winston.createLogger({ format: combine(timestamp(), json(), ...last), transports: [transport] })
      return logAll((data, message) => void logger.info(message, data))
    }
    return { plain: log(), safe: log(redactWinston(redactor) as winston.Logform.Format) }
  }
  const printed = await rows('winston 3, a line to /dev/null', works())
  // a transport with a format of its own copies the record, and so has all of it redacted
  const [read] = await rows('winston 3, a transport that reads the fields', works(json()))
  closeSync(descriptor)
  const { budget: _, met: __, ...unbudgeted } = read!
  return [...printed, unbudgeted]
}

async function rows(work: string, works: { plain: () => void; safe: () => void }): Promise<readonly Row[]> {
  const times = await byTurns(works)
  const line = (each: readonly number[]): string => shown(each.map((time) => time / ENTRIES.length))
  const ratio = timesAsLong(times.safe, times.plain)
  return [
    {
      work: `${work}, ${SECRETS} secrets, nothing to mask`,
      ratio: `${ratio.toFixed(2)} ×`,
      figure: `${line(times.safe)} against ${line(times.plain)}`,
      budget: `at most ${BUDGET} ×`,
      met: ratio <= BUDGET,
    },
  ]
}
