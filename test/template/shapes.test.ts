import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../../src/location.ts'
import { setOwn } from '../../src/plain-object.ts'
import { compile, DEFAULT_SYNTAX } from '../../src/template/compile.ts'
import { comparable } from '../cases/decode.ts'
import { withPollution } from '../tooling/pollution.ts'
import { errorOf, resolveAs } from './harness.ts'

const R = '{{ secrets.a }}'
const secrets = { a: 'A' }
const pathsOf = (as: Kind, template: unknown) =>
  compile(template, as, DEFAULT_SYNTAX).references.map(({ path }) => path)

class Custom {
  text = R
}

describe('a shape', () => {
  it.each<[string, Kind, unknown, unknown, string[]]>([
    [
      'map',
      'headers',
      { X: R, Y: [R, 'y'], N: 1, U: undefined },
      { X: 'A', Y: ['A', 'y'], N: 1, U: undefined },
      ['X', 'Y[0]'],
    ],
    [
      'pairs',
      'headers',
      [
        ['X', R],
        ['Y', [R]],
      ],
      [
        ['X', 'A'],
        ['Y', ['A']],
      ],
      ['[0][1]', '[1][1][0]'],
    ],
    ['flat list', 'headers', ['X', R, 'Y', ['y', R]], ['X', 'A', 'Y', ['y', 'A']], ['[1]', '[3][1]']],
    ['flat list', 'env', ['X', R], ['X', 'A'], ['[1]']],
    [
      'name records',
      'headers',
      [{ name: 'X', value: R, note: R }],
      [{ name: 'X', value: 'A', note: 'A' }],
      ['[0].value', '[0].note'],
    ],
    ['key records', 'env', [{ key: 'X', value: R }], [{ key: 'X', value: 'A' }], ['[0].value']],
    [
      'records without a name',
      'headers',
      [{ value: R }, { name: 'x' }],
      [{ value: 'A' }, { name: 'x' }],
      ['[0].value'],
    ],
    ['Headers', 'headers', new Headers({ 'X-B': R, A: 'x' }), new Headers({ 'x-b': 'A', a: 'x' }), ['x-b']],
    [
      'Map',
      'env',
      new Map<unknown, unknown>([
        ['X', R],
        [7, R],
        [null, R],
      ]),
      new Map<unknown, unknown>([
        ['X', 'A'],
        [7, 'A'],
        [null, 'A'],
      ]),
      ['X', '[7]', '[2]'],
    ],
    [
      'URLSearchParams',
      'form',
      new URLSearchParams([
        ['k', R],
        ['k', 'x'],
      ]),
      new URLSearchParams([
        ['k', 'A'],
        ['k', 'x'],
      ]),
      ['k'],
    ],
    [
      'mixed list',
      'headers',
      [['X', R], 'x', null, 7, { a: R }],
      [['X', 'A'], 'x', null, 7, { a: 'A' }],
      ['[0][1]', '[4].a'],
    ],
    ['nested map', 'headers', { common: { X: R } }, { common: { X: 'A' } }, ['common.X']],
    ['list of numbers', 'headers', [1, 2], [1, 2], []],
    ['empty list', 'headers', [], [], []],
  ])('%s of kind %s comes back as it was given', (_name, as, template, expected, paths) => {
    expect(comparable(resolveAs(as, template, secrets))).toEqual(comparable(expected))
    expect(pathsOf(as, template)).toEqual(paths)
  })

  it('keeps several headers of one name apart', () => {
    const headers = new Headers([
      ['set-cookie', R],
      ['set-cookie', 'b'],
      ['x', 'y'],
    ])
    const result = resolveAs('headers', headers, secrets)
    expect(result.getSetCookie()).toEqual(['A', 'b'])
    expect(headers.getSetCookie()).toEqual([R, 'b'])
  })

  it('may be a Headers class of somebody else', () => {
    class Headers {
      readonly entries: [string, string][] = []
      append(name: string, value: string) {
        this.entries.push([name, value])
      }
      [Symbol.iterator]() {
        return this.entries[Symbol.iterator]()
      }
      get [Symbol.toStringTag]() {
        return 'Headers'
      }
    }
    const given = new Headers()
    given.append('X', R)
    const result = resolveAs('headers', given, secrets)
    expect(result).toBeInstanceOf(Headers)
    expect(result.entries).toEqual([['X', 'A']])
    expect(given.entries).toEqual([['X', R]])
  })

  it('is a header wherever Headers stand, since their own error would hold the value', () => {
    const template = { inner: new Headers({ X: R }) }
    expect(compile(template, 'value', DEFAULT_SYNTAX).references[0]).toMatchObject({
      location: 'header',
      path: 'inner.x',
    })
    expect(errorOf(() => resolveAs('value', template, { a: 'hunter2\n' })).code).toBe('ERR_UNSAFE_HEADER_VALUE')
    expect(errorOf(() => compile({ h: new Headers({ host: R }) }, 'value', DEFAULT_SYNTAX)).code).toBe(
      'ERR_REFERENCE_IN_KEY',
    )
    expect(errorOf(() => compile({ method: new Headers({ x: R }) }, 'request', DEFAULT_SYNTAX)).code).toMatch(/^ERR_/)
  })

  it.each<[Kind, unknown]>([
    ['value', { [R]: 1 }],
    ['value', { a: { '{{ secrets.': 1 } }],
    ['value', { '{{ secrets. }}{{ secrets.a }}': 1 }],
    ['value', { '{{ secrets.a }}{{ secrets. }}': 1 }],
    ['value', new Map([[R, 1]])],
    ['env', { [R]: 'x' }],
    ['env', [R, 'x']],
    ['env', ['x', 'y', R]],
    ['headers', [[R, 'x']]],
    ['headers', [{ name: R, value: 'x' }]],
    ['headers', [{ key: '{{secrets.a', value: 'x' }]],
    ['form', new URLSearchParams([[R, 'x']])],
  ])('of kind %s never resolves a name: %j', (as, template) => {
    const error = errorOf(() => compile(template, as, DEFAULT_SYNTAX))
    expect(error).toMatchObject({ code: 'ERR_REFERENCE_IN_KEY', index: 0 })
  })

  it('leaves a name with an escape as it is', () => {
    expect(resolveAs('value', { '\\{{ secrets.a }}': R }, secrets)).toEqual({ '\\{{ secrets.a }}': 'A' })
  })
})

