/** Configs of MCP hosts: what is read, what is refused, and where the headers of a server go. */

import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import {
  checkMcpServers,
  type McpConfig,
  type McpHttpServer,
  type McpStdioServer,
  type ResolveMcpOptions,
  resolveMcpServers,
} from '../../src/agents/mcp.ts'
import { generateKey } from '../../src/crypto/local-key.ts'
import { memoryStorage } from '../../src/storage/memory.ts'
import type { Vault } from '../../src/vault/api.ts'
import type { VaultEvent } from '../../src/vault/events.ts'
import { createVault } from '../../src/vault/vault.ts'

const TOKEN = 'mcp-7f3e9a1c5b8d2e4f'
const REFERENCE = '<< secrets.token >>'
const INHERIT = { PATH: '/bin', HOME: '/users/ann', SHELL: '() { evil; }', GUILLEMET_KEY: 'gmk1_x', OTHER: 'x' }

async function stage(): Promise<{ vault: Vault; events: VaultEvent[] }> {
  const events: VaultEvent[] = []
  const onEvent = (event: VaultEvent) => void events.push(event)
  const vault = createVault({ storage: memoryStorage(), keys: generateKey(), onEvent })
  await vault.create({ tag: 'token', value: TOKEN })
  await vault.create({ tag: 'bound', value: 'bound-51e0d44b7c', allow: { hosts: ['mcp.example'] } })
  events.length = 0
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  return { vault, events }
}

const failure = async (config: unknown, options?: ResolveMcpOptions, vault?: Vault) =>
  resolveMcpServers(vault ?? (await stage()).vault, config as McpConfig, options).then(
    () => undefined,
    (error: unknown) => error as { code: string; path?: string; message: string },
  )

