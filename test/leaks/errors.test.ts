/** How errors and plain structures let a value out (`cases/leak-paths.json`): `redactor.value` leaves nothing in them. */

import { execFile, spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { execa, execaSync } from 'execa'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createRedactor } from '../../src/redact.ts'
import { expectNo, shown, skipIfPolluted, TRICKY, VALUE } from '../log/capture.ts'

const redactor = createRedactor({ secrets: { token: VALUE, tricky: TRICKY } })

/** What the call throws or rejects with. */
async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Redacts the error and asserts that its class, code and frames are still there and no value is. */
function expectSafe<T extends Error>(error: T, { leaks = [VALUE] }: { leaks?: string[] } = {}): T {
  const before = shown(error)
  for (const value of leaks) {
    expect(before.includes(value) || before.includes(JSON.stringify(value).slice(1, -1)), 'it leaks at all').toBe(true)
  }
  const safe = redactor.value(error)
  for (const value of [VALUE, TRICKY]) expectNo(value, safe)
  expect(safe).not.toBe(error)
  expect(safe).toBeInstanceOf(error.constructor)
  expect(safe.name).toBe(error.name)
  expect((safe as { code?: unknown }).code).toBe((error as { code?: unknown }).code)
  const frames = (stack = ''): string[] => stack.split('\n').filter((line) => /^ {4}at /.test(line))
  expect(frames(safe.stack)).toEqual(frames(error.stack).map(redactor.text))
  return safe
}

describe('errors of child processes', () => {
  const fail = ['-e', 'process.stderr.write(process.argv[1]); process.exit(3)']

  it('LP-088 execFile and exec: message, cmd, stdout and stderr', async () => {
    const error = await errorOf(() => promisify(execFile)(process.execPath, [...fail, VALUE]))
    const safe = expectSafe(error) as Error & { cmd: string; stderr: string; code: number }
    expect(safe.message).toContain('Command failed: ')
    expect(safe).toMatchObject({ code: 3, stderr: '[secret:token]', killed: false })
    expect(safe.cmd).toContain('[secret:token]')
  })

  it('LP-088 a program that is not there', () => {
    const { error } = spawnSync('/nowhere/program', [VALUE])
    const safe = expectSafe(error!) as NodeJS.ErrnoException & { spawnargs: string[] }
    expect(safe).toMatchObject({ code: 'ENOENT', spawnargs: ['[secret:token]'] })
  })

  it('LP-092 execa: command, escapedCommand, message, output and cause', async () => {
    const run = [...fail, TRICKY]
    const error = await errorOf(() => execa(process.execPath, run, { env: { KEY: VALUE } }))
    const safe = expectSafe(error, { leaks: [TRICKY] }) as Error & Record<string, unknown>
    expect(safe).toMatchObject({ exitCode: 3, failed: true, stderr: '[secret:tricky]' })
    expect(safe['command']).toContain('[secret:tricky]')
    expectSafe(await errorOf(() => execaSync(process.execPath, [...fail, VALUE])))
  })
})

describe('errors that quote what they were given', () => {
  it('LP-095 JSON.parse, where it quotes all of a short text', async () => {
    const quotes = createRedactor({ secrets: { pin: 'pin-4711' } })
    const error = await errorOf(() => JSON.parse('pin-4711'))
    expect(error.message).toContain('pin-4711')
    const safe = quotes.value(error)
    expectNo('pin-4711', safe)
    expect(safe).toBeInstanceOf(SyntaxError)
  })

  it('LP-095 JSON.parse, where it quotes the beginning, with the option for truncated values', async () => {
    const error = await errorOf(() => JSON.parse(`${VALUE} and more text behind it`))
    const cut = createRedactor({ secrets: { token: VALUE }, truncated: { prefix: 8 } })
    const { message } = cut.value(error)
    expect(error.message).toContain(VALUE.slice(0, 10))
    expect(message).not.toContain(VALUE.slice(0, 8))
  })

  it.each<[string, () => unknown]>([
    ['RegExp', () => new RegExp(`(${VALUE}`)],
    ['fs', () => readFileSync(`/nowhere/${VALUE}`)],
    ['require', () => createRequire(import.meta.url)(`./nowhere/${VALUE}.js`)],
    ['import', () => import(/* @vite-ignore */ `data:text/javascript,throw new TypeError("${VALUE}")`)],
    ['net', () => connect({ port: VALUE as unknown as number, host: '127.0.0.1' })],
    ['timers', () => setTimeout(VALUE as unknown as () => void)],
    ['dns', () => lookup(`${VALUE}.invalid`)],
    ['URL', () => new URL(VALUE)],
    ['structuredClone', () => structuredClone(Symbol(VALUE))],
    ['headers', () => new Headers({ 'x-key': `${VALUE}\nx` })],
  ])('LP-104 %s', async (_, call) => {
    expectSafe(await errorOf(call))
  })
})