describe('a path', () => {
  it('joins keys with dots, and puts indexes and odd keys into brackets', () => {
    const template = { a: { 'b.c': { '': [{ 'x]': R, 'q"': R, __proto__x: R }] } } }
    expect(pathsOf('value', template)).toEqual([
      'a["b.c"][""][0]["x]"]',
      'a["b.c"][""][0].q"',
      'a["b.c"][""][0].__proto__x',
    ])
    expect(pathsOf('value', R)).toEqual([''])
    expect(pathsOf('value', [[R]])).toEqual(['[0][0]'])
  })

  it('is found in document order', () => {
    expect(pathsOf('value', { z: R, a: [R, { y: R, b: R }], m: R })).toEqual(['z', 'a[0]', 'a[1].y', 'a[1].b', 'm'])
  })
})

describe('what comes back by identity', () => {
  it('is a template without references', () => {
    for (const template of [
      { a: [{ b: '{{ x }}' }] },
      [],
      'text',
      new Map([['a', 'b']]),
      new URL('https://h/'),
      null,
      7,
      undefined,
    ]) {
      expect(resolveAs('value', template, secrets)).toBe(template)
    }
  })

  it('is every branch without references, and everything that is not text', () => {
    const opaque = {
      fn: () => R,
      stream: Readable.from(['x']),
      buffer: Buffer.from(R),
      bytes: new Uint8Array([1]),
      blob: new Blob([R]),
      form: new FormData(),
      date: new Date(0),
      custom: new Custom(),
      error: new Error(R),
      set: new Set([R]),
      map: new (class extends Map<string, string> {})([['a', R]]),
      search: new (class extends URLSearchParams {})({ a: R }),
      symbol: Symbol('x'),
      big: 7n,
      nil: null,
      nan: Number.NaN,
      no: undefined,
    }
    const branch = { deep: [{ x: 1 }] }
    const template = { ...opaque, branch, list: [branch, R], text: R }
    const result = resolveAs('value', template, secrets)
    for (const key of Object.keys(opaque) as (keyof typeof opaque)[]) expect(result[key]).toBe(opaque[key])
    expect(result.branch).toBe(branch)
    expect(result.list).toEqual([branch, 'A'])
    expect(result.list[0]).toBe(branch)
    expect(Object.keys(result)).toEqual(Object.keys(template))
  })
})

