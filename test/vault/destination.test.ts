/** Where a request goes is decided once, from every member of every client that leads somewhere. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { GuillemetError, Vault } from '../../src/index.ts'
import { backstage, failure } from './fixture.ts'

const REFERENCE = 'Bearer << secrets.bound >>'
const A = '<< secrets.a >>'
const INVALID = { code: 'ERR_INVALID_INPUT' }
const VALUE = 'tok-0123456789'
let vault: Vault

beforeAll(async () => {
  vault = backstage().vault
  const allow = { hosts: ['api.acme.dev', 'http://localhost:*'] }
  await vault.create({ tag: 'bound', value: VALUE, allow })
  await vault.create({ tag: 'free', value: 'free-0123456789' })
})

async function outcome(config: object): Promise<string> {
  try {
    const sent = (await vault.resolveRequest({ headers: { A: REFERENCE }, ...config })).expose<{
      headers: { A: string }
    }>()
    return sent.headers.A
  } catch (error) {
    return (error as GuillemetError).code
  }
}

describe('a bound secret', () => {
  const agreeing: object[] = [
    { url: 'https://api.acme.dev/x', hostname: 'api.acme.dev' },
    { url: 'https://api.acme.dev/x', host: 'API.acme.dev:443', port: 443, protocol: 'https:' },
    { protocol: 'https:', hostname: 'api.acme.dev', port: 443, path: '/x', method: 'GET' },
    { protocol: 'https', host: 'api.acme.dev', path: '/x' },
    { hostname: 'api.acme.dev', port: '443', path: '/x' },
    { protocol: 'http:', host: 'localhost', port: 49152 },
    { protocol: 'http:', host: 'localhost:49152' },
    { baseUrl: 'https://api.acme.dev', url: '/x' },
    { prefix: 'https://api.acme.dev/v1', url: 'x' },
    { url: 'wss://api.acme.dev/v1/realtime' },
    { url: 'https://api.acme.dev/', proxy: false, socketPath: undefined },
  ]
  it.each(agreeing)('goes where all members lead: %j', async (config) => {
    expect(await outcome(config)).toBe(`Bearer ${VALUE}`)
  })

  const disagreeing: object[] = [
    { url: 'https://api.acme.dev/x', hostname: 'evil.example' },
    { url: 'https://api.acme.dev/x', host: 'evil.example' },
    { url: 'https://api.acme.dev/x', host: 'api.acme.dev:8443' },
    { url: 'https://api.acme.dev/x', port: 9999 },
    { url: 'https://api.acme.dev/x', protocol: 'http:' },
    { url: 'https://api.acme.dev/x', hostname: 'api.acme.dev', host: 'evil.example' },
    { protocol: 'https:', hostname: 'api.acme.dev', host: 'evil.example' },
    { baseUrl: 'https://evil.example', url: 'https://api.acme.dev/x' },
    { prefix: 'https://evil.example', url: 'https://api.acme.dev/x' },
    { url: 'https://api.acme.dev/x', hostname: '<< secrets.free >>' },
  ]
  it.each(disagreeing)('goes nowhere where members disagree: %j', async (config) => {
    expect(await outcome(config)).toBe('ERR_INVALID_INPUT')
  })

  it.each<[string, object]>([
    ['ERR_HOST_DENIED', { hostname: 'evil.example', protocol: 'https:' }],
    // another host to a parser of RFC 3986, such as curl's
    ['ERR_HOST_DENIED', { url: 'https://api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { url: 'https://api.acme.dev:443\\@evil.example:443/x' }],
    ['ERR_HOST_DENIED', { url: 'https:\\\\api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { baseUrl: 'https://api.acme.dev\\@evil.example', url: '/x' }],
    ['ERR_HOST_DENIED', { url: ' https://api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { url: 'ht\ttps://api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { url: 'https:/\n/api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { baseURL: 'https://api.acme.dev', url: '//api.acme.dev\\@evil.example/' }],
    ['ERR_HOST_DENIED', { url: `https://api.acme.dev${'\\'.repeat(99_999)}@evil.example/` }],
    ['ERR_HOST_DENIED', { hostname: 'api.acme.dev', port: 8443, protocol: 'https:' }],
    ['ERR_HOST_DENIED', { hostname: 'api.acme.dev', path: '/x' }],
    ['ERR_HOST_DENIED', { path: '/x' }],
    ['ERR_INSECURE_SCHEME', { hostname: 'api.acme.dev', protocol: 'http:' }],
    ['ERR_HOST_DENIED', { url: 'https://{{ vars.host }}/x' }],
    ['ERR_HOST_DENIED', { baseURL: '{{ vars.base }}', url: '/x' }],
    ['ERR_HOST_DENIED', { hostname: '{{ vars.host }}', protocol: 'https:' }],
    ['ERR_HOST_DENIED', { url: 'https://api.acme.dev/x', port: '{{ vars.port }}' }],
    ['ERR_UNSAFE_TRANSPORT', { url: 'https://api.acme.dev/x', proxy: { host: 'evil.example', port: 1 } }],
    ['ERR_UNSAFE_TRANSPORT', { url: 'https://api.acme.dev/x', unix: '/tmp/evil.sock' }],
    ['ERR_UNSAFE_TRANSPORT', { protocol: 'https:', hostname: 'api.acme.dev', defaultPort: 8443 }],
    ['ERR_UNSAFE_TRANSPORT', { url: 'https://api.acme.dev/x', socketPath: '/var/run/x.sock' }],
    ['ERR_UNSAFE_TRANSPORT', { url: 'https://api.acme.dev/x', host: { toString: () => 'evil.example' } }],
  ])('is refused with %s: %j', async (code, config) => {
    expect(await outcome(config)).toBe(code)
  })

  it('is not held by a URL object that answers differently each time', async () => {
    const url = new URL('https://api.acme.dev/x')
    url.toString = () => 'https://evil.example/'
    Object.defineProperty(url, 'href', { get: () => 'https://evil.example/' })
    const sent = (await vault.resolveRequest({ url, headers: { A: REFERENCE } })).expose<{ url: URL }>()
    expect(String(sent.url)).toBe('https://api.acme.dev/x')
    expect(Object.keys(sent.url)).toEqual([])
  })

  it('and members that lead elsewhere are no concern of a secret without hosts', async () => {
    const request = { url: 'https://h/', socketPath: '/x.sock', headers: { A: '<< secrets.free >>' } }
    expect((await vault.resolveRequest(request)).expose()).toEqual({ ...request, headers: { A: 'free-0123456789' } })
  })
})

describe('a config that another engine will fill in', () => {
  it.each<object>([
    { url: '{{ vars.base_url }}/users' },
    { url: 'https://{{ vars.host }}/users' },
    { url: 'https://h:<< vars.port >>/users' },
    { baseURL: '{{ vars.base }}', url: '/x' },
    { hostname: '{{ vars.host }}', port: '{{ vars.port }}', protocol: 'https:' },
  ])('can be saved, with a warning: %j', async (config) => {
    const findings = await vault.check({ ...config, headers: { A: REFERENCE } }, { as: 'request' })
    expect(findings.map(({ severity }) => severity)).not.toContain('error')
    expect(findings.map(({ code }) => code)).toContain('WARN_FOREIGN_ROUTE')
    expect(vault.references({ ...config, headers: { A: REFERENCE } }, { as: 'request' })).toHaveLength(1)
  })

  it('in its method alone is held to hosts, and warned of where methods are named', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'key', value: 'k-0123456789', allow: { hosts: ['acme.dev'], methods: ['GET'] } })
    const config = (host: string) => ({
      url: `https://${host}/`,
      method: '{{ vars.m }}',
      headers: { A: '<< secrets.key >>' },
    })
    const check = async (host: string) =>
      (await vault.check(config(host), { as: 'request' })).map(({ severity, code, path }) => [severity, code, path])
    const warning = ['warning', 'WARN_FOREIGN_METHOD', 'method']
    expect(await check('acme.dev')).toEqual([['warning', 'ERR_METHOD_DENIED', 'headers.A'], warning])
    expect(await check('evil.example')).toEqual([['error', 'ERR_HOST_DENIED', 'headers.A'], warning])
    expect(await failure(vault.resolveRequest(config('acme.dev')))).toMatchObject({ code: 'ERR_METHOD_DENIED' })
  })

  it('is none of our business without a reference of ours', async () => {
    expect(await vault.check({ url: 'https://{{ vars.host }}/' }, { as: 'request' })).toEqual([])
  })
})

/** A vault with a secret under a rule of its own, to change and to fail with. */
async function vaultWith(allow: object = { hosts: ['ok.example'] }): Promise<Vault> {
  const own = backstage().vault
  await own.create({ tag: 'a', value: VALUE, allow })
  return own
}

