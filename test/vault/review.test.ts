/** Ways around a rule, and out of a result, that were open once. Each test names one. */

import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { createRedactor } from '../../src/redact/redactor.ts'
import { backstage, failure, KEY, listener, thrown } from './fixture.ts'

const A = '<< secrets.a >>'
const VALUE = 'v-0123456789'
const INVALID = { code: 'ERR_INVALID_INPUT' }

async function stage(allow: object = { hosts: ['ok.example'] }) {
  const stage = backstage()
  await stage.vault.create({ tag: 'a', value: VALUE, allow })
  await stage.vault.create({ tag: 'free', value: 'free-0123456789' })
  return stage
}

describe('the destination of a request', () => {
  it.each([
    ['a list', ['http://evil.example/']],
    ['parts', { protocol: 'http:', hostname: 'evil.example', path: '/' }],
    ['a number', 1],
  ])('whose url is %s is unknown, whatever base or option say', async (_, url) => {
    const { vault } = await stage()
    const headers = { A }
    expect(await failure(vault.resolveRequest({ url, baseURL: 'https://ok.example', headers }))).toMatchObject(INVALID)
    const option = { destination: 'https://ok.example/' }
    expect(await failure(vault.resolveRequest({ url, headers }, option))).toMatchObject(INVALID)
    const findings = await vault.check({ url, headers }, { as: 'request' })
    expect(findings.map(({ code }) => code)).toContain('ERR_INVALID_INPUT')
  })

  it('is the config’s own where it is relative to another host, has another method, or hangs on a kept host', async () => {
    const { vault } = await stage({ hosts: ['ok.example'], methods: ['GET'] })
    const destination = { url: 'https://ok.example/', method: 'GET' }
    const headers = { A }
    expect(await failure(vault.resolveRequest({ url: '//evil.example/w', headers }, { destination }))).toMatchObject(
      INVALID,
    )
    expect(
      await failure(vault.resolveRequest({ url: '/x', method: 'DELETE', headers }, { destination })),
    ).toMatchObject({
      code: 'ERR_METHOD_DENIED',
    })
    const kept = { url: 'https://<< secrets.nope >>/x', headers }
    expect(await failure(vault.resolveRequest(kept, { destination, onMissing: 'keep' }))).toMatchObject({
      code: 'ERR_HOST_DENIED',
    })
    await vault.resolveRequest({ url: '/x', headers }, { destination })
    // a base that is not whole ends, in the hands of a client, in the host of what follows it
    for (const base of [
      { baseURL: '//evil.example' },
      { baseURL: 'https:' },
      { baseURL: 'https:/' },
      { origin: 'https://ok.example', prefixUrl: 'https:' },
    ]) {
      const config = { ...base, url: 'evil.example/x', headers }
      expect(await failure(vault.resolveRequest(config, { destination }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    }
  })

  it('does not turn a header or a body into a query by a URL that stands in it', async () => {
    const { vault } = await stage({ hosts: ['ok.example'], in: ['query'] })
    const place = new URL('https://h.example/?k={{ secrets.a }}')
    for (const config of [{ headers: { R: place } }, { body: place }, { body: { u: place } }]) {
      const request = { url: 'https://ok.example/', method: 'POST', ...config }
      expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
    }
    const allowed = await vault.resolveRequest({ url: new URL('https://ok.example/?k={{ secrets.a }}') })
    expect(String(allowed.expose().url)).toBe(`https://ok.example/?k=${VALUE}`)
  })

  it('is that of the moment of the call, also of a URL that its owner turns elsewhere', async () => {
    const { vault } = await stage()
    const url = new URL('https://ok.example/')
    const pending = vault.resolveRequest({ url, headers: { A } })
    url.host = 'evil.example'
    expect(String((await pending).expose().url)).toBe('https://ok.example/')
    const again = new URL('https://ok.example/')
    const prepared = vault.prepare({ url: again, headers: { A } }, { as: 'request' })
    again.host = 'evil.example'
    expect(String((await vault.resolve(prepared)).expose().url)).toBe('https://ok.example/')
  })

  it('of a URL template is where that URL leads', async () => {
    const { vault } = await stage({ hosts: ['ok.example'], in: ['query', 'host'] })
    const as = { as: 'url' } as const
    const option = { ...as, destination: 'https://ok.example/' }
    for (const template of [`https://evil.example/?k=${A}`, { x: `https://evil.example/?k=${A}` }]) {
      expect(await failure(vault.resolve(template, option))).toMatchObject(INVALID)
    }
    expect((await vault.resolve(`https://ok.example/?k=${A}`, option)).expose()).toBe(`https://ok.example/?k=${VALUE}`)
    expect(await failure(vault.resolve(`https://ok.example/?k=${A}`, as))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    await vault.update('a', { value: 'https://evil.example' })
    expect(await failure(vault.resolve(A, option))).toMatchObject(INVALID)
    expect(await vault.check(`https://evil.example/?k=${A}`, option)).toMatchObject([{ severity: 'warning' }, INVALID])
  })
})

describe('a faulty template', () => {
  it('is refused as well after it was checked', async () => {
    const { vault } = await stage({})
    for (const [template, as] of [
      [{ X: `a\r\nb ${A}` }, 'headers'],
      [`{"${A}":1}`, 'json'],
      [`https://h/\t${A}`, 'url'],
    ] as const) {
      expect(await vault.check(template, { as })).not.toEqual([])
      await failure(vault.resolve<unknown>(template, { as }))
    }
  })
})

describe('undefined', () => {
  it('is no tenant, no actor, no policy, no rule and no list of references', async () => {
    const { vault, another } = await stage()
    for (const name of ['workspace', 'environment', 'actor', 'redactor']) {
      expect(thrown(() => vault.with({ [name]: undefined }))).toMatchObject(INVALID)
    }
    for (const name of ['workspace', 'environment', 'actor', 'policy']) {
      expect(thrown(() => another({ [name]: undefined }))).toMatchObject(INVALID)
    }
    expect(await failure(vault.resolve('x', { authored: undefined } as never))).toMatchObject(INVALID)
    expect(await failure(vault.create({ tag: 'b', value: 'v', allow: undefined } as never))).toMatchObject(INVALID)
  })
})

describe('what comes back', () => {
  it.each([
    'hex | hex',
    'base64 | hex',
    'hex | base64',
    'base64 | base64 | base64',
    'urlencode | base64',
    'trim | hex | shell',
  ])('from use is redacted behind the filters %s', async (filters) => {
    const { vault } = await stage()
    const { redacted: result } = await vault.use([`x << secrets.free | ${filters} >> y`], ([text]) => text)
    expect(result).toMatch(/^x .*\[secret.* y$/)
    expect(result).not.toMatch(/[0-9a-zA-Z]{8,}/)
  })

  it('masks a number in the template that is a known value, and the host by what it may say', async () => {
    const { vault } = await stage()
    await vault.create({ tag: 'pin', value: { code: 123456789 } })
    const resolved = await vault.resolve({ pin: '<< secrets.pin.code >>', literal: 123456789 })
    expect(JSON.stringify(resolved)).not.toContain('123456789')
    await vault.create({ tag: 'evil', value: 'evil' })
    const request = { url: 'https://<< secrets.evil >>.example/', headers: { A } }
    expect(await failure(vault.resolveRequest(request))).toMatchObject({ code: 'ERR_HOST_DENIED', host: '[secret]' })
  })

  it('cannot be changed for the next one who prints it', async () => {
    const { vault } = await stage()
    const resolved = await vault.resolve({ a: ['<< secrets.free >>'] })
    expect(Object.isFrozen((resolved.redacted as { a: unknown }).a)).toBe(true)
  })

  it('from a snapshot keeps its references and masks after the snapshot was closed', async () => {
    const { vault } = await stage()
    const snapshot = await vault.snapshot(['free'])
    const resolved = snapshot.resolve(['<< secrets.free >>'])
    snapshot.close()
    expect(resolved.references).toHaveLength(1)
    expect(resolved.redacted).toEqual(['[secret:free]'])
    expect(inspect(snapshot, { depth: 9, showHidden: true })).not.toContain('free-0123456789')
  })

  it('knows one workspace only, for every view', async () => {
    const { vault } = await stage()
    await vault.with({ workspace: 'b' }).create({ tag: 'bsecret', value: 'value-of-tenant-b' })
    await vault.with({ workspace: 'b' }).resolve('<< secrets.bsecret >>')
    const actor = vault.with({ actor: { id: 'ann' } })
    expect(actor.redactor.text('value-of-tenant-b')).toBe('value-of-tenant-b')
    expect(vault.redactor.text('value-of-tenant-b')).toBe('[secret:bsecret]')
  })

  it('goes by the redactor that the view was given', async () => {
    const { vault } = await stage()
    const redactor = createRedactor()
    await vault.with({ redactor }).resolve('<< secrets.free | hex | hex >>')
    expect(redactor.find('free-0123456789')).toHaveLength(1)
  })
})

describe('a change', () => {
  it('is as the caller gave it, whatever he does to it afterwards', async () => {
    const { vault } = await stage()
    const expiresAt = new Date('2026-06-01T00:00:00.000Z')
    const allow = { hosts: ['ok.example'] }
    const pending = vault.set({ tag: 'x', value: 'v', expiresAt, allow })
    expiresAt.setFullYear(2090)
    allow.hosts.push('evil.example')
    expect(await pending).toMatchObject({
      expiresAt: new Date('2026-06-01T00:00:00.000Z'),
      allow: { hosts: ['ok.example'] },
    })
  })

  it('told as a creation where set creates', async () => {
    const onEvent = listener()
    const { vault } = backstage({ onEvent })
    await vault.set({ tag: 'x', value: 'v' })
    await vault.set({ tag: 'x', value: 'w' })
    expect(onEvent.mock.calls.map(([{ action }]) => action)).toEqual(['create', 'update'])
  })

  it('whose outcome is doubtful never undoes what others did since', async () => {
    const { vault, storage, another } = await stage()
    let isCut = true
    const cut = another({
      storage: {
        ...storage,
        async put(record: StoredRecord) {
          await storage.put(record)
          if (!isCut) return
          isCut = false
          // the connection dies after the deletion, and somebody creates the secret anew
          await another().create({ tag: 'free', value: 'created-meanwhile' })
          throw new Error('reset')
        },
      },
    })
    expect(await failure(cut.delete('free', { confirm: 'free' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
    expect((await vault.with({ purpose: 'look' }).describe('free'))?.version).toBe(5)
  })

  it('that was in doubt once is in doubt until it is settled', async () => {
    const { another, storage } = await stage()
    let puts = 0
    const flaky = another({
      storage: {
        ...storage,
        put: () =>
          Promise.reject(
            Object.assign(new Error('x'), { code: ++puts === 1 ? 'ECONNRESET' : 'ERR_STORAGE_UNAVAILABLE' }),
          ),
      },
    })
    expect(await failure(flaky.update('free', { name: 'x' }))).toMatchObject({ code: 'ERR_OUTCOME_UNKNOWN' })
  })
})

describe('a storage', () => {
  it('that throws before it gives a promise tells nothing', async () => {
    const { storage, another } = await stage()
    const throwing = () => {
      throw new Error('postgres://app:hunter22@db/')
    }
    for (const broken of [{ get: throwing }, { list: throwing }, { close: throwing }]) {
      const vault = another({ storage: { ...storage, ...broken } })
      const call =
        'get' in broken
          ? vault.describe('a')
          : 'list' in broken
            ? vault.list()[Symbol.asyncIterator]().next()
            : vault.close()
      const error = await failure(call)
      expect(error.code).toBe('ERR_STORAGE_UNAVAILABLE')
      expect(inspect(error)).not.toContain('hunter22')
    }
  })

  it('that forgets where a page ended is not listed for ever', async () => {
    const { vault, storage, another } = await stage()
    const row = (await storage.list('default', { environment: 'default', limit: 1 }))[0]!
    const rows = Array.from({ length: 200 }, (_, index) => ({ ...row, tag: `t${String(index).padStart(3, '0')}` }))
    const endless = another({ storage: { ...storage, list: async () => rows } })
    expect(
      await failure(
        (async () => {
          for await (const _ of endless.list());
        })(),
      ),
    ).toMatchObject({ code: 'ERR_RECORD_CORRUPT' })
    expect(await vault.describe('a')).toBeDefined()
  })

  it('is not searched through for one typing error', async () => {
    const { vault, storage, another } = await stage()
    const body = (await storage.get('default', [{ environment: 'default', tag: 'free' }]))[0]!.body
    for (let index = 0; index < 1_200; index++) {
      await storage.put({ workspace: 'default', environment: 'default', tag: `t${index}`, version: 1, body })
    }
    let asked = 0
    const blind = another({ policy: ({ action }) => action !== 'read' || ++asked < 0 })
    await failure(blind.resolve('<< secrets.fre >>'))
    expect(asked).toBeLessThanOrEqual(1_000)
    expect(vault).toBeDefined()
  })
})

describe('the keyring', () => {
  it('is opened only after the policy has spoken', async () => {
    const { another } = await stage()
    const { generateKey } = await import('../../src/crypto/local-key.ts')
    const stranger = another({ keys: generateKey(), policy: () => false })
    expect(await failure(stranger.resolve('<< secrets.free >>'))).toMatchObject({ code: 'ERR_PERMISSION_DENIED' })
  })

  it('that arrives after the vault was closed is wiped', async () => {
    const { storage, another } = await stage()
    let release = () => {}
    const slow = another({
      storage: {
        ...storage,
        get: async (...call) => {
          const rows = await storage.get(...call)
          await new Promise<void>((resume) => {
            release = resume
          })
          return rows
        },
      },
    })
    const pending = slow.resolve('<< secrets.free >>')
    await Promise.resolve()
    await new Promise((resume) => setImmediate(resume))
    const closing = slow.close()
    release()
    expect(await failure(pending)).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
    await closing
  })
})

it('an async listener that fails does not end the process', async () => {
  const { vault } = backstage({ onEvent: (async () => Promise.reject(new Error('audit'))) as never })
  await vault.create({ tag: 'x', value: 'v' })
  await vault.resolve('<< secrets.x >>')
  await new Promise((resume) => setImmediate(resume))
})

it('every missing occurrence is listed, also where the host is missing too; a snapshot suggests as well', async () => {
  const { vault } = await stage()
  const template = { url: 'https://<< secrets.nope1 >>/', headers: { A: '<< secrets.nope2 >>' } }
  const error = await failure(vault.resolveRequest(template))
  expect(error.missing?.map(({ tag }) => tag)).toEqual(['nope1', 'nope2'])
  const onEvent = listener()
  const told = backstage({ onEvent, keys: KEY })
  await told.vault.create({ tag: 'free', value: 'v' })
  const snapshot = await told.vault.snapshot()
  expect(thrown(() => snapshot.resolve('<< secrets.fre >>')).missing).toMatchObject([{ suggestion: 'free' }])
  expect(onEvent.mock.lastCall?.[0]).toMatchObject({ action: 'use', outcome: 'ERR_MISSING_SECRETS' })
})
