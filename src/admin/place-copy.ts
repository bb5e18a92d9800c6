/** Putting a secret of another vault, or of a backup, where it belongs in this one, and reading it back. */

import { GuillemetError, type UnreadableReason } from '../errors.ts'
import type { SecretValue } from '../secret-value.ts'
import type { ClearInfo } from '../secrets/secret.ts'
import { detailsOf, emitAfter } from '../vault/emit.ts'
import { lookFresh } from '../vault/find.ts'
import { corruptRecord, type LiveRecord, type Stored, sealRecord } from '../vault/records.ts'
import type { RecordPlace } from '../vault/seen-versions.ts'
import type { View } from '../vault/view.ts'
import { claimNext, isSameValue, put } from '../vault/write.ts'
import { openStored } from './reseal.ts'
import type { WorkspaceFailure } from './workspaces.ts'

/** A secret as it was elsewhere, opened. */
export interface Original {
  readonly place: RecordPlace
  readonly info: ClearInfo
  readonly value: SecretValue
}

/**
 * What became of a secret. `copied`: it was not there. `replaced`: it was there and differed. `same`: it is there already.
 * `differs`: it is there, differs and was left; so too one that was deleted here and is there still. `deleted`: it was deleted there, and was left so. `unreadable`: it does not
 * open, here or there, and nothing was written.
 */
export type CopyOutcome = 'copied' | 'replaced' | 'same' | 'differs' | 'deleted' | 'unreadable'

/** A secret, and what was done with it. */
export interface CopiedRecord {
  /** Where it is, in both vaults. */
  readonly workspace: string
  /** Where it is, in both vaults. */
  readonly environment: string
  /** Its tag. */
  readonly tag: string
  /** What was done, or would be in a dry run. */
  readonly outcome: CopyOutcome
  /** With `unreadable`: the code. */
  readonly code?: WorkspaceFailure['code']
  /** With `unreadable`: why it did not open. */
  readonly reason?: UnreadableReason
}

/** The same without its place. */
export type CopyResult = Omit<CopiedRecord, 'workspace' | 'environment' | 'tag'>

/** What may be written. */
export interface CopyRules {
  readonly isDryRun: boolean
  readonly overwrite: boolean
}

const ATTEMPTS = 16

/**
 * Puts one secret in place.
 *
 * @param view of the vault that gets it, in the workspace of the secret
 * @throws ERR_RECORD_UNREADABLE or ERR_RECORD_CORRUPT where what is there does not open: it is never written over
 */
export async function placeCopy(
  view: View,
  original: Original,
  rules: CopyRules,
): Promise<Exclude<CopyOutcome, 'unreadable'>> {
  const { place } = original
  for (let count = 1; count <= ATTEMPTS; count++) {
    const stored = await readPlace(view, place)
    if (stored.state === 'live') {
      const { value } = await openStored(view, place, stored)
      if (isSameSecret(original, stored, value)) return 'same'
      // a secret never changes its type and visibility: it has to be deleted there first
      const mayReplace = stored.info.type === original.info.type && stored.info.visibility === original.info.visibility
      if (!rules.overwrite || !mayReplace) return 'differs'
    }
    if (stored.state === 'deleted' && !rules.overwrite) return 'deleted'
    const outcome = stored.state === 'live' ? 'replaced' : 'copied'
    if (rules.isDryRun) return outcome
    const version = await writeCopy(view, original, stored)
    if (version === undefined) continue // somebody else was faster
    await requireReadBack(view, original, version)
    const action = stored.state === 'live' ? 'update' : 'create'
    const { environment, tag } = place
    await emitAfter({ ...view, environment }, detailsOf(action, [{ tag, environment, version }]))
    return outcome
  }
  throw new GuillemetError('ERR_CONFLICT', `Others changed the secret "${place.tag}" faster; run the command again.`, {
    tag: place.tag,
  })
}

/**
 * What is stored at a place, read past every cache.
 *
 * @throws ERR_RECORD_CORRUPT where it cannot be read; ERR_RECORD_UNREADABLE `rolled-back`
 */
export async function readPlace(view: View, place: RecordPlace): Promise<Stored> {
  const { stored, rollback } = await lookFresh(view, place)
  if (rollback !== undefined) throw rollback
  if (stored.state === 'corrupt') throw corruptRecord(place.tag)
  return stored
}

/** The version that was written, sealed at the number that counts here; undefined where somebody else was faster. */
async function writeCopy(view: View, { place, info, value }: Original, stored: Stored): Promise<number | undefined> {
  const next = await claimNext(view, place, stored)
  if (next === undefined) return undefined
  const body = sealRecord(place, next.version, info, value, next.keyring)
  return (await put(view, place, next.version, body)) ? next.version : undefined
}

async function requireReadBack(view: View, original: Original, version: number): Promise<void> {
  const stored = await readPlace(view, original.place)
  if (stored.version > version) return // somebody has gone on from it
  if (stored.state === 'live' && isSameSecret(original, stored, (await openStored(view, original.place, stored)).value))
    return
  throw new GuillemetError(
    'ERR_RECORD_CORRUPT',
    `The secret "${original.place.tag}" does not read back as it was written; check the storage that it was written to.`,
    { tag: original.place.tag },
  )
}

function isSameSecret({ info, value }: Original, stored: LiveRecord, storedValue: SecretValue): boolean {
  return isSameValue(value, storedValue) && comparableText(info) === comparableText(stored.info)
}

/** All that a secret says of itself but its times and its authors. */
function comparableText(info: ClearInfo): string {
  const { type, visibility, name, description, allow, enabled, expiresAt, publicFields } = info
  return JSON.stringify([type, visibility, name, description, allow, enabled, expiresAt, publicFields])
}
