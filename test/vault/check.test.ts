import { describe, expect, it } from 'vitest'
import { backstage, failure } from './fixture.ts'

const A = '<< secrets.a >>'

async function stage() {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: 'v', allow: { hosts: ['acme.dev'], in: ['header', 'host'] } })
  await stage.vault.create({ tag: 'svc', type: 'basicAuth', value: { username: 'u', password: 'p' } })
  await stage.vault.create({ tag: 'off', value: 'v', enabled: false })
  await stage.vault.create({ tag: 'over', value: 'v', expiresAt: new Date(0) })
  await stage.vault.create({ tag: 'free', value: 'v' })
  return stage
}

const brief = (findings: readonly { code: string; severity: string; path: string }[]) =>
  findings.map(({ code, severity, path }) => `${severity} ${code} ${path}`)

describe('check', () => {
  it('finds everything at once', async () => {
    const { vault } = await stage()
    const findings = await vault.check(
      {
        url: 'https://evil.example/',
        headers: { A, B: '<< secrets.fre >>', C: '<< secrets.svc >>', D: '<< secrets.svc.pasword >>' },
        body: {
          off: '<< secrets.off >>',
          over: '<< secrets.over >>',
          open: '<< secrets.a',
          filter: '<< secrets.a | trimm >>',
        },
      },
      { as: 'request' },
    )
    const lines = brief(findings)
    for (const line of [
      'error ERR_UNCLOSED_REFERENCE body.open',
      'error ERR_UNKNOWN_FILTER body.filter',
      'error ERR_MISSING_SECRETS headers.B',
      'error ERR_FIELD_REQUIRED headers.C',
      'error ERR_MISSING_SECRETS headers.D',
      'error ERR_SECRET_DISABLED body.off',
      'error ERR_SECRET_EXPIRED body.over',
    ]) {
      expect(lines).toContain(line)
    }
    expect(findings.find(({ path }) => path === 'headers.B')).toMatchObject({ tag: 'fre', suggestion: 'free' })
    expect(findings.find(({ path }) => path === 'headers.D')).toMatchObject({ suggestion: 'password' })
    expect(await vault.check('<< secrets.svc.pass >>')).toMatchObject([{ suggestion: 'password' }])
  })

  it('warns of the first mask, which somebody copied from a log or from the output of a step', async () => {
    const { vault } = await stage()
    const check = async (template: unknown) => brief(await vault.check(template))
    expect(await check({ headers: [['Authorization', 'Bearer [secret:a]']] })).toEqual([
      'warning WARN_MASK headers[0][1]',
    ])
    expect(await check({ a: A, dots: '••••••••' })).toContain('warning WARN_MASK dots')
    expect(await check({ a: ['[secret:a]', '[secret:b]'], z: '[secret:c]' })).toEqual(['warning WARN_MASK a[0]'])
    expect(await check('[secret:db.password]')).toEqual(['warning WARN_MASK '])
    // sections of TOML, the markers of other libraries, and what only looks like one
    for (const text of ['[secret]\nkey = 1', '<<REDACTED> - See errorRedactor>', '[secrets:a]', '[secret: a]', '• •']) {
      expect(await check({ text })).toEqual([])
    }
  })

  it('knows the host of a request, and warns where it is known only later', async () => {
    const { vault } = await stage()
    const check = async (template: object, options = {}) =>
      brief(await vault.check(template, { as: 'request', ...options }))
    expect(await check({ url: 'https://acme.dev/', headers: { A } })).toEqual([])
    expect(await check({ url: 'https://evil.example/', headers: { A } })).toEqual(['error ERR_HOST_DENIED headers.A'])
    expect(await check({ url: '/x', headers: { A } }, { destination: 'https://acme.dev' })).toEqual([])
    expect(await check({ url: 'https://acme.dev/', method: 'POST', body: A })).toEqual([
      'error ERR_LOCATION_DENIED body',
      'warning WARN_BODY_KIND body',
    ])
    expect(await check({ url: 'https://<< secrets.free >>/', headers: { A } })).toEqual([
      'warning ERR_HOST_DENIED headers.A',
    ])
    expect(await check({ url: `https://${A}/` })).toEqual(['warning ERR_HOST_DENIED url'])
    expect(brief(await vault.check({ A }, { as: 'headers' }))).toEqual(['error ERR_HOST_DENIED A'])
    expect(brief(await vault.check({ A }, { as: 'headers', destination: 'https://acme.dev' }))).toEqual([])
  })

  it('opens nothing, needs no key, and consults no mark', async () => {
    const { vault, another, stored, overwrite } = await stage()
    const old = await stored('free')
    await vault.update('free', { value: 'w' })
    overwrite(old)
    expect(await vault.check('<< secrets.free >>')).toEqual([])
    expect(await another({ keys: null }).check('<< secrets.free >>')).toEqual([])
    overwrite({ ...old, body: '{}' })
    expect(brief(await vault.check('<< secrets.free >>'))).toEqual(['error ERR_RECORD_CORRUPT '])
  })

  it('says a denial and nothing more of that secret', async () => {
    const { another } = await stage()
    const denied = another({ policy: ({ action }) => action !== 'use' })
    expect(brief(await denied.check(['<< secrets.off >>', '<< secrets.nowhere >>']))).toEqual([
      'error ERR_PERMISSION_DENIED [0]',
      'error ERR_PERMISSION_DENIED [1]',
    ])
  })

  it('takes prepared templates, authored references and kept ones', async () => {
    const { vault } = await stage()
    expect(brief(await vault.check(vault.prepare({ x: '<< secrets.gone >>' })))).toEqual([
      'error ERR_MISSING_SECRETS x',
    ])
    expect(brief(await vault.check('<< secrets.gone >>', { onMissing: 'keep' }))).toEqual([
      'warning ERR_MISSING_SECRETS ',
    ])
    const authored = vault.references('<< secrets.free >>')
    expect(await vault.check('<< secrets.free >>', { authored })).toEqual([])
    expect(brief(await vault.check('<< secrets.free >> << secrets.off >>', { authored }))).toContain(
      'error ERR_UNEXPECTED_REFERENCE ',
    )
    expect(await failure(vault.check('x', { authored: 'all' as never }))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    expect(await vault.check('no reference')).toEqual([])
  })
})

it('a faulty template is refused as well after it was checked', async () => {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: 'v' })
  for (const [template, as] of [
    [{ X: `a\r\nb ${A}` }, 'headers'],
    [`{"${A}":1}`, 'json'],
    [`https://h/\t${A}`, 'url'],
  ] as const) {
    expect(await vault.check(template, { as })).not.toEqual([])
    await failure(vault.resolve<unknown>(template, { as }))
  }
})

