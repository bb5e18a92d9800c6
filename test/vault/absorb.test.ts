/** What a form sends back: what was typed becomes a secret, dots mean unchanged, and nobody gets at a secret by editing. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { keysOf, valueAt, withValueAt } from '../../src/vault/config-path.ts'
import { all, backstage, failure, listener, thrown } from './fixture.ts'

const DOTS = '••••••••'
const PATHS = ['headers.Authorization', 'headers.X-Key']
const TOKEN = 'Bearer sk-0123456789'
const url = 'https://api.acme.dev/v1'

/** A config as it is stored after its secret was typed once. */
async function stageWithConfig() {
  const stage = backstage()
  const submitted = { url, headers: { Authorization: TOKEN, Accept: '*/*' } }
  const { config, created } = await stage.vault.absorb(submitted, { stored: {}, paths: PATHS })
  return { ...stage, stored: config, tag: created[0]!, submitted }
}

describe('a text that was typed', () => {
  it('becomes a secret that is bound to the host, and a reference', async () => {
    const { vault, stored, tag, submitted } = await stageWithConfig()
    expect(stored).toEqual({ url, headers: { Authorization: `<< secrets.${tag} >>`, Accept: '*/*' } })
    expect(tag).toMatch(/^authorization-[0-9a-f]{16}$/)
    expect((await vault.describe(tag))?.allow).toEqual({ hosts: ['api.acme.dev'] })
    expect((await vault.resolveRequest(stored)).expose().headers.Authorization).toBe(TOKEN)
    // the caller's object is as it was
    expect(submitted.headers.Authorization).toBe(TOKEN)
  })

  it.each([
    ['http://localhost:8080/x', { url: 'http://localhost:8080/x' }, ['http://localhost:8080']],
    ['a base', { baseURL: 'https://api.acme.dev:8443', url: '/x' }, ['api.acme.dev:8443']],
  ])('is bound to %s', async (_, place, hosts) => {
    const { vault } = backstage()
    const { created } = await vault.absorb({ ...place, headers: { 'X-Key': TOKEN } }, { stored: {}, paths: PATHS })
    expect((await vault.describe(created[0]!))?.allow).toEqual({ hosts })
  })

  it('may be used where it was typed, also in a body, a query and a list', async () => {
    const { vault } = backstage()
    const submitted = {
      url,
      method: 'POST',
      query: { key: 'q-0123456789' },
      body: { list: [{ 'a.b': 'b-0123456789' }] },
    }
    const paths = ['query.key', 'body.list[0]["a.b"]']
    const { config, created } = await vault.absorb(submitted, { stored: {}, paths })
    const infos = await Promise.all(created.map((tag) => vault.describe(tag)))
    expect(infos.map((info) => info?.allow?.in)).toEqual([['query:key'], ['body']])
    const sent = (await vault.resolveRequest(config)).expose()
    expect([sent.query, sent.body]).toEqual([submitted.query, submitted.body])
  })

  it('over an old secret is a new one, and the old one stays', async () => {
    const { vault, stored, tag } = await stageWithConfig()
    const next = { ...stored, headers: { Authorization: 'Bearer next-0123456789', Accept: '*/*' } }
    const { config, created, kept } = await vault.absorb(next, { stored, paths: PATHS })
    expect(created).toHaveLength(1)
    expect(created[0]).not.toBe(tag)
    expect(kept).toEqual([])
    expect((await vault.resolveRequest(config)).expose().headers.Authorization).toBe('Bearer next-0123456789')
    expect(await vault.describe(tag)).toBeDefined()
  })

  it('is none where it is empty, or where an engine puts something in later', async () => {
    const { vault } = backstage()
    const submitted = { url, headers: { Authorization: 'Bearer {{ steps.login.token }}', 'X-Key': '' } }
    const result = await vault.absorb(submitted, { stored: {}, paths: [...PATHS, 'headers.None'] })
    expect(result).toEqual({ config: submitted, created: [], kept: [] })
    expect(await all(vault.list())).toEqual([])
  })

  it.each<[string, object, string]>([
    ['a relative URL', { url: '/x', headers: { 'X-Key': TOKEN } }, 'headers.X-Key'],
    ['no text', { url, headers: { 'X-Key': 5 } }, 'headers.X-Key'],
  ])('with %s is refused, and nothing is created', async (_, submitted, path) => {
    const { vault } = backstage()
    const call = vault.absorb(submitted, { stored: {}, paths: PATHS })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', path })
    expect(await all(vault.list())).toEqual([])
  })

  it('is asked of the policy and told as a creation', async () => {
    const onEvent = listener()
    const { another } = backstage()
    const submitted = { url, headers: { 'X-Key': TOKEN } }
    const guarded = another({ onEvent, policy: ({ action }) => action !== 'create' })
    const call = guarded.absorb(submitted, { stored: {}, paths: PATHS })
    expect(await failure(call)).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
    expect(onEvent.mock.calls).toMatchObject([[{ action: 'create', outcome: 'ERR_PERMISSION_DENIED' }]])
  })
})

