/** Misuse of the log helpers fails when they are set up: nothing is ever logged as plaintext because of swapped arguments. */

import { describe, expect, it } from 'vitest'
import { redactConsole } from '../../src/log/console.ts'
import { redactLogs, redactSpans } from '../../src/log/opentelemetry.ts'
import { redactPino, redactPinoTracing } from '../../src/log/pino.ts'
import { redactProcess } from '../../src/log/process.ts'
import { redactSentry } from '../../src/log/sentry.ts'
import { redactPipe, redactStdio } from '../../src/log/stdio.ts'
import { redactWinston } from '../../src/log/winston.ts'
import { createRedactor } from '../../src/redact.ts'

const redactor = createRedactor()
// as JavaScript sees them, without types
const helpers = {
  redactConsole,
  redactLogs,
  redactPino,
  redactPinoTracing,
  redactPipe,
  redactProcess,
  redactSentry,
  redactSpans,
  redactStdio,
  redactWinston,
} as unknown as Record<string, (...given: unknown[]) => unknown>

/** What a second argument of each helper may be; undefined for one that takes none. */
const seconds: Record<string, unknown> = {
  redactConsole: console,
  redactLogs: { onEmit() {}, shutdown() {}, forceFlush() {} },
  redactPino: { level: 'info' },
  redactPipe: { holdMs: 1 },
  redactProcess: { holdMs: 1 },
  redactSentry: { dsn: 'x' },
  redactSpans: { export() {}, shutdown() {} },
  redactStdio: [],
}

describe.each(Object.keys(helpers))('%s', (name) => {
  const helper = helpers[name]!
  const refused = expect.objectContaining({
    code: 'ERR_INVALID_INPUT',
    message: expect.stringContaining(`call ${name}(redactor`),
  })

  it('refuses swapped arguments and says the right order', () => {
    expect(() => helper(seconds[name] ?? {}, redactor)).toThrow(refused)
  })

  it.each([undefined, null, 'x', 1, () => 1, {}, [], { text: String }, new Proxy({}, {})])(
    'refuses %j in place of a redactor',
    (given) => {
      expect(() => helper(given, seconds[name])).toThrow(refused)
    },
  )

  it('takes a redactor that learns nothing', () => {
    const { add: _, remove: __, ...readonly } = redactor
    const made = helper(readonly, seconds[name]) as { restore?(): void } | undefined
    made?.restore?.()
  })

  it.each([null, 'x', 1, [null], { write() {} }, redactor.text])('refuses the second argument %j', (given) => {
    const isPlain = typeof given === 'object' && given !== null
    // any object can be options or a console, and some helpers take one argument only
    if (!(name in seconds) || (isPlain && ['redactConsole', 'redactPino', 'redactSentry'].includes(name))) return
    expect(() => helper(redactor, given)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
  })
})

it.each([
  ['redactPino', { hooks: { streamWrite: redactor } }],
  ['redactSentry', { beforeSend: redactor }],
  ['redactSentry', { integrations: {} }],
])('%s refuses an option that its logger would drop', (name, options) => {
  expect(() => helpers[name]!(redactor, options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_INPUT' }))
})
