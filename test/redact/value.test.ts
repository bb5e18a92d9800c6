/** What `redactor.value` makes of every kind of thing that somebody may log; errors and size: see beside. */

import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { format, inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src/redact.ts'
import { type Any, bytes, expectClean, fails, hidden, looks, MASK, reading, S, set, value } from './looks.ts'

const revoked = <T extends object>(target: T): T => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}
const argumentsOf = function (..._: unknown[]): unknown {
  // biome-ignore lint/complexity/noArguments: the object itself is what is tested
  return arguments
}
const shared = (text: string): SharedArrayBuffer => {
  const buffer = new SharedArrayBuffer(text.length)
  new Uint8Array(buffer).set(bytes(text))
  return buffer
}
const form = (text: string, file: string | File): FormData => {
  const made = new FormData()
  made.set('a', text)
  made.set('f', file)
  return made
}
const tagged = (tag: string, more: object): object => {
  const pretender = class {
    get [Symbol.toStringTag](): string {
      return tag
    }
  }
  return set(new pretender(), more)
}
class Loud extends Uint8Array<ArrayBuffer> {
  static calls = 0
  constructor(source: ArrayBuffer) {
    super(source)
    if (Loud.calls++ > 0) fails()
  }
}
const looksLikeHeaders = (visit: (value: string, name: string) => void): void => visit(S, 'a')
function* generate(): Generator<string> {
  yield S
}
async function* generateLater(): AsyncGenerator<string> {
  yield S
}

