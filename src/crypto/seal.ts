/** Sealing and opening of values under a data key. What a value means, and where the text is kept, is not known here. */

import { GuillemetError, type UnreadableReason } from '../errors.ts'
import { openBox, sealBox, TAG_BYTES } from './box.ts'
import { type DataKey, isIntact } from './data-key.ts'
import { type Envelope, encodeEnvelope, MAX_SEALED_BYTES } from './envelope.ts'
import { RECORD_LABEL } from './labels.ts'

export type { DataKey } from './data-key.ts'

const RECORD_FAULTS = {
  'key-unknown':
    'The value was sealed with a data key that is not in the keyring; give the keys of the workspace that sealed it.',
  'key-corrupt': 'The data key does not match its id, or was wiped; create the vault again.',
  moved:
    'The sealed value does not belong to this place, version or rule; restore the record as it was, or delete and create it.',
  tampered: 'The sealed value was changed; restore the record from a backup, or delete and create it.',
} satisfies Partial<Record<UnreadableReason, string>>

/**
 * Seals a value: the text that is stored.
 *
 * @param value at most 8 MiB; not kept and not changed
 * @param aad what the value belongs to; opening needs the same bytes
 * @throws ERR_INVALID_INPUT when the value is longer
 * @throws ERR_RECORD_UNREADABLE with reason `key-corrupt` when the data key was wiped or does not match its id
 */
export function seal(value: Uint8Array, key: DataKey, aad: Uint8Array): string {
  if (value.length > MAX_SEALED_BYTES) {
    throw new GuillemetError(
      'ERR_INVALID_INPUT',
      'The value is longer than 8 MiB; make it shorter, or store it elsewhere.',
    )
  }
  // a wiped key is all zeros: what it sealed, anybody could open
  if (!isIntact(key)) throw unreadableRecord('key-corrupt')
  return encodeEnvelope({ keyId: key.id, ...sealBox(value, key, RECORD_LABEL, aad) })
}

/**
 * Opens a sealed value.
 *
 * @param envelope from `decodeEnvelope`; it is decrypted in place, so it opens once
 * @param key the data key of the envelope's key id, or undefined where there is none
 * @param aad the bytes it was sealed with
 * @returns the value, in an array that is the caller's to wipe
 * @throws ERR_RECORD_UNREADABLE with `reason`: `key-unknown`, `key-corrupt` (the data key was wiped or does not match
 *   its id), `moved` (another AAD or key made it, or its nonce or commitment was changed), `tampered` (its ciphertext
 *   was changed)
 */
export function open(envelope: Envelope, key: DataKey | undefined, aad: Uint8Array): Uint8Array {
  if (key === undefined) throw unreadableRecord('key-unknown')
  // over the envelope, which nobody else has: one more array of its size would cost a twentieth of the work
  const scratch = new Uint8Array(envelope.ciphertext.buffer, 0, envelope.ciphertext.length - TAG_BYTES)
  const opened = openBox(envelope, key, RECORD_LABEL, aad, scratch)
  if (typeof opened !== 'string') return opened
  throw unreadableRecord(opened === 'moved' && !isIntact(key) ? 'key-corrupt' : opened)
}

function unreadableRecord(reason: keyof typeof RECORD_FAULTS): GuillemetError {
  return new GuillemetError('ERR_RECORD_UNREADABLE', RECORD_FAULTS[reason], { reason })
}
