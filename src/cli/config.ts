/** The configuration: one file that exports a vault, shared by the program and this command line. */

import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rotateKeys } from '../admin.ts'
import { codeOf } from '../errors.ts'
import type { Vault } from '../index.ts'
import { CommandError, type Host, UsageError } from './host.ts'

/** The names that are looked for in the working directory. */
const CONFIG_FILES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `guillemet.config.${ending}`)

/**
 * The path of the configuration; undefined where there is none.
 *
 * @throws UsageError when the one that was named is not there, or there are several
 */
export function findConfig(host: Host, named: string | undefined): string | undefined {
  if (named !== undefined) {
    const path = resolve(host.cwd, named)
    if (existsSync(path)) return path
    throw new UsageError('There is no file under the path given with --config.')
  }
  const found = CONFIG_FILES.filter((name) => existsSync(join(host.cwd, name)))
  if (found.length > 1)
    throw new UsageError(`There are ${found.join(' and ')}; keep one of them, or name one with --config.`)
  return found[0] === undefined ? undefined : join(host.cwd, found[0])
}

/**
 * The vault that a configuration exports: by default, or from a function.
 *
 * @throws CommandError when it cannot be loaded or exports something else; what `createVault` throws in it
 */
export async function loadConfig(path: string): Promise<Vault> {
  const name = basename(path)
  let exported: unknown
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
    exported = module.default
    if (typeof exported === 'function') exported = await exported()
  } catch (error) {
    throw notLoaded(name, error)
  }
  if (isVault(exported)) return requireOwn(exported, name)
  throw new CommandError(
    `${name} does not export a vault: end it with "export default createVault({ … })", or with a function that returns one.`,
  )
}

/** Whether a configuration could not be loaded since the file of its key is not there. */
export function isKeyMissing(error: unknown): error is Error {
  return codeOf(error) === 'ERR_INVALID_KEY' && /^The key is missing: /.test((error as Error).message)
}

/**
 * The vault itself. The commands of an administrator know only vaults of their own copy of the package, and no views.
 *
 * @throws CommandError for any other
 */
async function requireOwn(vault: Vault, name: string): Promise<Vault> {
  try {
    await rotateKeys(vault, { workspaces: [], dryRun: true }) // of no workspace: it only looks at what it was given
  } catch (error) {
    // without keys it is a vault as well
    if (codeOf(error) === 'ERR_INVALID_KEY') return vault
    throw new CommandError(
      `${name} exports a view, a vault that is closed, or one that another copy of guillemet has made. Export what createVault returns; install guillemet in this project and run npx guillemet here; and where package.json does not say "type": "module", name the configuration guillemet.config.mjs.`,
    )
  }
  return vault
}

function isVault(value: unknown): value is Vault {
  return typeof value === 'object' && value !== null && ['set', 'list', 'with', 'close'].every((name) => name in value)
}

function notLoaded(name: string, error: unknown): Error {
  const code = codeOf(error)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_NO_TYPESCRIPT') {
    return new CommandError(
      `Node ${process.versions.node} does not read TypeScript. Install tsx and run: NODE_OPTIONS="--import tsx" npx guillemet …; or use Node 22.18 or newer, or write the configuration as guillemet.config.mjs.`,
    )
  }
  // an error of this library quotes nothing
  if (error instanceof Error && error.name === 'GuillemetError') return error
  // the message of any other may quote a connection string
  const kind = error instanceof Error && /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : 'an error'
  const said = code !== undefined && /^[A-Z0-9_]{1,60}$/.test(code) ? `${kind}, ${code}` : kind
  return new CommandError(`${name} could not be loaded (${said}). To see why, run: node ${name}`)
}
