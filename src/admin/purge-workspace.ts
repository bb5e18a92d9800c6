/**
 * `purgeWorkspace`: every secret of a workspace deleted, then the data keys destroyed under which they were sealed; where no
 * key opens the keyring any more, a fresh one takes its place.
 */

import { withNewDataKey, withoutDataKeys } from '../crypto/keyring-change.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { readBody } from '../secrets/body.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { readStored } from '../vault/records.ts'
import { requireSignal } from '../vault/signal.ts'
import type { Row } from '../vault/store.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { newTombstone, put } from '../vault/write.ts'
import { everyRecord, type ScannedRecord } from './every-record.ts'
import { holdersIn } from './holders.ts'
import { replaceKeyring, replacementForLost } from './lost-keyring.ts'
import { type AdminRun, adminRun } from './run.ts'
import { chooseWorkspaces, inWorkspace, viewOfEveryEnvironment } from './workspaces.ts'

/** Options of {@link purgeWorkspace}. */
export interface PurgeWorkspaceOptions {
  /** The name of the workspace, typed again. */
  readonly confirm: string
  /**
   * The ids of the keys that open the keyring, all of them, as `inspectStorage` and the refusal without this option name
   * them: they are lost, and so is every value. Then a fresh keyring with the keys of this vault takes its place. `[]` where
   * the keyring is gone or is no keyring any more.
   *
   * @default the keyring must open
   */
  readonly lostKeys?: readonly string[] | undefined
  /**
   * Ends the command after the record at hand; what was deleted stays deleted, and no data key is destroyed but those that
   * `lostKeys` has given up.
   */
  readonly signal?: AbortSignal | undefined
}

/** A record that was deleted. */
export interface PurgedRecord {
  /** Where it was. */
  readonly environment: string
  /** Its tag. */
  readonly tag: string
}

/** What {@link purgeWorkspace} did. */
export interface PurgeReport {
  /** The workspace. */
  readonly workspace: string
  /** How many records were deleted by this run. */
  readonly deleted: number
  /** The data keys that were destroyed; empty where the run was aborted. */
  readonly destroyed: readonly string[]
  /** Whether a fresh keyring has taken the place of one that did not open. */
  readonly hasNewKeyring: boolean
  /** Whether nothing is left. */
  readonly isComplete: boolean
}

/** How often the workspace is looked through for what others have written meanwhile. */
const PASSES = 8

/**
 * Deletes every secret of a workspace, also those that nobody can read, and destroys the data keys under which they were
 * sealed. Tombstones and an empty keyring stay, so that no version is ever used twice.
 *
 * With a key that does not open the workspace it is refused, and nothing is deleted: that key may be the wrong one. Only
 * `lostKeys` goes on, which is the way to begin anew once every key is lost.
 *
 * What a backup of the storage holds opens as long as the backup holds the keyring and somebody has the key-encryption key:
 * backups have to go as well.
 *
 * @param workspace which one; typed again as `confirm`
 * @returns each record as it is deleted; awaited, the report
 * @throws ERR_CONFIRMATION_REQUIRED when `confirm` is not the name, or `lostKeys` are not the keys that open it;
 *   ERR_RECORD_UNREADABLE, ERR_INVALID_KEY, ERR_RECORD_CORRUPT or ERR_KEYRING_MISSING when the keyring does not open;
 *   ERR_INVALID_INPUT where nothing was ever stored, or where `lostKeys` are given and it opens; ERR_PERMISSION_DENIED when
 *   the vault was made for another workspace or for one environment; ERR_CONFLICT when others go on creating secrets there
 * @example
 * ```ts
 * await purgeWorkspace(vault, 'acme', { confirm: 'acme' })
 * ```
 */
export function purgeWorkspace(
  vault: Vault,
  workspace: string,
  options: PurgeWorkspaceOptions,
): AdminRun<PurgedRecord, PurgeReport> {
  const known = ['confirm', 'lostKeys', 'signal'] as const
  const { signal, lostKeys } = readOptions(options, 'options of purgeWorkspace', known, suggest)
  const view = viewOfEveryEnvironment(vault, 'purgeWorkspace')
  requireName(workspace, 'workspace')
  if (ownValue(options, 'confirm') !== workspace) {
    throw new GuillemetError(
      'ERR_CONFIRMATION_REQUIRED',
      `Purging cannot be undone; to confirm it, give the name "${workspace}" once more in the option confirm.`,
      { path: 'confirm' },
    )
  }
  return adminRun(purge(view, workspace, { signal: requireSignal(signal), lostKeys: requireIds(lostKeys) }))
}

