/** MCP servers that are child processes: their environment, and their arguments where that is asked for. */

import { GuillemetError } from '../../errors.ts'
import { INSPECT, nullRecord } from '../../plain-object.ts'
import { childEnvironment, requireSizes, UNIX, WINDOWS } from '../../process/environment.ts'
import type { JsonValue } from '../../template/redacted.ts'
import type { Resolved, Vault } from '../../vault/api.ts'
import { atPath, withPath } from './error-path.ts'
import type { StdioConfig } from './server-config.ts'

/** Where the error output of a server goes: what `spawn` takes. */
export type McpStderr = 'pipe' | 'ignore' | 'inherit'

/** What a process is spawned with. */
export interface McpCommand {
  /** The program. */
  readonly command: string
  /** Its arguments. */
  readonly args: string[]
  /** The whole of its environment. */
  readonly env: Record<string, string>
  /** The directory that it runs in; absent where that of this process is meant. */
  readonly cwd?: string
  /** Where its error output goes. */
  readonly stderr: McpStderr
}

/**
 * What `new StdioClientTransport(parameters)` takes. It prints as redacted; plaintext is only read from `args` and `env`,
 * which the transport does when it spawns. A copy by spreading is empty: spread what `expose()` gives.
 */
export interface McpStdioParameters extends McpCommand {
  /** The same as plain data, for a host that spawns by itself. */
  expose(): McpCommand
}

/** What `resolveMcpServers` hands on to each process. */
export interface StdioSettings {
  readonly hasSecretArgs: boolean
  readonly allowSecretsIn: readonly string[]
  readonly stderr: McpStderr
  /** The default variables are taken from it. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  readonly isWindows: boolean
}

/** What the SDK hands on of its own environment, so that a server finds its programs, but not the keys of others. */
const DEFAULT_VARIABLES = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']
const DEFAULT_WINDOWS_VARIABLES = [
  'APPDATA',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATH',
  'PROCESSOR_ARCHITECTURE',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERNAME',
  'USERPROFILE',
  'PROGRAMFILES',
]

// getters of the class, not members: whatever copies or prints an object passes them by
class StdioParameters implements McpCommand {
  readonly #command: McpCommand
  readonly #shown: JsonValue

  constructor(command: McpCommand, shown: JsonValue) {
    this.#command = command
    this.#shown = shown
    Object.freeze(this)
  }

  get command(): string {
    return this.#command.command
  }

  get args(): string[] {
    return this.#command.args
  }

  get env(): Record<string, string> {
    return this.#command.env
  }

  // undefined and absent are the same to spawn
  get cwd(): string {
    return this.#command.cwd as string
  }

  get stderr(): McpStderr {
    return this.#command.stderr
  }

  expose(): McpCommand {
    return { ...this.#command }
  }

  toJSON(): JsonValue {
    return this.#shown
  }

  toString(): string {
    return JSON.stringify(this.#shown)
  }

  [INSPECT](_depth: number, options: object, inspect?: (value: unknown, options: object) => string): unknown {
    return inspect === undefined ? this.#shown : inspect(this.#shown, options)
  }
}

/** A process ready to be spawned, and the results that its plaintext is in. */
export interface ResolvedStdio {
  readonly parameters: McpStdioParameters
  readonly resolved: readonly Resolved<unknown>[]
}

/**
 * Resolves what one process is spawned with.
 *
 * @param path of the server in the config
 * @throws what `resolveEnv` throws; ERR_LOCATION_DENIED for a secret in a variable such as `NODE_OPTIONS`
 */
export async function stdioServer(
  vault: Vault,
  { command, cwd, ...given }: StdioConfig,
  path: string,
  settings: StdioSettings,
): Promise<ResolvedStdio> {
  const { stderr, hasSecretArgs } = settings
  const args = hasSecretArgs ? await atPath(`${path}.args`, vault.resolve([...given.args])) : undefined
  const plainArgs = args?.expose() ?? [...given.args]
  requireArguments(plainArgs, path)
  const { env, variables } = await atPath(`${path}.env`, resolvedEnvironment(vault, given.env, settings))
  requireFits(variables, [command, ...plainArgs], path, settings)
  const place = cwd === undefined ? {} : { cwd }
  const shown = { command, args: args?.redacted ?? plainArgs, env: env.redacted, ...place, stderr }
  return {
    parameters: new StdioParameters({ command, args: plainArgs, env: variables, ...place, stderr }, shown),
    resolved: args === undefined ? [env] : [env, args],
  }
}

async function resolvedEnvironment(
  vault: Vault,
  given: StdioConfig['env'],
  settings: StdioSettings,
): Promise<{ readonly env: Resolved<Record<string, string>>; readonly variables: Record<string, string> }> {
  const env = await vault.resolveEnv({ ...given })
  const { references } = env
  const inherited = defaultVariables(settings)
  const platform = settings.isWindows ? WINDOWS : UNIX
  return { env, variables: childEnvironment(env.expose(), references, inherited, settings.allowSecretsIn, platform) }
}

function requireFits(
  variables: Record<string, string>,
  command: readonly string[],
  path: string,
  { isWindows }: StdioSettings,
): void {
  try {
    requireSizes(variables, command, isWindows ? WINDOWS : UNIX)
  } catch (error) {
    throw withPath(`${path}.env`, error)
  }
}

/** A function that a shell has exported is left out, as the SDK does: old shells run what comes after it. */
function defaultVariables({ inherited, isWindows }: StdioSettings): Record<string, string> {
  const names = isWindows ? DEFAULT_WINDOWS_VARIABLES : DEFAULT_VARIABLES
  return nullRecord(
    names.flatMap((name) => {
      const value = Object.hasOwn(inherited, name) ? inherited[name] : undefined
      return typeof value !== 'string' || value.startsWith('()') ? [] : [[name, value] as const]
    }),
  )
}

/** The system's own error would hold all of them. */
function requireArguments(args: readonly string[], server: string): void {
  const index = args.findIndex((arg) => arg.includes('\0'))
  if (index < 0) return
  const path = `${server}.args[${index}]`
  throw new GuillemetError('ERR_INVALID_INPUT', `The argument at ${path} must be a text without NUL.`, { path })
}
