/** The configs that MCP hosts use, read: which servers there are, and what each of them is started or reached with. */

import { GuillemetError } from '../../errors.ts'
import { isPlainObject, ownValue } from '../../plain-object.ts'
import { pathOf } from '../../template/context.ts'
import { parseUrl } from '../../url.ts'

/** A server that is a child process. */
export interface StdioConfig {
  readonly kind: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | undefined
}

/** A server that is reached by HTTP. */
export interface HttpConfig {
  readonly kind: 'http' | 'sse'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** The methods that each transport sends with, the first one first: SSE begins with what it listens to. */
export const TRANSPORT_METHODS = { http: ['POST', 'GET', 'DELETE'], sse: ['GET', 'POST'] } as const

/** One server of a config. */
export interface ServerConfig {
  readonly name: string
  /** What leads to it in the config. */
  readonly keys: readonly string[]
  readonly server: StdioConfig | HttpConfig
  /** Every other member of it: references there are no host's business, so they are refused. */
  readonly others: Readonly<Record<string, unknown>>
}

/** Members that hold the servers: of Claude, Cursor and most others, and of VS Code. */
const HOLDERS = ['mcpServers', 'servers'] as const
/** What Gemini CLI and Windsurf call the url. */
const OTHER_URLS = ['httpUrl', 'serverUrl'] as const
const TYPES: Readonly<Record<string, ServerConfig['server']['kind']>> = {
  stdio: 'stdio',
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  sse: 'sse',
}

/**
 * The servers of a config, but for those with `disabled: true`.
 *
 * @param refuse is given what is wrong with a server, which is then left out; it may throw. @default throws
 * @throws ERR_INVALID_INPUT with the path of a member that is missing or of another type
 */
export function readServers(config: unknown, refuse: (error: unknown) => void = rethrow): readonly ServerConfig[] {
  if (!isPlainObject(config)) throw invalidConfig('must be an object', [])
  const holder = HOLDERS.find((name) => isPlainObject(ownValue(config, name)) && !isServer(config[name]))
  const servers = holder === undefined ? config : (config[holder] as Record<string, unknown>)
  const before = holder === undefined ? [] : [holder]
  return Object.keys(servers).flatMap((name) => {
    const keys = [...before, name]
    const server = servers[name]
    try {
      if (!isPlainObject(server)) throw invalidConfig('must be an object', keys)
      return ownValue(server, 'disabled') === true ? [] : [readServer(name, keys, server)]
    } catch (error) {
      refuse(error)
      return []
    }
  })
}

function rethrow(error: unknown): never {
  throw error
}

/** A bare map may have a server that is called `servers`. */
function isServer(value: unknown): boolean {
  return ['command', 'url'].some((member) => typeof ownValue(value as object, member) === 'string')
}

function readServer(name: string, keys: readonly string[], given: Record<string, unknown>): ServerConfig {
  const command = ownValue(given, 'command')
  const url = ownValue(given, 'url')
  if ((command === undefined) === (url === undefined)) {
    throw invalidConfig(`must have either a command or a url${hintFor(given)}`, keys)
  }
  const kind = readServerKind(ownValue(given, 'type'), command === undefined ? 'http' : 'stdio', keys)
  const own = kind === 'stdio' ? ['type', 'args', 'env'] : ['type', 'headers']
  const others = Object.fromEntries(Object.entries(given).filter(([member]) => !own.includes(member)))
  if (kind !== 'stdio') return { name, keys, others, server: readHttp(kind, url, given, keys) }
  const cwd = ownValue(given, 'cwd')
  if (cwd !== undefined && typeof cwd !== 'string') throw invalidConfig('must be a text', [...keys, 'cwd'])
  const args = ownValue(given, 'args') ?? []
  const isList = Array.isArray(args) && args.every((arg) => typeof arg === 'string')
  if (!isList) throw invalidConfig('must be a list of texts', [...keys, 'args'])
  return {
    name,
    keys,
    others,
    server: {
      kind,
      command: requireNonEmpty(command, [...keys, 'command']),
      args,
      env: readMap(given, 'env', keys),
      cwd,
    },
  }
}

/** What the author of a server without a command and a url probably meant. */
function hintFor(given: Record<string, unknown>): string {
  const other = OTHER_URLS.find((name) => typeof ownValue(given, name) === 'string')
  if (other !== undefined) return `; ${other} is called url here`
  const isHolder = Object.values(given).some((child) => isPlainObject(child) && isServer(child))
  return isHolder ? '; the member that holds the servers is mcpServers or servers' : ''
}

function readHttp(
  kind: HttpConfig['kind'],
  url: unknown,
  given: Record<string, unknown>,
  keys: readonly string[],
): HttpConfig {
  const headers = readMap(given, 'headers', keys)
  try {
    new Headers(headers)
  } catch {
    throw invalidConfig('has a header that cannot be sent', [...keys, 'headers'])
  }
  return { kind, url: readUrl(requireNonEmpty(url, [...keys, 'url']), keys), headers }
}

function readUrl(text: string, keys: readonly string[]): URL {
  const url = parseUrl(text)
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw invalidConfig('must be an http or https URL', [...keys, 'url'])
}

function readServerKind(
  type: unknown,
  usual: 'stdio' | 'http',
  keys: readonly string[],
): ServerConfig['server']['kind'] {
  if (type === undefined) return usual
  const kind = typeof type === 'string' ? ownValue(TYPES, type) : undefined
  if (kind !== undefined && (kind === 'stdio') === (usual === 'stdio')) return kind
  throw invalidConfig(
    usual === 'stdio' ? 'must be stdio where there is a command' : 'must be http or sse where there is a url',
    [...keys, 'type'],
  )
}

function readMap(given: Record<string, unknown>, member: string, keys: readonly string[]): Record<string, string> {
  const map = ownValue(given, member) ?? {}
  if (!isPlainObject(map)) throw invalidConfig('must be a map of texts', [...keys, member])
  for (const name of Object.keys(map)) {
    if (typeof map[name] !== 'string') throw invalidConfig('must be a text', [...keys, member, name])
  }
  return map as Record<string, string>
}

function requireNonEmpty(value: unknown, keys: readonly string[]): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalidConfig('must be a text that is not empty', keys)
}

function invalidConfig(rule: string, keys: readonly string[]): GuillemetError {
  const path = pathOf(keys)
  return new GuillemetError('ERR_INVALID_INPUT', `The MCP config${path === '' ? '' : ` at ${path}`} ${rule}.`, {
    path,
  })
}
