/** What sees a request of `vaultRequest` beside its server: proxies, tracing, the timeline. Some of it is a stated limit. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http, { type ClientRequest, createServer } from 'node:http'
import https from 'node:https'
import { type AddressInfo, createConnection } from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { vaultFetch } from '../../src/http/fetch.ts'
import { readNodeCall } from '../../src/http/node/call.ts'
import { vaultRequest } from '../../src/http/node.ts'
import { backstage, failure } from '../vault/fixture.ts'

const VALUE = 'tok-0123456789abcdef'
const HEADERS = { Authorization: 'Bearer << secrets.a >>' }

async function server() {
  const arrived: (string | undefined)[] = []
  const made = createServer(async (request, response) => {
    await buffer(request)
    arrived.push(request.headers.authorization)
    response.end('page')
  })
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  onTestFinished(() => void made.close(() => undefined).closeAllConnections())
  const { port } = made.address() as AddressInfo
  return { arrived, port, origin: `http://127.0.0.1:${port}` }
}

async function stage() {
  const { vault } = backstage()
  await vault.create({ tag: 'a', value: VALUE })
  return { request: vaultRequest(vault), ...(await server()) }
}

describe('what is below sees plaintext', () => {
  it('subscribers of http.client.request.start do', async () => {
    const { request, origin } = await stage()
    const seen: unknown[] = []
    const listener = (message: unknown): void => {
      seen.push((message as { readonly request: ClientRequest }).request.getHeaders())
    }
    subscribe('http.client.request.start', listener)
    onTestFinished(() => void unsubscribe('http.client.request.start', listener))
    await text(await request(origin, { headers: HEADERS }))
    expect(JSON.stringify(seen)).toContain(VALUE)
  })

  it('observers of the http entries of the performance timeline do', async () => {
    const { request, origin } = await stage()
    const seen: unknown[] = []
    const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()))
    observer.observe({ entryTypes: ['http'] })
    onTestFinished(() => observer.disconnect())
    await text(await request(origin, { headers: HEADERS }))
    await vi.waitFor(() => expect(JSON.stringify(seen)).toContain(VALUE), 5_000)
  })
})

describe('what is kept of a request', () => {
  const kept = (name: string) => performance.getEntries().filter((entry) => entry.name.includes(name))

  it('is nothing of one by node:http, and the URL of one by fetch', async () => {
    const { vault } = backstage()
    await vault.create({ tag: 'a', value: VALUE })
    const { origin } = await server()
    const url = `${origin}/<< secrets.a >>`
    await text(await vaultRequest(vault, { in: ['path'] })(url))
    await (await vaultFetch(vault, { in: ['path'] })(url)).text()
    await vi.waitFor(() => expect(kept(VALUE)).not.toEqual([]), 5_000)
    expect(kept(VALUE).map(({ entryType }) => entryType)).toEqual(['resource'])
    // the cure that SECURITY.md names
    performance.clearResourceTimings()
    expect(kept(VALUE)).toEqual([])
  })
})

describe('plain http with a secret', () => {
  it('goes by no agent that somebody has made the global one', async () => {
    const { request, origin, arrived } = await stage()
    const proxy = await server()
    const { globalAgent } = http
    const proxying = new http.Agent()
    proxying.createConnection = () => createConnection(proxy.port, '127.0.0.1')
    http.globalAgent = proxying
    onTestFinished(() => {
      http.globalAgent = globalAgent
    })
    await text(await request(origin, { headers: HEADERS }))
    await text(await request(origin, { headers: { Authorization: 'plain' } }))
    expect([arrived, proxy.arrived]).toEqual([[`Bearer ${VALUE}`], ['plain']])
  })

  it('goes by the agent that its caller names', async () => {
    const { request, origin } = await stage()
    const agent = new http.Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const spy = vi.spyOn(agent, 'createConnection' as never)
    await text(await request(origin, { headers: HEADERS, agent }))
    expect(spy).toHaveBeenCalledTimes(1)
  })
})

describe('where a request goes', () => {
  it.each<[string, string | URL | undefined, object]>([
    ['https://localhost/', undefined, {}],
    ['https://a.example/', undefined, { hostname: 'a.example', path: '' }],
    ['https://a.example:8443/x?y', undefined, { host: 'a.example', port: 8443, path: '/x?y' }],
    ['http://a.example/', undefined, { host: 'a.example', agent: new http.Agent() }],
    ['http://[::1]:80/', undefined, { protocol: 'http:', hostname: '::1', port: '80' }],
    ['http://[::1]/', undefined, { protocol: 'http:', hostname: '[::1]', port: '' }],
    ['https://u:p@a.example:8443/<< secrets.a >>?z', 'https://u:p@a.example/<< secrets.a >>?z#h', { port: 8443 }],
    ['https://a@b@evil.example:1/', 'https://a@b@evil.example', { port: 1 }],
    ['https://a.example:1/?q', 'https:a.example?q', { port: 1 }],
    ['https://a.example:1//b', 'https:\\\\a.example\\/b', { port: 1 }],
    ['https://b.example:444/x', new URL('https://a.example:444/x'), { hostname: 'b.example' }],
    ['https://localhost/x', 'https://a.example/x', { hostname: undefined }],
    ['https://a.example/y', 'https://a.example/x', { path: '/y' }],
    ['https://a.example/x', 'https://a.example/x', { host: 'b.example' }],
  ])('is %s, as node computes it', (url, input, options) => {
    expect(readNodeCall(input ?? options, options).url).toBe(url)
  })
})

describe('what could lead a request elsewhere', () => {
  const diversions = (options: object, url = 'https://api.acme.dev/') => readNodeCall(url, options).diversions

  it.each<[string, object]>([
    ['agent', { agent: new https.Agent() }],
    ['socketPath', { socketPath: '/run/x.sock' }],
    ['lookup', { lookup: () => undefined }],
    ['createConnection', { createConnection: () => undefined }],
    ['defaultPort', { defaultPort: 8443 }],
    ['_defaultAgent', { _defaultAgent: new https.Agent() }],
    ['checkServerIdentity', { checkServerIdentity: () => undefined }],
    ['secureContext', { secureContext: {} }],
    ['rejectUnauthorized', { rejectUnauthorized: false }],
    ['insecureHTTPParser', { insecureHTTPParser: true }],
    ['setHost', { setHost: false }],
    ['setHost', { setHost: null }],
    ['setDefaultHeaders', { setDefaultHeaders: 0 }],
    ['servername', { servername: 'evil.example' }],
    ['host', { host: 'evil.example' }],
    ['host', { host: 'evil.example:443' }],
  ])('%s is', (name, options) => {
    expect(diversions(options)).toEqual([name])
  })

  it('is refused with a bound secret, unless the caller knows better', async () => {
    const { vault } = backstage()
    const { origin, arrived } = await server()
    await vault.create({ tag: 'bound', value: VALUE, allow: { hosts: [origin] } })
    const options = { headers: { Authorization: '<< secrets.bound >>' }, agent: new http.Agent() }
    const refused = await failure(vaultRequest(vault)(origin, options))
    expect(refused).toMatchObject({ code: 'ERR_UNSAFE_TRANSPORT', tag: 'bound' })
    expect(refused.message).toContain('member "agent"')
    expect(arrived).toEqual([])
    await text(await vaultRequest(vault, { unsafeTransport: true })(origin, options))
    expect(arrived).toEqual([VALUE])
  })

  it('what says the same, or only chooses among ways to it, is not', () => {
    const options = {
      agent: false,
      servername: 'api.acme.dev',
      host: 'API.acme.dev:443',
      family: 4,
      localAddress: '127.0.0.1',
      rejectUnauthorized: true,
      setHost: true,
      timeout: 1,
      ca: 'x',
    }
    expect(diversions(options)).toEqual([])
    expect(diversions({ hostname: 'a.example', host: 'a.example:8443', port: 8443 })).toEqual([])
    expect(diversions({ host: '::1' }, 'https://[::1]/')).toEqual([])
  })

  it('the global agent of https is, where somebody has changed it, and so is a process that verifies nobody', () => {
    const { globalAgent } = https
    onTestFinished(() => {
      https.globalAgent = globalAgent
      vi.unstubAllEnvs()
    })
    https.globalAgent = new https.Agent({ rejectUnauthorized: false })
    expect(diversions({})).toEqual(['https.globalAgent'])
    https.globalAgent = new https.Agent({ lookup: () => undefined } as https.AgentOptions)
    expect(diversions({})).toEqual(['https.globalAgent'])
    https.globalAgent = new (class extends https.Agent {})()
    expect(diversions({})).toEqual(['https.globalAgent'])
    expect(diversions({ agent: new https.Agent() })).toEqual(['agent'])
    expect(diversions({}, 'http://api.acme.dev/')).toEqual([])
    for (const method of ['addRequest', 'createSocket', 'createConnection', 'getName']) {
      https.globalAgent = Object.assign(new https.Agent(), { [method]: () => undefined })
      expect(diversions({})).toEqual(['https.globalAgent'])
    }
    https.globalAgent = new https.Agent()
    expect(diversions({})).toEqual([])
    https.globalAgent = globalAgent
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    expect(process.env['NODE_TLS_REJECT_UNAUTHORIZED']).toBe('0')
    expect(diversions({})).toEqual(['NODE_TLS_REJECT_UNAUTHORIZED'])
  })
})
