/** How real loggers let a value out (`cases/leak-paths.json`), each closed by the hook that sees everything. */

import { tracingChannel } from 'node:diagnostics_channel'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import bunyan from 'bunyan'
import { createConsola } from 'consola'
import Fastify from 'fastify'
import pino10 from 'pino'
import { pinoHttp } from 'pino-http'
import pino9 from 'pino9'
import { describe, expect, it, onTestFinished } from 'vitest'
import winston from 'winston'
import Transport from 'winston-transport'
import { redactPino, redactPinoTracing } from '../../src/log/pino.ts'
import { redactWinston } from '../../src/log/winston.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, expectNo, shown, skipIfPolluted, TRICKY, VALUE } from '../log/capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

/** One GET of a loopback server, whose answer is thrown away. */
async function get(handle: RequestListener, path: string, headers: Record<string, string> = {}): Promise<void> {
  const server = createServer(handle)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text()
}

describe.each([
  ['9', pino9 as unknown as typeof pino10],
  ['10', pino10],
])('pino %s', (_, pino) => {
  it('LP-003 masks what a mixin adds', () => {
    const out = new Capture()
    pino(redactPino(redactor, { mixin: () => ({ m: VALUE }) }), out).info('x')
    expect(out.records).toMatchObject([{ m: '[secret:token]' }])
  })

  it('LP-005 masks for a child with redact options of its own', () => {
    const out = new Capture()
    pino(redactPino(redactor, { redact: ['t'] }), out)
      .child({}, { redact: ['zz'] })
      .info({ t: VALUE })
    expect(out.records).toMatchObject([{ t: '[secret:token]' }])
  })

  it('LP-008 masks what a stream with metadata reads beside the line', () => {
    const read: unknown[] = []
    const stream = {
      [Symbol.for('pino.metadata')]: true,
      write(this: { lastObj?: unknown; lastMsg?: unknown }) {
        read.push(this.lastObj, this.lastMsg)
      },
    }
    redactPino(redactor, pino({}, stream))
      .child({ bound: VALUE })
      .info({ a: { b: VALUE } }, VALUE)
    expect(read).toEqual([{ a: { b: '[secret:token]' } }, '[secret:token]'])
  })

  /** What an agent on the diagnostics channel of pino reads while a logger without any hook writes. */
  function tapped(act: (logger: pino10.Logger) => void): { readonly out: Capture; readonly read: unknown[] } {
    const channel = tracingChannel<unknown, { arguments: ArrayLike<unknown>; result?: unknown; error?: unknown }>(
      'pino_asJson',
    )
    const read: unknown[] = []
    const nothing = (): void => {}
    const handlers = {
      start: (trace: { arguments: ArrayLike<unknown> }) => void read.push([...Array.from(trace.arguments)].slice(0, 2)),
      end: (trace: { result?: unknown }) => void read.push(trace.result),
      error: (trace: { error?: unknown }) => void read.push(trace.error),
      asyncStart: nothing,
      asyncEnd: nothing,
    }
    const stop = redactPinoTracing(redactor)
    channel.subscribe(handlers)
    const out = new Capture()
    try {
      act(pino(out))
    } finally {
      channel.unsubscribe(handlers)
      stop()
    }
    return { out, read }
  }

  it('LP-009 masks what agents on the diagnostics channel read, and leaves the line to the hook', () => {
    const { out, read } = tapped((logger) => logger.child({ bound: TRICKY }).info({ a: VALUE }, `m ${VALUE}`))
    expectNo(VALUE, read)
    expectNo(TRICKY, read)
    expect(read[0]).toEqual([{ a: '[secret:token]' }, 'm [secret:token]'])
    expect(JSON.parse(read[1] as string)).toMatchObject({ a: '[secret:token]', bound: '[secret:tricky]' })
    expect(out.records).toMatchObject([{ a: VALUE }])
  })

  it('LP-009 masks the error of a serializer there', () => {
    const { read } = tapped((logger) => {
      const failing = logger.child({}, { serializers: { a: (given: string) => JSON.parse(`!${given}`) } })
      expect(() => failing.info({ a: VALUE })).toThrow(SyntaxError)
    })
    expectNo(VALUE, read)
    expect(read.some((each) => each instanceof SyntaxError)).toBe(true)
  })

  it('LP-011 masks there also when asJson of the logger is replaced', () => {
    const { read } = tapped((logger) => {
      const { asJsonSym } = pino.symbols as unknown as Record<string, keyof pino10.Logger>
      const asJson = logger[asJsonSym!] as (...given: unknown[]) => string
      Object.assign(logger, { [asJsonSym!]: (...given: unknown[]) => redactor.json(asJson.apply(logger, given)) })
      logger.info({ a: VALUE })
    })
    expectNo(VALUE, read)
  })

  it('LP-014 masks bindings that are passed through the redactor before they are kept', () => {
    const bindings = pino(new Capture()).child({ t: VALUE }).bindings()
    expect(redactor.value(bindings)).toMatchObject({ t: '[secret:token]' })
  })

  it('LP-015 writes valid JSON where a number is a value', () => {
    const out = new Capture()
    const numbers = createRedactor({ secrets: { pin: '12345678' } })
    pino(redactPino(numbers), out).info({ n: 12345678, list: [12345678], text: 'x 12345678' })
    expect(out.records).toMatchObject([{ n: '[secret:pin]', list: ['[secret:pin]'], text: 'x [secret:pin]' }])
  })

  it('LP-016 masks the headers that pino-http logs', async () => {
    const out = new Capture()
    const log = pinoHttp({ logger: redactPino(redactor, pino(out)) })
    await get((request, response) => void log(request, response, () => response.end()), '/', {
      authorization: `Bearer ${VALUE}`,
      cookie: `session=${encodeURIComponent(TRICKY)}`,
    })
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    expect(out.records[0]).toMatchObject({ req: { headers: { authorization: 'Bearer [secret:token]' } } })
  })

  it('LP-017 masks the URL and the errors that Fastify logs', async (context) => {
    skipIfPolluted(context)
    const out = new Capture()
    const app = Fastify({ loggerInstance: redactPino(redactor, pino(out)) })
    app.get('/fail', () => {
      throw new Error(VALUE)
    })
    await app.inject(`/fail?token=${encodeURIComponent(TRICKY)}`)
    await app.close()
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    expect(out.records[0]).toMatchObject({ req: { url: '/fail?token=[secret:tricky]' } })
    expect(out.records[1]).toMatchObject({ err: { type: 'Error', message: '[secret:token]' } })
  })
})

