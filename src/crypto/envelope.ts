/**
 * The text of a sealed value: `gm1.` and canonical base64url of
 * version 1 ‖ suite 1 ‖ key id 8 ‖ nonce 24 ‖ commitment 32 ‖ ciphertext ‖ tag 16.
 *
 * One value has one text: what differs by a single character is refused, and no other reading is tried.
 */

import { concat } from '../bytes.ts'
import { base64url, fromBase64url } from '../encode/base64.ts'
import { GuillemetError } from '../errors.ts'
import { BLOCK_BYTES, BOX_HEADER_BYTES, type Box, readBox, TAG_BYTES } from './box.ts'
import { KEY_ID_BYTES, keyIdBytes } from './data-key.ts'

const ENVELOPE_PREFIX = 'gm1.'
const ENVELOPE_VERSION = 1
const SUITE_XCHACHA20_POLY1305_HKDF_SHA256 = 1

/** Version and suite: the first bytes of an envelope and of the AAD of a record. */
export const FORMAT_HEADER: Uint8Array = /* @__PURE__ */ Uint8Array.of(
  ENVELOPE_VERSION,
  SUITE_XCHACHA20_POLY1305_HKDF_SHA256,
)

/** The longest value that is sealed, in bytes. */
export const MAX_SEALED_BYTES = 8 * 1024 * 1024

const BOX_AT = FORMAT_HEADER.length + KEY_ID_BYTES
const MAX_ENVELOPE_LENGTH =
  ENVELOPE_PREFIX.length + Math.ceil(((BOX_AT + BOX_HEADER_BYTES + MAX_SEALED_BYTES + BLOCK_BYTES + TAG_BYTES) * 4) / 3)

/** The parts of a sealed value. */
export interface Envelope extends Box {
  /** Base64url of 8 bytes: which data key sealed it. */
  readonly keyId: string
}

/** The text of the parts. `keyId` must be the id of a data key. */
export function encodeEnvelope({ keyId, nonce, commitment, ciphertext }: Envelope): string {
  return ENVELOPE_PREFIX + base64url(concat(FORMAT_HEADER, keyIdBytes(keyId)!, nonce, commitment, ciphertext))
}

/**
 * The parts of the text, as views on one array.
 *
 * @throws ERR_RECORD_CORRUPT when the text is not canonical, too short or too long, or of an unknown version or suite
 */
export function decodeEnvelope(text: string): Envelope {
  if (typeof text !== 'string' || text.length > MAX_ENVELOPE_LENGTH || !text.startsWith(ENVELOPE_PREFIX))
    throw corruptEnvelope()
  const bytes = fromBase64url(text.slice(ENVELOPE_PREFIX.length))
  if (bytes === undefined) throw corruptEnvelope()
  if (bytes[0] !== FORMAT_HEADER[0] || bytes[1] !== FORMAT_HEADER[1]) throw corruptEnvelope()
  const box = readBox(bytes.subarray(BOX_AT))
  if (box === undefined) throw corruptEnvelope()
  return { keyId: base64url(bytes.slice(FORMAT_HEADER.length, BOX_AT)), ...box }
}

function corruptEnvelope(): GuillemetError {
  return new GuillemetError(
    'ERR_RECORD_CORRUPT',
    'The sealed value is not in a format that this version reads; update this package if a newer one wrote it, else restore the record.',
  )
}