describe('dots', () => {
  it.each(['alone', 'in place of the reference', 'as the reference itself'])('%s mean unchanged', async (how) => {
    const { vault, tag } = await stageWithConfig()
    const before = `Bearer << secrets.${tag} >>`
    const stored = { url, headers: { Authorization: before } }
    const typed = { alone: ` ${DOTS} `, 'in place of the reference': `Bearer ${DOTS}` }[how] ?? before
    const result = await vault.absorb({ url, headers: { Authorization: typed } }, { stored, paths: PATHS })
    expect(result).toEqual({ config: stored, created: [], kept: [tag] })
  })

  it.each([`${DOTS}x`, '•••', `Token ${DOTS}`, '[secret:other]'])(
    'that were edited, %j, are refused',
    async (typed) => {
      const { vault, stored } = await stageWithConfig()
      const submitted = { ...stored, headers: { Authorization: typed, Accept: '*/*' } }
      expect(await failure(vault.absorb(submitted, { stored, paths: PATHS }))).toMatchObject({
        code: 'ERR_INVALID_INPUT',
        path: 'headers.Authorization',
      })
    },
  )

  it('are refused where there was no secret', async () => {
    const { vault, stored } = await stageWithConfig()
    const submitted = { ...stored, headers: { ...stored.headers, 'X-Key': DOTS } }
    expect(await failure(vault.absorb(submitted, { stored, paths: PATHS }))).toMatchObject({ path: 'headers.X-Key' })
  })
})

describe('a reference', () => {
  it('that was not there is refused, at a secret field and anywhere else, and one that was moved as well', async () => {
    const { vault, stored, tag } = await stageWithConfig()
    await vault.create({ tag: 'stripe', value: 'sk-live-0123456789' })
    for (const change of [
      { headers: { ...stored.headers, 'X-Key': '<< secrets.stripe >>' } },
      { body: '{{ secrets.stripe }}' },
      { headers: { Accept: stored.headers.Authorization } },
      { headers: { ...stored.headers, Authorization: `<< secrets.${tag} | base64 >>` } },
    ]) {
      const call = vault.absorb({ ...stored, ...change }, { stored, paths: PATHS })
      expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', path: expect.any(String) })
    }
  })

  it('stays in its parameter or member of a text too, whatever else is changed there', async () => {
    const { vault } = backstage()
    const S = '<< secrets.s >>'
    const request = (query: string, type: string, body: string) => {
      return { url: `https://acme.dev/v1?${query}`, method: 'POST', headers: { 'Content-Type': type }, body }
    }
    const [json, form] = ['application/json', 'application/x-www-form-urlencoded']
    const texts = [
      [request(`token=${S}`, json, '{}'), request(`text=${S}`, json, '{}'), request(`a=b&token=${S}`, json, '{"c":1}')],
      [
        request('', json, `{"token":"${S}"}`),
        request('', json, `{"text":"${S}"}`),
        request('', json, `{"a":1, "token":"${S}"}`),
      ],
      [request('', form, `token=${S}`), request('', form, `text=${S}`), request('', form, `a=b&token=${S}`)],
      [
        request('', json, `{"token":"${S}"}`),
        request('', 'text/xml', `{"token":"${S}"}`),
        request('x', json, `{"token":"${S}"}`),
      ],
    ] as const
    for (const [stored, moved, edited] of texts) {
      const options = { stored, paths: [] }
      expect(await failure(vault.absorb(moved, options))).toMatchObject({ code: 'ERR_INVALID_INPUT', tag: 's' })
      expect((await vault.absorb(edited, options)).config).toEqual(edited)
    }
  })
})

