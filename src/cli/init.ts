/**
 * `init`: looks at the storage first. Only where nothing is stored a key is made, kept, read back, and then used.
 *
 * A key that takes the place of one that is missing opens nothing; so whatever is stored already, or not knowing whether
 * anything is, ends the command before it has written.
 */

import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { initKeyring, inspectStorage } from '../admin.ts'
import { localKey } from '../crypto/local-key.ts'
import { codeOf } from '../errors.ts'
import { generateKey, type Vault } from '../index.ts'
import { fileKey } from '../keys/file.ts'
import { findConfig, isKeyMissing, loadConfig } from './config.ts'
import { CommandError, EXIT, type Host, note, print, printJson } from './host.ts'
import { IGNORED_KEY, ignoreFiles, KEY_FILE, writeKeyFile } from './key-file.ts'
import { EXPORT_KEY, type FoundKey, findKey, KEY_VARIABLE } from './keys.ts'
import { askHidden, canAsk } from './prompts.ts'
import { type CommonOptions, folderVault, STORAGE_FOLDER, withVault } from './session.ts'

/** Options of `init`. */
export interface InitOptions extends CommonOptions {
  readonly print?: boolean
}

/** A key that exists in this process only, until it is kept. */
interface NewKey {
  readonly text: string
  readonly id: string
}

/** What `init` has to say about the key. */
interface KeptKey {
  source: string
  /** Whether this very run has made the key file. */
  hasMadeFile: boolean
}

/** What was made, as `--json` prints it. */
interface InitReport {
  readonly workspace: string
  readonly storage: string
  readonly key: string
  readonly providers: readonly string[]
  readonly dataKey: string
}

export async function init(host: Host, options: InitOptions): Promise<number> {
  const found = findKey(host)
  const fresh = found === undefined ? newKey() : undefined
  const vault = await vaultFor(host, options, found, fresh)
  return withVault(vault, options, async ({ workspace }) => {
    await requireNotReady(vault, workspace, found)
    if (fresh !== undefined && options.print === true && !canAsk(host)) {
      await requireUnused(vault, workspace)
      return printOnly(host, fresh)
    }
    const kept: KeptKey = { source: found?.source ?? 'the configuration', hasMadeFile: false }
    const { keyId } = await initKeyring(vault, {
      ...workspace,
      keepKey: async (providers) => {
        // a configuration may have its key from elsewhere: then there is none to keep
        if (fresh !== undefined && providers.includes(fresh.id)) await keep(host, options, fresh, kept)
        await addToGitignore(host, options)
      },
    }).catch(async (error: unknown) => {
      // somebody else has made the keyring meanwhile: this key has sealed nothing, and never will
      if (codeOf(error) === 'ERR_CONFLICT' && kept.hasMadeFile) await removeKeyFile(host, fresh!)
      throw error
    })
    const contents = await inspectStorage(vault, workspace)
    const providers = contents.keyring?.providers ?? []
    // a key file that lies here need not be that of a configuration
    const isFound = found === undefined || providers.includes(found.provider.id)
    const report: InitReport = {
      workspace: contents.workspace,
      storage: contents.where,
      key: isFound ? kept.source : 'the configuration',
      providers,
      dataKey: keyId,
    }
    if (options.json === true) await printJson(host, report)
    tellWhatIsMade(host, report, findConfig(host, options.config) !== undefined, kept)
    note(host, 'Next: guillemet set TAG, or guillemet import .env')
    return EXIT.done
  })
}

/** Says where the keyring and its key are, and what is to be done about them. */
function tellWhatIsMade(host: Host, report: InitReport, isConfigured: boolean, kept: KeptKey): void {
  note(host, `The keyring is made, in ${report.storage}. Its key is in ${report.key}: ${report.providers.join(', ')}`)
  note(host, 'Keep a copy of the key somewhere else: without it nobody can read these secrets again.')
  if (isConfigured && report.storage.startsWith('the directory '))
    note(
      host,
      'Sealed records are not for version control: where that directory is in a repository, add it to .gitignore.',
    )
  // a new key reaches a configuration through the variable only, in which the next command does not find it
  if (isConfigured && kept.hasMadeFile)
    note(
      host,
      `The configuration got it from ${KEY_VARIABLE}; unless it reads ${KEY_FILE} too, run first: ${EXPORT_KEY}`,
    )
}

