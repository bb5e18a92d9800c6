/**
 * The labels of HKDF-Expand (RFC 5869 §2.3), one for each use of a key; docs/FORMAT.md lists them.
 *
 * Fixed for ever, and all of one length: two uses never give the same output, whatever follows a label.
 */

export const LABEL_BYTES = 8

/** From a data key: its own id. */
export const KEY_ID_LABEL = /* @__PURE__ */ ascii('gm1:dkid')

/** From a data key, before nonce and AAD digest: record key and commitment. */
export const RECORD_LABEL = /* @__PURE__ */ ascii('gm1:seal')

/** From a key-encryption key, before nonce and AAD digest: wrapping key and commitment. */
export const WRAP_LABEL = /* @__PURE__ */ ascii('gm1:wrap')

/** From the active data key: the HMAC key of the keyring. */
export const KEYRING_LABEL = /* @__PURE__ */ ascii('gm1:ring')

/** From a data key, before nonce and AAD digest: the key of a part of a backup, and its commitment. */
export const BACKUP_LABEL = /* @__PURE__ */ ascii('gm1:bkup')

/** From a local key: the id of its provider. */
export const PROVIDER_ID_LABEL = /* @__PURE__ */ ascii('gm1:lkid')

/** From a local key: the checksum in its text. */
export const CHECKSUM_LABEL = /* @__PURE__ */ ascii('gm1:lsum')

function ascii(label: string): Uint8Array {
  return Uint8Array.from(label, (character) => character.charCodeAt(0))
}
