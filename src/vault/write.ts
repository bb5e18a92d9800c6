/** The writes of a change: a first value, or the whole record sealed anew; one version after the other. */

import type { Keyring } from '../crypto/keyring.ts'
import { requireNoKeyOf } from '../crypto/own-key.ts'
import { randomBytes } from '../crypto/random.ts'
import { base64url } from '../encode/base64.ts'
import type { SecretValue } from '../secret-value.ts'
import { writeBody } from '../secrets/body.ts'
import { changedPublicFields } from '../secrets/public-fields.ts'
import {
  type ClearInfo,
  fieldsOf,
  infoOf,
  type NewSecret,
  type ParsedPatch,
  type SecretInfo,
  type StoredBody,
  toPlainInfo,
} from '../secrets/secret.ts'
import type { VaultEvent } from './events.ts'
import { missingKeyring } from './keyrings.ts'
import { envelopeOf, type LiveRecord, openRecord, requireUsualVersion, type Stored, sealRecord } from './records.ts'
import type { RecordPlace } from './seen-versions.ts'
import type { WriteOptions } from './store.ts'
import { type Root, requireKeyrings, type View } from './view.ts'

/** A change that was written. */
export interface Done<R> {
  readonly action: VaultEvent['action']
  readonly version: number
  readonly result: R
}

/** Whether this version was written; a conflict is `false`. @throws as `requireUsualVersion`, and as the storage */
export async function put(
  view: View,
  place: RecordPlace,
  version: number,
  body: StoredBody,
  options?: WriteOptions,
): Promise<boolean> {
  requireUsualVersion(place, version)
  const isDone = await view.root.store.put({ ...place, version, body: writeBody(body) }, view.signal, options)
  if (isDone) view.root.seenVersions.saw(place, version, body.state === 'live' ? body.sealed : undefined)
  return isDone
}

/** What makes a claim or a deletion unlike any other, so that one that is read back is known to be ours: 16 bytes. */
export function newWriteId(): string {
  return base64url(randomBytes(16))
}

/** What is left where a secret was deleted now. */
export function newTombstone({ root }: View): StoredBody {
  return { state: 'deleted', at: timeNow(root), writeId: newWriteId() }
}

/** The version that a value is sealed to, and the keyring to seal it with. */
export interface NextVersion {
  readonly version: number
  readonly keyring: Keyring
}

/**
 * What a whole value is sealed with. Where there is no secret yet its version is claimed first, and the keyring read only
 * then: a data key that was rotated meanwhile is never used.
 *
 * @param value refused where it is a key of the vault
 * @returns undefined where somebody else was faster
 */
export async function claimNext(
  view: View,
  place: RecordPlace,
  stored: Stored,
  value?: SecretValue,
): Promise<NextVersion | undefined> {
  const keyrings = requireKeyrings(view)
  await keyrings.ensure(place.workspace, view.signal)
  // only now: a keychain is read when the keyring is opened
  requireNoKeyOf(keyrings.providers, value)
  await keyrings.admitFirst(place.workspace, view.signal)
  let version = stored.version + 1
  if (stored.state !== 'live') {
    const before = stored.state === 'deleted' ? 'deleted' : 'absent'
    const claim: StoredBody = { state: 'claim', before, at: timeNow(view.root), writeId: newWriteId() }
    if (!(await put(view, place, version, claim))) return undefined
    version++
  }
  const keyring = (await keyrings.reload(place.workspace, view.signal)) ?? missingKeyring()
  return { version, keyring }
}

/** Stores a first value, or one after a deletion. */
export async function insert(
  view: View,
  place: RecordPlace,
  stored: Stored,
  secret: NewSecret,
): Promise<Done<SecretInfo> | undefined> {
  const at = timeNow(view.root)
  const next = await claimNext(view, place, stored, secret.value)
  if (next === undefined) return undefined
  const { version, keyring } = next
  const { tag: _tag, value, ...rest } = secret
  const by = view.actor?.id
  const clear = { ...rest, createdAt: at, updatedAt: at, createdBy: by, updatedBy: by }
  const body = sealRecord(place, version, clear, value, keyring)
  if (!(await put(view, place, version, body))) return undefined
  return doneWith('create', place, version, body.info)
}

