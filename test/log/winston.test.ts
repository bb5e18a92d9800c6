import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import winston from 'winston'
import Transport from 'winston-transport'
import { redactWinston } from '../../src/log/winston.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, expectNo, TRICKY, VALUE } from './capture.ts'

const { combine, errors, json, printf, simple, splat } = winston.format

/** A transport that reads the record, as those for databases do. */
class Reader extends Transport {
  readonly read: object[] = []

  override log(info: object, next: () => void): void {
    this.read.push(info)
    next()
  }
}

describe('redactWinston', () => {
  const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY, number: '12345678' } })

  it('masks the printed line and keeps it valid JSON', () => {
    const out = new Capture()
    const logger = winston.createLogger({
      format: combine(errors({ stack: true }), splat(), json(), redactWinston(redactor)),
      transports: [new winston.transports.Stream({ stream: out })],
      defaultMeta: { service: VALUE },
    })
    logger.info(`hello ${VALUE}`, { [VALUE]: TRICKY, n: 12345678 })
    logger.child({ bound: TRICKY }).error(new Error(VALUE))
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    expect(out.records[0]).toMatchObject({ level: 'info', message: 'hello [secret:token]', n: '[secret:number]' })
    expect(out.records[1]).toMatchObject({ level: 'error', bound: '[secret:tricky]', service: '[secret:token]' })
  })

  it('masks what transports read, symbols included, and leaves the given object alone', () => {
    const reader = new Reader()
    const logger = winston.createLogger({ format: combine(json(), redactWinston(redactor)), transports: [reader] })
    const meta = { deep: { token: VALUE }, list: [TRICKY] }
    logger.info('hi', meta)
    logger.info('hi %s', VALUE, meta)
    expectNo(VALUE, reader.read)
    expectNo(TRICKY, reader.read)
    const masked = { deep: { token: '[secret:token]' }, list: ['[secret:tricky]'] }
    expect(reader.read[0]).toMatchObject({ [Symbol.for('level')]: 'info', [Symbol.for('splat')]: [masked], ...masked })
    expect(reader.read[1]).toMatchObject({ [Symbol.for('splat')]: ['[secret:token]', masked] })
    expect(meta).toEqual({ deep: { token: VALUE }, list: [TRICKY] })
  })

  it('stands before the format of a transport', () => {
    const out = new Capture()
    const format = printf(({ level, message, key }) => `${level}|${message}|${key}`)
    const logger = winston.createLogger({
      format: redactWinston(redactor),
      transports: [new winston.transports.Stream({ stream: out, format })],
    })
    logger.warn('x', { key: VALUE })
    expect(out.text.trim()).toBe('warn|x|[secret:token]')
  })

  it('redacts a line that is no JSON as text', () => {
    const out = new Capture()
    const transports = [new winston.transports.Stream({ stream: out })]
    winston.createLogger({ format: combine(simple(), redactWinston(redactor)), transports }).info(VALUE)
    expect(out.text.trim()).toBe('info: [secret:token]')
  })

  it('keeps an error that is logged itself an error', () => {
    const reader = new Reader()
    const logger = winston.createLogger({ format: redactWinston(redactor), transports: [reader] })
    logger.log(Object.assign(new TypeError(VALUE), { level: 'error' }))
    const [error] = reader.read as (Error & Record<symbol, unknown>)[]
    expect(error).toBeInstanceOf(TypeError)
    expect(error!.message).toBe('[secret:token]')
    expect(error![Symbol.for('level')]).toBe('error')
    expectNo(VALUE, error)
  })

  it('masks a line that is not text', () => {
    const line = redactWinston(redactor).transform({ level: 'info', [Symbol.for('message')]: { text: VALUE } })
    expect(line).toEqual({ level: 'info', [Symbol.for('message')]: { text: '[secret:token]' } })
  })

  describe('a record that is redacted when somebody looks', () => {
    const LINE = Symbol.for('message')
    const { transform } = redactWinston(redactor)
    const given = (): Record<PropertyKey, unknown> => ({
      level: 'info',
      message: VALUE,
      deep: { key: TRICKY },
      [LINE]: `{"message":"${VALUE}"}`,
    })
    const masked = {
      level: 'info',
      message: '[secret:token]',
      deep: { key: '[secret:tricky]' },
      [LINE]: '{"message":"[secret:token]"}',
    }

    it.each<[string, (info: Record<PropertyKey, unknown>) => unknown, unknown]>([
      ['spread', (info) => ({ ...info }), masked],
      ['Object.assign', (info) => Object.assign({}, info), masked],
      ['JSON', (info) => JSON.stringify(info), JSON.stringify(masked)],
      ['util.inspect', (info) => inspect(info), inspect(masked)],
      ['util.inspect, twice', (info) => [info, { info }].map((each) => inspect(each))[1], inspect({ info: masked })],
      ['keys', (info) => Reflect.ownKeys(info), Reflect.ownKeys(masked)],
      ['one property', (info) => info['deep'], masked.deep],
      ['the line', (info) => info[LINE], masked[LINE]],
      ['what is not there', (info) => info['exception'], undefined],
      ['in', (info) => ['deep' in info, 'exception' in info], [true, false]],
      ['change', (info) => ({ ...Object.assign(info, { level: 'warn' }) }), { ...masked, level: 'warn' }],
      ['removal', (info) => Reflect.deleteProperty(info, 'deep') && Object.keys(info), ['level', 'message']],
      ['freezing', (info) => [{ ...Object.freeze(info) }, Object.isFrozen(info)], [masked, true]],
      ['prototype', (info) => Object.getPrototypeOf(info), Object.prototype],
    ])('shows nothing by %s', (_, look, expected) => {
      const copy = transform(given())
      expect(look(copy)).toEqual(expected)
      expectNo(VALUE, copy)
      expectNo(TRICKY, copy)
    })

    it('masks what was added to its objects, or learned, after it was logged', () => {
      const late = createRedactor()
      const info = { level: 'info', context: {} }
      const copy = redactWinston(late).transform(info)
      Object.assign(info.context, { key: VALUE })
      late.add('late', VALUE)
      expect(copy.context).toEqual({ key: '[secret:late]' })
    })

    it('keeps a key named __proto__ data', () => {
      const copy = transform(JSON.parse('{"level":"info","__proto__":{"polluted":true}}') as object)
      expect(Object.keys(copy)).toEqual(['level', '__proto__'])
      expect('polluted' in copy).toBe(false)
    })
  })

  it('routes by a level that is itself a known value', () => {
    const out = new Capture()
    const format = combine(json(), redactWinston(createRedactor({ secrets: { level: 'security-audit' } })))
    const transports = [new winston.transports.Stream({ stream: out })]
    const levels = { 'security-audit': 0 }
    winston.createLogger({ level: 'security-audit', levels, format, transports }).log('security-audit', 'x')
    expect(out.records).toEqual([{ level: '[secret:level]', message: 'x' }])
  })
})
