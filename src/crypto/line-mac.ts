/** The MAC of a line of an audit log. */

import { expand } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from '../bytes.ts'
import { base64url } from '../encode/base64.ts'
import { DIGEST_BYTES } from './hashing.ts'
import { AUDIT_LABEL } from './labels.ts'
import { localKeyBytes } from './local-key.ts'

/** Gives the MAC of a text: HMAC-SHA256 as 43 characters of base64url. */
export type LineMac = (text: string) => string

/**
 * Makes the MACs of one log.
 *
 * @param what begins the message of an error
 * @param key as `generateKey()` makes it
 * @throws ERR_INVALID_KEY when it is not such a key
 */
export function lineMac(what: string, key: string): LineMac {
  const bytes = localKeyBytes(what, key)
  const derived = expand(sha256, bytes, AUDIT_LABEL, DIGEST_BYTES)
  bytes.fill(0)
  return (text) => base64url(hmac(sha256, derived, utf8(text)))
}
