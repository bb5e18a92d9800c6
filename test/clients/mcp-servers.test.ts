/** Configs of MCP hosts, with the SDK's own transports: real processes, real servers, OAuth discovery that leads elsewhere. */

import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, it, vi } from 'vitest'
import {
  type McpConfig,
  type McpHttpServer,
  type McpStdioServer,
  type ResolveMcpOptions,
  resolveMcpServers,
} from '../../src/agents/mcp.ts'
import { redactPipe } from '../../src/log/stdio.ts'
import { leakProbe } from '../../src/testing/leak-probe.ts'
import type { Vault } from '../../src/vault/api.ts'
import { type Arrived, type ClientStage, clientStage, expectMasked, expectNoOtherSecret, json, KEY } from './stage.ts'

const PROGRAM = new URL('./children/stdio-server.mjs', import.meta.url).pathname

type Connectable = Parameters<Client['connect']>[0]

describe('a stdio server', () => {
  async function started(server: object, options: ResolveMcpOptions = {}) {
    const { vault } = await clientStage(() => undefined)
    const config = { mcpServers: { files: { command: process.execPath, ...server } } }
    // #region stdio
    const { files } = await resolveMcpServers(vault, config, { stderr: 'pipe', ...options })
    const transport = new StdioClientTransport((files as McpStdioServer).parameters)
    const log = transport.stderr!.pipe(redactPipe(vault.redactor))
    // #endregion
    const printed = text(log)
    const client = new Client({ name: 'c', version: '1' })
    await client.connect(transport as Connectable)
    return { files: files as McpStdioServer, transport, client, printed }
  }

  it('gets the secret in its environment, with PATH; what it prints and whatever holds it shows masks', async () => {
    const env = { API_TOKEN: '<< secrets.key >>' }
    const { files, transport, client, printed } = await started({ args: [PROGRAM], env })
    const { content } = await client.callTool({ name: 'length' })
    expect(content).toEqual([{ type: 'text', text: String(KEY.length) }])
    const commandLine = await readFile(`/proc/${transport.pid}/cmdline`, 'utf8')
    const environment = await readFile(`/proc/${transport.pid}/environ`, 'utf8')
    const held = [transport, client, files, { ...files.parameters }, files.resolved]
    const shown = `${inspect(held, { depth: 12, showHidden: true, getters: false })}${String(files.parameters)}`
    await client.close()
    const output = await printed
    expect(commandLine).toContain(PROGRAM)
    expect(environment).toContain(`API_TOKEN=${KEY}`)
    expect(environment).toContain(`PATH=${process.env.PATH}`)
    expect(environment).not.toContain('GUILLEMET_KEY')
    expect(`${commandLine}${shown}${output}`).not.toContain(KEY)
    expect(output).toMatch(/argv \[\]\nenv .*"API_TOKEN":"\[secret:key\]"/)
    expect(shown).toContain('[secret:key]')
  })

  it('gets it in its arguments only where that is asked for, and then everybody can read it', async () => {
    const args = [PROGRAM, '--token', '<< secrets.key >>']
    const refused = await started({ args }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'ERR_LOCATION_DENIED', path: 'mcpServers.files.args[2]', tag: 'key' })
    const { files, transport, client, printed } = await started({ args }, { in: ['args'] })
    // the positive control: this is how a leak looks
    expect(await readFile(`/proc/${transport.pid}/cmdline`, 'utf8')).toContain(KEY)
    expect(inspect(files, { depth: 9 })).not.toContain(KEY)
    await client.close()
    expect(await printed).toContain('argv ["--token","[secret:key]"]')
  })

  it('that cannot be started fails without a value, unless that was in its arguments', async () => {
    const { vault } = await clientStage(() => undefined)
    const failed = async (server: object, options?: ResolveMcpOptions) => {
      const config = { gone: { command: '/nowhere/at-all', ...server } }
      const { gone } = await resolveMcpServers(vault, config, options)
      const client = new Client({ name: 'c', version: '1' })
      const transport = new StdioClientTransport((gone as McpStdioServer).parameters)
      return (await leakProbe({ key: KEY }, () => client.connect(transport as Connectable))).leaks
    }
    expect(await failed({ env: { API_TOKEN: '<< secrets.key >>' } })).toEqual([])
    // the limit that docs/AGENTS.md states, and the proof that the probe finds what is there
    expect(await failed({ args: ['<< secrets.key >>'] }, { in: ['args'] })).not.toEqual([])
  })
})

