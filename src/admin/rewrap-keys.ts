/** `rewrapKeys`: every data key wrapped anew by every key of the vault. Records are not touched. */

import type { Keyring } from '../crypto/keyring.ts'
import { isWithdrawn, rewrapped } from '../crypto/keyring-change.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { withdrawnKey } from '../vault/key-errors.ts'
import { missingKeyring } from '../vault/keyrings.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireSignal } from '../vault/signal.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { type KeySlotInfo, type KeyVersion, KeyVersions, slotsOf, unopenedIn } from './key-slots.ts'
import { type AdminRun, adminRun } from './run.ts'
import {
  chooseWorkspaces,
  failureOf,
  inWorkspace,
  type WorkspaceFailure,
  type WorkspacesOptions,
} from './workspaces.ts'

/** A workspace whose data keys were wrapped anew. */
export interface RewrappedWorkspace {
  /** The workspace. */
  readonly workspace: string
  /** What each data key now needs. */
  readonly slots: readonly KeySlotInfo[]
  /** Data keys that no key of this vault opens: they stay as they were. */
  readonly unopened: readonly string[]
}

/** What `rewrapKeys` did; only this is the licence to disable a version of a key at its service. */
export interface RewrapReport {
  /** How many workspaces were done. */
  readonly done: number
  /** Those that could not be wrapped anew, or not be read again at the end, and why. */
  readonly failed: readonly WorkspaceFailure[]
  /**
   * Whether every workspace of the storage was done, and still was when all were read once more at the end: no failure, no
   * abort, none left out, none that is new, no keyring that somebody else has changed meanwhile. Else run it again.
   */
  readonly isComplete: boolean
  /** The versions that something needs, as far as the keyrings were read. */
  readonly needed: readonly KeyVersion[]
  /** The versions that were needed before and are not any more; empty unless `isComplete`. */
  readonly noLongerNeeded: readonly KeyVersion[]
}

/**
 * Wraps every data key anew with every key of the vault, also with one that has wrapped it before: a new version of a key
 * in a key service, or a new key before an old one in `keys`. Records are not touched, and nobody has to stop.
 *
 * A data key is stored only after the fresh slot was unwrapped once.
 *
 * @returns the workspaces as they are done; awaited, the report
 * @throws ERR_INVALID_INPUT for an unknown option; ERR_PERMISSION_DENIED for a view; ERR_STORAGE_UNAVAILABLE, also when a
 *   key service does not answer
 * @example
 * ```ts
 * const vault = createVault({ storage, keys: [next, old] })
 * const { isComplete, noLongerNeeded } = await rewrapKeys(vault)
 * ```
 */
export function rewrapKeys(vault: Vault, options?: WorkspacesOptions): AdminRun<RewrappedWorkspace, RewrapReport> {
  const { workspaces, signal } = readOptions(options, 'options of rewrapKeys', ['workspaces', 'signal'], suggest)
  const view = rootViewOf(vault)
  requireKeyrings(view)
  return adminRun(rewrapAll(view, workspaces, requireSignal(signal)))
}

async function* rewrapAll(
  view: View,
  given: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<RewrappedWorkspace, RewrapReport, undefined> {
  const { names } = await chooseWorkspaces(view, given)
  const before = new KeyVersions()
  const done = new Map<string, RewrappedWorkspace>()
  const failed: WorkspaceFailure[] = []
  for (const workspace of names) {
    await view.root.turns.next()
    if (signal?.aborted) break
    try {
      const rewrappedOne = await rewrapWorkspace(inWorkspace(view, workspace), before)
      done.set(workspace, rewrappedOne)
      yield rewrappedOne
    } catch (error) {
      failed.push(failureOf(workspace, error))
    }
  }
  const after = new KeyVersions()
  for (const { slots } of done.values()) after.add(slots)
  const isComplete =
    done.size === names.length && !signal?.aborted && (await isStillDone(view, given, { done, failed, after }))
  const noLongerNeeded = isComplete ? before.list(after) : []
  return { done: done.size, failed, isComplete, needed: after.list(), noLongerNeeded }
}

/** What a run has come to. */
interface Rewrapped {
  readonly done: ReadonlyMap<string, RewrappedWorkspace>
  readonly failed: WorkspaceFailure[]
  /** What is needed; counts on with all that is read. */
  readonly after: KeyVersions
}

/**
 * Lists the workspaces and reads every keyring once more: while the others were done, a program that knows an older version
 * of the key may have made a keyring or a data key.
 */
async function isStillDone(view: View, given: readonly string[] | undefined, run: Rewrapped): Promise<boolean> {
  const { done, failed, after } = run
  const { names, isAll } = await chooseWorkspaces(view, given)
  let isSame = isAll && names.length === done.size
  for (const workspace of names) {
    await view.root.turns.next()
    try {
      const keyring = (await requireKeyrings(view).reload(workspace)) ?? missingKeyring()
      const slots = slotsOf(keyring.content)
      after.add(slots)
      isSame &&= isLeftOf(done.get(workspace)?.slots ?? [], slots)
    } catch (error) {
      failed.push(failureOf(workspace, error))
      isSame = false
    }
  }
  return isSame
}

/** Whether the slots are those that were left, of all data keys that are still there. */
function isLeftOf(left: readonly KeySlotInfo[], now: readonly KeySlotInfo[]): boolean {
  const dataKeys = new Set(now.map(({ dataKey }) => dataKey))
  return JSON.stringify(left.filter(({ dataKey }) => dataKeys.has(dataKey))) === JSON.stringify(now)
}

async function rewrapWorkspace(view: View, before: KeyVersions): Promise<RewrappedWorkspace> {
  const { workspace } = view
  const keyrings = requireKeyrings(view)
  const details = () => keyDetails('rewrap-keys', keyrings.providers[0]!.id)
  const keyring = await withFailureEvent(view, details, () =>
    keyrings.change(workspace, ({ keyring: current }) => {
      requireNoneWithdrawn(current, view)
      before.add(slotsOf(current.content))
      return rewrapped(current, workspace, keyrings.providers)
    }),
  )
  await emitAfter(view, details())
  const { content, ids } = keyring
  return { workspace, slots: slotsOf(content), unopened: unopenedIn(content, ids) }
}

/** A stale program must not bring back a key that somebody has withdrawn, not even by a command. */
function requireNoneWithdrawn(keyring: Keyring, view: View): void {
  const gone = requireKeyrings(view).providers.find(({ id }) => isWithdrawn(keyring, id))
  if (gone !== undefined) throw withdrawnKey(gone.id)
}
