/** The vault of one run: of the configuration, or of `.secrets` in the working directory. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { inspectStorage, type StorageContents } from '../admin.ts'
import { codeOf } from '../errors.ts'
import { createVault, type KeyProvider, type Vault } from '../index.ts'
import { withoutPrototype } from '../plain-object.ts'
import { fileStorage } from '../storage/file.ts'
import { isName } from '../tag.ts'
import { findConfig, loadConfig } from './config.ts'
import { CommandError, type Host, UsageError } from './host.ts'
import { KEY_FILE } from './key-file.ts'
import { EXPORT_KEY, findKey, KEY_VARIABLE } from './keys.ts'

/** The folder of sealed records, where there is no configuration. */
export const STORAGE_FOLDER = '.secrets'

/** Options that every command takes. */
export interface CommonOptions {
  readonly config?: string
  readonly workspace?: string
  readonly environment?: string
  readonly json?: boolean
}

type TypedPlace = { readonly [Name in 'config' | 'workspace' | 'environment']?: string | undefined }

/** The place of a command as it was typed, with a space before it: for the command that is to follow it. */
export function placeTyped({ config, workspace, environment }: TypedPlace): string {
  const typed = Object.entries({ config, workspace, environment }).filter(([, text]) => text !== undefined)
  return typed
    .map(([name, text]) => ` --${name} ${/^[\w./-]{1,128}$/.test(text!) ? text : name.toUpperCase()}`)
    .join('')
}

/** What a command works with. */
export interface Session {
  /** The vault that was made: commands of an administrator need it. */
  readonly vault: Vault
  /** The vault in the workspace and environment that were asked for. */
  readonly view: Vault
  readonly options: CommonOptions
  /** Whether the vault may have a key; without one it only lists. */
  readonly hasKey: boolean
  /** For commands of an administrator, which take the places as options. */
  readonly workspace: { readonly workspace?: string }
  readonly place: { readonly workspace?: string; readonly environment?: string }
}

/** @throws UsageError for a tag, workspace or environment that is no name; it is not repeated */
export function requireTypedName(typed: string | undefined, what: string): void {
  if (typed === undefined || isName(typed)) return
  throw new UsageError(`The ${what} must be 1 to 128 characters of A-Z, a-z, 0-9, "_" and "-". Nothing was done.`)
}

/** Opens the vault, hands it to the work, and closes it on every way out. */
export async function withSession<T>(
  host: Host,
  options: CommonOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const config = findConfig(host, options.config)
  if (config !== undefined) return withVault(await loadWithKey(host, config), options, work)
  const found = findKey(host)
  return withVault(folderVault(host, found?.provider ?? null), options, work, found !== undefined)
}

/** The vault of the configuration; where it has no key, and there is a key file that it does not read, with a way to go on. */
async function loadWithKey(host: Host, config: string): Promise<Vault> {
  try {
    return await loadConfig(config)
  } catch (error) {
    const hasUnread = !host.env[KEY_VARIABLE] && existsSync(join(host.cwd, KEY_FILE))
    if (codeOf(error) !== 'ERR_INVALID_KEY' || !hasUnread) throw error
    throw new CommandError(
      `${(error as Error).message} Here is the file ${KEY_FILE}; if the configuration takes the key from ${KEY_VARIABLE}: ${EXPORT_KEY}`,
    )
  }
}

/** The same with a vault that is there. */
export async function withVault<T>(
  vault: Vault,
  options: CommonOptions,
  work: (session: Session) => Promise<T>,
  hasKey = true,
): Promise<T> {
  try {
    const workspace = options.workspace === undefined ? {} : { workspace: options.workspace }
    const place = options.environment === undefined ? workspace : { ...workspace, environment: options.environment }
    return await work({ vault, view: vault.with(place), options, hasKey, workspace, place })
  } finally {
    await vault.close()
  }
}

/** A vault over the folder; without a key it only lists. */
export function folderVault(host: Host, keys: KeyProvider | string | null): Vault {
  return createVault({ storage: fileStorage(join(host.cwd, STORAGE_FOLDER)), keys })
}

/**
 * The contents of the storage, for a command that changes it: there must be a keyring, and the key must open it. A typing
 * error in a workspace, or another folder, must not begin a second storage.
 *
 * @throws CommandError that says what to do
 */
export async function requireKeyring(session: Session): Promise<StorageContents> {
  const contents = await requireContents(session)
  const { keyring, where, given } = contents
  if (keyring === undefined || keyring.opens) return contents
  const fault = given.length === 0 ? 'needs a key, and none is given' : `does not open with ${given.join(' or ')}`
  throw new CommandError(
    `The keyring in ${where} ${fault}; it wants ${keyring.providers.join(' or ')}. Set ${KEY_VARIABLE}, or go to the folder with its key file. Nothing was changed.`,
  )
}

/**
 * The contents of the storage, where there are any.
 *
 * @throws CommandError that says how to begin
 */
export async function requireContents({ vault, workspace, options }: Session): Promise<StorageContents> {
  const contents = await inspectStorage(vault, workspace)
  if (contents.keyring !== undefined || contents.hasRecords) return contents
  const command = `guillemet init${placeTyped(withoutPrototype({ ...options, environment: undefined }))}`
  throw new CommandError(
    `Nothing is stored yet in the workspace "${contents.workspace}" of ${contents.where}. To begin, run: ${command}. If there should be something, go to the folder of your project, or look at --workspace and the configuration.`,
  )
}