describe('a copy of', () => {
  it.each<[kind: string, source: unknown, expected: unknown]>([
    ['a text', `x ${S}`, `x ${MASK}`],
    ['undefined', undefined, undefined],
    ['null', null, null],
    ['a boolean', true, true],
    ['a function and what is on it', set(function named() {}, { k: S, nested: { k: S } }), '[Function named]'],
    ['a function without a name', () => S, '[Function anonymous]'],
    ['a function whose name throws', reading(() => S, 'name', fails), '[Unreadable]'],
    ['a function whose name holds it', { [S]: () => S }[S], `[Function ${MASK}]`],
    ['a class', class Conn {}, '[Function Conn]'],
    ['a revoked function', revoked(() => S), '[Unreadable]'],

    ['a nested object', { a: [{ b: `x ${S}` }] }, { a: [{ b: `x ${MASK}` }] }],
    ['a key', { [S]: 1 }, { [MASK]: 1 }],
    ['a frozen object', Object.freeze({ k: Object.freeze({ v: S }) }), { k: { v: MASK } }],
    ['a key __proto__', JSON.parse(`{"__proto__":{"k":"${S}"}}`), JSON.parse(`{"__proto__":{"k":"${MASK}"}}`)],
    ['a key constructor', { constructor: S }, { constructor: MASK }],
    ['a getter that throws', reading({ a: 1 }, 'b', fails), { a: 1, b: '[Unreadable]' }],
    ['a setter alone', { a: 1, set b(_: unknown) {} }, { a: 1, b: undefined }],
    ['a toJSON of its own', { a: S, toJSON: () => S }, { a: MASK }],
    ['an object of another realm', runInNewContext(`({ a: '${S}', b: ['${S}'] })`), { a: MASK, b: [MASK] }],
    ['arguments', argumentsOf(S, 1), expect.objectContaining({ 0: MASK, 1: 1 })],

    ['an array', [S, 1, null, undefined], [MASK, 1, null, undefined]],
    ['an array with properties', set([1], { extra: S, [S]: 2 }), set([1], { extra: MASK, [MASK]: 2 })],
    ['a sparse array', set([S], { 9: S }), set([MASK], { 9: MASK })],
    ['a hole beside a property', set([1], { 2: S, a: S }), set([1], { 2: MASK, a: MASK })],
    ['an array of another realm', runInNewContext(`['${S}']`), [MASK]],
    ['an array of bytes', ['a', ...bytes(S)], [MASK]],
    ['bytes after a hole', set([], { 1: 32, ...[...'ab', ...bytes(S)] }), [MASK]],
    ['a list of numbers', [1, 2, 3, 4, 5.5, -1, 70_000], [1, 2, 3, 4, 5.5, -1, 70_000]],
    ['an item that throws', reading([1, 2], 0, fails), ['[Unreadable]', 2]],

    ['a Map', new Map<unknown, unknown>([[S, { a: S }]]), new Map<unknown, unknown>([[MASK, { a: MASK }]])],
    ['a Map with objects as keys', new Map([[{ a: S }, S]]), new Map([[{ a: MASK }, MASK]])],
    ['a Map with properties', set(new Map([['a', 1]]), { k: S }), set(new Map([['a', 1]]), { k: MASK })],
    ['a Map of another realm', runInNewContext(`new Map([['${S}', '${S}']])`), new Map([[MASK, MASK]])],
    [
      'a Map with a tag of its own',
      hidden(new Map([[S, S]]), Symbol.toStringTag, 'X'),
      expect.not.objectContaining({ size: 1 }),
    ],
    ['a Set', new Set([S, 'a', { a: S }]), new Set([MASK, 'a', { a: MASK }])],

    ['a boxed text', new String(S), MASK],
    ['a boxed number', new Number(5), 5],
    ['a boxed boolean', new Boolean(false), false],
    ['a boxed bigint', Object(5n), 5n],
    ['a Date', new Date(5), new Date(5)],
    ['an invalid Date', new Date(Number.NaN), new Date(Number.NaN)],
    ['a RegExp', /a+/gi, /a+/gi],
    ['a RegExp that holds it', new RegExp(`^${S}$`), `/^${MASK}$/`],

    ['a Buffer', Buffer.from(`x ${S}`), Buffer.from(`x ${MASK}`)],
    ['a Buffer without it', Buffer.from('abc'), Buffer.from('abc')],
    ['a part of a larger buffer', bytes(`${S}abc`).subarray(S.length), bytes('abc')],
    ['a class of bytes, not called', new Loud(new ArrayBuffer(2)), new Uint8Array(2)],
    ['an ArrayBuffer', bytes(S).buffer, bytes(MASK).buffer],
    ['an ArrayBuffer without it', bytes('abc').buffer, bytes('abc').buffer],
    ['a SharedArrayBuffer', shared(S), bytes(MASK).buffer],
    ['a DataView', new DataView(bytes(S).buffer), MASK],
    ['a DataView without it', new DataView(new ArrayBuffer(3)), new DataView(new ArrayBuffer(3))],
    ['an Int8Array', Int8Array.from(bytes(S)), MASK],
    ['a Uint16Array', Uint16Array.from(bytes(S)), MASK],
    ['a Float64Array', Float64Array.from(bytes(S)), MASK],
    ['a BigInt64Array', BigInt64Array.from(bytes(S), BigInt), MASK],
    ['a Float32Array without it', Float32Array.of(1.5, -1), Float32Array.of(1.5, -1)],

    ['a URL', new URL('https://h/a?b#c'), new URL('https://h/a?b#c')],
    ['a URL that holds it', new URL(`https://u:${S}@h/`), `https://u:${MASK}@h/`],
    ['URLSearchParams', new URLSearchParams({ a: S, [S]: 'b' }), new URLSearchParams({ a: MASK, [MASK]: 'b' })],
    ['Headers', new Headers({ a: `Bearer ${S}` }), new Headers({ a: `Bearer ${MASK}` })],
    ['Headers with it as a name', new Headers({ [S]: S, b: 'c' }), expect.arrayContaining([[MASK, MASK]])],
    ['FormData', form(S, new File([S], S)), form(MASK, `[File ${MASK}]`)],
    ['a Request', new Request(`https://h/${S}`), { method: 'GET', url: `https://h/${MASK}`, headers: new Headers() }],
    [
      'a Response',
      new Response(S, { statusText: S, headers: { 'content-type': S } }),
      { status: 200, statusText: MASK, url: '', headers: new Headers({ 'content-type': MASK }) },
    ],
    ['a Blob', new Blob([S], { type: 't/p' }), { type: 't/p', size: S.length }],
    ['a File', new File([S], S, { type: 't/p' }), { name: MASK, type: 't/p', size: S.length }],

    // where the process tracks what is asynchronous, Node gives each of them numbers
    ['a Promise', Promise.resolve(S), expect.objectContaining({})],
    ['a WeakMap', new WeakMap([[{}, S]]), {}],
    ['a generator', generate(), {}],
    ['an async generator', generateLater(), {}],
    ['a revoked proxy', revoked({}), '[Unreadable]'],
    ['a revoked array', revoked([]), '[Unreadable]'],
    ['a proxy whose traps throw', new Proxy({ a: S }, new Proxy({}, { get: () => fails })), '[Unreadable]'],
    ['a proxy whose keys throw', new Proxy({ a: S }, { ownKeys: fails }), { '[Unreadable]': '[Unreadable]' }],
    ['a proxy whose values throw', new Proxy({ a: S }, { get: fails }), { a: '[Unreadable]' }],
    ['a proxy of no prototype', new Proxy({ a: S }, { getPrototypeOf: () => null }), { a: MASK }],
    ['what says it is a Map', tagged('Map', { a: S, forEach: fails }), { a: MASK, forEach: '[Function fails]' }],
    ['what looks like Headers', tagged('Headers', { forEach: looksLikeHeaders }), new Headers({ a: MASK })],
    ['what says it is a Request', tagged('Request', { method: S }), expect.objectContaining({ method: MASK })],
    ['what says it is a URL', tagged('URL', { href: 'no' }), { href: 'no' }],
  ])('%s', (_, source, expected) => {
    const copy = value(source)
    expectClean(copy)
    expect(copy).toEqual(expected)
  })

  it('an object without a prototype has none', () => {
    const copy = value(set(Object.create(null) as Any, { k: S }))
    expect(Object.getPrototypeOf(copy)).toBe(null)
    expect(copy['k']).toBe(MASK)
  })

  it('a number, bigint or symbol is itself unless its text is a value', () => {
    const redactor = createRedactor({ secrets: { pin: '1234567890' } })
    const symbols = [Symbol('a'), Symbol.iterator, Symbol()] as const
    expect(redactor.value([1234567890, 1234567890n, 5, 5n])).toEqual(['[secret:pin]', '[secret:pin]', 5, 5n])
    expect(redactor.value(symbols)).toEqual(symbols)
    expect(String(value(Symbol(S)))).toBe(`Symbol(${MASK})`)
    expect(String(value(Object(Symbol(S))))).toBe(`Symbol(${MASK})`)
  })

  it('properties keeps the hidden ones hidden and those under symbols', () => {
    const copy = value(hidden({ [Symbol.for('a')]: S, [Symbol(S)]: 1 } as Any, 'b', S))
    expect(Object.keys(copy)).toEqual([])
    expect(copy['b']).toBe(MASK)
    expect(copy[Symbol.for('a')]).toBe(MASK)
    expect(Object.getOwnPropertySymbols(copy).map(String)).toEqual(['Symbol(a)', `Symbol(${MASK})`])
  })

  it('keys with one mask keeps all values', () => {
    const redactor = createRedactor({ secrets: { k: S } })
    redactor.add('k', 'another-long-pw')
    const names = [S, 'another-long-pw', MASK]
    expect(Object.values(redactor.value(Object.fromEntries(names.map((name, index) => [name, index]))))).toEqual([
      0, 1, 2,
    ])
    expect([...redactor.value(new Map(names.map((name, index) => [name, index]))).values()]).toEqual([0, 1, 2])
  })

  it('what is shared or cyclic is so again', () => {
    const part: Any = { k: S }
    const source: Any = { a: part, b: [part], map: new Map<unknown, unknown>([[part, part]]), set: new Set([part]) }
    source['self'] = part['up'] = source
    const copy = value(source) as { a: Any; b: unknown[]; map: Map<unknown, unknown>; set: Set<unknown>; self: unknown }
    expect(copy.self).toBe(copy)
    expect(copy.a['up']).toBe(copy)
    expect([copy.b[0], copy.map.get(copy.a), ...copy.set]).toEqual([copy.a, copy.a, copy.a])
    expect(part).toEqual({ k: S, up: source })
    expectClean(copy)
  })

  it('the environment and a module', async () => {
    process.env['GUILLEMET_TEST'] = S
    expect(value(process.env)).toEqual({ ...process.env, GUILLEMET_TEST: MASK })
    delete process.env['GUILLEMET_TEST']
    const copy = value(await import('../../src/redact.ts'))
    expect(copy).toMatchObject({ createRedactor: '[Function createRedactor]' })
  })

  it('streams and requests of node:http', async () => {
    const server = createServer((request, response) => response.end(looks(value({ request, response }))))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const request = get({ port, host: '127.0.0.1', path: `/?k=${S}`, headers: { authorization: S } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expectClean(value({ request, response }))
    const answer = Buffer.concat(await response.toArray()).toString()
    expect(answer).toContain(`/?k=${MASK}`)
    expect(answer).not.toContain(S)
    expectClean(value(Readable.from([S])))
    server.close()
    server.closeAllConnections()
  })
})

describe('an instance of a class', () => {
  class Conn {
    host = 'h'
    key = S
    readonly #hidden = S
    get dsn(): string {
      return this.#hidden
    }
    toString(): string {
      return this.#hidden
    }
    [inspect.custom](): string {
      return this.#hidden
    }
  }
  const made = (properties: object): object => set(Object.create(properties) as object, { a: 1 })

  it('is a copy of its properties under the name of the class, without its methods', () => {
    const copy = value([new Conn(), new Conn()])
    expect(copy[1]).toMatchObject({ host: 'h', key: MASK })
    // its printers need what is hidden in the original
    expect(`${inspect(copy[1])} ${copy[0]}`).toBe('[Conn] [Conn]')
    expectClean(copy)
    expect(inspect(value(new { [S]: class {} }[S]!()))).toBe(`${MASK} {}`)
  })

  it.each<[what: string, source: object, expected: unknown]>([
    ['gives data', made({ toJSON: () => ({ b: S }) }), { b: MASK }],
    ['gives the value', made({ toJSON: () => S }), MASK],
    ['gives itself', made({ toJSON(): unknown { return this } }), { a: 1 }], // biome-ignore format: one line
    ['gives what has one, which JSON does not call', made({ toJSON: () => made({ toJSON: fails }) }), { a: 1 }],
    ['gives an error', made({ toJSON: () => new Error(S) }), new Error(MASK)],
    ['throws', made({ toJSON: fails }), '[Unreadable]'],
    ['is its own, which JSON alone calls', hidden(made({}), 'toJSON', fails), { a: 1 }],
  ])('whose toJSON %s', (_, source, expected) => {
    expect(value(source)).toEqual(expected)
  })

  it('prints where it had conversions of its own', () => {
    for (const key of ['toString', 'valueOf', 'toJSON', Symbol.toPrimitive, inspect.custom]) {
      for (const source of [{}, new Conn(), new Error('e'), []]) {
        const copy = value(set(source, { [key]: () => S })) as Any
        expect(Object.keys(copy)).not.toContain(key)
        expect(`${copy} ${looks(copy)}`).not.toContain(S)
      }
    }
  })

  it('prints as its class does, which hides from the console what others may see', () => {
    class Password {
      value = `x ${S}`
      owner = 'bob'
      stars = '***'
      toString(): string {
        return this.stars
      }
      [inspect.custom](_: number, __: object, print: typeof inspect): unknown {
        return `Password(${this.stars} of ${print(this.owner)})`
      }
    }
    class Token extends Password {
      override [inspect.custom](): string {
        return this.value
      }
    }
    class Plain extends Password {
      override [inspect.custom](): unknown {
        return this
      }
    }
    const copy = value({ user: 'u', password: new Password(), token: new Token(), plain: new Plain() })
    expect(inspect(copy)).toBe(
      `{\n  user: 'u',\n  password: Password(*** of 'bob'),\n  token: x ${MASK},\n  plain: Plain { value: 'x ${MASK}', owner: 'bob', stars: '***' }\n}`,
    )
    expect(format('%s', copy.password)).toBe('***')
    expect(copy.password).toMatchObject({ value: `x ${MASK}`, owner: 'bob' })
    const literal = value({ dsn: 'd', [inspect.custom]: () => `Hidden ${S}`, toString: () => 'h' })
    expect(`${inspect(literal)} ${literal}`).toBe(`Hidden ${MASK} h`)
  })

  it('is in JSON what its own toJSON makes of it', () => {
    const user = { id: 1, ssn: '078-05-1120', key: S, toJSON: (): object => ({ id: 1, key: S }) }
    const copy = value({ user })
    expect(JSON.stringify(copy)).toBe(`{"user":{"id":1,"key":"${MASK}"}}`)
    expect(copy.user).toMatchObject({ ssn: '078-05-1120', key: MASK })
    expect(JSON.stringify(value({ toJSON: fails }))).toBe('"[Unreadable]"')
  })

  it('whose class cannot be named is copied or unreadable', () => {
    expect(inspect(value(reading(made({}), 'constructor', fails)))).toContain('[Unreadable]')
    expect(value(made(reading({}, 'constructor', fails)))).toBe('[Unreadable]')
    expect(inspect(value(made({ constructor: undefined })))).toBe('{ a: 1 }')
  })
})

describe('a sensitive name', () => {
  const { value: masked } = createRedactor({ properties: ['password', 'Authorization'] })

  it.each<[where: string, source: unknown, expected: unknown]>([
    ['a property', { PassWord: { a: 1 }, b: 1 }, { PassWord: '[secret]', b: 1 }],
    ['nothing under it', { password: null, authorization: undefined }, { password: null, authorization: undefined }],
    ['a Map', new Map([['password', 1]]), new Map([['password', '[secret]']])],
    ['Headers', new Headers({ authorization: 'b' }), new Headers({ authorization: '[secret]' })],
    ['a flat list', ['a', 'b', 'authorization', 'c'], ['a', 'b', 'authorization', '[secret]']],
    ['an odd list', ['a', 'authorization', 'c'], ['a', 'authorization', 'c']],
    ['name and value', [{ name: 'password', value: 'v' }], [{ name: 'password', value: '[secret]' }]],
    ['value and key', [{ value: 'v', key: 'password' }], [{ value: '[secret]', key: 'password' }]],
    ['name and no value', { name: 'password', value: null }, { name: 'password', value: null }],
  ])('masks what stands under it: %s', (_, source, expected) => {
    expect(masked(source)).toEqual(expected)
  })
})

describe('a getter', () => {
  const make: readonly [of: string, make: () => object][] = [
    ['an object', () => ({})],
    ['an array', () => ['a', 'b', 'c', 'd']],
    ['an error', () => set(new Error('e'), { stack: 's' })],
    ['a Map', () => new Map()],
    ['an instance', () => new (class {})()],
  ]
  const keys = [0, 'a', 'name', 'key', 'value', 'message', 'stack', 'code', 'toJSON', 'toString', 'constructor', 'then']

  it.each(make)('of %s is read once, also where it throws or another one does', (_, fresh) => {
    const { value: masked } = createRedactor({ properties: ['password'] })
    for (const key of [...keys, Symbol.toStringTag, Symbol.toPrimitive, inspect.custom]) {
      for (const result of ['password', undefined, () => 1, fails]) {
        let count = 0
        const source = reading(fresh(), key, () => {
          count++
          return result === fails ? fails() : result
        })
        masked(reading(source, 'last', fails))
        expect([key, count]).toEqual([key, 1])
      }
    }
  })
})

describe('a prototype that was changed', () => {
  const withProperty = <T>(key: string, descriptor: PropertyDescriptor, use: () => T): T => {
    Object.defineProperty(Object.prototype, key, set({ __proto__: null, configurable: true }, descriptor))
    try {
      return use()
    } finally {
      delete (Object.prototype as Any)[key]
    }
  }

  it('and hardened takes no property away', () => {
    const copy = withProperty('odd', { value: 1, writable: false }, () => value({ odd: S, more: S }))
    expect(copy).toEqual({ odd: MASK, more: MASK })
  })

  it('and whose setter throws takes none either', () => {
    expect(withProperty('odd', { set: fails }, () => value({ odd: S, more: S }))).toEqual({ odd: MASK, more: MASK })
  })

  it('gives a copy nothing that the source lacks', () => {
    expect(Object.keys(withProperty('value', { value: 1, writable: true }, () => value({ name: 'n' })))).toEqual([
      'name',
    ])
  })
})
