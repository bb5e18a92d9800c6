/** Misuse of the log helpers fails when they are set up: nothing is ever logged as plaintext because of swapped arguments. */

import { describe, expect, it } from 'vitest'
import { redactConsole } from '../../src/log/console.ts'
import { redactLogs, redactSpans } from '../../src/log/opentelemetry.ts'
import { redactPino, redactPinoTracing } from '../../src/log/pino.ts'
import { redactProcess } from '../../src/log/process.ts'
import { redactSentry } from '../../src/log/sentry.ts'
import { redactPipe, redactStdio } from '../../src/log/stdio.ts'
import { redactWinston } from '../../src/log/winston.ts'
import { createRedactor, type ReadonlyRedactor } from '../../src/redact.ts'
import { Capture, VALUE } from './capture.ts'

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

/** What each helper makes of the value; redactPinoTracing and redactProcess have tests of their own. */
const writers: Record<string, (redactor: ReadonlyRedactor) => unknown> = {
  redactConsole: (given) => redactConsole(given, { log: (text: string) => text }).log(VALUE),
  redactLogs(given) {
    const seen: unknown[] = []
    const processor = {
      ...(seconds['redactLogs'] as object),
      onEmit: (record: { body: unknown }) => seen.push(record.body),
    }
    redactLogs(given, processor as never).onEmit({ body: VALUE, attributes: {}, resource: { attributes: {} } })
    return seen
  },
  redactPino: (given) => redactPino(given).hooks.streamWrite(`{"key":"${VALUE}"}`),
  redactPipe(given) {
    const pipe = redactPipe(given)
    pipe.end(VALUE)
    return String(pipe.read())
  },
  redactSentry: (given) =>
    (redactSentry(given) as { beforeSend(event: object, hint: object): unknown }).beforeSend({ message: VALUE }, {}),
  redactSpans(given) {
    const seen: unknown[] = []
    const exporter = {
      ...(seconds['redactSpans'] as object),
      export: (spans: { name: string }[]) => seen.push(spans[0]!.name),
    }
    const rest = { attributes: {}, status: {}, events: [], links: [], resource: { attributes: {} } }
    redactSpans(given, exporter as never).export([{ name: VALUE, ...rest }], () => undefined)
    return seen
  },
  redactStdio(given) {
    const out = new Capture()
    const { restore } = redactStdio(given, [out])
    out.write(VALUE)
    restore()
    return out.text
  },
  redactWinston: (given) => redactWinston(given).transform({ message: VALUE }),
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

  it('takes a redactor that learns nothing, and masks with it', () => {
    const { add: _, remove: __, ...readonly } = createRedactor({ secrets: { token: VALUE } })
    const made = helper(readonly, seconds[name]) as { restore?(): void } | undefined
    made?.restore?.()
    const written = JSON.stringify(writers[name]?.(readonly))
    if (name in writers) expect(written).toContain('[secret:token]')
    expect(`${written}`).not.toContain(VALUE)
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