describe('errors of validators', () => {
  it('LP-096 zod: unrecognized keys, and input where it is reported', (context) => {
    skipIfPolluted(context)
    const strict = z.strictObject({}).safeParse({ [VALUE]: 1 }).error!
    const reported = z.object({ n: z.number() }).safeParse({ n: VALUE }, { reportInput: true }).error!
    for (const error of [strict, reported]) {
      const safe = expectSafe(error as unknown as Error) as unknown as z.ZodError
      expect(safe.issues[0]!.code).toBe(error.issues[0]!.code)
    }
  })

  it('LP-097 joi: an error with the original and the context of each detail', () => {
    class ValidationError extends Error {
      override readonly name = 'ValidationError'
      readonly isJoi = true
      readonly _original = { t: VALUE }
      readonly details = [{ message: `"t" ${VALUE}`, path: ['t'], type: 'any', context: { value: VALUE, key: 't' } }]
    }
    const safe = expectSafe(new ValidationError(`"t" ${VALUE} is not allowed`))
    expect(safe).toMatchObject({ isJoi: true, _original: { t: '[secret:token]' }, details: [{ path: ['t'] }] })
  })
})

describe('structures', () => {
  it('LP-102 Map, Set, a class with private fields and toJSON, getters', () => {
    class Session {
      readonly #key = VALUE
      toJSON(): object {
        return { key: this.#key }
      }
    }
    class Lazy {
      get key(): string {
        return VALUE
      }
    }
    const own = Object.defineProperty({}, 'key', { get: () => VALUE, enumerable: true })
    const safe = redactor.value({
      map: new Map([[VALUE, { a: new Set([VALUE]) }]]),
      list: [new Session(), new Lazy()],
      own,
    })
    expectNo(VALUE, safe)
    expect(JSON.parse(JSON.stringify(safe))).toMatchObject({ own: { key: '[secret:token]' } })
    expect(safe.map.get('[secret:token]')).toEqual({ a: new Set(['[secret:token]']) })
  })

  it('LP-103 buffers and typed arrays, printed as hex pairs and as numbers', () => {
    const bytes = Buffer.from(`a ${VALUE}`)
    const safe = redactor.value({ bytes, plain: new Uint8Array(bytes), json: bytes.toJSON(), buffer: bytes.buffer })
    expectNo(VALUE, safe)
    expectNo(VALUE, redactor.text(shown({ bytes, json: bytes.toJSON() })))
  })

  it('LP-105 keys', () => {
    const safe = redactor.value({ [VALUE]: 1, nested: [{ [`x-${VALUE}`]: { [VALUE]: 2 } }] })
    expect(safe).toEqual({ '[secret:token]': 1, nested: [{ 'x-[secret:token]': { '[secret:token]': 2 } }] })
  })
})

describe('errors inside errors', () => {
  it('are safe along causes and aggregates, cycles included', () => {
    const inner = Object.assign(new RangeError(VALUE), { code: 'E_INNER', url: new URL(`https://h/?k=${VALUE}`) })
    const outer = new AggregateError([inner, TRICKY, new TypeError('x', { cause: inner })], `all ${VALUE}`, {
      cause: inner,
    })
    Object.assign(inner, { parent: outer })
    const safe = expectSafe(outer)
    expect(safe.errors).toHaveLength(3)
    expect(safe.errors[0]).toBeInstanceOf(RangeError)
    expect(safe.errors[0]).toMatchObject({
      code: 'E_INNER',
      message: '[secret:token]',
      url: 'https://h/?k=[secret:token]',
    })
    expect(safe.errors[0].parent).toBe(safe)
    expect(safe.cause).toBe(safe.errors[0])
    expect(safe.errors[2].cause).toBe(safe.cause)
    expect(inner.message).toBe(VALUE)
  })
})
