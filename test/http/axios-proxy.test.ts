/** Proxies that nobody named in the config: the environment does, and axios reads it. */

import { createServer, request as forward, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import axios from 'axios'
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type VaultAdapterOptions, vaultAdapter } from '../../src/http/axios.ts'
import type { Vault } from '../../src/vault/api.ts'
import { backstage } from '../vault/fixture.ts'
import { kitServers, redirectPath } from './kit-servers.ts'

const FREE = 'free-7f3e9a1c5b8d2e4f'
const BOUND = 'bound-0a1b2c3d4e5f6071'
const HEADERS = { 'x-api-key': '<< secrets.free >>' }

/** A proxy on loopback that writes down what it sees: request lines with headers, and the hosts of tunnels. */
async function startProxy(): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = []
  const note = ({ method, url, rawHeaders }: IncomingMessage): void => void seen.push(`${method} ${url} ${rawHeaders}`)
  const server = createServer((request, response) => {
    note(request)
    const { port, pathname, search } = new URL(request.url!)
    const { method, headers } = request
    const options = { port, path: pathname + search, method, headers, host: '127.0.0.1', agent: false } as const
    request.pipe(
      forward(options, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      }),
    )
  })
  server.on('connect', (request: IncomingMessage, socket) => {
    note(request)
    const target = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) end.on('error', () => target.destroy())
    onTestFinished(() => void target.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close(() => undefined).closeAllConnections())
  return { url: `http://user:proxy-pw@127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

describe('a proxy of the environment', () => {
  const servers = kitServers()
  let vault: Vault
  let proxy: Awaited<ReturnType<typeof startProxy>>
  beforeAll(async () => {
    ;({ vault } = backstage())
    const { plain, tls } = servers.ports
    await vault.create({ tag: 'free', value: FREE })
    const hosts = [`http://one.test:${plain}`, `https://one.test:${tls}`]
    await vault.create({ tag: 'bound', value: BOUND, allow: { hosts } })
  })
  beforeEach(async () => {
    servers.arrived.length = 0
    proxy = await startProxy()
    for (const name of ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) vi.stubEnv(name, proxy.url)
    for (const name of ['no_proxy', 'NO_PROXY', 'all_proxy', 'ALL_PROXY']) vi.stubEnv(name, '')
  })
  afterEach(() => void vi.unstubAllEnvs())

  const client = (options: Partial<VaultAdapterOptions> = {}) =>
    axios.create({ adapter: vaultAdapter(vault, { axios, adapter: 'http', ...options }) })

  it('gets no request by http with a secret, and is asked for all others', async () => {
    const url = `http://one.test:${servers.ports.plain}/`
    await client().get(url, { headers: HEADERS })
    expect(proxy.seen).toEqual([])
    await client().get(url, { headers: { 'x-api-key': 'a literal' } })
    // the bare client shows what would have happened
    await axios.get(url, { headers: { 'x-api-key': FREE } })
    expect(proxy.seen).toHaveLength(2)
    expect(proxy.seen[1]).toContain(FREE)
    expect(servers.arrived.map(({ headers }) => headers['x-api-key'])).toEqual([FREE, 'a literal', FREE])
  })

  it('opens a tunnel for https, in which its own credentials go no further', async () => {
    const headers = { 'x-api-key': '<< secrets.bound >>' }
    await client().get(`https://one.test:${servers.ports.tls}/`, { headers })
    expect(proxy.seen).toHaveLength(1)
    expect(proxy.seen[0]).toMatch(/^CONNECT one\.test:\d+ .*Proxy-Authorization/i)
    expect(proxy.seen[0]).not.toContain(BOUND)
    expect(servers.arrived[0]!.headers).toMatchObject({ 'x-api-key': BOUND })
    expect(servers.arrived[0]!.headers).not.toHaveProperty('proxy-authorization')
  })

  it('is judged anew on every hop of a redirect', async () => {
    const { plain, tls } = servers.ports
    vi.stubEnv('no_proxy', 'two.test')
    const headers = { 'x-api-key': '<< secrets.bound >>' }
    const end = `https://one.test:${tls}/`
    const path = redirectPath(302, `http://one.test:${plain}${redirectPath(307, end)}`)
    await client().get(`http://one.test:${plain}${path}`, { headers })
    await client().get(`http://one.test:${plain}${redirectPath(302, `https://two.test:${tls}/`)}`, { headers })
    expect(servers.arrived.map((arrived) => arrived.headers['x-api-key'])).toEqual([
      BOUND,
      BOUND,
      BOUND,
      BOUND,
      undefined,
    ])
    expect(proxy.seen.map((line) => line.split(' ', 2).join(' '))).toEqual([`CONNECT one.test:${tls}`])
    for (const arrived of servers.arrived) expect(arrived.headers).not.toHaveProperty('proxy-authorization')
  })

  it('gets it where the transport is said to be the caller’s own', async () => {
    const headers = { 'x-api-key': '<< secrets.bound >>' }
    await client({ unsafeTransport: true }).get(`http://one.test:${servers.ports.plain}/`, { headers })
    expect(proxy.seen[0]).toContain(BOUND)
  })
})