/** What a server of the streamable HTTP transport answers with, as it is told. */
interface Behaviour {
  readonly session?: string
  /** What the GET stream sends before it ends. */
  readonly stream?: string
  /** Answers before anything else, if it does. */
  readonly first?: (request: Arrived, response: ServerResponse) => boolean
}

function mcpServer({ session = 's1', stream, first }: Behaviour = {}) {
  return (request: Arrived, response: ServerResponse): void => {
    if (first?.(request, response)) return
    const { method, body, headers: given } = request
    const headers = { 'mcp-session-id': session }
    if (method === 'GET' && stream !== undefined) {
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream)
    }
    if (method !== 'POST') return void response.writeHead(method === 'GET' ? 405 : 200).end()
    const { id, method: call, params } = JSON.parse(body)
    if (id === undefined) return void response.writeHead(202, headers).end()
    const initialized = { protocolVersion: params.protocolVersion, capabilities: { tools: {} } }
    const result =
      call === 'initialize'
        ? { ...initialized, serverInfo: { name: 's', version: '1' } }
        : { content: [{ type: 'text', text: `echo ${given['x-gateway-key']}` }] }
    json(response, 200, { jsonrpc: '2.0', id, result }, headers)
  }
}

const HEADERS = { 'X-Gateway-Key': '<< secrets.key >>', 'X-Team': 'platform' }

/** The one server of a config, reached over streamable HTTP. */
async function reached(vault: Vault, origin: string, more: object = {}) {
  const config: McpConfig = { servers: { gateway: { type: 'http', url: `${origin}/mcp`, headers: HEADERS } } }
  // #region http
  const { gateway } = await resolveMcpServers(vault, config)
  const { url, options } = gateway as McpHttpServer
  const transport = new StreamableHTTPClientTransport(url, { ...options, ...more })
  // #endregion
  const client = new Client({ name: 'c', version: '1' })
  return {
    gateway: gateway as McpHttpServer,
    transport,
    client,
    connect: () => client.connect(transport as Connectable),
  }
}

const keysOf = (arrived: readonly Arrived[]) => arrived.map(({ headers }) => headers['x-gateway-key'])

/** Neither the key nor a header of the config has arrived. */
function expectUntrusted(arrived: readonly { readonly headers: IncomingHttpHeaders }[]): void {
  expect(JSON.stringify(arrived)).not.toContain(KEY)
  expect(arrived.filter(({ headers }) => 'x-gateway-key' in headers || 'x-team' in headers)).toEqual([])
}

