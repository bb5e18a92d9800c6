/** The first keyring of a workspace: made only where nothing is stored, and only once its key is kept. */

import { readKeyringBody } from '../crypto/keyring-body.ts'
import { codeOf, GuillemetError } from '../errors.ts'
import { withoutUndefined } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { everyRow } from '../vault/every-row.ts'
import { KEYRING_KEY } from '../vault/keyrings.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireKeyrings, type View, viewWith } from '../vault/view.ts'

/** Which workspace a command looks at. */
export interface WorkspaceOptions {
  /** The workspace. @default that of the vault */
  readonly workspace?: string
}

/** What is stored in a workspace, as far as it can be known without a key. */
export interface StorageContents {
  /** The workspace that was looked at. */
  readonly workspace: string
  /** What the storage calls itself. */
  readonly where: string
  /** Whether there is any record besides the keyring; deleted ones count. */
  readonly hasRecords: boolean
  /** The ids of the key providers that this vault was given; none for a vault without keys. */
  readonly given: readonly string[]
  /** The keyring; undefined where there is none. Its ids reveal nothing of a key. */
  readonly keyring?: {
    /** The ids of the data keys, the active one first. */
    readonly keyIds: readonly string[]
    /** The ids of the key providers of which each opens it. */
    readonly providers: readonly string[]
    /** Whether the keys of this vault open it; false in a vault without keys. */
    readonly opens: boolean
  }
}

/** The keyring that `initKeyring` has made. */
export interface FirstKeyring {
  /** The id of its data key. */
  readonly keyId: string
}

/** Options of `initKeyring`. */
export interface InitKeyringOptions extends WorkspaceOptions {
  /**
   * Called when nothing is stored, before anything is: the time to keep a new key and to read it back. What it throws ends
   * the command, and nothing was written.
   *
   * @param providers the ids of the vault's key providers, all of which will wrap the keyring
   */
  readonly keepKey?: ((providers: readonly string[]) => void | Promise<void>) | undefined
}

/**
 * What is stored in a workspace, and whose key opens it. Needs no key, and writes nothing.
 *
 * @throws ERR_PERMISSION_DENIED for a view; ERR_STORAGE_UNAVAILABLE; ERR_RECORD_CORRUPT for a keyring that cannot be read
 * @example
 * ```ts
 * const { keyring } = await inspectStorage(vault)
 * if (keyring?.opens === false) console.log(`give the key ${keyring.providers}`)
 * ```
 */
export async function inspectStorage(vault: Vault, options?: WorkspaceOptions): Promise<StorageContents> {
  const { workspace } = readOptions(options, 'options of inspectStorage', ['workspace'], suggest)
  return look(viewWith(rootViewOf(vault), withoutUndefined({ workspace })))
}

/**
 * Makes the first keyring of a workspace in which nothing is stored. Any secret would make it as well; this is for a new
 * key, which must be kept before it is used, and never take the place of one that is missing.
 *
 * @returns what was made
 * @throws ERR_CONFLICT when a keyring or a record is there already, whoever made it; what `keepKey` throws;
 *   ERR_PERMISSION_DENIED for a view; ERR_INVALID_KEY; ERR_STORAGE_UNAVAILABLE
 * @example
 * ```ts
 * const key = generateKey()
 * const vault = createVault({ storage, keys: key })
 * await initKeyring(vault, { keepKey: () => writeFile('/etc/acme/vault.key', key, { flag: 'wx', mode: 0o600 }) })
 * ```
 */
export async function initKeyring(vault: Vault, options?: InitKeyringOptions): Promise<FirstKeyring> {
  const { workspace, keepKey } = readOptions(options, 'options of initKeyring', ['workspace', 'keepKey'], suggest)
  const view = viewWith(rootViewOf(vault), withoutUndefined({ workspace }))
  const keyrings = requireKeyrings(view)
  const contents = await look(view)
  if (contents.keyring !== undefined || contents.hasRecords) throw inUse(contents)
  await keepKey?.(keyrings.providers.map(({ id }) => id))
  try {
    const keyring = await keyrings.ensure(view.workspace)
    return { keyId: keyring.active.id }
  } catch (error) {
    // the keyring that is there now opens with another key: somebody else has made it since
    if (error instanceof GuillemetError && error.reason === 'key-unknown') throw inUse(await look(view))
    throw error
  }
}

async function look(view: View): Promise<StorageContents> {
  const { root, workspace } = view
  const row = await root.store.getFresh(workspace, KEYRING_KEY)
  const given = (root.keyrings?.providers ?? []).map(({ id }) => id)
  const contents = { workspace, where: root.store.where, hasRecords: await hasRecords(view), given }
  if (row === undefined) return contents
  const { keys } = readKeyringBody(row.body)
  const ordered = [...keys].sort((a, b) => Number(b.state === 'active') - Number(a.state === 'active'))
  const active = ordered[0]!
  const keyring = {
    keyIds: ordered.map(({ id }) => id),
    providers: active.slots.map(({ provider }) => provider),
    opens: await opens(view),
  }
  return { ...contents, keyring }
}

async function hasRecords({ root, workspace }: View): Promise<boolean> {
  for await (const { environment, tag } of everyRow(root.store, workspace, { limit: 2 })) {
    if (environment !== KEYRING_KEY.environment || tag !== KEYRING_KEY.tag) return true
  }
  return false
}

async function opens({ root, workspace }: View): Promise<boolean> {
  if (root.keyrings === undefined) return false
  try {
    return (await root.keyrings.reload(workspace)) !== undefined
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ERR_RECORD_UNREADABLE' || code === 'ERR_INVALID_KEY') return false
    throw error
  }
}

function inUse({ workspace, where, keyring }: StorageContents): GuillemetError {
  const what = keyring === undefined ? 'holds records, and their keyring is missing' : 'has a keyring already'
  const next =
    keyring === undefined
      ? 'restore the record "$keyring" from a backup'
      : `give the key ${keyring.providers.map((id) => `"${id}"`).join(' or ')}, of which any opens it`
  return new GuillemetError(
    'ERR_CONFLICT',
    `The workspace "${workspace}" in ${where} ${what}: ${next}. A new key would open none of it; nothing was written.`,
  )
}
