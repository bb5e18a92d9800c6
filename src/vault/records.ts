/** A stored record: its clear information, and its value as sealed to its place, its version and its rule. */

import { recordAad, stateDigest } from '../crypto/aad.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { open, seal } from '../crypto/seal.ts'
import { codeOf, type ErrorFields, GuillemetError, type GuillemetErrorCode } from '../errors.ts'
import { bare } from '../plain-object.ts'
import type { SecretValue } from '../secret-value.ts'
import { digestParts } from '../secrets/allow.ts'
import { decodeValue, encodeValue } from '../secrets/payload.ts'
import { readBody, writeBody } from '../secrets/schema.ts'
import { type ClearInfo, fieldsOf } from '../secrets/secret.ts'
import type { Place } from './seen-versions.ts'
import type { Row } from './store.ts'

/** A record that has a value. */
export interface LiveRecord {
  readonly state: 'live'
  readonly version: number
  readonly info: ClearInfo
  readonly sealed: string
}

/** What stands at a place. A claim counts as what was there before it. */
export type Stored =
  | LiveRecord
  | { readonly state: 'absent' | 'deleted'; readonly version: number }
  | { readonly state: 'corrupt'; readonly version: number }

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
    `The stored record of "${tag}" is not in a format that this version reads; restore it, or delete and create the secret again.`,
    { tag },
  )
}

/**
 * The value of a live record.
 *
 * The place is the one that was asked for and the information the very object that was checked: whatever else came
 * back with the row decides nothing.
 *
 * @throws ERR_RECORD_UNREADABLE with a `reason`; ERR_RECORD_CORRUPT
 */
export function openRecord(place: Place, record: LiveRecord, keyring: Keyring): SecretValue {
  try {
    const payload = open(record.sealed, (id) => keyring.key(id), aadOf(place, record.version, record.info))
    const value = decodeValue(payload)
    payload.fill(0)
    if (value === undefined || !sameFields(fieldsOf(value), record.info.fields)) {
      throw new GuillemetError('ERR_RECORD_UNREADABLE', 'The sealed fields are not those that the record names.', {
        reason: 'tampered',
      })
    }
    return value
  } catch (error) {
    throw withTag(error, place.tag)
  }
}

/** The text of a live record, sealed with the active data key. */
export function sealRecord(
  place: Place,
  version: number,
  info: Omit<ClearInfo, 'fields'>,
  value: SecretValue,
  keyring: Keyring,
): { readonly info: ClearInfo; readonly body: string } {
  const complete: ClearInfo = bare({ ...info, fields: fieldsOf(value) })
  const payload = encodeValue(value)
  const sealed = seal(payload, keyring.active, aadOf(place, version, complete))
  payload.fill(0)
  return { info: complete, body: writeBody({ state: 'live', info: complete, sealed }) }
}

function aadOf(place: Place, version: number, info: ClearInfo): Uint8Array {
  return recordAad({
    workspace: place.workspace,
    environment: place.environment,
    tag: place.tag,
    type: info.type,
    visibility: info.visibility,
    version,
    digest: stateDigest(digestParts(info)),
  })
}

function sameFields(sealed: readonly string[] | null, stored: readonly string[] | null): boolean {
  if (sealed === null || stored === null) return sealed === stored
  return sealed.length === stored.length && sealed.every((name, index) => name === stored[index])
}

/** The same diagnosis, with the tag it concerns. */
function withTag(error: unknown, tag: string): unknown {
  if (!(error instanceof GuillemetError)) return error
  const fields: ErrorFields = { tag, ...(error.reason !== undefined && { reason: error.reason }) }
  return new GuillemetError(
    codeOf(error) as GuillemetErrorCode,
    `The secret "${tag}" did not open: ${error.message}`,
    fields,
  )
}
