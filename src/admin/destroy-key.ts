/** `destroyKey`: a retired data key is destroyed, once a complete scan has proved that nothing needs it. */

import { keyIdBytes } from '../crypto/data-key.ts'
import { withoutDataKeys } from '../crypto/keyring-change.ts'
import { GuillemetError } from '../errors.ts'
import { ownValue } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import { suggest } from '../suggest.ts'
import type { Vault } from '../vault/api.ts'
import { emitAfter, keyDetails, withFailureEvent } from '../vault/emit.ts'
import { envelopeOf } from '../vault/records.ts'
import { rootViewOf } from '../vault/root-of.ts'
import { requireSignal } from '../vault/signal.ts'
import { requireKeyrings, type View } from '../vault/view.ts'
import { everyRecord, type ScannedRecord } from './every-record.ts'
import { openStored } from './reseal.ts'
import { type AdminRun, adminRun } from './run.ts'
import { bumpVersion, type Unreadable, visitRecord } from './visit.ts'
import { chooseWorkspaces, inWorkspace, requireOwnFailure, type WorkspacesOptions } from './workspaces.ts'

/** Options of {@link destroyKey}. */
export interface DestroyKeyOptions extends WorkspacesOptions {
  /** The id of the data key, typed again. */
  readonly confirm: string
}

/** A record that was looked at for the proof. */
export interface ProvenRecord {
  /** Where it is. */
  readonly workspace: string
  /** Where it is. */
  readonly environment: string
  /** Its tag. */
  readonly tag: string
  /**
   * `safe`: opens with the active data key, or holds no value. `needs-key`: is sealed under the key that would be
   * destroyed, or under another retired one, from which a program with an old keyring may still bring it to that key.
   * `unreadable`: does not open, so that nobody can tell what it needs.
   */
  readonly outcome: 'safe' | 'needs-key' | 'unreadable'
}

/** What {@link destroyKey} did. */
export interface DestroyReport {
  /** The workspace of the data key. */
  readonly workspace: string
  /** How many records were opened, or hold no value. */
  readonly records: number
}

/**
 * Destroys a retired data key: its slots are removed, and what is still sealed under it, in a backup too, opens for nobody
 * who does not have an older copy of the keyring.
 *
 * It opens every record of the workspace first, in one scan that begins after the key was retired. A single record that is
 * not sealed under the active data key or does not open, or a listing out of order, and nothing is destroyed.
 *
 * @param keyId as reports of `rotateKeys` list it under `retired`
 * @returns each record as it is looked at; awaited, the report
 * @throws ERR_CONFIRMATION_REQUIRED when `confirm` is not the id; ERR_KEY_IN_USE when the proof fails, the key is active or
 *   the scan was aborted; ERR_INVALID_INPUT when no workspace has such a key
 * @example
 * ```ts
 * for (const { workspace, retired } of report.workspaces) {
 *   for (const id of retired) await destroyKey(vault, id, { confirm: id, workspaces: [workspace] })
 * }
 * ```
 */
export function destroyKey(
  vault: Vault,
  keyId: string,
  options: DestroyKeyOptions,
): AdminRun<ProvenRecord, DestroyReport> {
  const known = ['workspaces', 'signal', 'confirm'] as const
  const { workspaces, signal } = readOptions(options, 'options of destroyKey', known, suggest)
  const view = rootViewOf(vault)
  requireKeyrings(view)
  if (typeof keyId !== 'string' || keyIdBytes(keyId) === undefined) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The id of a data key has 11 characters, as rotateKeys reports it.')
  }
  if (ownValue(options, 'confirm') !== keyId) {
    throw new GuillemetError(
      'ERR_CONFIRMATION_REQUIRED',
      `Destroying a data key cannot be undone; to confirm it, give its id "${keyId}" once more in the option confirm.`,
      { path: 'confirm' },
    )
  }
  return adminRun(destroy(view, keyId, workspaces, requireSignal(signal)))
}

async function* destroy(
  view: View,
  keyId: string,
  given: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<ProvenRecord, DestroyReport, undefined> {
  const own = inWorkspace(view, await workspaceOf(view, keyId, given))
  const details = () => keyDetails('destroy-key', keyId)
  const found = { safe: 0, 'needs-key': 0, unreadable: 0 }
  for await (const record of everyRecord(own, signal)) {
    const { outcome } = await withFailureEvent(own, details, () => prove(own, record, keyId))
    found[outcome]++
    const { workspace, environment, tag } = record.place
    yield { workspace, environment, tag, outcome }
  }
  await withFailureEvent(own, details, async () => {
    if (signal?.aborted) throw notDestroyed('The scan was ended before it was complete.')
    requireProof(found)
    await requireKeyrings(own).change(own.workspace, ({ keyring }) => withoutDataKeys(keyring, own.workspace, [keyId]))
  })
  await emitAfter(own, details())
  return { workspace: own.workspace, records: found.safe }
}

function requireProof(found: Readonly<Record<ProvenRecord['outcome'], number>>): void {
  if (found['needs-key'] > 0) {
    throw notDestroyed(
      `${found['needs-key']} records are sealed under this data key, or another retired one; run rotateKeys to its end first.`,
    )
  }
  if (found.unreadable === 0) return
  throw notDestroyed(
    `${found.unreadable} records do not open, so that nobody can tell whether they need this data key; restore or delete them first.`,
  )
}

/** The workspace that has the data key, where it must be retired: the scan that follows begins after the switch. */
async function workspaceOf(view: View, keyId: string, given: readonly string[] | undefined): Promise<string> {
  const { names } = await chooseWorkspaces(view, given)
  for (const workspace of names) {
    const keyring = await requireKeyrings(view)
      .reload(workspace)
      .catch((error: unknown) => {
        requireOwnFailure(error) // of another tenant with a key of its own: what it holds is not what is looked for
        return undefined
      })
    const entry = keyring?.content.keys.find(({ id }) => id === keyId)
    if (entry?.state === 'active') throw notDestroyed('This data key is the active one; run rotateKeys first.')
    if (entry?.state === 'retired') return workspace
  }
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'No workspace has a retired data key of this id; it may be destroyed already, or belong to a workspace that was left out or does not open.',
  )
}

/**
 * Whether a record needs the key, now or after a write that is under way: one that began from a record under an older data
 * key may seal with this one. Whoever has opened a record under the active data key seals with none that came before it.
 * Claims are written once more: their creators may have read the keyring before.
 */
function prove(
  view: View,
  record: ScannedRecord,
  keyId: string,
): Promise<{ readonly outcome: 'safe' | 'needs-key' } | Unreadable> {
  const { place } = record
  return visitRecord(view, record, async (stored, row) => {
    if (stored.state === 'live') {
      const sealedUnder = envelopeOf(place, stored).keyId
      if (sealedUnder === keyId) return { outcome: 'needs-key' as const }
      const { keyring } = await openStored(view, place, stored)
      return { outcome: sealedUnder === keyring.active.id ? ('safe' as const) : ('needs-key' as const) }
    }
    return (await bumpVersion(view, place, row)) ? { outcome: 'safe' as const } : undefined
  })
}

function notDestroyed(message: string): GuillemetError {
  return new GuillemetError('ERR_KEY_IN_USE', `${message} Nothing was destroyed.`)
}
