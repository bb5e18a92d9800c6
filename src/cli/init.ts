/**
 * `init`: looks at the storage first. Only where nothing is stored a key is made, kept, read back, and then used.
 *
 * A key that takes the place of one that is missing opens nothing; so whatever is stored already, or not knowing whether
 * anything is, ends the command before it has written.
 */

import { join } from 'node:path'
import { initKeyring, inspectStorage } from '../admin.ts'
import { localKey } from '../crypto/local-key.ts'
import { generateKey, type Vault } from '../index.ts'
import { findConfig, loadConfig } from './config.ts'
import { CommandError, EXIT, type Host, note, print, printJson } from './host.ts'
import { ignoreKeyFile, KEY_FILE, writeKeyFile } from './key-file.ts'
import { type FoundKey, findKey, KEY_VARIABLE } from './keys.ts'
import { askHidden, canAsk } from './prompts.ts'
import { type CommonOptions, folderVault, withVault } from './session.ts'

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
interface Kept {
  source: string
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
    const kept: Kept = { source: found?.source ?? 'the configuration' }
    const { keyId } = await initKeyring(vault, {
      ...workspace,
      // a configuration may have its key from elsewhere: then there is none to keep
      keepKey: async (providers) => {
        if (fresh !== undefined && providers.includes(fresh.id)) kept.source = await keep(host, options, fresh)
      },
    })
    const contents = await inspectStorage(vault, workspace)
    const report = {
      workspace: contents.workspace,
      storage: contents.where,
      key: kept.source,
      providers: contents.keyring?.providers ?? [],
      dataKey: keyId,
    }
    if (options.json === true) await printJson(host, report)
    note(host, `The keyring is made, in ${report.storage}. Its key is in ${report.key}: ${report.providers.join(', ')}`)
    note(host, 'Keep a copy of the key somewhere else: without it nobody can read these secrets again.')
    note(host, 'Next: guillemet set TAG, or guillemet import .env')
    return EXIT.done
  })
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
  } finally {
    if (fresh !== undefined) {
      delete host.env[KEY_VARIABLE]
      if (given !== undefined) host.env[KEY_VARIABLE] = given
    }
  }
}

/** Keeps the key where it was asked for; what that is called. */
async function keep(host: Host, options: InitOptions, fresh: NewKey): Promise<string> {
  if (options.print === true) return givenBack(host, fresh)
  const ignored = await ignoreKeyFile(host.cwd)
  if (ignored === 'added' || ignored === 'created')
    note(host, `.gitignore: ${ignored}, so that git leaves ${KEY_FILE} alone`)
  await writeKeyFile(join(host.cwd, KEY_FILE), fresh.text, fresh.id)
  return `the file ${KEY_FILE}`
}

/** Shows the key, and has it typed again from where it was kept. */
async function givenBack(host: Host, fresh: NewKey): Promise<string> {
  note(host, 'The key, which is shown only now. Keep it where only your program can read it:')
  await print(host, `${fresh.text}\n`)
  const given = await askHidden(host, 'Paste it again, from where you kept it:')
  if (given.trim() !== fresh.text) {
    throw new CommandError('That is not the key. Nothing was stored, and the key that was shown is worth nothing.')
  }
  return `your keeping, for the variable ${KEY_VARIABLE}`
}

/** Where nobody can be asked, the key comes back with the next command, and only then it is used. */
async function printOnly(host: Host, fresh: NewKey): Promise<number> {
  await print(host, `${fresh.text}\n`)
  note(host, `Nothing is stored yet. Keep the key, and give it back with: ${KEY_VARIABLE}=… guillemet init`)
  return EXIT.done
}

async function requireUnused(vault: Vault, workspace: { readonly workspace?: string }): Promise<void> {
  // looks as the real one does, and ends where it would write
  const end = new Interruption()
  await initKeyring(vault, {
    ...workspace,
    keepKey: () => {
      throw end
    },
  }).catch((error: unknown) => {
    if (error !== end) throw error
  })
}

/** Ends what must not go on. */
class Interruption extends Error {}
