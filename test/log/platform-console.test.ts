/** A console that prints past the streams of the process, as in Bun and Deno, and one that prints through them. */

import { Console } from 'node:console'
import { format, inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { redactProcess } from '../../src/log/process.ts'
import { redactStdio } from '../../src/log/stdio.ts'
import { createRedactor } from '../../src/redact.ts'
import { leakProbe } from '../../src/testing/node.ts'
import { expectNo, VALUE } from './capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE } })

/** What was printed, by whichever way. */
let printed: string[]

beforeEach(() => {
  printed = []
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      printed.push(`${name} ${chunk}`)
      return true
    })
  }
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** Prints by no stream that a program could hook. */
function consoleOfItsOwn(): Console {
  const print = (...values: unknown[]): void => void printed.push(`console ${format(...values)}`)
  const methods = ['log', 'info', 'debug', 'error', 'warn', 'trace', 'dir', 'table', 'group', 'assert']
  return Object.fromEntries(methods.map((name) => [name, print])) as unknown as Console
}

/** The console in place of the global one until the test is over. */
function use(console: Console): Console {
  vi.stubGlobal('console', console)
  return console
}

describe('a console that prints past the streams', () => {
  it.each([
    ['redactStdio', () => redactStdio(redactor)],
    ['redactProcess', () => redactProcess(redactor)],
  ])('is redacted by %s', (_, redact) => {
    const console = use(consoleOfItsOwn())
    const { restore } = redact()
    onTestFinished(restore)
    for (const name of ['log', 'info', 'debug', 'error', 'warn', 'trace', 'dir', 'table', 'group'] as const) {
      console[name](`${name} ${VALUE}`)
      console[name]({ VALUE })
    }
    console.assert(false, VALUE)
    console.log('%s%s', VALUE.slice(0, 6), VALUE.slice(6))
    expect(printed).toHaveLength(20)
    expect(printed[0]).toBe('console log [secret:token]')
    expect(printed.at(-1)).toBe('console [secret:token]')
    expectNo(VALUE, printed.join('\n'))
  })

  it('is redacted where it also writes to a stream, such as the time', () => {
    const { log } = consoleOfItsOwn()
    const console = use({
      ...consoleOfItsOwn(),
      log(...values: unknown[]) {
        process.stdout.write('12:00 ')
        log(...values)
      },
    })
    onTestFinished(redactStdio(redactor).restore)
    for (const text of ['', '12:00 ', VALUE, VALUE]) console.log(text)
    expectNo(VALUE, printed.join('\n'))
  })

  it('gets its methods back, and prints as it is for one who kept ours', () => {
    const console = use(consoleOfItsOwn())
    const { log, table } = console
    const { restore } = redactStdio(redactor)
    const ours = console.log
    console.table = table // replaced in the meantime
    restore()
    ours(VALUE)
    expect([console.log, console.table]).toEqual([log, table])
    expect(printed).toEqual([`console ${VALUE}`])
  })

  it('is left alone for the stream that was not asked for', () => {
    const console = use(consoleOfItsOwn())
    onTestFinished(redactStdio(redactor, [process.stderr]).restore)
    console.log(VALUE)
    console.error(VALUE)
    expect(printed).toEqual([`console ${VALUE}`, 'console [secret:token]'])
  })

  it('is seen by the probe for leaks, each method under its stream', async () => {
    use(consoleOfItsOwn())
    const app = (): void => {
      console.error('bad', VALUE)
      console.log('%s%s', VALUE.slice(0, 6), VALUE.slice(6))
      console.assert(true, VALUE)
    }
    const { leaks } = await leakProbe({ key: VALUE }, app, { capture: ['stdout', 'stderr'] })
    expect(leaks.map(({ where }) => where).sort()).toEqual(['stderr', 'stdout'])
    const clean = await leakProbe({ key: VALUE }, () => console.assert(true, VALUE), { capture: ['stdout', 'stderr'] })
    expect(clean.leaks).toEqual([])
  })
})

describe('a console that prints through the streams', () => {
  it('is given what the caller gave once that is known', () => {
    const console = use(new Console(process.stdout, process.stderr))
    const seen: unknown[] = []
    console.log = (
      (log) =>
      (...values: unknown[]) => {
        seen.push(values.at(-1))
        log(...values)
      }
    )(console.log)
    onTestFinished(redactStdio(redactor).restore)
    const given = { VALUE }
    for (let call = 0; call < 2; call++) console.log('a %s %o', 'b', given)
    expect(seen[1]).toBe(given)
    const line = `stdout ${format('a %s %o', 'b', { VALUE: '[secret:token]' })}\n`
    expect(printed).toEqual([line, line])
  })

  it('prints a value in pieces masked, and indents groups', () => {
    const console = use(new Console(process.stdout, process.stderr))
    onTestFinished(redactStdio(redactor).restore)
    process.stdout.write(VALUE.slice(0, 6))
    console.log(VALUE.slice(6))
    console.group('g')
    console.log('x\ny')
    console.error(new Error(VALUE).message)
    expect(printed.join('')).toBe('stdout stdout [secret:token]\nstdout g\nstdout   x\n  y\nstderr   [secret:token]\n')
  })

  it('is seen by the probe once', async () => {
    use(new Console(process.stdout, process.stderr))
    const { leaks } = await leakProbe({ key: VALUE }, () => console.log(VALUE), { capture: ['stdout', 'stderr'] })
    expect(leaks.map(({ where }) => where)).toEqual(['stdout'])
  })

  it('prints what an object hides from the console as hidden', () => {
    const console = use(new Console(process.stdout, process.stderr))
    onTestFinished(redactStdio(redactor).restore)
    const hidden = { dsn: 'not-known', [inspect.custom]: () => 'Hidden(***)' }
    console.log(hidden)
    console.log(hidden)
    expect(printed).toEqual(['stdout Hidden(***)\n', 'stdout Hidden(***)\n'])
  })
})