describe('a changed origin', () => {
  const elsewhere = 'https://evil.example/v1'

  it('takes no unchanged secret along that is bound to nothing', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const stored = { url, headers: { Authorization: '<< secrets.free >>' } }
    const submitted = { url: elsewhere, headers: { Authorization: DOTS } }
    expect(await failure(vault.absorb(submitted, { stored, paths: PATHS }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      tag: 'free',
    })
    // in another path of the same origin it is fine
    await vault.absorb({ ...submitted, url: 'https://api.acme.dev/other' }, { stored, paths: PATHS })
  })

  it('takes no secret along of which this environment knows no rule', async () => {
    const { vault, another } = backstage()
    await another({ environment: 'live' }).create({ tag: 'free', value: 'free-0123456789' })
    const stored = { url, headers: { Authorization: '<< secrets.free >>' } }
    const submitted = { url: elsewhere, headers: { Authorization: DOTS } }
    expect(await failure(vault.absorb(submitted, { stored, paths: PATHS }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      tag: 'free',
    })
    // and where it goes where it went, nobody has to know one
    expect((await vault.absorb({ ...submitted, url }, { stored, paths: PATHS })).kept).toEqual(['free'])
  })

  it('is left to the rule of one that is bound', async () => {
    const { vault, stored, tag } = await stageWithConfig()
    const { config, kept } = await vault.absorb({ ...stored, url: elsewhere }, { stored, paths: PATHS })
    expect(kept).toEqual([tag])
    expect(await failure(vault.resolveRequest(config))).toMatchObject({ code: 'ERR_HOST_DENIED' })
  })

  it('that is known at run time only has to be written as it was', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'free', value: 'free-0123456789' })
    const headers = { Authorization: '<< secrets.free >>' }
    const stored = { url: '/v1', headers }
    await vault.absorb({ url: '/v1', headers, method: 'POST' }, { stored, paths: PATHS })
    const call = vault.absorb({ url: '/v2', headers }, { stored, paths: PATHS })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT', tag: 'free' })
  })
})

