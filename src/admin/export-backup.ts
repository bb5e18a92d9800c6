/** `exportBackup`: every secret as it is stored, with the wrapped keyrings, in a text that is sealed once more. */

import { utf8 } from '../bytes.ts'
import { partKeyId, sealPart } from '../crypto/backup-box.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { randomBytes } from '../crypto/random.ts'
import { base64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { detailsOf, emitAfter, emitBefore, emitFailure, withFailureEvent } from '../vault/emit.ts'
import { missingKeyring } from '../vault/keyrings.ts'
import { envelopeOf } from '../vault/records.ts'
import type { Row } from '../vault/store.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { type BackupHeader, endLine, headerLine, recordLine } from './backup-text.ts'
import { everyRecord, type ScannedRecord } from './every-record.ts'
import { openStored } from './reseal.ts'
import { visitRecord } from './visit.ts'
import {
  chooseWorkspaces,
  failureOf,
  inWorkspace,
  viewOfEveryEnvironment,
  type WorkspaceFailure,
} from './workspaces.ts'

const BACKUP_ID_BYTES = 16

/** Options of {@link exportBackup}. */
export interface ExportBackupOptions {
  /** Only these. @default every workspace of the storage where it can list them; else the vault's own */
  readonly workspaces?: readonly string[] | undefined
  /**
   * Whether a record that does not open is taken along as it is stored, for a key that opens it perhaps, and a workspace whose
   * keyring does not open is left out, with an event `export-backup` that has its code. One that is named in `workspaces` is
   * not left out, nor the last one.
   *
   * @default false: the backup ends with an error that names it
   */
  readonly allowUnreadable?: boolean | undefined
}

/**
 * A backup of every secret: text in pieces, one line each, to write to a file.
 *
 * It holds the secrets as they are stored, with rules, states, names, times and authors, and the keyrings as the vault's
 * keys have wrapped them; all but the names of the workspaces is sealed and bound together. To open it, one needs a key
 * that the vault had at that time: keep that one as well. Deleted secrets and older versions are not in it. Every secret
 * is opened once to see that it can be; a text that ends early, because of an error or a full disk, is never taken for a
 * backup. No policy is asked.
 *
 * @param vault as `createVault` has made it
 * @returns the pieces; the storage is read while they are asked for
 * @throws ERR_INVALID_INPUT for an unknown option; ERR_PERMISSION_DENIED for a view, or a vault that was made for one
 *   environment. While it is read: what does not open, with its tag, environment and workspace, and what the storage
 *   fails with
 * @example
 * ```ts
 * await writeFile('vault.backup.part', exportBackup(vault), { mode: 0o600 })
 * await rename('vault.backup.part', 'vault.backup')
 * ```
 */
export function exportBackup(vault: Vault, options?: ExportBackupOptions): AsyncIterable<string> {
  const known = ['workspaces', 'allowUnreadable'] as const
  const { workspaces, allowUnreadable } = readOptions(options, 'options of exportBackup', known, suggest)
  const view = viewOfEveryEnvironment(vault, 'exportBackup')
  return backupLines(view, workspaces, requireBoolean(allowUnreadable, 'allowUnreadable'))
}

async function* backupLines(
  view: View,
  given: readonly string[] | undefined,
  allowUnreadable: boolean,
): AsyncGenerator<string, undefined> {
  const workspaces = await openable(view, given, allowUnreadable)
  const createdAt = new Date(view.root.now()).toISOString()
  const header: BackupHeader = { id: base64url(randomBytes(BACKUP_ID_BYTES)), createdAt, workspaces }
  yield headerLine(header)
  for (const workspace of workspaces) yield* workspaceLines(inWorkspace(view, workspace), header, allowUnreadable)
}

/** The workspaces that are in use, all of which open, but for those that may be left out. */
async function openable(view: View, given: readonly string[] | undefined, allowUnreadable: boolean): Promise<string[]> {
  const { names } = await chooseWorkspaces(view, given)
  const workspaces: string[] = []
  let last: GuillemetError | undefined
  for (const workspace of names) {
    const own = inWorkspace(view, workspace)
    try {
      if (await isInUse(own)) workspaces.push(workspace)
    } catch (error) {
      await emitFailure(own, detailsOf('export-backup', []), error)
      last = closedWorkspace(failureOf(workspace, error))
      if (!allowUnreadable || given !== undefined) throw last
    }
  }
  if (last !== undefined && workspaces.length === 0) throw last
  return workspaces
}

function closedWorkspace({ workspace, code, message, reason }: WorkspaceFailure): GuillemetError {
  return new GuillemetError(
    code,
    `The workspace "${workspace}" does not open, so there is no whole backup; give its key, or say allowUnreadable to leave it out where others open. ${message}`,
    { reason },
  )
}

/** Whether the workspace has a keyring. */
async function isInUse(view: View): Promise<boolean> {
  if ((await requireKeyrings(view).reload(view.workspace)) !== undefined) return true
  for await (const _ of everyRecord(view, undefined)) missingKeyring()
  return false
}

async function* workspaceLines(
  view: View,
  header: BackupHeader,
  allowUnreadable: boolean,
): AsyncGenerator<string, undefined> {
  const { workspace } = view
  const keyrings = requireKeyrings(view)
  const details = detailsOf('export-backup', [])
  await emitBefore(view, details)
  const place = { backup: header.id, workspace }
  const keyIds = new Set<string>()
  let index = 0
  for await (const record of everyRecord(view, undefined)) {
    const row = await withFailureEvent(
      view,
      () => details,
      () => rowOf(view, record, keyIds, allowUnreadable),
    )
    if (row === undefined) continue
    const { environment, tag } = record.place
    const { version, body } = row
    const { active } = keyrings.loaded(workspace) ?? missingKeyring()
    const part = sealPart(utf8(JSON.stringify({ environment, tag, version, body })), active, {
      ...place,
      index: index++,
    })
    keyIds.add(partKeyId(part)!)
    yield recordLine(workspace, part)
  }
  const { keyring, body } = (await keyrings.stored(workspace)) ?? missingKeyring()
  requireKeys(keyring, keyIds, workspace)
  const { createdAt, workspaces } = header
  const summary = utf8(JSON.stringify({ createdAt, workspaces }))
  yield endLine({
    workspace,
    keyring: body,
    end: sealPart(summary, keyring.active, { ...place, index, keyring: body }),
  })
  await emitAfter(view, details)
}

/** What is taken along of a record; undefined for claims and tombstones. Notes which data key it needs. */
async function rowOf(
  view: View,
  record: ScannedRecord,
  keyIds: Set<string>,
  allowUnreadable: boolean,
): Promise<Row | undefined> {
  const { place } = record
  const read = await visitRecord<Row | 'nothing'>(view, record, async (stored, row) => {
    if (stored.state !== 'live') return 'nothing'
    await openStored(view, place, stored)
    keyIds.add(envelopeOf(place, stored).keyId)
    return row
  })
  if (read === 'nothing') return undefined
  if (!('outcome' in read)) return read
  if (allowUnreadable) return record.row
  throw new GuillemetError(
    read.code,
    `The secret "${place.tag}" in the environment "${place.environment}" of the workspace "${place.workspace}" does not open, so there is no whole backup; restore or delete it, or say allowUnreadable to take it along as it is.`,
    { tag: place.tag, reason: read.reason },
  )
}

/** A rotation may have gone on during the export, and its old data key be destroyed since. */
function requireKeys(keyring: Keyring, keyIds: ReadonlySet<string>, workspace: string): void {
  if ([...keyIds].every((id) => keyring.key(id) !== undefined)) return
  throw new GuillemetError(
    'ERR_CONFLICT',
    `Data keys of the workspace "${workspace}" were destroyed while the backup was made; make it again.`,
  )
}
