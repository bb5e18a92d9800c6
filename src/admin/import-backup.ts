/**
 * `importBackup`: the secrets of a backup into a vault. Everything is read, opened and checked before anything is written.
 *
 * A record is sealed to its version, and a storage counts its own: so each is opened with the keyring of the backup and
 * sealed again with that of the vault. The old keyring is not brought back, and with it no data key that was destroyed.
 */

import { fromUtf8 } from '../bytes.ts'
import { type BackupPlace, openPart, partKeyId } from '../crypto/backup-box.ts'
import { type Keyring, openKeyring, wipe } from '../crypto/keyring.ts'
import { GuillemetError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import { isName } from '../tag.ts'
import type { Vault } from '../vault/api.ts'
import { detailsOf, emitBefore, withFailureEvent } from '../vault/emit.ts'
import { envelopeOf, openRecord, readStored } from '../vault/records.ts'
import type { RecordPlace } from '../vault/seen-versions.ts'
import { requireSignal } from '../vault/signal.ts'
import type { Row } from '../vault/store.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { untilAborted } from '../waiting.ts'
import { type BackupBlock, type BackupHeader, type BackupText, corruptBackup, readBackupText } from './backup-text.ts'
import { type CopiedWorkspace, CopyCounts, type CopyReport, copyReport } from './copy-report.ts'
import { type CopyVaultOptions, placeOrReport } from './copy-vault.ts'
import type { CopiedRecord, CopyResult, CopyRules } from './place-copy.ts'
import { type AdminRun, adminRun } from './run.ts'
import {
  failureOf,
  inWorkspace,
  readNames,
  requirePermitted,
  viewOfEveryEnvironment,
  type WorkspaceFailure,
} from './workspaces.ts'

/** Options of {@link importBackup}: as for `copyVault`; the workspaces are those of the backup where none are named. */
export type ImportBackupOptions = CopyVaultOptions

/** What a backup is given as: its text whole, or in pieces that may end anywhere, such as a stream that reads a file. */
export type Backup = string | Iterable<string> | AsyncIterable<string>

/**
 * Puts the secrets of a backup into a vault: value, rule, state, expiry, names, times and authors.
 *
 * The vault needs a key that could open the vault of the backup when it was made; its storage may be empty. Versions begin
 * anew. What is there and differs is left and told, unless `overwrite` is said. The backup is held in memory, and everything
 * of the chosen workspaces is opened and checked before the first write. An import that was ended in any way is gone on
 * with by running it again. No policy is asked.
 *
 * @param vault as `createVault` has made it
 * @param backup what `exportBackup` gave
 * @returns each secret as it is done; awaited, the report
 * @throws ERR_INVALID_INPUT for an unknown option, or for a path in place of the text; ERR_PERMISSION_DENIED for a view, or
 *   where the vault was made for another workspace or for one environment. While it runs, before anything is written:
 *   ERR_RECORD_CORRUPT when it is not a whole backup, ERR_NEWER_FORMAT, ERR_RECORD_UNREADABLE with the reason
 *   `key-unknown` where the vault has no key for it, or another one where it was changed. Later: ERR_STORAGE_UNAVAILABLE
 *   and ERR_OUTCOME_UNKNOWN, after which it can be run again
 * @example
 * ```ts
 * const { isComplete } = await importBackup(vault, createReadStream('vault.backup', 'utf8'))
 * ```
 */
export function importBackup(
  vault: Vault,
  backup: Backup,
  options?: ImportBackupOptions,
): AdminRun<CopiedRecord, CopyReport> {
  const known = ['workspaces', 'signal', 'dryRun', 'overwrite'] as const
  const { workspaces, signal, dryRun, overwrite } = readOptions(options, 'options of importBackup', known, suggest)
  const view = viewOfEveryEnvironment(vault, 'importBackup')
  const rules = { isDryRun: requireBoolean(dryRun, 'dryRun'), overwrite: requireBoolean(overwrite, 'overwrite') }
  return adminRun(importAll({ view, rules, signal: requireSignal(signal) }, backup, workspaces))
}

interface Importing {
  readonly view: View
  readonly rules: CopyRules
  readonly signal: AbortSignal | undefined
}

/** One workspace of a backup whose seals are all checked; the values are opened one after the other. */
interface OpenedBlock {
  readonly workspace: string
  readonly keyring: Keyring
  readonly records: readonly { readonly place: RecordPlace; readonly row: Row }[]
}

async function* importAll(
  importing: Importing,
  backup: Backup,
  given: readonly string[] | undefined,
): AsyncGenerator<CopiedRecord, CopyReport, undefined> {
  const { view, rules, signal } = importing
  const text = await readUnlessAborted(importing, backup)
  if (text === undefined) return copyReport([], [], rules.isDryRun, true)
  const { header, blocks } = text
  const names = readNames(given ?? header.workspaces)
  requirePermitted(view, names)
  const missing = names.find((name) => !header.workspaces.includes(name))
  if (missing !== undefined) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The backup has no workspace "${missing}"; nothing was written.`)
  }
  const opened: OpenedBlock[] = []
  try {
    for (const block of blocks) {
      if (names.includes(block.workspace)) opened.push(await openBlock(importing, header, block))
    }
    const workspaces: CopiedWorkspace[] = []
    const failed: WorkspaceFailure[] = []
    for (const block of opened) {
      if (signal?.aborted) break
      try {
        workspaces.push(yield* importBlock({ ...importing, view: inWorkspace(view, block.workspace) }, block))
      } catch (error) {
        failed.push(failureOf(block.workspace, error))
      }
    }
    return copyReport(workspaces, failed, rules.isDryRun, signal?.aborted === true)
  } finally {
    for (const { keyring } of opened) wipe(keyring)
  }
}

/** Undefined where the caller has given up: a stream may hang, and nothing is written before all of it was read. */
async function readUnlessAborted({ view, signal }: Importing, backup: Backup): Promise<BackupText | undefined> {
  try {
    return await untilAborted(readBackupText(backup, view.root.turns), signal)
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
}

async function* importBlock(
  { view, rules, signal }: Importing,
  { workspace, keyring, records }: OpenedBlock,
): AsyncGenerator<CopiedRecord, CopiedWorkspace, undefined> {
  const details = detailsOf('import-backup', [])
  await emitBefore(view, details)
  const counts = new CopyCounts(workspace)
  for (const { place, row } of records) {
    await view.root.turns.next()
    if (signal?.aborted) break
    const outcome = await withFailureEvent(
      view,
      () => details,
      () => importOne(view, keyring, place, row, rules),
    )
    yield counts.add({ workspace, environment: place.environment, tag: place.tag, ...outcome })
  }
  return counts.done()
}

async function importOne(
  view: View,
  keyring: Keyring,
  place: RecordPlace,
  row: Row,
  rules: CopyRules,
): Promise<CopyResult> {
  const stored = readStored(row)
  if (stored.state !== 'live') return { outcome: 'unreadable', code: 'ERR_RECORD_CORRUPT' }
  let value: ReturnType<typeof openRecord>
  try {
    value = openRecord(place, stored, envelopeOf(place, stored), keyring)
  } catch (error) {
    const { code, reason } = error as GuillemetError
    return reason === undefined ? { outcome: 'unreadable', code } : { outcome: 'unreadable', code, reason }
  }
  return placeOrReport(view, { place, info: stored.info, value }, rules)
}

/** Not all of it where the caller has given up, since nothing of it is written then. */
async function openBlock({ view, signal }: Importing, header: BackupHeader, block: BackupBlock): Promise<OpenedBlock> {
  const { workspace } = block
  let keyring: Keyring
  try {
    keyring = await openKeyring(block.keyring, workspace, requireKeyrings(view).providers)
  } catch (error) {
    if (!(error instanceof GuillemetError)) throw error
    const { code, message, reason } = error
    const told = `The backup of the workspace "${workspace}" does not open, and nothing was written: ${message}`
    throw new GuillemetError(code, told, { reason })
  }
  try {
    requireWholeBlock(header, block, keyring)
    const records: OpenedBlock['records'][number][] = []
    for (const part of block.records) {
      await view.root.turns.next()
      if (signal?.aborted) break
      records.push(openedRecord(header, block, keyring, part, records.length))
    }
    return { workspace, keyring, records }
  } catch (error) {
    wipe(keyring)
    throw error
  }
}

/** That the header and the number of records are those of when the backup was made. */
function requireWholeBlock(
  header: BackupHeader,
  { workspace, records, keyring: text, end }: BackupBlock,
  keyring: Keyring,
): void {
  const place = { backup: header.id, workspace, index: records.length, keyring: text }
  const summary = parseJson(openedPart(keyring, end, place))
  const { createdAt, workspaces } = header
  if (JSON.stringify(summary) !== JSON.stringify({ createdAt, workspaces })) throw changedBackup(workspace)
}

function openedRecord(
  header: BackupHeader,
  { workspace }: BackupBlock,
  keyring: Keyring,
  part: string,
  index: number,
): OpenedBlock['records'][number] {
  const record = parseJson(openedPart(keyring, part, { backup: header.id, workspace, index }))
  const own = (key: string): unknown => (typeof record === 'object' ? ownValue(record, key) : undefined)
  const [environment, tag, version, body] = ['environment', 'tag', 'version', 'body'].map(own)
  const isRow = Number.isSafeInteger(version) && (version as number) >= 1 && typeof body === 'string'
  if (!isName(environment) || !isName(tag) || !isRow) throw corruptBackup('has a malformed record')
  return { place: { workspace, environment, tag }, row: { version: version as number, body } }
}

function openedPart(keyring: Keyring, part: string, place: BackupPlace): string {
  const keyId = partKeyId(part)
  if (keyId === undefined) throw corruptBackup('has a line that is not one of a backup')
  const key = keyring.key(keyId)
  if (key === undefined) throw changedBackup(place.workspace)
  const bytes = openPart(part, key, place)
  const text = typeof bytes === 'string' ? undefined : fromUtf8(bytes)
  if (text === undefined) throw changedBackup(place.workspace)
  return text
}

function changedBackup(workspace: string): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    `The backup was changed: a line of the workspace "${workspace}" is missing, was added, was edited or comes from another backup. Nothing was written; take another copy of it.`,
    { reason: 'tampered' },
  )
}