describe('a config', () => {
  it.each([
    ['of most hosts', (servers: object) => ({ mcpServers: servers })],
    ['of VS Code', (servers: object) => ({ inputs: [], servers })],
    ['that is a bare map', (servers: object) => servers],
  ])('%s is read', async (_, wrap) => {
    const { vault } = await stage()
    const config = wrap({
      files: { command: 'npx', args: ['-y', 'files'], cwd: '/srv', env: { TOKEN: REFERENCE } },
      web: { url: 'https://mcp.example/mcp', headers: { Authorization: `Bearer ${REFERENCE}` } },
      old: { type: 'sse', url: 'https://mcp.example/sse' },
      off: { command: 'x', env: { TOKEN: '<< secrets.gone >>' }, disabled: true },
    })
    const servers = await resolveMcpServers(vault, config as McpConfig, { inherit: INHERIT })
    expect(Object.entries(servers).map(([name, { type }]) => [name, type])).toEqual([
      ['files', 'stdio'],
      ['web', 'http'],
      ['old', 'sse'],
    ])
    expect((servers['files'] as McpStdioServer).parameters.expose()).toEqual({
      command: 'npx',
      args: ['-y', 'files'],
      cwd: '/srv',
      env: { PATH: '/bin', HOME: '/users/ann', TOKEN },
      stderr: 'ignore',
    })
    expect((servers['web'] as McpHttpServer).url.href).toBe('https://mcp.example/mcp')
  })

  it('may have a server that is called servers', async () => {
    const { vault } = await stage()
    expect(Object.keys(await resolveMcpServers(vault, { servers: { command: 'x' }, other: { command: 'y' } }))).toEqual(
      ['servers', 'other'],
    )
  })

  it.each<[unknown, string]>([
    [undefined, ''],
    [[], ''],
    [{ mcpServers: { a: 'npx' } }, 'mcpServers.a'],
    [{ a: {} }, 'a'],
    [{ a: { command: 'x', url: 'https://a.example' } }, 'a'],
    [{ a: { command: '' } }, 'a.command'],
    [{ a: { command: 'x', args: 'y' } }, 'a.args'],
    [{ a: { command: 'x', args: [1] } }, 'a.args'],
    [{ a: { command: 'x', cwd: 1 } }, 'a.cwd'],
    [{ a: { command: 'x', env: [] } }, 'a.env'],
    [{ a: { command: 'x', env: { 'B.C': 1 } } }, 'a.env["B.C"]'],
    [{ a: { command: 'x', type: 'http' } }, 'a.type'],
    [{ a: { url: 'https://a.example', type: 'ws' } }, 'a.type'],
    [{ a: { url: 'https://a.example', type: 1 } }, 'a.type'],
    [{ a: { url: 1 } }, 'a.url'],
    [{ a: { url: 'a.example' } }, 'a.url'],
    [{ a: { url: 'file:///etc/passwd' } }, 'a.url'],
    [{ a: { url: 'https://a.example', headers: { 'x y': 'z' } } }, 'a.headers'],
    [{ a: { url: 'https://a.example', headers: { x: null } } }, 'a.headers.x'],
  ])('that cannot be read is an error with its place: %j', async (config, path) => {
    expect(await failure(config)).toMatchObject({ code: 'ERR_INVALID_INPUT', path })
  })

  it.each<[object, string]>([
    [{ command: 'x', args: ['--key', REFERENCE] }, 'a.args[1]'],
    [{ command: REFERENCE }, 'a.command'],
    [{ command: 'x', note: { text: REFERENCE } }, 'a.note.text'],
    [{ url: `https://a.example/${REFERENCE}` }, 'a.url'],
    [{ url: 'https://a.example', env: { A: REFERENCE } }, 'a.env.A'],
    [{ command: 'x', env: { node_options: REFERENCE } }, 'a.env.node_options'],
    [{ command: 'x', env: { LD_PRELOAD: REFERENCE } }, 'a.env.LD_PRELOAD'],
  ])('with a reference where none is resolved is refused: %j', async (server, path) => {
    expect(await failure({ a: server })).toMatchObject({ code: 'ERR_LOCATION_DENIED', path, tag: 'token' })
  })

  it('whose reference is missing, broken, or not for that server, is refused with its place', async () => {
    const missing = await failure({ a: { command: 'x', env: { B: '<< secrets.tokn >>' } } })
    expect(missing).toMatchObject({ code: 'ERR_MISSING_SECRETS', missing: [{ tag: 'tokn', path: 'a.env.B' }] })
    expect(missing!.message).toMatch(/\(MCP config, a\.env\)\.$/)
    const broken = await failure({ a: { command: 'x', note: '<< secrets.token' } })
    expect(broken).toMatchObject({ code: 'ERR_UNCLOSED_REFERENCE', path: 'a.note' })
    const headers = { Authorization: '<< secrets.bound >>' }
    expect(await failure({ a: { url: 'https://evil.example', headers } })).toMatchObject({ code: 'ERR_HOST_DENIED' })
    expect(await failure({ a: { command: 'x', env: { B: '<< secrets.bound >>' } } })).toMatchObject({
      code: 'ERR_HOST_DENIED',
    })
  })

  it('takes options of their type only', async () => {
    const wrong = [
      { in: ['env'] },
      { in: 'args' },
      { stderr: 'log' },
      { fetch: 'x' },
      { allowSecretsIn: 'PATH' },
      { allowSecretsIn: [1] },
      { server: 1 },
    ]
    for (const options of wrong) {
      expect(await failure({}, options as never), JSON.stringify(options)).toMatchObject({ code: 'ERR_INVALID_INPUT' })
    }
  })
})