it('a config of a hundred thousand levels is refused, and does not hold up the process', async () => {
  const { vault } = backstage()
  const levels = 100_000
  const config: unknown = JSON.parse(`${'['.repeat(levels)}"${A}"${']'.repeat(levels)}`)
  const findings = await vault.check(config)
  expect(findings.map(({ code }) => code)).toEqual(['ERR_INVALID_INPUT'])
  expect(findings[0]?.message).toContain('levels deep')
})

describe('a secret that was deleted in an environment', () => {
  it('is said to be, and not suggested, though another environment has it', async () => {
    const { another } = backstage({ fallback: { preview: ['dev'] } })
    const dev = another({ environment: 'dev' })
    const preview = another({ environment: 'preview' })
    for (const vault of [dev, preview]) await vault.set({ tag: 'only', value: 'only-0123456789' })
    await preview.delete('only', { confirm: 'only' })
    const template = '<< secrets.only >>'
    const missing = [{ tag: 'only', path: '', isDeleted: true }]
    for (const call of [() => preview.resolve(template), () => preview.snapshot(['only'])]) {
      const error = await failure(call())
      expect(error).toMatchObject({ code: 'ERR_MISSING_SECRETS', missing })
      expect((error as Error).message).toContain('"only" (it was deleted in this environment)')
    }
    const [finding] = await preview.check(template)
    expect(finding?.message).toMatch(/it was deleted in this environment, and no other is asked; create it/)
    expect(finding).not.toHaveProperty('suggestion')
  })
})

