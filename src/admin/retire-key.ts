/** `retireKey`: a key-encryption key is taken away, once another one has proved that it opens everything. */

import { openKeyring, wipe } from '../crypto/keyring.ts'
import { isWithdrawn, withoutProviders } from '../crypto/keyring-change.ts'
import { isKeyVersion } from '../crypto/provider-id.ts'
import { GuillemetError } from '../errors.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { missingKeyring } from '../vault/keyrings.ts'
import type { LoadedKeyring } from '../vault/loaded-keyring.ts'
import type { Key } from '../vault/option-types.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireSignal } from '../vault/signal.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { slotsOf, unopenedIn } from './key-slots.ts'
import { idOfKey, requireKnownKey } from './retired-key.ts'
import { type AdminRun, adminRun } from './run.ts'
import { chooseWorkspaces, inWorkspace, type WorkspacesOptions } from './workspaces.ts'

/** Options of {@link retireKey}. */
export interface RetireKeyOptions extends WorkspacesOptions {
  /**
   * Only asks whether this version of the key is needed by nothing any more, as before it is disabled at its service; no
   * slot is taken away. @default the whole key is withdrawn
   */
  readonly keyVersion?: string | undefined
}

/** A workspace from which a key was taken, or which does not need its version. */
export interface RetiredIn {
  /** The workspace. */
  readonly workspace: string
  /** Whether something was changed there; false where the key was withdrawn before, and with `keyVersion`. */
  readonly isChanged: boolean
}

/** What {@link retireKey} did. */
export interface RetireReport {
  /** How many workspaces do not need it any longer. */
  readonly done: number
  /** Whether these are all workspaces of the storage; while it is not, the key may be needed elsewhere. */
  readonly isComplete: boolean
}

/**
 * Withdraws a key-encryption key: its slots are removed, and no vault gives it one again.
 *
 * The vault needs the other key only: that it opens every data key is proved, in every workspace, before anything is
 * changed. Run it in a new process, so that the proof is that of the key which is kept. With `keyVersion` it only makes
 * sure that no slot needs that version.
 *
 * @param key the key itself, as its text or its provider, or its id as reports of `rewrapKeys` name it. The text is used to
 *   derive the id, and is neither stored nor told to anybody
 * @throws ERR_INVALID_INPUT for what is no key, and for an id that the keyring of no workspace knows; ERR_KEY_IN_USE when a data key would be left that no key of the vault opens, or the version is still needed;
 *   ERR_INVALID_KEY, ERR_RECORD_UNREADABLE, ERR_STORAGE_UNAVAILABLE when the proof fails. Nothing was changed then
 * @example
 * ```ts
 * await retireKey(createVault({ storage, keys: next }), old)
 * ```
 */
export function retireKey(vault: Vault, key: Key, options?: RetireKeyOptions): AdminRun<RetiredIn, RetireReport> {
  const known = ['workspaces', 'signal', 'keyVersion'] as const
  const { workspaces, signal, keyVersion } = readOptions(options, 'options of retireKey', known, suggest)
  const view = rootViewOf(vault)
  requireKeyrings(view)
  const providerId = idOfKey(key)
  if (keyVersion !== undefined && !isKeyVersion(keyVersion)) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The version of a key must be 1 to 256 characters of printable ASCII.',
    )
  }
  return adminRun(retireAll(view, { providerId, keyVersion }, workspaces, requireSignal(signal)))
}

interface Retiring {
  readonly providerId: string
  readonly keyVersion: string | undefined
}

async function* retireAll(
  view: View,
  retiring: Retiring,
  given: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<RetiredIn, RetireReport, undefined> {
  const { names, isAll } = await chooseWorkspaces(view, given)
  if (signal?.aborted) return { done: 0, isComplete: false }
  await withFailureEvent(
    view,
    () => keyDetails('retire-key', undefined),
    () => requireKnownKey(view, names, retiring.providerId),
  )
  // all of them first: a key that one workspace needs is withdrawn from none
  for (const workspace of names) {
    await view.root.turns.next()
    if (signal?.aborted) return { done: 0, isComplete: false }
    await withFailureEvent(
      inWorkspace(view, workspace),
      () => keyDetails('retire-key', retiring.providerId),
      () => requireNotNeeded(inWorkspace(view, workspace), retiring),
    )
  }
  let done = 0
  for (const workspace of names) {
    await view.root.turns.next()
    if (signal?.aborted) break
    const isChanged = retiring.keyVersion === undefined && (await withdraw(inWorkspace(view, workspace), retiring))
    done++
    yield { workspace, isChanged }
  }
  return { done, isComplete: isAll && done === names.length }
}

async function requireNotNeeded(view: View, retiring: Retiring): Promise<void> {
  const loaded = (await requireKeyrings(view).stored(view.workspace)) ?? missingKeyring()
  if (retiring.keyVersion === undefined) await requireAnother(view, loaded, retiring.providerId)
  const { providerId, keyVersion } = retiring
  const needs = slotsOf(loaded.keyring.content).find(
    (slot) => keyVersion !== undefined && slot.provider === providerId && slot.keyVersion === keyVersion,
  )
  if (needs === undefined) return
  throw notRetired(
    `Version "${keyVersion}" of the key "${providerId}" is still needed by data key "${needs.dataKey}" of workspace "${view.workspace}"; run rewrapKeys first.`,
  )
}

/** Opens the keyring anew without that key, as a new process with the others would. */
async function requireAnother(view: View, { body, keyring }: LoadedKeyring, providerId: string): Promise<void> {
  const { workspace } = view
  const others = requireKeyrings(view).providers.filter(({ id }) => id !== providerId)
  if (others.length === 0) {
    throw notRetired(`The key "${providerId}" is the only one of this vault; make the vault with the key that is kept.`)
  }
  const proven = await openKeyring(body, workspace, others)
  const left = unopenedIn(keyring.content, proven.ids)
  wipe(proven)
  if (left.length === 0) return
  throw notRetired(
    `Data key "${left[0]}" of workspace "${workspace}" opens with no other key of this vault; run rewrapKeys with both keys first.`,
  )
}

async function withdraw(view: View, { providerId }: Retiring): Promise<boolean> {
  const { workspace } = view
  let isChanged = false
  const details = () => keyDetails('retire-key', providerId)
  await withFailureEvent(view, details, () =>
    requireKeyrings(view).change(workspace, async (loaded) => {
      isChanged = !isWithdrawn(loaded.keyring, providerId)
      if (!isChanged) return undefined
      await requireAnother(view, loaded, providerId)
      return withoutProviders(loaded.keyring, workspace, [providerId])
    }),
  )
  if (isChanged) await emitAfter(view, details())
  return isChanged
}

function notRetired(message: string): GuillemetError {
  return new GuillemetError('ERR_KEY_IN_USE', `${message} Nothing was changed.`)
}