/**
 * Opens the stored version, whatever the patch names, and seals the whole record again; what is stored already is not
 * written once more.
 *
 * @param options once where the caller names the version that is changed: he repeats the change if he is told of a conflict
 */
export async function replace(
  view: View,
  place: RecordPlace,
  live: LiveRecord,
  patch: ParsedPatch,
  options?: WriteOptions,
): Promise<Done<SecretInfo> | undefined> {
  const envelope = envelopeOf(place, live)
  const keyrings = requireKeyrings(view)
  await keyrings.admitFirst(place.workspace, view.signal)
  const keyring = await keyrings.holding(place.workspace, [envelope.keyId], undefined, view.signal)
  requireNoKeyOf(keyrings.providers, patch.value)
  // between the two readings a rotation may have sealed it again, and its data key may be destroyed
  if (keyring.key(envelope.keyId) === undefined && (await isReplaced(view, place, live.version))) return undefined
  const opened = openRecord(place, live, envelope, keyring)
  view.root.seenVersions.saw(place, live.version, live.sealed)
  const clear = patched(live.info, patch, timeNow(view.root), view.actor?.id)
  if (changesNothing(live.info, clear, opened, patch.value)) {
    return doneWith('update', place, live.version, live.info)
  }
  const version = live.version + 1
  const body = sealRecord(place, version, clear, patch.value ?? opened, keyring)
  if (!(await put(view, place, version, body, options))) return undefined
  return doneWith('update', place, version, body.info)
}

function doneWith(
  action: VaultEvent['action'],
  place: RecordPlace,
  version: number,
  info: ClearInfo,
): Done<SecretInfo> {
  return { action, version, result: toPlainInfo(infoOf({ ...place, version }, info)) }
}

/** The time of the vault's clock, as records have it. */
function timeNow({ now }: Root): string {
  return new Date(now()).toISOString()
}

async function isReplaced(view: View, place: RecordPlace, version: number): Promise<boolean> {
  const row = await view.root.store.getFresh(place.workspace, place, view.signal)
  return row !== undefined && row.version > version
}

function changesNothing(
  info: ClearInfo,
  clear: Omit<ClearInfo, 'fields'>,
  opened: SecretValue,
  value: SecretValue | undefined,
): boolean {
  // all of it is texts, booleans and lists of texts in a fixed order, so that equal texts mean equal information
  const textOf = (some: Omit<ClearInfo, 'fields'>) =>
    JSON.stringify([some.name, some.description, some.allow, some.enabled, some.expiresAt, some.publicFields])
  return (value === undefined || isSameValue(opened, value)) && textOf(info) === textOf(clear)
}

/** Whether two values are the same, the order of their fields included. */
export function isSameValue(one: SecretValue, other: SecretValue): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  // as pairs: the order of the fields is part of what is stored
  return JSON.stringify(Object.entries(one)) === JSON.stringify(Object.entries(other))
}

/** The clear information with what the patch names; `null` removes. */
function patched(
  info: ClearInfo,
  patch: ParsedPatch,
  updatedAt: string,
  updatedBy: string | undefined,
): Omit<ClearInfo, 'fields'> {
  const { type, visibility, createdAt, createdBy } = info
  const fields = patch.value === undefined ? info.fields : fieldsOf(patch.value)
  const named = <K extends 'name' | 'description' | 'allow' | 'expiresAt'>(member: K) =>
    patch[member] === undefined ? info[member] : (patch[member] ?? undefined)
  return {
    type,
    visibility,
    name: named('name'),
    description: named('description'),
    allow: named('allow'),
    enabled: patch.enabled ?? info.enabled,
    expiresAt: named('expiresAt'),
    publicFields: changedPublicFields(info.publicFields, patch.publicFields, fields, patch.value !== undefined),
    createdAt,
    updatedAt,
    createdBy,
    updatedBy,
  }
}
