/** Nothing hangs on an engine's hook for secrecy: what a step gives back or throws is clean when it leaves `use`. */

import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import { FakeEngine } from './fake-engine.ts'
import { backstage } from './fixture.ts'

const VALUE = 'crm-7f3e9a1c5b8d2e4f/+"x'
const SECRETS = { crm: VALUE, control: 'ctl-91c2b7d4e5f60718' }
const CONFIG = { headers: { Authorization: '<< secrets.crm >>' } }

async function stage() {
  const { vault } = backstage()
  await vault.create({ tag: 'crm', value: VALUE })
  /** A step as an engine's author writes it: a function around `use`, no middleware. */
  const step = (work: (key: string) => unknown) => () =>
    vault.use(CONFIG, ({ headers }) => work(headers.Authorization), { as: 'request' })
  return { vault, step }
}

/** Where the engine stored the key; a value written on purpose is found in each way that was written. */
async function expectClean({ stored }: FakeEngine): Promise<void> {
  const ways = new Set(stored.map(({ way }) => way))
  const { leaks } = await leakProbe(SECRETS, ({ output }) => {
    for (const way of ways) {
      output(
        stored.filter((each) => each.way === way).map(({ text }) => text),
        way,
      )
      output(SECRETS.control, way)
    }
  })
  expect(leaks.filter(({ label }) => label === 'crm')).toEqual([])
  expect(new Set(leaks.map(({ where }) => where))).toEqual(ways)
}

class Client {
  readonly key: string
  readonly #hidden: string
  constructor(key: string) {
    this.key = key
    this.#hidden = key
  }
  get header(): string {
    return this.#hidden
  }
  toString(): string {
    return this.#hidden
  }
}

class SdkError extends Error {
  readonly config: unknown
  constructor(key: string) {
    super(`401 for ${key}`)
    this.config = { headers: { Authorization: key }, send: () => key }
  }
  get detail(): unknown {
    return this.config
  }
}

const bytes = (key: string) => new TextEncoder().encode(key)

/** What steps give back and throw, each with the key in it. */
const THINGS: readonly [string, (key: string) => unknown][] = [
  ['a text', (key) => `Bearer ${key}`],
  ['an object', (key) => ({ request: { [`key ${key}`]: [key, encodeURIComponent(key), btoa(key)] } })],
  ['an error', (key) => new Error(`refused ${key}`)],
  ['an error with causes', (key) => new Error(key, { cause: new TypeError(key, { cause: { headers: [key] } }) })],
  ['an aggregate', (key) => new AggregateError([new Error(key), key, { key }], `all refused ${key}`)],
  ['an error of an SDK', (key) => new SdkError(key)],
  ['an error that names it', (key) => Object.assign(new Error('x'), { name: key, code: key, [key]: 1 })],
  [
    'an error that inherits it',
    (key) =>
      new (class extends Error {
        override get message(): string {
          return key
        }
        override toString(): string {
          return key
        }
      })(),
  ],
  ['a DOM exception', (key) => new DOMException(key, key)],
  ['a class instance', (key) => new Client(key)],
  ['an object that prints itself', (key) => ({ toString: () => key, toJSON: () => key })],
  ['a function', (key) => Object.assign(() => key, { key, toString: () => key })],
  [
    'a class',
    (key) =>
      class extends Client {
        static readonly key = key
      },
  ],
  ['bytes', (key) => bytes(key)],
  ['a buffer', (key) => ({ data: Buffer.from(key), view: new DataView(bytes(key).buffer), raw: bytes(key).buffer })],
  ['a web stream', (key) => new Response(key).body],
  ['a stream', (key) => Readable.from([key])],
  ['a response', (key) => new Response(key, { headers: { 'x-echo': encodeURIComponent(key) } })],
  ['a request', (key) => new Request('http://h/', { headers: { authorization: key } })],
  [
    'a generator',
    (key) =>
      (function* () {
        yield key
      })(),
  ],
  ['a URL', (key) => new URL(`http://h/?k=${encodeURIComponent(key)}`)],
  ['a map and a set', (key) => new Map<unknown, unknown>([[key, new Set([key])]])],
  ['a symbol', (key) => Symbol(key)],
  ['a proxy', (key) => new Proxy({ key }, {})],
  [
    'an accessor',
    (key) => ({
      get key() {
        return key
      },
    }),
  ],
  ['an aborted signal', (key) => AbortSignal.abort(new Error(key))],
  ['nothing', () => undefined],
]

describe.each(THINGS)('%s', (_, make) => {
  it('is clean in all that the engine stores when a step gives it back', async () => {
    const { step } = await stage()
    const engine = new FakeEngine()
    await engine.run(({ run }) => run('a', step(make)))
    await expectClean(engine)
  })

  it.each([
    [
      'throws',
      (key: string) => {
        throw make(key)
      },
    ],
    ['rejects with', (key: string) => Promise.reject(make(key))],
  ])('is clean when a step %s it', async (_, fail) => {
    const { step } = await stage()
    const engine = new FakeEngine()
    await engine.run(({ run }) => run('a', step(fail)))
    expect(engine.stored.map(({ way }) => way)).toContain('error')
    await expectClean(engine)
  })
})

it('two steps of one tick, of which the hook sees one, and a third one with the output of both', async () => {
  const { vault, step } = await stage()
  const engine = new FakeEngine((value) => ({ hooked: value }))
  const seen: unknown[] = []
  await engine.run(async ({ run }) => {
    const both = await Promise.all([
      run(
        'a',
        step((key) => ({ a: key })),
      ),
      run(
        'b',
        step((key) => ({ b: key })),
      ),
    ])
    return run('c', () => {
      seen.push(both)
      return vault.use({ ...CONFIG, body: JSON.stringify(both) }, ({ body }) => body, { as: 'request' })
    })
  })
  // the next step is given what was stored
  expect(seen).toEqual([[{ hooked: { a: '[secret:crm]' } }, { b: '[secret:crm]' }]])
  await expectClean(engine)
})

it('an error is stored as useful as it was, and by its class', async () => {
  const { step } = await stage()
  const engine = new FakeEngine()
  await engine.run(({ run }) =>
    run(
      'a',
      step((key) => {
        throw new RangeError(`quota of ${key} is 5 of 5`)
      }),
    ),
  )
  expect(engine.stored.find(({ way }) => way === 'error')!.text).toMatch(
    /^RangeError quota of \[secret:crm\] is 5 of 5 .*engine-hooks/s,
  )
})

it('a replay stores the same bytes', async () => {
  const { step } = await stage()
  const texts = async () => {
    const engine = new FakeEngine()
    await engine.run(({ run }) =>
      run(
        'a',
        step((key) => ({ z: key, a: [key, 1, null], m: new Map([[key, 1]]) })),
      ),
    )
    return engine.stored
  }
  expect(await texts()).toEqual(await texts())
})

it('a step that goes around use is found', async () => {
  const { vault } = await stage()
  const engine = new FakeEngine(() => '[hidden by a hook]')
  const leaking = async () => (await vault.resolve(CONFIG, { as: 'request' })).expose()
  await engine.run(({ run }) => Promise.all([run('a', leaking), run('b', leaking)]))
  await expect(expectClean(engine)).rejects.toThrow()
})
