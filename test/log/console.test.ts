import { Console } from 'node:console'
import { describe, expect, it } from 'vitest'
import { redactConsole } from '../../src/log/console.ts'
import { createRedactor } from '../../src/redact.ts'
import { Capture, expectNo, TRICKY, VALUE } from './capture.ts'

describe('redactConsole', () => {
  const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

  it('masks every argument of every method', () => {
    const out = new Capture()
    const target = new Console({ stdout: out, stderr: out })
    const safe = redactConsole(redactor, target)
    class Client {
      key = VALUE
    }
    safe.log('%s %o', VALUE, { TRICKY }, [VALUE], new Map([[VALUE, TRICKY]]))
    safe.info(`a ${VALUE}`)
    safe.debug({ url: `https://h/?k=${encodeURIComponent(TRICKY)}` })
    safe.warn(Buffer.from(VALUE))
    safe.error(new TypeError(VALUE, { cause: new Error(TRICKY) }))
    safe.dir({ a: { b: { c: { d: VALUE } } } }, { depth: 9 })
    safe.table([{ key: VALUE }])
    safe.trace(VALUE)
    safe.assert(false, VALUE)
    safe.count(VALUE)
    safe.group(VALUE)
    safe.log(new Client())
    safe.groupEnd()
    safe.time(VALUE)
    safe.timeLog(VALUE)
    safe.timeEnd(VALUE)
    expectNo(VALUE, out.text)
    expectNo(TRICKY, out.text)
    for (const text of ['TypeError: [secret:token]', "Client { key: '[secret:token]' }", 'Trace: [secret:token]']) {
      expect(out.text).toContain(text)
    }
  })

  it('prints what it is given where nothing is known', () => {
    const out = new Capture()
    const safe = redactConsole(redactor, new Console(out))
    safe.log('%d%% of %s', 50, 'all', { a: [1, true, null, undefined] })
    expect(out.text).toBe('50% of all { a: [ 1, true, null, undefined ] }\n')
  })

  it('prints the mask of a number where the format asks for one', () => {
    const out = new Capture()
    const safe = redactConsole(createRedactor({ secrets: { n: '12345678' } }), new Console(out))
    safe.log('100%% %d items, %i, %f, %d of %s', 12345678, 12345678n, 12345678, 5, 'x', 12345678)
    expect(out.text).toBe("100% [secret:n] items, [secret:n], [secret:n], 5 of x '[secret:n]'\n".replaceAll("'", ''))
  })

  it('prints by the console of the platform, as it is at each call, and changes nothing there', () => {
    const before = Object.getOwnPropertyDescriptors(globalThis.console)
    const safe = redactConsole(redactor)
    expect(Object.getOwnPropertyDescriptors(globalThis.console)).toEqual(before)
    const printed: unknown[] = []
    const original = globalThis.console.log
    globalThis.console.log = (...values) => printed.push(values)
    try {
      safe.log(VALUE, 1)
    } finally {
      globalThis.console.log = original
    }
    expect(printed).toEqual([['[secret:token]', 1]])
  })

  it('has the methods of a class, and nothing by which the original could be reached', () => {
    class Own {
      readonly lines: unknown[] = []
      get stream(): unknown {
        return this.lines
      }
      log(line: string): number {
        return this.lines.push(line)
      }
    }
    const own = new Own()
    const safe = redactConsole(redactor, own)
    expect(safe.log(VALUE)).toBe(1)
    expect(own.lines).toEqual(['[secret:token]'])
    expect(Object.keys(safe)).toEqual(['log'])
    expect(safe.constructor).toBe(Object)
  })

  it('redacts for any console without a prototype', () => {
    const printed: unknown[] = []
    const bare = Object.assign(Object.create(null) as { log(text: string): void }, {
      log: (text: string) => void printed.push(text),
    })
    redactConsole(redactor, bare).log(VALUE)
    expect(printed).toEqual(['[secret:token]'])
  })
})
