/**
 * `rotateKeys`: a new data key, and every record sealed again under it, while others read and write.
 *
 * There is no lock and no record of progress: what a record is sealed under says whether it is done. The new data key is
 * stored and read back before anything uses it. An update opens the stored version first, so one that began before
 * conflicts with the record sealed again; a create claims its version, reads the keyring again and only then seals, and
 * the scan writes claims once more, so that a creator who has read the old keyring conflicts too.
 */

import type { Keyring } from '../crypto/keyring.ts'
import { withNewDataKey } from '../crypto/keyring-change.ts'
import { readOptions, requireBoolean } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { missingKeyring } from '../vault/keyrings.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireSignal } from '../vault/signal.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { everyRecord } from './every-record.ts'
import { holdersIn } from './holders.ts'
import { type KeyVersion, KeyVersions, slotsOf } from './key-slots.ts'
import { isLeftOver, type Resealed, reseal, tryToOpen } from './reseal.ts'
import { type AdminRun, adminRun, MOST_LISTED } from './run.ts'
import {
  chooseWorkspaces,
  failureOf,
  inWorkspace,
  type WorkspaceFailure,
  type WorkspacesOptions,
} from './workspaces.ts'

/** Options of {@link rotateKeys}. */
export interface RotateKeysOptions extends WorkspacesOptions {
  /** Opens every record and writes nothing, to see what would not open. @default false */
  readonly dryRun?: boolean | undefined
}

/** A record, and what was done with it. */
export interface RotatedRecord {
  /** Where it is. */
  readonly workspace: string
  /** Where it is. */
  readonly environment: string
  /** Its tag. */
  readonly tag: string
  /**
   * `rotated`: sealed again. `bumped`: a claim or a tombstone, written once more. `current`: was sealed under the active
   * data key already. `unreadable`: does not open, and was left as it is.
   */
  readonly outcome: Resealed['outcome']
  /** With `unreadable`: the code. */
  readonly code?: WorkspaceFailure['code']
  /** With `unreadable`: why it did not open. */
  readonly reason?: WorkspaceFailure['reason']
}

/** What was done in one workspace. */
export interface RotatedWorkspace {
  /** The workspace. */
  readonly workspace: string
  /** The id of the data key that seals there now. */
  readonly dataKey: string
  /**
   * Whether an unfinished rotation was gone on with, or another one is running: no new data key was made. Run the command
   * once more where a data key is wanted that nobody has had before.
   */
  readonly isResumed: boolean
  /** Data keys that are retired and hold nothing any more if all went well: what `destroyKey` takes. */
  readonly retired: readonly string[]
  /**
   * Providers that opened the data key before, or are given, and have no slot of this one: their keys open nothing new
   * (rewrapKeys).
   */
  readonly leftOut: readonly string[]
  /** How many records were seen. */
  readonly records: number
  /** How many of them were sealed again. */
  readonly rotated: number
  /** How many were claims or tombstones. */
  readonly bumped: number
  /** How many were sealed under the active data key already. */
  readonly current: number
  /** Those that do not open; at most 1,000 are listed. */
  readonly unreadable: readonly RotatedRecord[]
  /** How many do not open. */
  readonly unreadableCount: number
}

/** What {@link rotateKeys} did. */
export interface RotateReport {
  /** Each workspace that was begun. */
  readonly workspaces: readonly RotatedWorkspace[]
  /** Those that could not be worked on, and why. */
  readonly failed: readonly WorkspaceFailure[]
  /** Whether every record of these workspaces was seen, and none of them is unreadable. */
  readonly isComplete: boolean
  /** Whether nothing was written. */
  readonly isDryRun: boolean
  /** A rotation changes data keys only: a new version of a key in a key service needs `rewrapKeys`. */
  readonly keyEncryptionKeys: 'unchanged'
  /** The keys, and their versions, that are needed as before: none of them may be disabled because of a rotation. */
  readonly needed: readonly KeyVersion[]
}

/**
 * Makes a new data key in every workspace and seals every record again under it, while others read and write.
 *
 * A rotation that was ended in any way is gone on with by running it again; two at once are safe. A record that does not
 * open is reported and left. Key-encryption keys stay as they are: `rewrapKeys` is for those. The old data key stays
 * retired until `destroyKey`.
 *
 * @returns each record as it is done; awaited, the report
 * @throws ERR_INVALID_INPUT for an unknown option; ERR_PERMISSION_DENIED for a view; ERR_STORAGE_UNAVAILABLE and
 *   ERR_OUTCOME_UNKNOWN, after which it can be run again
 * @example
 * ```ts
 * const run = rotateKeys(vault)
 * for await (const { tag, outcome } of run) if (outcome === 'unreadable') console.error(tag)
 * const { isComplete } = await run
 * ```
 */
export function rotateKeys(vault: Vault, options?: RotateKeysOptions): AdminRun<RotatedRecord, RotateReport> {
  const known = ['workspaces', 'signal', 'dryRun'] as const
  const { workspaces, signal, dryRun } = readOptions(options, 'options of rotateKeys', known, suggest)
  const view = rootViewOf(vault)
  requireKeyrings(view)
  const rotating = { isDryRun: requireBoolean(dryRun, 'dryRun'), signal: requireSignal(signal) }
  return adminRun(rotateAll(view, workspaces, rotating))
}

