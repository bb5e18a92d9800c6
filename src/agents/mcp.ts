/**
 * Servers of the Model Context Protocol: the configs of MCP hosts with references in place of tokens.
 *
 * @module guillemet/agents/mcp
 */

import { GuillemetError } from '../errors.ts'
import type { FetchLike } from '../http/fetch.ts'
import { requireNameList } from '../process/environment.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { pathOf } from '../template/context.ts'
import type { Finding } from '../template/lint.ts'
import type { Resolved, Vault } from '../vault/api.ts'
import { checkServer } from './mcp/check-server.ts'
import { requireOnlyKnown } from './mcp/closed-places.ts'
import { atPath } from './mcp/error-path.ts'
import { type HttpConfig, readServers, type ServerConfig, TRANSPORT_METHODS } from './mcp/server-config.ts'
import { serverFetch } from './mcp/server-fetch.ts'
import { type McpStderr, type McpStdioParameters, type StdioSettings, stdioServer } from './mcp/stdio-server.ts'

export type { FetchLike, ResponseLike } from '../http/fetch.ts'
export type { McpCommand, McpStderr, McpStdioParameters } from './mcp/stdio-server.ts'

/** One server of a config, as MCP hosts write it. Members that are not named here stay as they are. */
export interface McpServerConfig {
  /** `stdio`, `http` (also `streamable-http`) or `sse`. @default stdio with a command, http with a url */
  readonly type?: string | undefined
  /** The program of a stdio server. */
  readonly command?: string | undefined
  /** Its arguments, which everybody on the machine can read. @default none */
  readonly args?: readonly string[] | undefined
  /** Its variables, with references in them. @default none */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The directory that it runs in. @default that of this process */
  readonly cwd?: string | undefined
  /** Where an HTTP server is. */
  readonly url?: string | undefined
  /** Its headers, with references in them. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether it is left out. @default false */
  readonly disabled?: boolean | undefined
}

/** Servers by name: bare, or under `mcpServers` (Claude, Cursor and others) or `servers` (VS Code). */
export type McpConfig =
  | {
      /** The servers by name. */
      readonly mcpServers: Readonly<Record<string, McpServerConfig>>
    }
  | {
      /** The servers by name. */
      readonly servers: Readonly<Record<string, McpServerConfig>>
    }
  | Readonly<Record<string, McpServerConfig>>

/** What is common to resolving and checking a config. */
export interface McpOptions {
  /** `['args']` permits references in the arguments of stdio servers, which everybody on the machine can read. @default none */
  readonly in?: readonly 'args'[] | undefined
  /**
   * Variables that may hold a secret although programs load or run what they name, such as `NODE_OPTIONS`.
   *
   * @default none
   */
  readonly allowSecretsIn?: readonly string[] | undefined
}

/** Options of {@link resolveMcpServers}. */
export interface ResolveMcpOptions extends McpOptions {
  /**
   * Where stdio servers' error output goes. With `pipe` somebody has to read `transport.stderr`; a server that is
   * inherited prints past every redactor.
   *
   * @default 'ignore'
   */
  readonly stderr?: McpStderr | undefined
  /**
   * Where requests to HTTP servers go out. It must leave redirects alone where it is told to.
   *
   * @default globalThis.fetch, as it is when a request is made
   */
  readonly fetch?: FetchLike | undefined
  /** The environment that PATH, HOME and the like are taken from. @default process.env */
  readonly inherit?: Readonly<Record<string, string | undefined>> | undefined
}

/** A server that is a child process: `new StdioClientTransport(server.parameters)`. */
export interface McpStdioServer {
  /** Tells it from one that is reached by HTTP. */
  readonly type: 'stdio'
  /** What the transport takes; prints as redacted. */
  readonly parameters: McpStdioParameters
  /** What was resolved, for `vault.conceal`. */
  readonly resolved: readonly Resolved<unknown>[]
}

/** A server that is reached by HTTP: `new StreamableHTTPClientTransport(server.url, server.options)`. */
export interface McpHttpServer {
  /** `sse` for the transport that MCP had before 2025. */
  readonly type: 'http' | 'sse'
  /** Where it is. */
  readonly url: URL
  /** What the transport takes. Holds references, and no plaintext, so it may be copied and printed. */
  readonly options: {
    /** Puts the secrets into requests to the server's origin. */
    readonly fetch: typeof globalThis.fetch
    /** The headers, as the config has them. */
    readonly requestInit: {
      /** With references in them. */
      readonly headers: Record<string, string>
    }
  }
  /** What was resolved, for `vault.conceal`. */
  readonly resolved: readonly Resolved<unknown>[]
}

/** One server, ready to be connected to. */
export type McpServer = McpStdioServer | McpHttpServer

const CHECK_OPTIONS = ['in', 'allowSecretsIn'] as const
const MCP_OPTIONS = [...CHECK_OPTIONS, 'stderr', 'fetch', 'inherit'] as const

