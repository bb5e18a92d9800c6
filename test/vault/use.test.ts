/** `use`: raw for the next step, redacted as data for the history, whatever the function gives back. */

import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stepOutputs } from '../redact/step-outputs.ts'
import { backstage, failure } from './fixture.ts'

const VALUE = 'v-0123456789/+"'
const A = '<< secrets.a >>'

async function stage() {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  return vault
}

describe('an outcome', () => {
  it('is raw by expose, and redacted as data wherever it is printed', async () => {
    const vault = await stage()
    const result = (exposed: { key: string }) => ({
      status: 200,
      body: `echo ${exposed.key}`,
      json: JSON.stringify(exposed),
      url: `https://h/?k=${encodeURIComponent(exposed.key)}`,
      flag: false,
      nothing: null,
    })
    const outcome = await vault.use({ key: A }, async (exposed) => result(exposed))
    expect(outcome.expose()).toEqual(result({ key: VALUE }))
    expect(outcome.redacted).toEqual({
      status: 200,
      body: 'echo [secret:a]',
      json: '{"key":"[secret:a]"}',
      url: 'https://h/?k=[secret:a]',
      flag: false,
      nothing: null,
    })
    expect(outcome.references.map(({ tag }) => tag)).toEqual(['a'])
    const prints = [inspect(outcome, { showHidden: true, depth: 9 }), JSON.stringify(outcome), String(outcome)]
    for (const printed of prints) expect(printed).not.toContain('v-0123456789')
  })

  it.each<[string, () => unknown, unknown]>([
    ['a function', () => () => VALUE, '[Function anonymous]'],
    ['a symbol', () => Symbol(VALUE), '[Symbol]'],
    ['a response', () => new Response(VALUE), '[Response]'],
    ['a stream', () => new ReadableStream(), '[ReadableStream]'],
    [
      'a class instance',
      () =>
        new (class Holder {
          value = VALUE
          id = 7
          #hidden = VALUE
          get short() {
            return this.#hidden.slice(0, 4)
          }
        })(),
      { value: '[secret:a]', id: 7 },
    ],
    [
      'a class instance with a JSON form of its own',
      () =>
        new (class Holder {
          secret = VALUE
          toJSON() {
            return { id: 7, echo: this.secret }
          }
        })(),
      { id: 7, echo: '[secret:a]' },
    ],
    ['sets', () => ({ ids: new Set([1, VALUE, new Set([2])]) }), { ids: [1, '[secret:a]', [2]] }],
    ['an event emitter', () => ({ request: new EventEmitter() }), { request: '[EventEmitter]' }],
    ['a stream of node', () => Readable.from([VALUE]), '[Readable]'],
    ['a promise', () => ({ later: Promise.resolve(VALUE) }), { later: '[Promise]' }],
    ['an invalid date', () => new Date(Number.NaN), null],
    ['an instance deep inside', () => ({ a: [new Map([['k', new Response()]])] }), { a: [[['k', '[Response]']]] }],
    [
      'an accessor',
      () => ({
        get value() {
          return VALUE
        },
      }),
      { value: '[secret:a]' },
    ],
    [
      'an accessor that throws',
      () => ({
        get value() {
          throw new Error(VALUE)
        },
      }),
      { value: '[Unreadable]' },
    ],
    ['an error', () => [new TypeError(`no ${VALUE}`)], ['[TypeError: no [secret:a]]']],
    [
      'headers',
      () => new Headers({ echo: 'v', auth: encodeURIComponent(VALUE) }),
      [
        ['auth', '[secret:a]'],
        ['echo', 'v'],
      ],
    ],
    ['parameters', () => new URLSearchParams({ key: VALUE }), [['key', '[secret:a]']]],
    ['a URL', () => new URL(`https://h/?k=${encodeURIComponent(VALUE)}`), 'https://h/?k=[secret:a]'],
    ['a date', () => new Date(0), '1970-01-01T00:00:00.000Z'],
    [
      'bytes',
      () => [Buffer.from('hello'), new Uint8Array([1, 2]).buffer, new Int16Array([1, -2])],
      ['aGVsbG8=', 'AQI=', [1, -2]],
    ],
    ['bytes of a value', () => new TextEncoder().encode(`key ${VALUE}`), btoa('key [secret:a]')],
    ['numbers that JSON lacks', () => [Number.NaN, 12n], [null, '12']],
    ['nothing', () => undefined, null],
  ])('takes %s', async (_, make, redacted) => {
    const vault = await stage()
    const result = make()
    const outcome = await vault.use(A, () => result)
    expect(outcome.expose()).toBe(result)
    expect(outcome.redacted).toEqual(redacted)
  })

  it('is the JSON of what redactor.data gives', async () => {
    class User {
      readonly id = 7
      readonly roles = ['admin', VALUE]
      readonly created = new Date(0)
    }
    const vault = await stage()
    const result = { user: new User(), list: [new User()], when: new Date(Number.NaN) }
    const outcome = await vault.use(A, () => result)
    expect(JSON.stringify(outcome)).toBe(JSON.stringify(vault.redactor.data(result)))
    expect(vault.redactor.data([new Response(VALUE), new Blob([VALUE])])).toEqual(['[Response]', '[Blob]'])
  })

  it('of bytes whose Base64 is the secret shows none of it', async () => {
    const { vault } = backstage()
    const secret = Buffer.from('\u0001\u0002\u00ff raw bytes of a key', 'latin1').toString('base64')
    await vault.create({ tag: 'a', value: secret })
    const outcome = await vault.use(A, (key) => [Buffer.from(key, 'base64'), Buffer.from(key, 'base64').buffer])
    expect(JSON.stringify(outcome)).not.toContain(secret.slice(4, 20))
  })

  it('takes cycles and long lists', async () => {
    const vault = await stage()
    const cyclic: Record<string, unknown> = { a: VALUE }
    cyclic['self'] = [cyclic]
    expect((await vault.use(A, () => cyclic)).redacted).toEqual({ a: '[secret:a]', self: ['[Circular]'] })
    const list = Array.from({ length: 200_000 }, (_, index) => index)
    expect((await vault.use(A, () => list)).redacted).toEqual(list)
  })

  it('leaves 10,000 outputs as they are, next to secrets that are user names, ports, flags and hosts', async () => {
    const { vault } = backstage()
    await vault.create({
      tag: 'db',
      value: {
        user: 'app',
        host: 'db.internal',
        port: 5432,
        tls: false,
        ttl: 3600,
        name: 'production',
        pin: 'pin7',
        password: VALUE,
      },
    })
    const fields = ['user', 'port', 'tls', 'ttl', 'pin', 'password'].map((field) => [
      field,
      `<< secrets.db.${field} >>`,
    ])
    const template = Object.fromEntries(fields) as Record<string, string>
    await fc.assert(
      fc.asyncProperty(fc.array(stepOutputs, { minLength: 20, maxLength: 20 }), async (outputs) => {
        const { redacted } = await vault.use(template, () => [...outputs, VALUE])
        expect(redacted).toStrictEqual([...outputs, '[secret:db.password]'])
      }),
      { numRuns: 500 },
    )
  })
})