describe('what a process is spawned with', () => {
  const config = { a: { command: 'x', args: ['--key', REFERENCE], env: { Path: '/own', NODE_OPTIONS: REFERENCE } } }
  const options = { in: ['args'], allowSecretsIn: ['NODE_OPTIONS'], stderr: 'pipe', inherit: INHERIT } as const

  async function parameters() {
    const { a } = await resolveMcpServers((await stage()).vault, config, options)
    return a as McpStdioServer
  }

  it('is plaintext where it is read, and masks wherever it is printed or copied', async () => {
    const server = await parameters()
    const { command, args, env, cwd, stderr } = server.parameters
    expect({ command, args, env, cwd, stderr }).toEqual({
      command: 'x',
      args: ['--key', TOKEN],
      env: { PATH: '/bin', HOME: '/users/ann', Path: '/own', NODE_OPTIONS: TOKEN },
      cwd: undefined,
      stderr: 'pipe',
    })
    const shown = [
      inspect(server, { depth: 9, showHidden: true, getters: true }),
      inspect(server.parameters),
      JSON.stringify(server),
      `${server.parameters}`,
      JSON.stringify({ ...server.parameters }),
    ].join()
    expect(shown).not.toContain(TOKEN)
    expect(shown).toContain('[secret:token]')
    // a copy without a program cannot be spawned, so nobody goes on without the variables
    expect({ ...server.parameters }).toEqual({})
  })

  it('is concealed in a transcript', async () => {
    const { vault } = await stage()
    const { a } = await resolveMcpServers(vault, config, options)
    expect(vault.conceal(`--key ${TOKEN}`, { of: a!.resolved })).toBe('--key << secrets.token >>')
  })

  it('has one variable of a name on Windows', async () => {
    const { platform } = process
    Object.defineProperty(process, 'platform', { value: 'win32' })
    try {
      const { env } = (await parameters()).parameters
      expect({ ...env }).toEqual({ Path: '/own', NODE_OPTIONS: TOKEN })
    } finally {
      Object.defineProperty(process, 'platform', { value: platform })
    }
  })

  it('is not what the system would refuse with an error that quotes it', async () => {
    const { vault } = await stage()
    await vault.create({ tag: 'nul', value: 'a\0b-long-enough' })
    const args = { in: ['args'] } as const
    const withNul = resolveMcpServers(vault, { a: { command: 'x', args: ['<< secrets.nul >>'] } }, args)
    await expect(withNul).rejects.toMatchObject({ code: 'ERR_INVALID_INPUT', path: 'a.args[0]' })
    const long = resolveMcpServers(vault, { a: { command: 'x', env: { B: 'b'.repeat(200_000) } } })
    await expect(long).rejects.toMatchObject({ code: 'ERR_UNSAFE_ENV_VALUE', path: 'a.env.B' })
  })

  it('takes the usual variables of this process', async () => {
    const { a } = await resolveMcpServers((await stage()).vault, { a: { command: 'x' } })
    expect((a as McpStdioServer).parameters.env['PATH']).toBe(process.env['PATH'])
  })
})

