/** Wrapping of a data key under a key-encryption key: a head that says how to get that key, then one box. */

import { concat } from '../bytes.ts'
import { GuillemetError } from '../errors.ts'
import {
  BLOCK_BYTES,
  BOX_HEADER_BYTES,
  type BoxFault,
  boxKey,
  KEY_BYTES,
  openBox,
  readBox,
  sealBox,
  TAG_BYTES,
} from './box.ts'
import { WRAP_LABEL } from './labels.ts'

/** First byte of a head: what kind of provider wrapped. */
export const LOCAL_KEY_KIND = 1
export const PASSPHRASE_KIND = 2
export const KMS_KIND = 3
export const PKCS11_KIND = 4

const BOX_BYTES = BOX_HEADER_BYTES + BLOCK_BYTES + TAG_BYTES

/** head ‖ nonce 24 ‖ commitment 32 ‖ ciphertext 64 ‖ tag 16. `dataKey` and `wrappingKey` have 32 bytes. */
export function wrapDataKey(
  head: Uint8Array,
  dataKey: Uint8Array,
  wrappingKey: Uint8Array,
  aad: Uint8Array,
): Uint8Array {
  const { nonce, commitment, ciphertext } = sealBox(dataKey, boxKey(wrappingKey), WRAP_LABEL, aad)
  return concat(head, nonce, commitment, ciphertext)
}

/**
 * The head of what {@link wrapDataKey} gave.
 *
 * @throws ERR_RECORD_UNREADABLE with reason `tampered` when kind or length are not those of this kind of provider
 */
export function requireHead(wrapped: Uint8Array, kind: number, length: number): Uint8Array {
  if (wrapped.length !== length + BOX_BYTES || wrapped[0] !== kind) throw unwrapError('tampered')
  return wrapped.subarray(0, length)
}

/** The data key, in an array of its own, or why it does not unwrap. */
export function unwrapDataKey(
  wrapped: Uint8Array,
  headLength: number,
  wrappingKey: Uint8Array,
  aad: Uint8Array,
): Uint8Array | BoxFault {
  const box = readBox(wrapped.subarray(headLength))
  if (box === undefined) return 'tampered'
  const opened = openBox(box, boxKey(wrappingKey), WRAP_LABEL, aad)
  return typeof opened !== 'string' && opened.length !== KEY_BYTES ? 'tampered' : opened
}

/** The error of a provider whose data key does not unwrap. */
export function unwrapError(reason: BoxFault): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_UNREADABLE',
    'The wrapped data key does not open with this key; it was changed, or comes from another workspace. Restore the keyring from a backup.',
    { reason },
  )
}