describe('pino-http and Fastify with options', () => {
  it('LP-016 LP-017 take them with the hook in it', async (context) => {
    skipIfPolluted(context)
    const out = new Capture()
    const log = pinoHttp(redactPino(redactor, { level: 'info' }), out)
    await get((request, response) => void log(request, response, () => response.end()), `/?k=${VALUE}`)
    const app = Fastify({ logger: redactPino(redactor, { level: 'info', stream: out }) })
    await app.inject({ url: `/?k=${VALUE}`, headers: { authorization: VALUE } })
    await app.close()
    expectNo(VALUE, out.text)
    expect(out.records.length).toBeGreaterThan(2)
  })
})

describe('winston', () => {
  const { combine, errors, json } = winston.format

  it('LP-020 masks for transports that read fields and symbols instead of the line', () => {
    const read: object[] = []
    class Mongo extends Transport {
      override log(info: Record<PropertyKey, unknown>, next: () => void): void {
        read.push({ message: info['message'], meta: info['token'], splat: info[Symbol.for('splat')] })
        next()
      }
    }
    const logger = winston.createLogger({ format: combine(json(), redactWinston(redactor)), transports: [new Mongo()] })
    logger.info(`m ${VALUE}`, { token: VALUE })
    expect(read).toEqual([
      { message: 'm [secret:token]', meta: '[secret:token]', splat: [{ token: '[secret:token]' }] },
    ])
  })

  it('LP-022 masks what is logged of an uncaught exception: stack, error and the arguments of the process', () => {
    const out = new Capture()
    const format = combine(errors({ stack: true }), json(), redactWinston(redactor))
    const transport = new winston.transports.Stream({ stream: out, handleExceptions: true })
    const logger = winston.createLogger({ format, transports: [transport] })
    onTestFinished(() => logger.exceptions.unhandle())
    process.argv.push(`--token=${VALUE}`)
    try {
      logger.error(logger.exceptions.getAllInfo(new RangeError(TRICKY)) as unknown as object)
    } finally {
      process.argv.pop()
    }
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    expect(out.text).toContain('--token=[secret:token]')
    expect(out.text).toContain('RangeError: [secret:tricky]')
  })
})

