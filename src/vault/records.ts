/** A stored record: its clear information, and its value as sealed to its place, its version and its rule. */

import { recordAad, stateDigest } from '../crypto/aad.ts'
import { decodeEnvelope, type Envelope } from '../crypto/envelope.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { open, seal } from '../crypto/seal.ts'
import { codeOf, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import { withoutPrototype } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import { DIGESTED, digestParts } from '../secrets/allow.ts'
import { readBody } from '../secrets/body.ts'
import { decodeValue, encodeValue } from '../secrets/payload.ts'
import { type ClearInfo, fieldsOf, type StoredBody } from '../secrets/secret.ts'
import type { RecordPlace } from './seen-versions.ts'
import type { Row } from './store.ts'

/** Many secrets have no rule, no actor, are enabled and never expire; hashing that anew would cost a tenth of each open. */
let unrestrictedDigest: Uint8Array | undefined

/** A record that has a value. */
export interface LiveRecord {
  readonly state: 'live'
  readonly version: number
  readonly info: ClearInfo
  readonly sealed: string
}

/** What is stored of a secret that has a value. */
export type LiveBody = Extract<StoredBody, { readonly state: 'live' }>

/** A secret that is there, and where it was found. */
export interface FoundSecret {
  readonly place: RecordPlace
  readonly record: LiveRecord
}

/** What is stored at a place. A claim counts as what was there before it. */
export type Stored = LiveRecord | { readonly state: 'absent' | 'deleted' | 'corrupt'; readonly version: number }

/** What a row says. A body that cannot be read is a state, so that it can still be deleted. */
export function readStored(row: Row | undefined): Stored {
  if (row === undefined) return { state: 'absent', version: 0 }
  const { version } = row
  let body: ReturnType<typeof readBody>
  try {
    body = readBody(row.body)
  } catch {
    return { state: 'corrupt', version }
  }
  if (body.state === 'live') return { state: 'live', version, info: body.info, sealed: body.sealed }
  return { state: body.state === 'claim' ? body.before : 'deleted', version }
}

/** The error for a body that cannot be read. */
export function corruptRecord(tag: string): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    `The stored record of "${tag}" is not in a format that this version reads; update this package if a newer one wrote it, else restore the record, or delete and create it.`,
    { tag },
  )
}

/**
 * Holds a version that is to be written against the largest number there is. No vault comes to it: somebody who can write to the
 * storage has, so that the secret could neither be deleted nor created any more.
 *
 * @throws ERR_RECORD_CORRUPT
 */
export function requireUsualVersion({ tag }: RecordPlace, version: number): void {
  if (Number.isSafeInteger(version)) return
  throw new GuillemetError(
    'ERR_RECORD_CORRUPT',
    `The stored record of "${tag}" has a version that no vault gives; restore it from a backup, or take it out of the storage.`,
    { tag },
  )
}

/**
 * The parts of a record's sealed value.
 *
 * @throws ERR_RECORD_CORRUPT when it is not text of the format
 */
export function envelopeOf({ tag }: RecordPlace, { sealed }: LiveRecord): Envelope {
  try {
    return decodeEnvelope(sealed)
  } catch (error) {
    throw notOpened(error, tag)
  }
}

/**
 * The value of a live record.
 *
 * The place is the one that was asked for and the information the very object that was checked: whatever else came
 * back with the row decides nothing.
 *
 * @param envelope of this record; it is decrypted in place, so it opens once
 * @throws ERR_RECORD_UNREADABLE with a `reason`; why its data key did not open
 */
export function openRecord(
  place: RecordPlace,
  { version, info }: LiveRecord,
  envelope: Envelope,
  keyring: Keyring,
): SecretValue {
  try {
    const key = keyring.key(envelope.keyId)
    const failure = key === undefined ? keyring.failureOf(envelope.keyId) : undefined
    if (failure !== undefined) throw failure
    const payload = open(envelope, key, aadOf(place, version, info))
    const value = decodeValue(payload)
    payload.fill(0)
    const isWhole = typeof value === 'string' ? info.fields === null : value !== undefined && hasFields(value, info)
    if (value !== undefined && isWhole) return value
    throw new GuillemetError('ERR_RECORD_UNREADABLE', 'The sealed fields are not those that the record names.', {
      reason: 'tampered',
    })
  } catch (error) {
    throw notOpened(error, place.tag)
  }
}

/** The body of a live record, sealed with the active data key. @throws as `requireUsualVersion` */
export function sealRecord(
  place: RecordPlace,
  version: number,
  clear: Omit<ClearInfo, 'fields'>,
  value: SecretValue,
  keyring: Keyring,
): LiveBody {
  requireUsualVersion(place, version)
  const info: ClearInfo = withoutPrototype({ ...clear, fields: fieldsOf(value) })
  const payload = encodeValue(value)
  const sealed = seal(payload, keyring.active, aadOf(place, version, info))
  payload.fill(0)
  return { state: 'live', info, sealed }
}

/** What the value is bound to; rule and state are those of the very object that was checked. */
function aadOf({ workspace, environment, tag }: RecordPlace, version: number, info: ClearInfo): Uint8Array {
  const { type, visibility, enabled } = info
  const isUnrestricted = enabled && DIGESTED.every((member) => member === 'enabled' || info[member] === undefined)
  const digest = (isUnrestricted ? unrestrictedDigest : undefined) ?? stateDigest(digestParts(info))
  if (isUnrestricted) unrestrictedDigest = digest
  return recordAad({ workspace, environment, tag, type, visibility, version, digest })
}

function hasFields(value: object, { fields }: ClearInfo): boolean {
  const sealed = Object.keys(value)
  return sealed.length === fields?.length && sealed.every((name, index) => name === fields[index])
}

/** The diagnosis of a record that did not open, with the tag it concerns. */
export function notOpened(error: unknown, tag: string): unknown {
  if (!(error instanceof GuillemetError)) return error
  const { reason } = error
  return new GuillemetError(
    codeOf(error) as GuillemetErrorCode,
    `The secret "${tag}" did not open: ${error.message}`,
    reason === undefined ? { tag } : { tag, reason },
  )
}
