/** `purgeWorkspace`: every secret of a workspace deleted, then the data keys destroyed under which they were sealed. */

import { withNewDataKey, withoutDataKeys } from '../crypto/keyring-change.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { readBody, writeBody } from '../secrets/schema.ts'
import { suggest } from '../suggest.ts'
import { requireName } from '../tag.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { missingKeyring } from '../vault/keyrings.ts'
import { readStored } from '../vault/records.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireSignal } from '../vault/signal.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { newWriteId, put } from '../vault/write.ts'
import { holdersIn } from './holders.ts'
import { type AdminRun, adminRun } from './run.ts'
import { everyRecord, type ScannedRecord } from './scan.ts'
import { chooseWorkspaces, inWorkspace } from './workspaces.ts'

/** Options of {@link purgeWorkspace}. */
export interface PurgeWorkspaceOptions {
  /** The name of the workspace, typed again. */
  readonly confirm: string
  /** Ends the command after the record at hand; what was deleted stays deleted, and no data key is destroyed. */
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
  /** Whether nothing is left. */
  readonly isComplete: boolean
}

/** How often the workspace is looked through for what others have written meanwhile. */
const PASSES = 8

/**
 * Deletes every secret of a workspace, also those that nobody can read, and destroys the data keys under which they were
 * sealed. Tombstones and an empty keyring stay, so that no version is ever used twice.
 *
 * What a backup of the storage holds opens as long as the backup holds the keyring and somebody has the key-encryption key:
 * backups have to go as well.
 *
 * @param workspace which one; typed again as `confirm`
 * @returns each record as it is deleted; awaited, the report
 * @throws ERR_CONFIRMATION_REQUIRED when `confirm` is not the name; ERR_PERMISSION_DENIED when the vault was made for another
 *   workspace; ERR_CONFLICT when others go on creating secrets there; ERR_KEYRING_MISSING where nothing was ever stored
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
  const { signal } = readOptions(options, 'options of purgeWorkspace', ['confirm', 'signal'], suggest)
  const view = rootViewOf(vault)
  requireKeyrings(view)
  requireName(workspace, 'workspace')
  if (ownValue(options, 'confirm') !== workspace) {
    throw new GuillemetError(
      'ERR_CONFIRMATION_REQUIRED',
      `Purging cannot be undone; type the workspace again: purgeWorkspace(vault, '${workspace}', { confirm: '${workspace}' }).`,
    )
  }
  return adminRun(purge(view, workspace, requireSignal(signal)))
}

async function* purge(
  view: View,
  workspace: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<PurgedRecord, PurgeReport, undefined> {
  await chooseWorkspaces(view, [workspace])
  const own = inWorkspace(view, workspace)
  const details = () => keyDetails('purge-workspace', undefined)
  const older = await withFailureEvent(own, details, () => startDataKey(own))
  let deleted = 0
  for (let pass = 1; pass <= PASSES; pass++) {
    let found = 0
    for await (const record of everyRecord(own, signal)) {
      if (!(await withFailureEvent(own, details, () => bury(own, record)))) continue
      found++
      deleted++
      yield { environment: record.place.environment, tag: record.place.tag }
    }
    if (signal?.aborted) return { workspace, deleted, destroyed: [], isComplete: false }
    if (found > 0) continue
    await requireKeyrings(own).change(workspace, ({ keyring }) => withoutDataKeys(keyring, workspace, older))
    await emitAfter(own, details())
    return { workspace, deleted, destroyed: older, isComplete: true }
  }
  throw new GuillemetError(
    'ERR_CONFLICT',
    'Others go on writing into this workspace, so that no data key was destroyed; stop them and run the command again.',
  )
}

/** A new data key first, so that what is created meanwhile does not need one that is destroyed; gives the older ones. */
async function startDataKey(view: View): Promise<readonly string[]> {
  const keyrings = requireKeyrings(view)
  const { workspace } = view
  if ((await keyrings.reload(workspace)) === undefined) missingKeyring()
  const { content, active } = await keyrings.change(workspace, ({ keyring }) =>
    withNewDataKey(keyring, workspace, holdersIn(view, keyring)),
  )
  return content.keys.flatMap(({ id, state }) => (state === 'destroyed' || id === active.id ? [] : [id]))
}

/** Puts a tombstone over whatever is there; false where there is one already. */
async function bury(view: View, { place, row: listed }: ScannedRecord): Promise<boolean> {
  let row: { readonly version: number; readonly body: string } | undefined = listed
  while (row !== undefined) {
    if (isTombstone(row)) return false
    const body = writeBody({ state: 'deleted', at: new Date(view.root.now()).toISOString(), writeId: newWriteId() })
    if (await put(view, place, row.version + 1, body, 'deleted', false)) return true
    row = (await view.root.store.get(place.workspace, [place], true))[0]
  }
  return false
}

/** A claim counts as what was there before it, and is buried all the same: its creator then conflicts. */
function isTombstone(row: { readonly version: number; readonly body: string }): boolean {
  if (readStored(row).state !== 'deleted') return false
  return readBody(row.body).state === 'deleted'
}
