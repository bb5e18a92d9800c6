import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import fc from 'fast-check'
import pino10 from 'pino'
import pino9 from 'pino9'
import { describe, expect, it } from 'vitest'
import { redactPino, redactPinoTracing } from '../../src/log/pino.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, expectNo, TRICKY, VALUE } from './capture.ts'

describe.each([
  ['9', pino9 as unknown as typeof pino10],
  ['10', pino10],
])('pino %s', (_, pino) => {
  const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

  it('writes masked lines from given options', () => {
    const out = new Capture()
    const logger = pino(redactPino(redactor, { base: { key: VALUE }, msgPrefix: `${VALUE} ` }), out)
    logger.info({ [VALUE]: TRICKY, nested: [{ a: VALUE }], err: new Error(TRICKY) }, 'hello %s %j', VALUE, { TRICKY })
    logger.child({ bound: VALUE }).warn(new TypeError(VALUE))
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    expect(out.records[0]).toMatchObject({ key: '[secret:token]', nested: [{ a: '[secret:token]' }], level: 30 })
    expect(out.records[1]).toMatchObject({ bound: '[secret:token]', err: { type: 'TypeError' } })
  })

  it('gives the hook alone without options', () => {
    const out = new Capture()
    pino({ level: 'debug', ...redactPino(redactor) }, out).debug(VALUE)
    expect(out.records).toMatchObject([{ level: 20, msg: '[secret:token]' }])
  })

  it('runs a hook of the caller first, keeps the others, and leaves the options alone', () => {
    const out = new Capture()
    const seen: string[] = []
    const options = {
      hooks: {
        logMethod(this: pino10.Logger, given: Parameters<pino10.LogFn>, method: pino10.LogFn) {
          seen.push(given[0] as unknown as string)
          method.apply(this, given)
        },
        streamWrite: (line: string) => line.replace('placeholder', VALUE),
      },
    }
    const before = { ...options.hooks }
    pino(redactPino(redactor, options), out).info('placeholder')
    expect(out.records).toMatchObject([{ msg: '[secret:token]' }])
    expect(seen).toEqual(['placeholder'])
    expect(options.hooks).toEqual(before)
  })

  it('hooks a logger that is there, its children of before and after, and no other logger', () => {
    const out = new Capture()
    const elsewhere = new Capture()
    const logger = pino(out)
    const early = logger.child({ early: VALUE })
    expect(redactPino(redactor, logger)).toBe(logger)
    for (const each of [logger, early, logger.child({ late: VALUE })]) each.info(VALUE)
    pino(elsewhere).info(VALUE)
    expectNo(VALUE, out.text)
    expect(out.records).toHaveLength(3)
    expect(elsewhere.records).toMatchObject([{ msg: VALUE }])
  })

  it('hooks a child without its parent', () => {
    const out = new Capture()
    const parent = pino(out)
    redactPino(redactor, parent.child({})).info(VALUE)
    parent.info(VALUE)
    expect(out.records).toMatchObject([{ msg: '[secret:token]' }, { msg: VALUE }])
  })

  it('knows what was learned after the logger was made', () => {
    const out = new Capture()
    const late = createRedactor()
    const logger = pino(redactPino(late), out)
    late.add('late', VALUE)
    logger.info(VALUE)
    expect(out.records).toMatchObject([{ msg: '[secret:late]' }])
  })

  it('writes valid JSON without the value, whatever is logged', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.string(),
        fc.constantFrom(VALUE, TRICKY, '98765432109876543210'),
        (logged, text, value) => {
          const out = new Capture()
          const all = createRedactor({ secrets: { value } })
          const logger = pino(redactPino(all), out)
          logger.info({ logged, [`${text}${value}`]: value, number: Number(value) || 0 }, `${text}${value}${text}`)
          expect(out.records).toHaveLength(1)
          expectNo(value, out.text)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('cleans the diagnostics channel of pino until it is told to end', () => {
    const read: unknown[] = []
    const agent = (trace: unknown): void => void read.push((trace as { result: string }).result)
    const stop = redactPinoTracing(redactor)
    subscribe('tracing:pino_asJson:end', agent)
    const logger = pino({ base: null, timestamp: false }, new Capture())
    logger.info(VALUE)
    stop()
    logger.info(VALUE)
    unsubscribe('tracing:pino_asJson:end', agent)
    const line = (msg: string): string => `{"level":30,"msg":"${msg}"}\n`
    expect(read).toEqual([line('[secret:token]'), line(VALUE)])
  })

  it('lets an application log through many streams, one of which reads metadata', () => {
    const out = new Capture()
    const read: unknown[] = []
    const reader = {
      [Symbol.for('pino.metadata')]: true,
      write(this: { lastObj?: unknown; lastMsg?: unknown; lastLevel?: number }) {
        read.push([this.lastObj, this.lastMsg, this.lastLevel])
      },
    }
    const streams = pino.multistream([{ stream: out }, { stream: reader }])
    redactPino(redactor, pino({}, streams)).info({ a: VALUE }, VALUE)
    expect(read).toEqual([[{ a: '[secret:token]' }, '[secret:token]', 30]])
    expectNo(VALUE, out.text)
  })

  it('adds what another redactor knows, also for a stream that reads metadata', () => {
    const read: unknown[] = []
    const stream = {
      [Symbol.for('pino.metadata')]: true,
      write(this: { lastObj?: unknown; lastMsg?: unknown }, line: string) {
        read.push(line, this.lastObj, this.lastMsg)
      },
    }
    const logger = redactPino(redactor, pino({}, stream))
    redactPino(createRedactor({ secrets: { other: 'other-long-pw-1' } }), logger)
    logger.info({ both: `${VALUE} other-long-pw-1` }, `${VALUE} other-long-pw-1`)
    const both = '[secret:token] [secret:other]'
    expect(read).toEqual([expect.stringContaining(`"both":"${both}","msg":"${both}"`), { both }, both])
  })
})
