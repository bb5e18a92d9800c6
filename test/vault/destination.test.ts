/** Where a request goes is decided once, from every member of every client that leads somewhere. */

import { beforeAll, describe, expect, it } from 'vitest'
import type { GuillemetError, Vault } from '../../src/index.ts'
import { backstage, failure } from './fixture.ts'

const REFERENCE = 'Bearer << secrets.bound >>'
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