describe('a destination', () => {
  it.each([
    ['a list', ['http://evil.example/']],
    ['parts', { protocol: 'http:', hostname: 'evil.example', path: '/' }],
    ['a number', 1],
  ])('whose url is %s is unknown, whatever base or option say', async (_, url) => {
    const own = await vaultWith()
    const headers = { A }
    expect(await failure(own.resolveRequest({ url, baseURL: 'https://ok.example', headers }))).toMatchObject(INVALID)
    const option = { destination: 'https://ok.example/' }
    expect(await failure(own.resolveRequest({ url, headers }, option))).toMatchObject(INVALID)
    const findings = await own.check({ url, headers }, { as: 'request' })
    expect(findings.map(({ code }) => code)).toContain('ERR_INVALID_INPUT')
  })

  it('is the config’s own where it is relative to another host, has another method, or hangs on a kept host', async () => {
    const own = await vaultWith({ hosts: ['ok.example'], methods: ['GET'] })
    const destination = { url: 'https://ok.example/', method: 'GET' }
    const headers = { A }
    expect(await failure(own.resolveRequest({ url: '//evil.example/w', headers }, { destination }))).toMatchObject(
      INVALID,
    )
    expect(await failure(own.resolveRequest({ url: '/x', method: 'DELETE', headers }, { destination }))).toMatchObject({
      code: 'ERR_METHOD_DENIED',
    })
    const kept = { url: 'https://<< secrets.nope >>/x', headers }
    expect(await failure(own.resolveRequest(kept, { destination, onMissing: 'keep' }))).toMatchObject({
      code: 'ERR_HOST_DENIED',
    })
    await own.resolveRequest({ url: '/x', headers }, { destination })
    // a base that is not whole ends, in the hands of a client, in the host of what follows it
    for (const base of [
      { baseURL: '//evil.example' },
      { baseURL: 'https:' },
      { baseURL: 'https:/' },
      { origin: 'https://ok.example', prefixUrl: 'https:' },
    ]) {
      const config = { ...base, url: 'evil.example/x', headers }
      expect(await failure(own.resolveRequest(config, { destination }))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    }
  })

  it('does not turn a header or a body into a query by a URL that stands in it', async () => {
    const own = await vaultWith({ hosts: ['ok.example'], in: ['query'] })
    const place = new URL('https://h.example/?k={{ secrets.a }}')
    for (const config of [{ headers: { R: place } }, { body: place }, { body: { u: place } }]) {
      const request = { url: 'https://ok.example/', method: 'POST', ...config }
      expect(await failure(own.resolveRequest(request))).toMatchObject({ code: 'ERR_LOCATION_DENIED' })
    }
    const allowed = await own.resolveRequest({ url: new URL('https://ok.example/?k={{ secrets.a }}') })
    expect(String(allowed.expose().url)).toBe(`https://ok.example/?k=${VALUE}`)
  })

  it('is that of the moment of the call, also of a URL that its owner turns elsewhere', async () => {
    const own = await vaultWith()
    const url = new URL('https://ok.example/')
    const pending = own.resolveRequest({ url, headers: { A } })
    url.host = 'evil.example'
    expect(String((await pending).expose().url)).toBe('https://ok.example/')
    const again = new URL('https://ok.example/')
    const prepared = own.prepare({ url: again, headers: { A } }, { as: 'request' })
    again.host = 'evil.example'
    expect(String((await own.resolve(prepared)).expose().url)).toBe('https://ok.example/')
  })

  it('of a URL template is where that URL leads', async () => {
    const own = await vaultWith({ hosts: ['ok.example'], in: ['query', 'host'] })
    const as = { as: 'url' } as const
    const option = { ...as, destination: 'https://ok.example/' }
    for (const template of [`https://evil.example/?k=${A}`, { x: `https://evil.example/?k=${A}` }]) {
      expect(await failure(own.resolve(template, option))).toMatchObject(INVALID)
    }
    expect((await own.resolve(`https://ok.example/?k=${A}`, option)).expose()).toBe(`https://ok.example/?k=${VALUE}`)
    expect(await failure(own.resolve(`https://ok.example/?k=${A}`, as))).toMatchObject({ code: 'ERR_HOST_DENIED' })
    await own.update('a', { value: 'https://evil.example' })
    expect(await failure(own.resolve(A, option))).toMatchObject(INVALID)
    expect(await own.check(`https://evil.example/?k=${A}`, option)).toMatchObject([{ severity: 'warning' }, INVALID])
  })
})