describe('a finding that needs the storage', () => {
  it('has line, column and caret, and stands in the order of the document', async () => {
    const { vault } = await stage()
    const text = 'a\n  << secrets.nope >>\n{{ Secrets.t }} << secrets.off >> << secrets.nope >>'
    const places = (await vault.check(text)).map(({ code, line, column }) => [code, line, column])
    expect(places).toEqual([
      ['ERR_MISSING_SECRETS', 2, 3],
      ['WARN_NAME_CASE', 3, 1],
      ['ERR_SECRET_DISABLED', 3, 17],
      ['ERR_MISSING_SECRETS', 3, 35],
    ])
    const [missing] = await vault.check(text)
    expect(missing?.caret).toBe(`…<< secrets.nope >>\n ${'^'.repeat('<< secrets.nope >>'.length)}`)
  })

  it('stands among those of the grammar, also in lists and URLs', async () => {
    const { vault } = await stage()
    const config = {
      url: new URL('https://h/?a=<< secrets.none >>&b=<< secrets.off >>'),
      headers: [
        ['X', '{{ secret.y }}'],
        ['Y', 'x << secrets.none >>'],
      ],
      body: ['<< secrets.over >>', '{{ Secrets.z }}'],
    }
    const found = (await vault.check(config, { as: 'request' })).map(({ code, path }) => `${code} ${path}`)
    expect(found).toEqual([
      'ERR_MISSING_SECRETS url',
      'ERR_SECRET_DISABLED url',
      'WARN_DIALECT headers[0][1]',
      'ERR_MISSING_SECRETS headers[1][1]',
      'ERR_SECRET_EXPIRED body[0]',
      'WARN_NAME_CASE body[1]',
    ])
  })
})

it('a getter that throws is a finding, and its error nowhere', async () => {
  const { vault } = backstage()
  const template = {
    get a(): never {
      throw new Error('hunter2-hunter2')
    },
    b: ['[secret:x]'],
  }
  const findings = await vault.check(template)
  expect(findings.map(({ code, path }) => `${code} ${path}`)).toEqual(['ERR_INVALID_INPUT ', 'WARN_MASK b[0]'])
  expect(JSON.stringify(findings)).not.toContain('hunter2')
  const stored = { url: 'https://acme.dev/' }
  const call = vault.absorb(Object.defineProperty({ ...stored }, 'body', { get: () => template.a, enumerable: true }), {
    stored,
    paths: ['body.k'],
  })
  expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
})

describe('a request of a class', () => {
  class Step {
    url = 'https://acme.dev/'
    headers = { A: '<< secrets.free >>' }
  }

  it('is read for its members, as names with values are', async () => {
    const { vault } = await stage()
    expect((await vault.resolveRequest(new Step())).expose()).toEqual({ url: 'https://acme.dev/', headers: { A: 'v' } })
    expect(vault.references(new Step(), { as: 'request' })).toHaveLength(1)
    expect(await vault.check(new Step(), { as: 'request' })).toEqual([])
    const call = vault.absorb(new Step(), { stored: {}, paths: [] })
    expect(await failure(call)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
  })

  it('is refused where a getter of it says where it goes, since the copy would go nowhere', async () => {
    class Base {
      get url() {
        return 'https://acme.dev/'
      }
    }
    class Entity extends Base {
      headers = { A: '<< secrets.free >>' }
    }
    const { vault } = await stage()
    expect(await failure(vault.resolveRequest(new Entity()))).toMatchObject({ code: 'ERR_INVALID_INPUT', path: '' })
    const [finding] = await vault.check(new Entity(), { as: 'request' })
    expect(finding).toMatchObject({ code: 'ERR_INVALID_INPUT', severity: 'error' })
  })

  it.each([new Request('https://acme.dev/'), new Date(), new Error('x'), Promise.resolve(), new Uint8Array(2), [1]])(
    'is none of the platform: %s',
    async (given) => {
      const { vault } = backstage()
      expect(await failure(vault.resolveRequest(given))).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    },
  )
})
