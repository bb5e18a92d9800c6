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

  it('routes by a level that is itself a known value', () => {
    const out = new Capture()
    const format = combine(json(), redactWinston(createRedactor({ secrets: { level: 'security-audit' } })))
    const transports = [new winston.transports.Stream({ stream: out })]
    const levels = { 'security-audit': 0 }
    winston.createLogger({ level: 'security-audit', levels, format, transports }).log('security-audit', 'x')
    expect(out.records).toEqual([{ level: '[secret:level]', message: 'x' }])
  })
})