/**
 * The servers of a config, ready for the transports of an MCP client.
 *
 * Of a stdio server `env` is resolved, over the variables that the SDK hands on by itself (PATH, HOME and the like); `args`
 * only with `in: ['args']`. The headers of an HTTP server are resolved anew for each request, and only for requests to
 * its own origin, even where a secret has no rule: discovery, metadata and token requests that the client makes elsewhere
 * go without them, and the listener gets an event `skipped`. Redirects are checked and responses masked as by
 * `vaultFetch`; tokens and registrations come back as they were sent. Servers with `disabled: true` are left out.
 *
 * @param vault the vault, or a view of it
 * @returns the servers by name
 * @throws what `vault.resolve` throws, with the path in the config; ERR_LOCATION_DENIED for a reference in arguments
 *   without `in: ['args']`, in a variable such as `NODE_OPTIONS`, or in another member; ERR_INVALID_INPUT for a config that
 *   cannot be read
 * @example
 * ```ts
 * const { github } = await resolveMcpServers(vault, config)
 * if (github?.type === 'http') await client.connect(new StreamableHTTPClientTransport(github.url, github.options))
 * ```
 */
export async function resolveMcpServers(
  vault: Vault,
  config: McpConfig,
  options?: ResolveMcpOptions,
): Promise<Readonly<Record<string, McpServer>>> {
  const settings = readMcpSettings(options)
  const servers: Record<string, McpServer> = Object.create(null)
  for (const given of readServers(config)) {
    requireOnlyKnown(vault, given, settings.hasSecretArgs)
    servers[given.name] = await connectable(vault, given, settings)
  }
  return servers
}

/**
 * Everything that would go wrong with a config, at once, when it is saved; and a warning for each secret in arguments
 * and for each member that is not read. Opens nothing.
 *
 * @returns no findings where all is well
 * @throws ERR_INVALID_INPUT for a config that is not an object, or an unknown option; ERR_STORAGE_UNAVAILABLE
 * @example
 * ```ts
 * const findings = await checkMcpServers(vault, config)
 * ```
 */
export async function checkMcpServers(
  vault: Vault,
  config: McpConfig,
  options?: McpOptions,
): Promise<readonly Finding[]> {
  const read = readOptions(options, 'options of checkMcpServers', CHECK_OPTIONS, suggest)
  const { hasSecretArgs, allowSecretsIn } = readShared(read)
  const findings: Finding[] = []
  const refuse = (error: unknown): void => {
    if (!(error instanceof GuillemetError)) throw error
    findings.push({ code: error.code, severity: 'error', path: error.path ?? '', message: error.message })
  }
  for (const server of readServers(config, refuse)) {
    findings.push(...(await checkServer(vault, server, hasSecretArgs, allowSecretsIn)))
  }
  return findings
}

interface McpSettings extends StdioSettings {
  readonly fetch: FetchLike
}

async function connectable(vault: Vault, given: ServerConfig, settings: McpSettings): Promise<McpServer> {
  const { server, keys } = given
  if (server.kind === 'stdio') {
    return { type: 'stdio', ...(await stdioServer(vault, server, pathOf(keys), settings)) }
  }
  return { type: server.kind, ...(await atPath(pathOf(keys), httpServer(vault, server, settings.fetch))) }
}

/** Resolved once to learn that it can be; each request resolves again, so that a rotated token is used. */
async function httpServer(
  vault: Vault,
  server: HttpConfig,
  fetch: FetchLike,
): Promise<Pick<McpHttpServer, 'url' | 'options' | 'resolved'>> {
  const { kind, url, headers } = server
  const [method] = TRANSPORT_METHODS[kind]
  const resolved = await vault.resolveRequest({ url: url.href, method, headers: { ...headers } })
  const options = { fetch: serverFetch(vault, server, fetch), requestInit: { headers: { ...headers } } }
  return { url, options, resolved: [resolved] }
}

function readShared({
  in: places,
  allowSecretsIn = [],
}: McpOptions): Pick<StdioSettings, 'hasSecretArgs' | 'allowSecretsIn'> {
  if (places !== undefined && !(Array.isArray(places) && places.every((place) => place === 'args'))) {
    throw refusedOption('in', "must be ['args']")
  }
  const allowed = requireNameList(allowSecretsIn, 'allowSecretsIn')
  return { hasSecretArgs: places !== undefined && places.length > 0, allowSecretsIn: allowed }
}

function readMcpSettings(given: ResolveMcpOptions | undefined): McpSettings {
  const options = readOptions(given, 'options of resolveMcpServers', MCP_OPTIONS, suggest)
  const { stderr = 'ignore', fetch, inherit } = options
  if (!['pipe', 'ignore', 'inherit'].includes(stderr))
    throw refusedOption('stderr', "must be 'pipe', 'ignore' or 'inherit'")
  if (fetch !== undefined && typeof fetch !== 'function') throw refusedOption('fetch', 'must be a function')
  const host = hostProcess()
  return {
    ...readShared(options),
    stderr,
    inherited: inherit ?? host.env ?? {},
    isWindows: host.platform === 'win32',
    // looked up late, so that a fetch that is put in its place later is used
    fetch: fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
}

/** Node's `process`, where there is one. */
function hostProcess(): { readonly env?: Record<string, string | undefined>; readonly platform?: string } {
  return (globalThis as { process?: ReturnType<typeof hostProcess> }).process ?? {}
}

function refusedOption(option: string, rule: string): GuillemetError {
  return new GuillemetError('ERR_INVALID_INPUT', `The option ${option} ${rule}.`, { path: option })
}