function requireIds(lostKeys: unknown): readonly string[] | undefined {
  if (lostKeys === undefined) return undefined
  if (Array.isArray(lostKeys) && lostKeys.every((id) => typeof id === 'string')) return [...lostKeys]
  throw new GuillemetError('ERR_INVALID_INPUT', 'The option lostKeys must be a list of ids of keys.')
}

interface Purging {
  readonly signal: AbortSignal | undefined
  readonly lostKeys: readonly string[] | undefined
}

async function* purge(
  view: View,
  workspace: string,
  { signal, lostKeys }: Purging,
): AsyncGenerator<PurgedRecord, PurgeReport, undefined> {
  await chooseWorkspaces(view, [workspace])
  const own = inWorkspace(view, workspace)
  const watched = <R>(work: () => Promise<R>) => withFailureEvent(own, purgeDetails, work)
  const replacement = await watched(() => replacementForLost(own, lostKeys))
  const older = replacement?.lost.dataKeys ?? (await watched(() => startDataKey(own)))
  const hasNewKeyring = replacement !== undefined && !signal?.aborted
  if (hasNewKeyring) {
    // before anything is deleted: anyone who changes the keyring meanwhile has a key after all, and nothing is lost
    await watched(() => replaceKeyring(own, replacement))
    for (const id of older) await emitAfter(own, keyDetails('destroy-key', id))
  }
  const deleted = yield* deleteAll(own, signal)
  if (signal?.aborted) {
    return { workspace, deleted, destroyed: hasNewKeyring ? older : [], hasNewKeyring, isComplete: false }
  }
  if (!hasNewKeyring) {
    await requireKeyrings(own).change(workspace, ({ keyring }) => withoutDataKeys(keyring, workspace, older))
  }
  await emitAfter(own, purgeDetails())
  return { workspace, deleted, destroyed: older, hasNewKeyring, isComplete: true }
}

/** Puts tombstones over all records, until a look through finds no other; how many there were. */
async function* deleteAll(
  view: View,
  signal: AbortSignal | undefined,
): AsyncGenerator<PurgedRecord, number, undefined> {
  let deleted = 0
  for (let pass = 1; pass <= PASSES; pass++) {
    const before = deleted
    for await (const record of everyRecord(view, signal)) {
      if (!(await withFailureEvent(view, purgeDetails, () => writeTombstone(view, record)))) continue
      deleted++
      yield { environment: record.place.environment, tag: record.place.tag }
    }
    if (signal?.aborted || deleted === before) return deleted
  }
  throw new GuillemetError(
    'ERR_CONFLICT',
    'Others go on writing into this workspace, so it could not be emptied; stop them and run the command again.',
  )
}

const purgeDetails = () => keyDetails('purge-workspace', undefined)

/** A new data key first, so that what is created meanwhile does not need one that is destroyed; gives the older ones. */
async function startDataKey(view: View): Promise<readonly string[]> {
  const keyrings = requireKeyrings(view)
  const { workspace } = view
  const { content, active } = await keyrings.change(workspace, ({ keyring }) =>
    withNewDataKey(keyring, workspace, holdersIn(view, keyring)),
  )
  return content.keys.flatMap(({ id, state }) => (state === 'destroyed' || id === active.id ? [] : [id]))
}

/** Puts a tombstone over whatever is there; false where there is one already. */
async function writeTombstone(view: View, { place, row: listed }: ScannedRecord): Promise<boolean> {
  let row: Row | undefined = listed
  while (row !== undefined) {
    if (isTombstone(row)) return false
    if (await put(view, place, row.version + 1, newTombstone(view))) return true
    row = await view.root.store.getFresh(place.workspace, place)
  }
  return false
}

/** A claim counts as what was there before it, and gets a tombstone all the same: its creator then conflicts. */
function isTombstone(row: Row): boolean {
  if (readStored(row).state !== 'deleted') return false
  return readBody(row.body).state === 'deleted'
}