describe('an object of the outside', () => {
  it('keeps an own __proto__ as data, where there is a reference and where there is none', () => {
    const template = JSON.parse(`{"__proto__":{"x":"${R}"},"b":{"__proto__":"${R}"},"c":{"__proto__":1,"d":"${R}"}}`)
    const result = resolveAs('value', template, secrets)
    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":"A"},"b":{"__proto__":"A"},"c":{"__proto__":1,"d":"A"}}')
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    expect(Object.hasOwn(result, '__proto__')).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('without a prototype stays without one', () => {
    const template = Object.assign(Object.create(null), { __proto__x: 1, a: R })
    setOwn(template, '__proto__', R)
    const result = resolveAs('value', template as Record<string, unknown>, secrets)
    expect(Object.getPrototypeOf(result)).toBeNull()
    expect(Object.entries(result)).toEqual([
      ['__proto__x', 1],
      ['a', 'A'],
      ['__proto__', 'A'],
    ])
  })

  it('keeps its symbol members as they are, its inherited ones alone as a value, and a getter called once', () => {
    let calls = 0
    const inherited = Object.create({ constructor: Object, inherited: R }) as object
    const symbol = Symbol('s')
    const template = {
      [symbol]: R,
      get text() {
        calls++
        return R
      },
    }
    expect(resolveAs('value', template, secrets)).toEqual({ text: 'A', [symbol]: R })
    expect(calls).toBe(1)
    const nested = { deep: Object.defineProperty({ a: R }, 'g', { enumerable: true, get: () => ++calls }) }
    expect(resolveAs('value', nested, secrets)).toEqual({ deep: { a: 'A', g: 2 } })
    expect(resolveAs('value', { inherited }, secrets).inherited).toBe(inherited)
  })

  it('that throws while it is read is refused without its error', () => {
    const thrower = (): never => {
      throw new Error('hunter2')
    }
    const getter = Object.defineProperty({}, 'x', { enumerable: true, get: thrower })
    const handler: ProxyHandler<object> = { ownKeys: thrower }
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const evilHeaders = Object.create(Headers.prototype) as Headers
    const list = Object.defineProperty([R], 0, { get: thrower })
    for (const bad of [getter, new Proxy({}, handler), revoked.proxy, evilHeaders, list, { deep: getter }]) {
      for (const template of [bad, { deep: bad }, [bad]]) {
        for (const as of ['value', 'headers', 'env'] as const) {
          const error = errorOf(() => compile(template, as, DEFAULT_SYNTAX))
          expect(error.code).toBe('ERR_INVALID_INPUT')
          expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2')
        }
      }
    }
    expect(errorOf(() => compile({ url: 'https://h', headers: getter, body: R }, 'request', DEFAULT_SYNTAX)).code).toBe(
      'ERR_INVALID_INPUT',
    )
    const request = Object.defineProperty({ body: R }, 'headers', { enumerable: true, get: thrower })
    expect(errorOf(() => compile(request, 'request', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    const fickle = new Proxy({ a: R, b: 'x' }, { ownKeys: () => (calls++ % 2 === 0 ? ['a', 'b'] : ['a']) })
    let calls = 0
    expect(resolveAs('value', fickle, secrets)).toEqual({ a: 'A', b: 'x' })
    const pair = Object.defineProperty(['x', R], 0, { enumerable: true, get: thrower })
    expect(errorOf(() => compile([pair], 'headers', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
  })

  it('keeps holes and undefined in a list', () => {
    // biome-ignore lint/suspicious/noSparseArray: the hole is what is tested
    const template = [R, , undefined, null, R]
    const result = resolveAs('value', template, secrets)
    expect(result).toHaveLength(5)
    expect(Object.keys(result)).toEqual(['0', '2', '3', '4'])
    expect(result[4]).toBe('A')
  })

  it('may come from another realm', async () => {
    const { runInNewContext } = await import('node:vm')
    const template = runInNewContext(`({ a: ['${R}'] })`)
    expect(JSON.stringify(resolveAs('value', template, secrets))).toBe('{"a":["A"]}')
  })

  it('may share a branch, and never holds itself', () => {
    const shared = { x: R }
    expect(resolveAs('value', { a: shared, b: [shared, shared] }, secrets)).toEqual({
      a: { x: 'A' },
      b: [{ x: 'A' }, { x: 'A' }],
    })
    const cycle: Record<string, unknown> = { a: { b: [] } }
    ;(cycle['a'] as { b: unknown[] }).b.push(cycle)
    expect(errorOf(() => compile(cycle, 'value', DEFAULT_SYNTAX))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      path: 'a.b[0]',
    })
    const map = new Map<string, unknown>()
    map.set('m', map)
    expect(errorOf(() => compile(map, 'env', DEFAULT_SYNTAX))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      path: 'm',
    })
    const list: unknown[] = []
    list.push(list)
    expect(errorOf(() => compile(list, 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
  })

  it('is at most 512 levels deep', () => {
    const nest = (levels: number) => {
      let value: unknown = R
      for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { x: value }
      return value
    }
    expect(JSON.stringify(resolveAs('value', nest(512), secrets))).toContain('"A"')
    expect(errorOf(() => compile(nest(513), 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    expect(errorOf(() => compile(nest(20_000), 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
  })

  it('has at most a million members', () => {
    expect(errorOf(() => compile(new Array(1_000_001), 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    const wide = Array.from({ length: 1100 }, () => new Array(1000).fill(0))
    expect(errorOf(() => compile(wide, 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
    let laughs: unknown = 1
    for (let level = 0; level < 30; level++) laughs = { a: laughs, b: laughs }
    expect(errorOf(() => compile(laughs, 'value', DEFAULT_SYNTAX)).code).toBe('ERR_INVALID_INPUT')
  })
})

describe('a polluted Object.prototype', () => {
  it('adds nothing and changes nothing', async () => {
    const plain = { url: 'https://h/', headers: { X: R }, data: { a: R } }
    const expected = JSON.stringify(resolveAs('request', plain, secrets))
    const entries = {
      headers: { 'content-type': 'application/json' },
      body: R,
      method: R,
      value: R,
      name: R,
      key: R,
      auth: { username: R },
      path: R,
      origin: 'https://evil.example',
      get: () => 'x',
      0: R,
      code: 'ERR_INVALID_INPUT',
      memory: new WeakMap(),
      text: () => 'x',
    }
    const result = await withPollution(entries, () => {
      const copies = [
        JSON.stringify(resolveAs('request', { url: 'https://h/', headers: { X: R }, data: { a: R } }, secrets)),
        JSON.stringify(resolveAs('headers', [{ value: R }], secrets)),
        String(resolveAs('url', new URL(`https://h/${R}`), secrets)),
      ]
      return copies
    })
    expect(result).toEqual([expected, '[{"value":"A"}]', 'https://h/A'])
  })
})