describe('bunyan', () => {
  it('LP-025 masks keys that no serializer names', () => {
    const out = new Capture()
    const stream = { write: (line: string) => out.write(redactor.json(line)) }
    bunyan
      .createLogger({ name: 'app', stream: stream as never, serializers: { token: () => 'x' } })
      .info({ other: VALUE }, VALUE)
    expect(out.records).toMatchObject([{ other: '[secret:token]', msg: '[secret:token]' }])
  })

  it('LP-026 masks the record that a raw stream gets', () => {
    const read: unknown[] = []
    const stream = { write: (record: object) => void read.push(redactor.value(record)) }
    const logger = bunyan.createLogger({ name: 'app', streams: [{ type: 'raw', stream: stream as never }] })
    logger.error({ err: new TypeError(VALUE), a: { b: TRICKY } }, VALUE)
    expectNo(VALUE, read)
    expectNo(TRICKY, read)
    expect(read).toMatchObject([{ err: { name: 'TypeError', message: '[secret:token]' }, a: { b: '[secret:tricky]' } }])
  })
})

describe('consola', () => {
  it('LP-029 masks tags and errors in what a reporter gets', (context) => {
    skipIfPolluted(context)
    const read: unknown[] = []
    const reporter = { log: (entry: object) => void read.push(redactor.value(entry)) }
    createConsola({ reporters: [reporter] })
      .withTag(VALUE)
      .error(new TypeError(VALUE), { key: TRICKY })
    expectNo(VALUE, read)
    expectNo(TRICKY, read)
    expect(read).toMatchObject([{ tag: '[secret:token]', type: 'error' }])
    expect(shown(read)).toContain('TypeError: [secret:token]')
  })
})

describe('a logger without a leaf here', () => {
  it('LP-027 is masked after util.inspect has quoted the value (log4js)', () => {
    const line = inspect({ p: TRICKY, nested: [{ 'a b': `x ${TRICKY}` }] })
    expect(line).not.toContain(TRICKY)
    expectNo(TRICKY, redactor.text(line))
  })

  it.each([
    [
      'LP-033 in the name of a sub-logger (tslog)',
      { 0: 'x', _meta: { name: VALUE, parentNames: ['app', VALUE], logLevelId: 3 } },
    ],
    ['LP-034 in what a middleware is not shown (tslog)', { 0: 'x', other: { key: VALUE }, _meta: { name: VALUE } }],
    [
      'LP-037 in message parts and unlisted fields (LogTape)',
      {
        category: ['app', VALUE],
        message: ['m ', VALUE, ''],
        rawMessage: `m ${VALUE}`,
        properties: { other: VALUE },
        timestamp: 1,
      },
    ],
  ])('%s is masked in the whole record', (_, record) => {
    const masked = redactor.value(record)
    expectNo(VALUE, masked)
    expect(Object.keys(masked)).toEqual(Object.keys(record))
  })
})