describe('the fetch of a server', () => {
  const ORIGIN = 'https://mcp.example'

  async function connected(headers: Record<string, string>, answer = () => new Response('ok')) {
    const { vault, events } = await stage()
    const sent: Record<string, string>[] = []
    const below = async (input: string | URL | Request, init?: RequestInit) => {
      const url = input instanceof Request ? input.url : String(input)
      sent.push({ url, ...Object.fromEntries(new Headers(init?.headers)) })
      return answer()
    }
    const { a } = await resolveMcpServers(vault, { a: { url: `${ORIGIN}/mcp`, headers } }, { fetch: below })
    events.length = 0
    return { ...(a as McpHttpServer), sent, events }
  }

  it('leaves headers that are not those of the config where they are', async () => {
    const { options, sent, events } = await connected({ Authorization: `Bearer ${REFERENCE}` })
    await options.fetch('https://tokens.example/token', { headers: { authorization: 'Basic Y2xpZW50OnM=' } })
    await options.fetch('https://tokens.example/', { headers: options.requestInit.headers })
    expect(sent).toEqual([
      { url: 'https://tokens.example/token', authorization: 'Basic Y2xpZW50OnM=' },
      { url: 'https://tokens.example/' },
    ])
    // the first request had nothing that was left out
    const [event, ...others] = events
    expect(event).toMatchObject({
      action: 'skipped',
      destination: 'https://tokens.example',
      secrets: [{ tag: 'token' }],
      locations: ['header'],
    })
    expect(others).toEqual([])
  })

  it('takes what a server has told the client for text, also in basic auth, and nothing else', async () => {
    const { options, sent } = await connected({ 'X-Key': REFERENCE })
    const told = { authorization: `Basic ${btoa(`${REFERENCE}:s`)}`, 'last-event-id': REFERENCE }
    await options.fetch(`${ORIGIN}/mcp`, { headers: { ...options.requestInit.headers, ...told } })
    expect(sent).toEqual([{ url: `${ORIGIN}/mcp`, 'x-key': TOKEN, ...told }])
    const stray = options.fetch(`${ORIGIN}/mcp`, { headers: { 'x-request-id': REFERENCE } })
    await expect(stray).rejects.toMatchObject({ code: 'ERR_LOCATION_DENIED' })
  })

  it('takes a Request', async () => {
    const { options, sent } = await connected({ 'X-Key': REFERENCE })
    const { headers } = options.requestInit
    await options.fetch(new Request(`${ORIGIN}/mcp`, { headers }))
    await options.fetch(new Request('https://other.example/', { headers }))
    expect(sent).toEqual([{ url: `${ORIGIN}/mcp`, 'x-key': TOKEN }, { url: 'https://other.example/' }])
  })

  it('follows a redirect to another origin without the headers, those without a secret included', async () => {
    const answers = [Response.redirect('https://other.example/', 307), new Response('ok')]
    const { options, sent } = await connected({ 'X-Key': REFERENCE, 'X-Team': 'a' }, () => answers.shift()!)
    const headers = { ...options.requestInit.headers, 'mcp-session-id': REFERENCE, accept: '*/*' }
    await options.fetch(`${ORIGIN}/mcp`, { headers })
    expect(sent).toEqual([
      { url: `${ORIGIN}/mcp`, accept: '*/*', 'mcp-session-id': REFERENCE, 'x-key': TOKEN, 'x-team': 'a' },
      { url: 'https://other.example/', accept: '*/*' },
    ])
  })

  it('masks an answer, but for one about tokens or a registration', async () => {
    const answer = () => Response.json({ refresh_token: TOKEN })
    const { options } = await connected({ 'X-Key': REFERENCE }, answer)
    const asked = async (body: BodyInit) => {
      const init = { method: 'POST', body, headers: options.requestInit.headers }
      return (await (await options.fetch(`${ORIGIN}/x`, init)).json()).refresh_token
    }
    expect(await asked(new URLSearchParams({ grant_type: 'refresh_token' }))).toBe(TOKEN)
    expect(await asked(JSON.stringify({ redirect_uris: [] }))).toBe(TOKEN)
    expect(await asked(JSON.stringify({ jsonrpc: '2.0', redirect_uris: [] }))).toBe('[secret:token]')
    expect(await asked('{"redirect_uris":')).toBe('[secret:token]')
    expect(await asked(new Uint8Array(2))).toBe('[secret:token]')
  })

  it('goes by the fetch of the moment where none is given', async () => {
    const { vault } = await stage()
    const headers = { 'X-Key': REFERENCE }
    const { a } = await resolveMcpServers(vault, { a: { url: `${ORIGIN}/mcp`, headers } })
    const below = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('later'))
    const { options } = a as McpHttpServer
    expect(await (await options.fetch(`${ORIGIN}/mcp`, { headers })).text()).toBe('later')
    expect(new Headers(below.mock.calls[0]![1]!.headers).get('x-key')).toBe(TOKEN)
  })
})

