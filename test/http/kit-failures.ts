/** Requests that fail, each in another way: neither the error nor the answer shows a secret, to whoever prints it how. */

import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import { leakProbe } from '../../src/testing/node.ts'
import { backstage } from '../vault/fixture.ts'
import type { KitClient, KitRequest, KitSend } from './client-kit.ts'
import type { KitServers } from './kit-servers.ts'

/** By tag. Those with a character that no header takes are refused before anything is sent. */
const SECRETS = {
  key: 'sk-proj-7f3e9a1c5b8d2e4f6a0b',
  newline: 'sk-newline-9f2c81d07a\n',
  carriage: 'sk-carriage-3b7e90c1fd\r\nx: y',
  nul: 'sk-nul-71c0d5a9\u0000e8',
  wide: 'sk-wide-\u0100-44d1b7c2ae',
  edge: ' sk-edge-c05d91e7b3',
} as const

const KEY = '<< secrets.key >>'
const HEADERS = { authorization: `Bearer ${KEY}`, 'x-api-key': KEY }

/** What is sent, and the code of the error where the vault itself refuses it. */
interface Failing {
  readonly request: (origin: string, refusedPort: number) => KitRequest
  readonly code?: string
  /** The status of the answer, or of the client's error. */
  readonly status?: number
  /** Whether it reaches the server. */
  readonly arrives?: boolean
}

// the key is in a path, and not in a query: an `Object.prototype` with a query breaks the platform's fetch itself
const FAILING: Readonly<Record<string, Failing>> = {
  'a refused port': { request: (_, port) => ({ url: `http://one.test:${port}/${KEY}?k=${KEY}`, headers: HEADERS }) },
  'a connection that is cut': {
    request: (origin) => ({ url: `${origin}/reset/${KEY}`, headers: HEADERS }),
    arrives: true,
  },
  'an answer that is cut': {
    request: (origin) => ({ url: `${origin}/half/${KEY}`, headers: HEADERS }),
    arrives: true,
  },
  'a 500 that echoes': {
    request: (origin) => ({ url: `${origin}/failing/${KEY}`, headers: HEADERS }),
    status: 500,
    arrives: true,
  },
  'a 401 that echoes': {
    request: (origin) => ({ url: `${origin}/denied/${KEY}`, headers: HEADERS }),
    status: 401,
    arrives: true,
  },
  'a port that is none': { request: () => ({ url: `http://one.test:99999/?k=${KEY}`, headers: HEADERS }) },
  'a host that is none': { request: () => ({ url: `http://one test/?k=${KEY}`, headers: HEADERS }) },
  'a URL that is none': { request: () => ({ url: `nonsense ${KEY}`, headers: HEADERS }) },
  'a whole URL that is none': { request: () => ({ url: KEY, headers: HEADERS }) },
  'a key in place of a host': { request: () => ({ url: `http://${KEY}:x/`, headers: HEADERS }) },
  'a user and password': {
    request: (_, port) => ({ url: `http://me:${KEY}@one.test:${port}/`, headers: { accept: '*/*' } }),
  },
  ...Object.fromEntries(
    (['newline', 'carriage', 'nul', 'wide', 'edge'] as const).map((tag): [string, Failing] => [
      `a header value with ${tag}`,
      {
        request: (origin) => ({ url: `${origin}/`, headers: { 'x-api-key': `<< secrets.${tag} >>` } }),
        code: 'ERR_UNSAFE_HEADER_VALUE',
      },
    ]),
  ),
}

/** Registers the cases. */
export function failureCases(client: KitClient, servers: KitServers): void {
  let send: KitSend
  let refusedPort: number
  beforeAll(async () => {
    const { vault } = backstage()
    for (const [tag, value] of Object.entries(SECRETS)) await vault.create({ tag, value })
    send = client.create(vault, { in: ['query', 'path', 'host', 'auth'] })
    refusedPort = await closedPort()
  })

  /** Looks at everything that a caller could print. */
  const probed = (request: KitRequest) =>
    leakProbe(
      SECRETS,
      async ({ output }) => {
        servers.arrived.length = 0
        const answer = await send(request).catch((error: unknown) => {
          outputAll(error, output)
          return { error }
        })
        outputAll(answer, output)
        output(servers.arrived, 'arrived')
        return answer
      },
      { capture: ['stdout', 'stderr', 'console'] },
    )

  it.each(Object.keys(FAILING))('%s', async (name) => {
    const { request, code, status, arrives = false } = FAILING[name]!
    const { result, leaks } = await probed(request(`http://one.test:${servers.ports.plain}`, refusedPort))
    expect(leaks.filter(({ where }) => where !== 'arrived')).toEqual([])
    // the probe finds it where it is: at the server
    expect(leaks.some(({ where }) => where === 'arrived')).toBe(arrives)
    if (status === undefined) expect(result).toHaveProperty('error')
    else expect(statusOf(result)).toBe(status)
    if (code !== undefined) expect(result).toMatchObject({ error: { code } })
  })

  it('a request that is given up', async () => {
    const controller = new AbortController()
    servers.onHang = () => controller.abort()
    const url = `http://one.test:${servers.ports.plain}/hang/${KEY}`
    const { result, leaks } = await probed({ url, headers: HEADERS, signal: controller.signal })
    expect(leaks.filter(({ where }) => where !== 'arrived')).toEqual([])
    expect(leaks).not.toEqual([])
    expect(result).toHaveProperty('error')
  })
}

type Output = (value: unknown, where: string) => void

function outputAll(value: unknown, output: Output): void {
  output(value, 'value')
  output(inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null }), 'inspection')
  output(jsonOf(value), 'JSON')
  if (!(value instanceof Error)) return
  output(`${value}${value.stack}`, 'stack')
  const { cause, input, base } = value as { cause?: unknown; input?: unknown; base?: unknown }
  output([input, base], 'members')
  if (cause !== undefined) outputAll(cause, output)
}

/** What `JSON.stringify` gives, where it gives anything. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // a cycle
  }
}

/** That of an answer, or of the error that a client makes of one. */
function statusOf(result: unknown): unknown {
  const { error, status } = result as {
    error?: { status?: unknown; response?: { status?: unknown } }
    status?: unknown
  }
  return status ?? error?.response?.status ?? error?.status
}

/** A port that nobody listens to. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise<unknown>((done) => server.close(done))
  return port
}