describe('an HTTP server', () => {
  it('gets its headers with POST, GET, reconnect and DELETE, and its echo is masked', async () => {
    const stream = 'id: event-1\nretry: 1\ndata:\n\n'
    const { vault, origin, arrived } = await clientStage(mcpServer({ stream }))
    const reconnectionOptions = {
      initialReconnectionDelay: 1,
      maxReconnectionDelay: 1,
      reconnectionDelayGrowFactor: 1,
      maxRetries: 2,
    }
    const { gateway, transport, client, connect } = await reached(vault, origin, { reconnectionOptions })
    await connect()
    const { content } = await client.callTool({ name: 'f' })
    expect(content).toEqual([{ type: 'text', text: 'echo [secret:key]' }])
    await vi.waitFor(
      () => expect(arrived.some(({ headers }) => headers['last-event-id'] === 'event-1')).toBe(true),
      20_000,
    )
    await transport.terminateSession()
    await client.close()
    expect(new Set(arrived.map(({ method }) => method))).toEqual(new Set(['POST', 'GET', 'DELETE']))
    expect(new Set(keysOf(arrived))).toEqual(new Set([KEY]))
    expect(new Set(arrived.map(({ headers }) => headers['x-team']))).toEqual(new Set(['platform']))
    expect(inspect([gateway, transport], { depth: 12, showHidden: true })).not.toContain(KEY)
  })

  it('gets a session id that looks like a reference back as text', async () => {
    const session = '<< secrets.stripe >>'
    const { vault, origin, arrived } = await clientStage(mcpServer({ session }))
    const { client, connect, transport } = await reached(vault, origin)
    await connect()
    await client.callTool({ name: 'f' })
    await transport.terminateSession()
    await client.close()
    expect(arrived.slice(1).map(({ headers }) => headers['mcp-session-id'])).toEqual(
      arrived.slice(1).map(() => session),
    )
    expect(new Set(keysOf(arrived))).toEqual(new Set([KEY]))
    expectNoOtherSecret(arrived)
  })

  it('is sent a rotated token with the next request', async () => {
    const { vault, origin, arrived } = await clientStage(mcpServer())
    const { client, connect } = await reached(vault, origin)
    await connect()
    await vault.update('key', { value: 'sk-next-5b8d2e4f6a0b' })
    await client.callTool({ name: 'f' })
    await client.close()
    expect(keysOf(arrived).at(-1)).toBe('sk-next-5b8d2e4f6a0b')
  })

  it('that cannot be reached, or fails with an echo, fails without a value', async () => {
    const echo = await clientStage(({ headers }, response) =>
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`no ${headers['x-gateway-key']}`),
    )
    expectMasked(await (await reached(echo.vault, echo.origin)).connect().catch((error: unknown) => error))
    const { connect } = await reached(echo.vault, 'http://127.0.0.1:1')
    const { leaks } = await leakProbe({ key: KEY }, connect)
    expect(leaks).toEqual([])
  })

  it('gets its headers over the older transport, the stream and each message', async () => {
    const messages: ServerResponse[] = []
    const { vault, origin, arrived } = await clientStage((request, response) => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('event: endpoint\ndata: /messages?session=1\n\n')
        return void messages.push(response)
      }
      response.writeHead(202).end()
      const { id, params } = JSON.parse(request.body)
      if (id === undefined) return
      const result = {
        protocolVersion: params.protocolVersion,
        capabilities: {},
        serverInfo: { name: `s ${request.headers['x-gateway-key']}`, version: '1' },
      }
      messages[0]!.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`)
    })
    const config = { gateway: { type: 'sse', url: `${origin}/sse`, headers: HEADERS } }
    const { gateway } = await resolveMcpServers(vault, config)
    const { url, options, type } = gateway as McpHttpServer
    const client = new Client({ name: 'c', version: '1' })
    await client.connect(new SSEClientTransport(url, options) as Connectable)
    // the answer comes over the stream
    expect(client.getServerVersion()?.name).toBe('s [secret:key]')
    await client.close()
    expect(type).toBe('sse')
    expect(arrived.map(({ method, url: path }) => `${method} ${path}`)).toEqual([
      'GET /sse',
      'POST /messages?session=1',
      'POST /messages?session=1',
    ])
    expect(new Set(keysOf(arrived))).toEqual(new Set([KEY]))
  })
})

/** Somebody who signs in. */
class Provider implements OAuthClientProvider {
  readonly redirectUrl = 'http://127.0.0.1/callback'
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], client_name: 'c' }
  readonly kept = new Map<string, unknown>()
  clientInformation = () => this.kept.get('client') as never
  saveClientInformation = (client: unknown) => void this.kept.set('client', client)
  tokens = () => this.kept.get('tokens') as never
  saveTokens = (tokens: unknown) => void this.kept.set('tokens', tokens)
  redirectToAuthorization = () => undefined
  saveCodeVerifier = (verifier: string) => void this.kept.set('verifier', verifier)
  codeVerifier = () => this.kept.get('verifier') as string
}

/** Answers of an authorization server at an origin. */
function authorizationServer(origin: () => string, { method, url, body }: Arrived, response: ServerResponse): boolean {
  const at = (path: string) => `${origin()}${path}`
  if (url.startsWith('/.well-known/oauth-authorization-server')) {
    json(response, 200, {
      issuer: origin(),
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      registration_endpoint: at('/register'),
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    })
  } else if (method === 'POST' && url === '/register') {
    json(response, 201, { ...JSON.parse(body), client_id: 'client-1' })
  } else if (method === 'POST' && url === '/token') {
    json(response, 200, { access_token: 'token-1', token_type: 'Bearer', refresh_token: KEY })
  } else return false
  return true
}

/** Signs in, and connects again. */
async function signIn(stage: ClientStage): Promise<Provider> {
  const authProvider = new Provider()
  const more = { authProvider, redirectPolicy: 'follow' }
  const before = await reached(stage.vault, stage.origin, more)
  const error = await before.connect().catch((thrown: unknown) => thrown)
  expect((error as Error).name).toBe('Error')
  expect(authProvider.kept.get('client')).toMatchObject({ client_id: 'client-1' })
  await before.transport.finishAuth('code-1')
  const after = await reached(stage.vault, stage.origin, more)
  await after.connect()
  expect((await after.client.callTool({ name: 'f' })).content).toEqual([{ type: 'text', text: 'echo [secret:key]' }])
  await after.client.close()
  return authProvider
}

describe('OAuth', () => {
  it('goes elsewhere without the headers, and with an event', async () => {
    const third = await clientStage((request, response) => {
      if (authorizationServer(() => third.origin, request, response)) return
      json(response, 200, { resource: `${first.origin}/mcp`, authorization_servers: [third.origin] })
    })
    const second = await clientStage((_, response) =>
      response.writeHead(302, { location: `${third.origin}/metadata` }).end(),
    )
    const challenge = `Bearer resource_metadata="${second.origin}/metadata"`
    const first = await clientStage(
      mcpServer({
        first: ({ headers }, response) => {
          if (headers.authorization === 'Bearer token-1') return false
          response.writeHead(401, { 'www-authenticate': challenge }).end()
          return true
        },
      }),
    )
    const { kept } = await signIn(first)
    expect(kept.get('tokens')).toMatchObject({ access_token: 'token-1', refresh_token: KEY })
    expect(new Set(keysOf(first.arrived))).toEqual(new Set([KEY]))
    expect(new Set(second.arrived.map(({ url }) => url))).toEqual(new Set(['/metadata']))
    expect(third.arrived.map(({ method, url }) => `${method} ${url}`)).toEqual(
      expect.arrayContaining(['GET /metadata', 'POST /register', 'POST /token']),
    )
    expectUntrusted([...second.arrived, ...third.arrived])
    const skipped = first.events.filter(({ action }) => action === 'skipped')
    expect(new Set(skipped.map(({ destination }) => destination))).toEqual(new Set([second.origin, third.origin]))
    expect(skipped.every(({ secrets, locations }) => secrets[0]?.tag === 'key' && locations?.[0] === 'header')).toBe(
      true,
    )
  })

  it('of the server itself gets the headers, and its tokens come back as they were sent', async () => {
    const stage = await clientStage(
      mcpServer({
        first: (request, response) => {
          if (authorizationServer(() => stage.origin, request, response)) return true
          if (request.url.startsWith('/.well-known/')) {
            json(response, 200, { resource: `${stage.origin}/mcp`, authorization_servers: [stage.origin] })
          } else if (request.headers.authorization !== 'Bearer token-1') response.writeHead(401).end()
          else return false
          return true
        },
      }),
    )
    const { kept } = await signIn(stage)
    // the same text as the key of the gateway
    expect(kept.get('tokens')).toMatchObject({ refresh_token: KEY })
    expect(new Set(keysOf(stage.arrived))).toEqual(new Set([KEY]))
    expect(stage.events.filter(({ action }) => action === 'skipped')).toEqual([])
  })

  it('that a server redirects elsewhere takes no header along', async () => {
    const other = await clientStage((_, response) => json(response, 200, {}))
    const stage = await clientStage((_, response) => response.writeHead(307, { location: `${other.origin}/mcp` }).end())
    for (const redirectPolicy of ['same-origin', 'follow']) {
      const { connect } = await reached(stage.vault, stage.origin, { redirectPolicy })
      await connect().catch(() => undefined)
    }
    expect(new Set(keysOf(stage.arrived))).toEqual(new Set([KEY]))
    expect(other.arrived.length).toBeGreaterThan(0)
    expectUntrusted(other.arrived)
  })
})