describe('a check', () => {
  it('finds everything at once, each with its place in the config', async () => {
    const { vault } = await stage()
    const config = {
      mcpServers: {
        a: {
          command: 'x',
          args: [REFERENCE],
          env: { B: '<< secrets.gone >>', node_options: REFERENCE, C: '<< secrets.token', D: REFERENCE },
        },
        b: { url: 'https://evil.example', headers: { X: '<< secrets.bound >>' }, note: REFERENCE },
        c: { command: 'y' },
      },
    }
    const findings = await checkMcpServers(vault, config)
    expect(findings.map(({ code, severity, path }) => [code, severity, path])).toEqual([
      ['ERR_LOCATION_DENIED', 'error', 'mcpServers.a.args[0]'],
      ['ERR_LOCATION_DENIED', 'error', 'mcpServers.a.env.node_options'],
      ['ERR_MISSING_SECRETS', 'error', 'mcpServers.a.env.B'],
      ['ERR_UNCLOSED_REFERENCE', 'error', 'mcpServers.a.env.C'],
      ['ERR_LOCATION_DENIED', 'error', 'mcpServers.b.note'],
      ['ERR_HOST_DENIED', 'error', 'mcpServers.b.headers.X'],
    ])
    expect(findings[0]!.message).toContain('env')
  })

  it('goes on after a server that cannot be read, and names members that lead nowhere', async () => {
    const { vault } = await stage()
    const config = {
      a: { type: 'websocket', url: 'wss://a.example' },
      b: { env: {} },
      c: { command: 'x', envFile: '.env', timeout: 5, disabled: false },
      d: { url: `https://a.example/?k=${REFERENCE}` },
      mcpServer: { inner: { command: 'x' } },
    }
    const findings = await checkMcpServers(vault, config as never)
    expect(findings.map(({ code, path }) => [code, path])).toEqual([
      ['ERR_INVALID_INPUT', 'a.type'],
      ['ERR_INVALID_INPUT', 'b'],
      ['ERR_INVALID_INPUT', 'mcpServer'],
      ['WARN_IGNORED_MEMBER', 'c.envFile'],
      ['WARN_IGNORED_MEMBER', 'c.timeout'],
      ['ERR_LOCATION_DENIED', 'd.url'],
    ])
    expect(findings[2]!.message).toContain('mcpServers or servers')
    expect(findings[1]!.message).not.toContain('mcpServers')
  })

  it('finds a method that the rule of a secret does not permit, of those that the transport sends with', async () => {
    const { vault } = await stage()
    await vault.create({ tag: 'post', value: 'post-77c1b2a3d4', allow: { hosts: ['mcp.example'], methods: ['POST'] } })
    await vault.create({ tag: 'any', value: 'any-77c1b2a3d4', allow: { methods: ['POST', 'GET', 'DELETE'] } })
    const headers = { Authorization: '<< secrets.post >>', X: '<< secrets.any >>' }
    const url = 'https://mcp.example/mcp'
    const sse = { old: { type: 'sse' as const, url, headers } }
    const found = await checkMcpServers(vault, { ...sse, web: { url, headers } })
    expect([...new Set(found.map(({ code, path }) => `${code} ${path}`))]).toEqual([
      'ERR_METHOD_DENIED old.headers.Authorization',
      'ERR_METHOD_DENIED web.headers.Authorization',
    ])
    // it begins with the request that it listens to
    expect(await failure(sse, {}, vault)).toMatchObject({ code: 'ERR_METHOD_DENIED' })
  })

  it.each<readonly string[]>([
    ['--token=V'],
    ['--api-key', 'V'],
    ['--header', 'Authorization: Bearer V'],
    ['--header', 'Authorization:Bearer V'],
    ['--header', 'X-API-Key: V'],
    ['--header=Authorization: Bearer V'],
  ])('warns of a literal credential in arguments: %s %s', async (...args) => {
    const { vault } = await stage()
    const given = ['mcp-remote', 'https://mcp.example', ...args.map((arg) => arg.replace('V', '51H8x0aZq9abcdefgh'))]
    const findings = await checkMcpServers(vault, { a: { command: 'npx', args: given } })
    const path = `a.args[${given.length - 1}]`
    expect(findings).toMatchObject([{ code: 'WARN_LITERAL_SECRET', path }])
    expect(JSON.stringify(findings)).not.toContain('51H8x0')
  })

  it.each(['httpUrl', 'serverUrl'])('says what the url is called where another host calls it %s', async (name) => {
    const { vault } = await stage()
    const findings = await checkMcpServers(vault, { a: { [name]: 'https://mcp.example' } } as never)
    expect(findings).toMatchObject([{ code: 'ERR_INVALID_INPUT', path: 'a' }])
    expect(findings[0]!.message).toContain(`${name} is called url here`)
  })

  it('warns of a secret in arguments where that is asked for, and says what to do', async () => {
    const { vault } = await stage()
    const config = { a: { command: 'x', args: ['--key', REFERENCE], env: { PATH: REFERENCE } } }
    const options = { in: ['args'], allowSecretsIn: ['PATH'] } as const
    const [warning, ...others] = await checkMcpServers(vault, config, options)
    expect(warning).toMatchObject({ severity: 'warning', path: 'a.args[1]', tag: 'token' })
    expect(warning!.message).toContain('give it in env')
    expect(others).toEqual([])
  })
})