describe('a value that went through several filters', () => {
  it.each([
    'hex | hex',
    'base64 | hex',
    'hex | base64',
    'base64 | base64 | base64',
    'urlencode | base64',
    'trim | hex | shell',
  ])('is redacted: %s', async (filters) => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const { redacted: result } = await vault.use([`x << secrets.free | ${filters} >> y`], ([text]) => text)
    expect(result).toMatch(/^x .*\[secret.* y$/)
    expect(result).not.toMatch(/[0-9a-zA-Z]{8,}/)
  })
})

describe('only what was used is taught', () => {
  it('of a field, not of those next to it', async () => {
    const { vault } = backstage()
    await vault.create({
      tag: 'db',
      value: { host: 'db.internal.example', name: 'production', user: 'postgres', password: VALUE },
    })
    const outcome = await vault.use(
      '<< secrets.db.password >>',
      (password) => `postgres@db.internal.example/production ${password}`,
    )
    expect(outcome.redacted).toBe('postgres@db.internal.example/production [secret:db.password]')
    for (const { text } of [vault.redactor, vault.with({ purpose: 'x' }).redactor]) {
      expect(text('postgres@db.internal.example/production')).toBe('postgres@db.internal.example/production')
    }
    expect(vault.redactor.text(VALUE)).toBe('[secret:db.password]')
    await vault.use({ host: '<< secrets.db.host >>' }, () => 1)
    expect(vault.redactor.text('at db.internal.example')).toBe('at [secret:db.host]')
  })

  it('of a pair all of it', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'login', type: 'basicAuth', value: { username: 'ann', password: 'hunter2-long-pw' } })
    await vault.resolve('Basic << secrets.login | basic >>')
    expect(vault.redactor.text(`${btoa('ann:hunter2-long-pw')} ${btoa('xann:hunter2-long-pw')}`)).not.toMatch(
      /aHVudGVy|bnRlcjIt/,
    )
    expect(vault.redactor.text('hunter2-long-pw')).toMatch(/^\[secret:login(?:\.password)?\]$/)
  })
})

describe('errors', () => {
  it('come back redacted, with their class, code and stack', async () => {
    const vault = await stage()
    const error = await vault
      .use(A, (exposed) => {
        const cause = Object.assign(new TypeError(`invalid header "${exposed}"`), {
          config: { headers: { A: exposed } },
        })
        throw Object.assign(new RangeError(`failed for ${exposed}`, { cause }), { code: 'E_FAILED' })
      })
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(RangeError)
    expect(error.code).toBe('E_FAILED')
    expect(error.message).toBe('failed for [secret:a]')
    expect(error.cause.config.headers.A).toBe('[secret:a]')
    expect(error.stack).toContain('use.test.ts')
    expect(`${error.stack}${error.cause.stack}`).not.toContain(VALUE)
    expect(await vault.use(A, (exposed) => Promise.reject(exposed)).catch((reason) => reason)).toBe('[secret:a]')
  })

  it('of the call itself come before anything is done', async () => {
    const vault = await stage()
    expect(await failure(vault.use('<< secrets.gone >>', () => expect.unreachable()))).toMatchObject({
      code: 'ERR_MISSING_SECRETS',
    })
    expect(await failure(vault.use(A, 'x' as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})