describe('a path', () => {
  it.each<[string, readonly string[]]>([
    ['a', ['a']],
    ['headers.X-Key', ['headers', 'X-Key']],
    ['e[0]', ['e', '0']],
    ['[1].b', ['1', 'b']],
    ['a["b.c"][2]', ['a', 'b.c', '2']],
    ['["__proto__"]', ['__proto__']],
  ])('%s leads by %j', (path, keys) => {
    expect(keysOf(path)).toEqual(keys)
  })

  it.each(['', '.a', 'a.', 'a[', 'a[x]', 'a["b]', 'a]b', 'x.'.repeat(100), 7])('%j is none', (path) => {
    expect(thrown(() => keysOf(path as string))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('is read and written by own key, in a copy that shares all else', () => {
    expect(valueAt({}, ['constructor'])).toBeUndefined()
    expect(valueAt('text', ['length'])).toBeUndefined()
    const config = { a: [{ b: 1 }], c: {} }
    const copy = withValueAt(config, ['a', '0', 'b'], 2)
    expect([copy, config]).toEqual([
      { a: [{ b: 2 }], c: {} },
      { a: [{ b: 1 }], c: {} },
    ])
    expect(copy.c).toBe(config.c)
    const odd = withValueAt(JSON.parse('{"__proto__":{"a":1}}'), ['__proto__', 'a'], 2)
    expect(JSON.stringify(odd)).toBe('{"__proto__":{"a":2}}')
  })

  it('of which there are too many, or that are no list, is refused', async () => {
    const { vault } = backstage()
    for (const paths of ['a', Array(1_001).fill('a'), ['']]) {
      const call = vault.absorb({}, { stored: {}, paths: paths as string[] })
      expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })
})

describe('a path that leads nowhere', () => {
  it.each<[object, string]>([
    [{ url, headers: { authorization: TOKEN } }, 'headers.Authorization'],
    [{ url, body: '{"token":"sk-0123456789"}' }, 'body.token'],
    [{ url, headers: [{ name: 'Authorization', value: TOKEN }] }, 'headers.Authorization'],
  ])('is refused, since what was typed would be stored in clear: %j', async (submitted, path) => {
    const { vault } = backstage()
    expect(await failure(vault.absorb(submitted, { stored: {}, paths: [path] }))).toMatchObject({
      code: 'ERR_INVALID_INPUT',
      path,
    })
    expect(await all(vault.list())).toEqual([])
  })

  it('is none where a form has left the field out', async () => {
    const { vault } = backstage()
    const submitted = { url, headers: { Accept: 'x' } }
    expect((await vault.absorb(submitted, { stored: {}, paths: [...PATHS, 'auth.password'] })).config).toEqual(
      submitted,
    )
  })
})

it('dots at a place that no path leads to are refused, so that they overwrite no reference', async () => {
  const { vault, stored } = await stageWithConfig()
  for (const [extra, path] of [
    [{ 'X-Other': DOTS }, 'headers.X-Other'],
    [{ list: ['x', `{"a":"${DOTS}"}`] }, 'headers.list[1]'],
  ] as const) {
    const submitted = { url, headers: { Authorization: DOTS, ...extra } }
    expect(await failure(vault.absorb(submitted, { stored, paths: PATHS }))).toMatchObject({ path })
  }
  expect(await failure(vault.absorb({ url }, { paths: PATHS } as never))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
})

it('needs no key where secrets only stay, and one where a text was typed', async () => {
  const { another, stored, tag } = await stageWithConfig()
  const keyless = another({ keys: null })
  const back = { ...stored, headers: { ...stored.headers, Authorization: DOTS } }
  expect(await keyless.absorb(back, { stored, paths: PATHS })).toEqual({ config: stored, created: [], kept: [tag] })
  const typed = { ...stored, headers: { ...stored.headers, 'X-Key': 'typed-0123456789' } }
  expect(await failure(keyless.absorb(typed, { stored, paths: PATHS }))).toMatchObject({ code: 'ERR_INVALID_KEY' })
})

it.each<object>([
  { headers: { Authorization: 'Bearer << secrets.free >>', host: 'evil.example' } },
  { proxy: { host: 'evil.example', port: 80 } },
  { socketPath: '/tmp/e' },
  { unix: '/tmp/e' },
])('an unchanged secret that is bound to nothing does not go along where %j was added', async (added) => {
  const { vault } = backstage()
  await vault.create({ tag: 'free', value: 'tok-0123456789' })
  const stored = { url, headers: { Authorization: 'Bearer << secrets.free >>' } }
  expect(await failure(vault.absorb({ ...stored, ...added }, { stored, paths: PATHS }))).toMatchObject({
    tag: 'free',
  })
})

it('a text beside a tag is refused, since its secret part would be stored in clear', async () => {
  const { vault } = backstage()
  const submitted = { url, headers: { 'X-Key': 'pa{{ss}}w0rd-of-bob' } }
  expect(await failure(vault.absorb(submitted, { stored: {}, paths: PATHS }))).toMatchObject({ path: 'headers.X-Key' })
})

it('the error of a getter next to a field is nowhere', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'free', value: 'tok-0123456789' })
  const stored = { url, headers: { 'X-Key': '<< secrets.free >>' } }
  const headers = Object.defineProperty({ 'X-Key': DOTS }, 'Other', {
    enumerable: true,
    get: () => {
      throw new Error('tok-0123456789')
    },
  })
  const error = await failure(vault.absorb({ url, headers }, { stored, paths: PATHS }))
  expect(error).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  expect(inspect(error, { depth: 9 })).not.toContain('tok-')
})

it('a config is read no more often for many fields than for few', async () => {
  const readsFor = async (count: number) => {
    const { vault } = backstage()
    let reads = 0
    const json = Object.defineProperty({}, 'id', { enumerable: true, get: () => ++reads })
    const headers = Array.from({ length: count }, (_, index) => [`X-${index}`, `typed-0123-${index}`])
    await vault.absorb({ url, headers, json }, { stored: {}, paths: headers.map((_, index) => `headers[${index}][1]`) })
    return reads
  }
  expect(await readsFor(40)).toBe(await readsFor(2))
})

describe('what cannot be read', () => {
  const traps = ['getPrototypeOf', 'ownKeys', 'getOwnPropertyDescriptor', 'get', 'has'] as const
  const stored = { url: 'https://acme.dev/', headers: { A: 'x' } }

  it.each(traps)(
    'is refused by absorb and conceal, and its error is nowhere: a proxy that throws at %s',
    async (trap) => {
      const { vault } = backstage()
      const failing = <T extends object>(target: T): T =>
        new Proxy(target, {
          [trap]: () => {
            throw new Error('hunter2-hunter2')
          },
        })
      const configs = [failing(stored), { ...stored, headers: failing(stored.headers) }]
      const calls = configs.flatMap((config): (() => Promise<unknown>)[] => [
        () => vault.absorb(config, { stored: {}, paths: ['headers.A'] }),
        () => vault.absorb(config, { stored: {}, paths: ['headers.B'] }),
        () => vault.absorb({ ...stored, headers: { A: 'y' } }, { stored: config, paths: ['headers.A'] }),
        async () => vault.conceal(config, { of: [] }),
      ])
      for (const call of calls) {
        const outcome: unknown = await call().catch((error: unknown) => error)
        expect(inspect(outcome)).not.toContain('hunter2')
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'ERR_INVALID_INPUT' })
      }
    },
  )
})