/** The usual second `init`: all is there. */
async function requireNotReady(
  vault: Vault,
  workspace: { readonly workspace?: string },
  found: FoundKey | undefined,
): Promise<void> {
  const { keyring, where } = await inspectStorage(vault, workspace)
  if (keyring?.opens !== true) return
  const source = found === undefined ? 'the key of the configuration' : `the key in ${found.source}`
  throw new CommandError(`There is nothing to do: the keyring is in ${where} already, and ${source} opens it.`)
}

function newKey(): NewKey {
  const text = generateKey()
  return { text, id: localKey(text).id }
}

async function vaultFor(
  host: Host,
  options: InitOptions,
  found: FoundKey | undefined,
  fresh: NewKey | undefined,
): Promise<Vault> {
  const config = findConfig(host, options.config)
  if (config === undefined) return folderVault(host, found?.provider ?? fresh!.text)
  // the storage can only be looked at through the vault, and a configuration has none without a key
  const given = host.env[KEY_VARIABLE]
  if (fresh !== undefined) host.env[KEY_VARIABLE] = fresh.text
  try {
    return await loadConfig(config)
  } catch (error) {
    throw fresh !== undefined && isKeyMissing(error) ? keyFileFirst(host, error) : error
  } finally {
    if (fresh !== undefined) {
      delete host.env[KEY_VARIABLE]
      if (given !== undefined) host.env[KEY_VARIABLE] = given
    }
  }
}

/** A configuration whose key file is not there cannot be loaded, so that its storage cannot be looked at. */
function keyFileFirst({ cwd }: Host, { message }: Error): CommandError {
  const path = message.includes(JSON.stringify(join(cwd, KEY_FILE))) ? KEY_FILE : 'FILE'
  return new CommandError(
    `${message} Where nothing is stored yet, make that file first, and run guillemet init again:\n  ${makeKeyFile(path)}`,
  )
}

function makeKeyFile(path: string): string {
  return `(umask 077 && set -C && node -e "import('guillemet').then((g) => console.log(g.generateKey()))" > ${path})`
}

/** Keeps the key, and where there is no configuration the storage, out of a repository. */
async function addToGitignore(host: Host, options: InitOptions): Promise<void> {
  const hasConfig = findConfig(host, options.config) !== undefined
  if (await ignoreFiles(host.cwd, hasConfig ? [IGNORED_KEY] : [IGNORED_KEY, `/${STORAGE_FOLDER}`])) {
    note(
      host,
      `.gitignore: written, so that git leaves ${hasConfig ? KEY_FILE : `${KEY_FILE} and ${STORAGE_FOLDER}`} alone`,
    )
  }
}

/** Keeps the key where it was asked for. */
async function keep(host: Host, options: InitOptions, fresh: NewKey, kept: KeptKey): Promise<void> {
  if (options.print === true) {
    await givenBack(host, fresh)
    kept.source = `your keeping, for the variable ${KEY_VARIABLE}`
    return
  }
  await addToGitignore(host, options) // before the file is there
  await writeKeyFile(join(host.cwd, KEY_FILE), fresh.text, fresh.id)
  kept.source = `the file ${KEY_FILE}`
  kept.hasMadeFile = true
}

async function removeKeyFile(host: Host, fresh: NewKey): Promise<void> {
  const path = join(host.cwd, KEY_FILE)
  if (fileKey(path).id !== fresh.id) return
  await unlink(path)
  note(host, `The key file that was just made is removed again: its key is worth nothing.`)
}

/** Shows the key, and has it typed again from where it was kept. */
async function givenBack(host: Host, fresh: NewKey): Promise<void> {
  note(host, 'The key, which is shown only now. Keep it where only your program can read it:')
  await print(host, `${fresh.text}\n`)
  const given = await askHidden(host, 'Paste it again, from where you kept it:')
  if (given.trim() !== fresh.text) {
    throw new CommandError('That is not the key. Nothing was stored, and the key that was shown is worth nothing.')
  }
}

/** Where nobody can be asked, the key comes back with the next command, and only then it is used. */
async function printOnly(host: Host, fresh: NewKey): Promise<number> {
  await print(host, `${fresh.text}\n`)
  note(host, `Nothing is stored yet. Keep the key, and give it back with: ${KEY_VARIABLE}=… guillemet init`)
  return EXIT.done
}

async function requireUnused(vault: Vault, workspace: { readonly workspace?: string }): Promise<void> {
  // looks as the real one does, and ends where it would write
  const end = new StopBeforeWrite()
  await initKeyring(vault, {
    ...workspace,
    keepKey: () => {
      throw end
    },
  }).catch((error: unknown) => {
    if (error !== end) throw error
  })
}

/** Ends `initKeyring` where it would write. */
class StopBeforeWrite extends Error {}