interface Rotating {
  readonly isDryRun: boolean
  readonly signal: AbortSignal | undefined
}

async function* rotateAll(
  view: View,
  given: readonly string[] | undefined,
  rotating: Rotating,
): AsyncGenerator<RotatedRecord, RotateReport, undefined> {
  const { names } = await chooseWorkspaces(view, given)
  const workspaces: RotatedWorkspace[] = []
  const failed: WorkspaceFailure[] = []
  const needed = new KeyVersions()
  for (const workspace of names) {
    if (rotating.signal?.aborted) break
    const own = inWorkspace(view, workspace)
    try {
      const done = yield* rotateWorkspace(own, rotating, needed)
      if (done !== undefined) workspaces.push(done)
    } catch (error) {
      failed.push(failureOf(workspace, error))
    }
  }
  const isComplete =
    !rotating.signal?.aborted && failed.length === 0 && workspaces.every(({ unreadableCount }) => unreadableCount === 0)
  const { isDryRun } = rotating
  return { workspaces, failed, isComplete, isDryRun, keyEncryptionKeys: 'unchanged', needed: needed.list() }
}

/**
 * Undefined for a workspace in which nothing is stored.
 *
 * @param needed gets the keys that are needed there afterwards
 */
async function* rotateWorkspace(
  view: View,
  rotating: Rotating,
  needed: KeyVersions,
): AsyncGenerator<RotatedRecord, RotatedWorkspace | undefined, undefined> {
  const details = () => keyDetails('rotate-keys', requireKeyrings(view).loaded(view.workspace)?.active.id)
  const before = await withFailureEvent(view, details, () => currentKeyring(view))
  if (before === undefined) return undefined
  const isResumed =
    !rotating.isDryRun && !(await withFailureEvent(view, details, () => switchKey(view, before, rotating)))
  const counts = { records: 0, rotated: 0, bumped: 0, current: 0, unreadable: 0 }
  const unreadable: RotatedRecord[] = []
  for await (const record of everyRecord(view, rotating.signal)) {
    const work = rotating.isDryRun ? tryToOpen : reseal
    const resealed = await withFailureEvent(view, details, () => work(view, record))
    const { workspace, environment, tag } = record.place
    const step = { workspace, environment, tag, ...resealed }
    counts.records++
    counts[resealed.outcome]++
    if (resealed.outcome === 'unreadable' && unreadable.length < MOST_LISTED) unreadable.push(step)
    yield step
  }
  // read again: while a loop takes its time the vault may have used so many others that it has forgotten this one
  const after = (await requireKeyrings(view).reload(view.workspace)) ?? missingKeyring()
  if (!rotating.isDryRun) await emitAfter(view, details())
  needed.add(slotsOf(after.content))
  const { unreadable: unreadableCount, ...rest } = counts
  return { ...rotatedKeys(view, before, after), isResumed, ...rest, unreadable, unreadableCount }
}

async function currentKeyring(view: View): Promise<Keyring | undefined> {
  const keyring = await requireKeyrings(view).reload(view.workspace)
  if (keyring !== undefined) return keyring
  for await (const _ of everyRecord(view, undefined)) missingKeyring()
  return undefined
}

/**
 * Makes a new data key, which is stored and read back.
 *
 * @returns false where there is an unfinished rotation to go on with, or another program has just made a new data key
 */
async function switchKey(view: View, before: Keyring, { signal }: Rotating): Promise<boolean> {
  const keyrings = requireKeyrings(view)
  const { workspace } = view
  const hasRetired = before.content.keys.some(({ state }) => state === 'retired')
  if (hasRetired) {
    for await (const record of everyRecord(view, signal)) if (await isLeftOver(view, record)) return false
  }
  if (signal?.aborted) return true
  // so that those who have the next key alone can open the new data key, and all that is not sealed again yet
  await keyrings.admitFirst(workspace)
  let isNew = false
  await keyrings.change(workspace, ({ keyring }) => {
    isNew = keyring.active.id === before.active.id
    return isNew ? withNewDataKey(keyring, workspace, holdersIn(view, keyring)) : undefined
  })
  return isNew
}

function rotatedKeys(view: View, before: Keyring, { content, active }: Keyring) {
  const { workspace } = view
  const holders = (keyring: Keyring['content'], dataKey: string) =>
    slotsOf(keyring).flatMap((slot) => (slot.dataKey === dataKey ? [slot.provider] : []))
  const now = holders(content, active.id)
  const given = requireKeyrings(view).providers.map(({ id }) => id)
  const wanted = new Set([...holders(before.content, before.active.id), ...given])
  return {
    workspace,
    dataKey: active.id,
    retired: content.keys.flatMap(({ id, state }) => (state === 'retired' ? [id] : [])),
    leftOut: [...wanted].filter((provider) => !now.includes(provider) && !content.withdrawn.includes(provider)),
  }
}
