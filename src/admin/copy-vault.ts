/**
 * `copyVault`: the secrets of one vault into another one, such as from files to Postgres, or under other keys.
 *
 * A record is sealed to its version, so it cannot be moved as it is: each is opened under the version that it has, and
 * sealed again under the one that counts in the other vault. There is no record of progress: what is there already is seen.
 */

import { GuillemetError } from '../errors.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { detailsOf, emitBefore, withFailureEvent } from '../vault/emit.ts'
import { requireSignal } from '../vault/signal.ts'
import type { View } from '../vault/view.ts'
import { type CopiedWorkspace, CopyCounts, type CopyReport, copyReport } from './copy-report.ts'
import { everyRecord, type ScannedRecord } from './every-record.ts'
import {
  type CopiedRecord,
  type CopyResult,
  type CopyRules,
  type Original,
  placeCopy,
  readPlace,
} from './place-copy.ts'
import { openStored } from './reseal.ts'
import { type AdminRun, adminRun } from './run.ts'
import { type Unreadable, visitRecord } from './visit.ts'
import {
  chooseWorkspaces,
  failureOf,
  inWorkspace,
  requirePermitted,
  viewOfEveryEnvironment,
  type WorkspaceFailure,
  type WorkspacesOptions,
} from './workspaces.ts'

/** Options of {@link copyVault}. */
export interface CopyVaultOptions extends WorkspacesOptions {
  /** Opens and compares everything and writes nothing. @default false */
  readonly dryRun?: boolean | undefined
  /**
   * Whether a secret that is there and differs is replaced, and one that was deleted there comes back.
   *
   * @default false: it is left as it is, and told
   */
  readonly overwrite?: boolean | undefined
}

/**
 * Copies every secret into another vault: value, rule, state, expiry, names, and when and by whom it was created and changed.
 *
 * Versions begin anew in the other vault. Deletions are not carried over: a secret that was deleted here and is there still
 * counts as `differs`. Each secret is read back after it was written. A copy that was ended in any way is gone on with by
 * running it again; what is there already is left alone. Stop writing to the first vault before the last run, and give that one
 * `overwrite`. Both vaults need their keys; no policy is asked.
 *
 * @param from the vault that is read, as `createVault` has made it
 * @param to the vault that is written to, as `createVault` has made it
 * @returns each secret as it is done; awaited, the report
 * @throws ERR_INVALID_INPUT for an unknown option, or one vault given twice; ERR_PERMISSION_DENIED for a view, or where one of
 *   them was made for another workspace or for one environment; ERR_STORAGE_UNAVAILABLE and ERR_OUTCOME_UNKNOWN, after
 *   which it can be run again
 * @example
 * ```ts
 * const { isComplete, workspaces } = await copyVault(files, database)
 * ```
 */
export function copyVault(from: Vault, to: Vault, options?: CopyVaultOptions): AdminRun<CopiedRecord, CopyReport> {
  const known = ['workspaces', 'signal', 'dryRun', 'overwrite'] as const
  const { workspaces, signal, dryRun, overwrite } = readOptions(options, 'options of copyVault', known, suggest)
  const [source, target] = [viewOfEveryEnvironment(from, 'copyVault'), viewOfEveryEnvironment(to, 'copyVault')]
  if (source.root === target.root) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'copyVault needs two vaults; the same one was given twice.')
  }
  const rules = { isDryRun: requireBoolean(dryRun, 'dryRun'), overwrite: requireBoolean(overwrite, 'overwrite') }
  return adminRun(copyAll({ source, target, rules, signal: requireSignal(signal) }, workspaces))
}

interface Copying {
  readonly source: View
  readonly target: View
  readonly rules: CopyRules
  readonly signal: AbortSignal | undefined
}

async function* copyAll(
  copying: Copying,
  given: readonly string[] | undefined,
): AsyncGenerator<CopiedRecord, CopyReport, undefined> {
  const { source, target, rules, signal } = copying
  const { names } = await chooseWorkspaces(source, given)
  requirePermitted(target, names) // that it may write there
  const workspaces: CopiedWorkspace[] = []
  const failed: WorkspaceFailure[] = []
  for (const workspace of names) {
    if (signal?.aborted) break
    const own = { ...copying, source: inWorkspace(source, workspace), target: inWorkspace(target, workspace) }
    try {
      workspaces.push(yield* copyWorkspace(own))
    } catch (error) {
      failed.push(failureOf(workspace, error))
    }
  }
  return copyReport(workspaces, failed, rules.isDryRun, signal?.aborted === true)
}

async function* copyWorkspace({
  source,
  target,
  rules,
  signal,
}: Copying): AsyncGenerator<CopiedRecord, CopiedWorkspace, undefined> {
  const details = detailsOf('copy-vault', [])
  await emitBefore(source, details)
  const counts = new CopyCounts(source.workspace)
  for await (const record of everyRecord(source, signal)) {
    const outcome = await withFailureEvent(
      source,
      () => details,
      () => copyOne(source, target, record, rules),
    )
    const { workspace, environment, tag } = record.place
    if (outcome !== undefined) yield counts.add({ workspace, environment, tag, ...outcome })
  }
  return counts.done()
}

/**
 * Undefined for what is not carried over: claims that nobody has completed, and deleted secrets. One that is there still, since
 * it was deleted here after an earlier copy, is told and left: what was made there meanwhile is not ours to delete.
 */
async function copyOne(
  source: View,
  target: View,
  record: ScannedRecord,
  rules: CopyRules,
): Promise<CopyResult | undefined> {
  const { place } = record
  const read = await visitRecord<Original | 'nothing' | 'deleted'>(source, record, async (stored) => {
    if (stored.state !== 'live') return stored.state === 'deleted' ? 'deleted' : 'nothing'
    return { place, info: stored.info, value: (await openStored(source, place, stored)).value }
  })
  if (read === 'nothing') return undefined
  if (read === 'deleted') return (await readPlace(target, place)).state === 'live' ? { outcome: 'differs' } : undefined
  return isUnreadable(read) ? read : placeOrReport(target, read, rules)
}

function isUnreadable(read: Original | Unreadable): read is Unreadable {
  return 'outcome' in read
}

/** What became of an opened secret; one that is in the way and does not open is told, and left. */
export async function placeOrReport(target: View, original: Original, rules: CopyRules): Promise<CopyResult> {
  try {
    return { outcome: await placeCopy(target, original, rules) }
  } catch (error) {
    if (!(error instanceof GuillemetError)) throw error
    const { code, reason } = error
    const isAboutRecord = error.tag !== undefined && (code === 'ERR_RECORD_UNREADABLE' || code === 'ERR_RECORD_CORRUPT')
    if (!isAboutRecord) throw error
    return reason === undefined ? { outcome: 'unreadable', code } : { outcome: 'unreadable', code, reason }
  }
}
