/**
 * The hashes of every box: those of noble-hashes, without the new instance that each one-shot call makes and without
 * hashing a key again that is used again.
 */

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'

export const DIGEST_BYTES = 32

const FIRST = /* @__PURE__ */ Uint8Array.of(1)
const SECOND = /* @__PURE__ */ Uint8Array.of(2)

const fresh = /* @__PURE__ */ sha256.create()
// used within one synchronous call, and wiped before it returns
const working = /* @__PURE__ */ sha256.create()
const block = /* @__PURE__ */ new Uint8Array(DIGEST_BYTES)

/** SHA-256 of the bytes, written to `out` of 32 bytes. */
export function writeDigest(bytes: Uint8Array, out: Uint8Array): void {
  fresh._cloneInto(working).update(bytes).digestInto(out)
  working.destroy()
}

/** What HMAC-SHA256 makes of a key before any message. Whoever has it can do what the key can: `destroy` it. */
export type KeyedHmac = ReturnType<typeof hmac.create>

/** @param key 32 bytes; not kept */
export function keyedHmac(key: Uint8Array): KeyedHmac {
  return hmac.create(sha256, key)
}

/** The first 64 bytes of HKDF-Expand (RFC 5869 §2.3), as noble's `expand` gives them, written to `out`. */
export function expandTwoBlocks({ iHash, oHash }: KeyedHmac, info: Uint8Array, out: Uint8Array): void {
  iHash._cloneInto(working).update(info).update(FIRST).digestInto(block)
  oHash._cloneInto(working).update(block).digestInto(block)
  out.set(block)
  iHash._cloneInto(working).update(block).update(info).update(SECOND).digestInto(block)
  oHash._cloneInto(working).update(block).digestInto(block)
  out.set(block, DIGEST_BYTES)
  working.destroy()
  block.fill(0)
}
