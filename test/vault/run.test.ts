import { describe, expect, it } from 'vitest'
import { backstage, failure } from './fixture.ts'

const VALUE = 'v-0123456789/+"'
const A = '<< secrets.a >>'

async function stage() {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  return vault
}

describe('run', () => {
  it('hands plaintext to the function and gives its result back redacted', async () => {
    const vault = await stage()
    const result = await vault.run({ key: A }, async (exposed) => {
      expect(exposed.key).toBe(VALUE)
      return {
        status: 200,
        body: `echo ${exposed.key}`,
        json: JSON.stringify(exposed),
        url: `https://h/?k=${encodeURIComponent(exposed.key)}`,
        map: new Map([[exposed.key, new Set([exposed.key])]]),
        bytes: new TextEncoder().encode('fine'),
        date: new Date(0),
        nothing: null,
        none: undefined,
        big: 1n,
      }
    })
    expect(result.status).toBe(200)
    expect(result.body).toBe('echo [secret:a]')
    expect(JSON.parse(result.json)).toEqual({ key: '[secret:a]' })
    expect(result.url).toBe('https://h/?k=[secret:a]')
    expect([...result.map.keys()]).toEqual(['[secret:a]'])
    expect(result.date).toEqual(new Date(0))
  })

  it('gives back errors redacted, with their class, code and stack', async () => {
    const vault = await stage()
    const error = await vault
      .run(A, (exposed) => {
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
    expect(error.stack).toContain('run.test.ts')
    expect(`${error.stack}${error.cause.stack}`).not.toContain(VALUE)
    expect(await vault.run(A, (exposed) => Promise.reject(exposed)).catch((reason) => reason)).toBe('[secret:a]')
  })

  it.each([
    ['a function', () => () => VALUE],
    ['a symbol', () => Symbol('x')],
    ['a response', () => new Response(VALUE)],
    ['a stream', () => new ReadableStream()],
    [
      'a class instance',
      () =>
        new (class Holder {
          value = VALUE
        })(),
    ],
    ['an instance deep inside', () => ({ a: [new Map([['k', new Response()]])] })],
    [
      'an accessor',
      () => ({
        get value() {
          return VALUE
        },
      }),
    ],
    ['a very long array', () => Array.from({ length: 100_001 })],
  ] as [string, () => unknown][])('refuses %s, which no copy can clean', async (_, result) => {
    const vault = await stage()
    expect(await failure(vault.run(A, result))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('gives back the errors in a result as those that are thrown, whatever hangs on them', async () => {
    const vault = await stage()
    const reason = () =>
      Object.assign(new Error(`failed for ${VALUE}`), { response: new Response(), retry: () => VALUE })
    const [settled] = await vault.run(A, () => Promise.allSettled([Promise.reject(reason())]))
    expect((settled as PromiseRejectedResult).reason.message).toBe('failed for [secret:a]')
  })

  it('takes cycles, and fails before it calls anything', async () => {
    const vault = await stage()
    const cyclic: Record<string, unknown> = { a: VALUE }
    cyclic['self'] = cyclic
    const copy = await vault.run(A, () => cyclic)
    expect(copy['a']).toBe('[secret:a]')
    expect(copy['self']).toBe(copy)
    expect(await failure(vault.run('<< secrets.gone >>', () => expect.unreachable()))).toMatchObject({
      code: 'ERR_MISSING_SECRETS',
    })
    expect(await failure(vault.run(A, 'x' as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })
})
