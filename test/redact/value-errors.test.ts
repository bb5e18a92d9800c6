/** What `redactor.value` makes of errors. */

import { connect } from 'node:net'
import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { GuillemetError } from '../../src/errors.ts'
import { createRedactor } from '../../src/redact.ts'
import { type Any, expectClean, fails, hidden, MASK, reading, S, set, value } from './looks.ts'

// zod fails to make one where Object.prototype is polluted
const schema = z.object({ a: z.literal(S) })

const { data } = createRedactor({ secrets: { k: S } })

describe('an error', () => {
  class Talkative extends Error {
    readonly #hidden = S
    static readonly last = S
    get request(): unknown {
      return { url: this.#hidden }
    }
    get failing(): never {
      return fails()
    }
    override set stack(_: string) {
      fails()
    }
    set code(_: string) {
      fails()
    }
    override toString(): string {
      return this.#hidden
    }
    override valueOf(): object {
      return new String(Talkative.last)
    }
    toJSON(): unknown {
      return { hidden: this.#hidden }
    }
    [Symbol.toPrimitive](): string {
      return Talkative.last
    }
    [inspect.custom](): string {
      return Talkative.last
    }
    method(): string {
      return 'kept'
    }
  }
  set(Talkative.prototype, { inherited: S, other: 1 })

  it('keeps class, code, message, stack, cause, errors and what else it has', () => {
    const source = set(new RangeError(`a ${S}`, { cause: new Error(S) }), { code: 'E', config: { key: S }, [S]: S })
    const copy = value(source) as RangeError & Any
    expectClean(copy)
    expect(copy).toBeInstanceOf(RangeError)
    expect(copy).toMatchObject({ message: `a ${MASK}`, code: 'E', config: { key: MASK }, [MASK]: MASK })
    expect(copy.cause).toEqual(new Error(MASK))
    expect(copy.stack).toBe(source.stack!.replaceAll(S, MASK))
    expect(Object.keys(copy)).toEqual(['code', 'config', MASK])
    expect(value(new AggregateError([new Error(S)], S))).toMatchObject({ message: MASK, errors: [new Error(MASK)] })
    expect(source.message).toBe(`a ${S}`)
  })

  it('answers for the getters of its class and prints by none of its methods', () => {
    const copy = value(new Talkative(S))
    expectClean(copy)
    expect(copy).toBeInstanceOf(Talkative)
    expect(copy).toMatchObject({ request: { url: MASK }, failing: '[Unreadable]', inherited: MASK, other: 1 })
    expect(`${copy}`).toBe(`Error: ${MASK}`)
    expect(copy.method()).toBe('kept')
    class Louder extends Talkative {
      override get request(): unknown {
        return S + S
      }
    }
    expect(value(new Louder(S)).request).toBe(MASK)
    expectClean(value(new Louder(S)))
    expectClean(value(new { [S]: class extends Error {} }[S]!()))
  })

  it('is in JSON what its class makes of it, clean and without cycles', () => {
    class HttpError extends Error {
      readonly request: Any = { url: `/?key=${S}` }
      readonly internal = 'hidden from JSON'
      toJSON(): object {
        return { message: this.message, url: this.request['url'] }
      }
    }
    const source = new HttpError(`no ${S}`)
    source.request['response'] = source
    for (const redact of [value, data]) {
      const copy = redact({ error: source })
      expect(JSON.stringify(copy)).toBe(`{"error":{"message":"no ${MASK}","url":"/?key=${MASK}"}}`)
      expect(copy.error).toMatchObject({ internal: 'hidden from JSON', message: `no ${MASK}` })
      expectClean(copy)
    }
    expect(JSON.stringify(value(set(new Error('a'), { b: 1, toJSON: () => ({ c: S }) })))).toBe(`{"c":"${MASK}"}`)
    const own = new GuillemetError('ERR_SECRET_EXISTS', `no ${S}`, { tag: 'b' })
    expect(JSON.parse(JSON.stringify(value(own)))).toEqual({ ...own.toJSON(), message: `no ${MASK}` })
    expect(JSON.stringify(value(set(new HttpError('a'), { request: undefined })))).toBe('"[Unreadable]"')
  })

  it('of Node has its constructor, also where that is a getter', async () => {
    const source = (await new Promise((resolve) => {
      connect({ host: 'localhost', port: 1, autoSelectFamily: true }).on('error', resolve)
    })) as Error
    class Odd extends Error {}
    // as the errors of Node do it
    Object.defineProperty(Odd.prototype, 'constructor', Object.assign(Object.create(null), { get: () => RangeError }))
    for (const error of [source, new Odd('a')]) {
      expect(Object.hasOwn(value(error), 'constructor')).toBe(false)
      expect(value(error).constructor).toBe(error.constructor)
    }
  })

  it('of zod, whose toString is its own, prints', () => {
    const { error } = schema.safeParse({ [S]: 1 })
    expect(`${value(error)}`).toContain(MASK)
    expectClean(value(error))
  })

  it.each<[kind: string, source: Error]>([
    ['frozen', Object.freeze(set(new Error(S), { k: S }))],
    ['with getters that throw', reading(reading(new Error(S), 'stack', fails), 'message', fails)],
    ['without a stack', hidden(new Error(S), 'stack', undefined)],
    ['made without the constructor', set(Object.create(TypeError.prototype) as Error, { message: S, stack: S })],
    ['with no stack anywhere', Object.create(Error.prototype) as Error],
    ['of the DOM', new DOMException(S, 'AbortError')],
    ['of another realm', runInNewContext(`Object.assign(new TypeError('${S}'), { k: '${S}' })`) as Error],
    ['without a prototype', Object.setPrototypeOf(new Error(S), null) as Error],
    ['below nothing', Object.setPrototypeOf(new Error(S), Object.create(null)) as Error],
    ['behind a proxy', new Proxy(new Error(S), {})],
    ['behind a proxy that fails late', new Proxy(new Error(S), { getOwnPropertyDescriptor: fails })],
    ['whose class is a proxy that fails', Object.create(new Proxy(new Error(S), { ownKeys: fails })) as Error],
  ])('%s is copied', (_, source) => {
    const copy = value(source)
    expectClean(copy)
    expect(inspect(copy)).not.toContain('src/redact/')
  })

  it('keeps name, message and code of a DOMException, and the realm of another', () => {
    const copy = value(new DOMException(S, 'AbortError'))
    expect(copy).toBeInstanceOf(DOMException)
    expect([copy.name, copy.message, copy.code]).toEqual(['AbortError', MASK, 20])
    const realm = runInNewContext(`({ TypeError, error: new TypeError('${S}') })`) as {
      TypeError: ErrorConstructor
    } & Any
    expect(value(realm['error'])).toBeInstanceOf(realm.TypeError)
  })

  it('leaves the number of frames that others get as it was', () => {
    const before = Error.stackTraceLimit
    value(new Error(S))
    expect(Error.stackTraceLimit).toBe(before)
  })

  it('masks what a getter of a sensitive name gives', () => {
    class Login extends Error {
      get password(): unknown {
        return { length: 3 }
      }
    }
    expect(createRedactor({ properties: ['password'] }).value(new Login('e')).password).toBe('[secret]')
  })

  it('reads a getter of its class once, and one that an own property hides never', () => {
    const read: string[] = []
    class Counting extends Error {
      override get stack(): string {
        read.push('stack')
        return S
      }
      get code(): string {
        read.push('code')
        return S
      }
      get other(): string {
        read.push('other')
        return S
      }
    }
    const source = set(Object.create(Counting.prototype) as Counting, {})
    const copy = value(hidden(source, 'other', S))
    expect([copy.stack, copy.code, copy.other]).toEqual([MASK, MASK, MASK])
    expect(read.sort()).toEqual(['code', 'stack'])
  })

  it('answers as its own class where two classes have the property', () => {
    class Base extends Error {
      get code(): string {
        return 'base'
      }
    }
    class Derived extends Base {}
    hidden(Derived.prototype, 'code', 'derived')
    expect(value(new Derived('e')).code).toBe('derived')
  })

  it('keeps visible what is visible', () => {
    const old = set(Object.create(Error.prototype) as Error, { message: 'm', code: 'c' })
    expect(JSON.stringify(value(old))).toBe('{"message":"m","code":"c"}')
    expect(Object.keys(value(set(new Error('e'), { name: 'N' })))).toEqual(['name'])
    expect(Object.hasOwn(value(new Error()), 'message')).toBe(false)
  })
})
