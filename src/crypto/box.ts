/**
 * The one construction that seals, for records and for wrapped data keys alike (docs/FORMAT.md, "The construction").
 *
 * A key is never used twice: each nonce and AAD derive one of their own, and a commitment to it. The commitment says
 * before any decryption whether key and context are the right ones; without it, one ciphertext could be made to open
 * under two keys (XChaCha20-Poly1305 alone does not commit).
 */

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { equalBytes } from '../bytes.ts'
import { DIGEST_BYTES, writeDigest } from './hashing.ts'
import { LABEL_BYTES } from './labels.ts'
import { randomBytes } from './random.ts'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
export const COMMITMENT_BYTES = 32
export const TAG_BYTES = 16

/** Padded values (ISO/IEC 7816-4: 80 00 …) are a multiple of this: a ciphertext tells the length of its value only roughly. */
export const BLOCK_BYTES = 64

const PADDING_MARK = 0x80

// filled anew and read within one synchronous call; holds nothing secret, and a fresh one would cost a tenth of an open
const info = /* @__PURE__ */ new Uint8Array(LABEL_BYTES + NONCE_BYTES + DIGEST_BYTES)
const nonceInInfo = /* @__PURE__ */ info.subarray(LABEL_BYTES, LABEL_BYTES + NONCE_BYTES)
const digestInInfo = /* @__PURE__ */ info.subarray(LABEL_BYTES + NONCE_BYTES)

// likewise, and wiped before that call returns
const derived = /* @__PURE__ */ new Uint8Array(KEY_BYTES + COMMITMENT_BYTES)
const derivedKey = /* @__PURE__ */ derived.subarray(0, KEY_BYTES)
const derivedCommitment = /* @__PURE__ */ derived.subarray(KEY_BYTES)

/** A key that boxes are sealed with. */
export interface BoxKey {
  /** Writes 64 bytes of HKDF-Expand: the key of one box and its commitment. */
  derive(info: Uint8Array, derived: Uint8Array): void
}

/** A key of 32 bytes that seals or opens a box or two. */
export function boxKey(bytes: Uint8Array): BoxKey {
  return {
    derive(info, derived) {
      const expanded = expand(sha256, bytes, info, derived.length)
      derived.set(expanded)
      expanded.fill(0)
    },
  }
}

/** What sealing gives: the parts that are stored, none of them secret. */
export interface Box {
  readonly nonce: Uint8Array
  readonly commitment: Uint8Array
  /** A whole number of blocks, then the 16 bytes of the tag. */
  readonly ciphertext: Uint8Array
}

/** Nonce and commitment, which stand before the ciphertext wherever a box is stored. */
export const BOX_HEADER_BYTES: number = NONCE_BYTES + COMMITMENT_BYTES

/** The box of nonce 24 ‖ commitment 32 ‖ ciphertext, as views; undefined where no box has that length. */
export function readBox(bytes: Uint8Array): Box | undefined {
  const valueBytes = bytes.length - BOX_HEADER_BYTES - TAG_BYTES
  if (valueBytes < BLOCK_BYTES || valueBytes % BLOCK_BYTES !== 0) return undefined
  return {
    nonce: bytes.subarray(0, NONCE_BYTES),
    commitment: bytes.subarray(NONCE_BYTES, BOX_HEADER_BYTES),
    ciphertext: bytes.subarray(BOX_HEADER_BYTES),
  }
}

/** Why a box does not open: another key or context made it, or its ciphertext was changed. */
export type BoxFault = 'moved' | 'tampered'

/** Seals the value under a fresh random nonce. */
export function sealBox(value: Uint8Array, key: BoxKey, label: Uint8Array, aad: Uint8Array): Box {
  const nonce = randomBytes(NONCE_BYTES)
  const padded = pad(value)
  try {
    deriveKeys(key, label, nonce, aad)
    const ciphertext = xchacha20poly1305(derivedKey, nonce).encrypt(padded)
    return { nonce, commitment: derivedCommitment.slice(), ciphertext }
  } finally {
    padded.fill(0)
    derived.fill(0)
  }
}

/**
 * The value, or why the box does not open.
 *
 * @param scratch where the padded value is written: as long as that, and it may overlap the box; a new array by default
 */
export function openBox(
  box: Box,
  key: BoxKey,
  label: Uint8Array,
  aad: Uint8Array,
  scratch?: Uint8Array,
): Uint8Array | BoxFault {
  deriveKeys(key, label, box.nonce, aad)
  try {
    if (!equalBytes(derivedCommitment, box.commitment)) return 'moved'
    return unpad(xchacha20poly1305(derivedKey, nonceInInfo).decrypt(box.ciphertext, scratch)) ?? 'tampered'
  } catch {
    return 'tampered' // the AEAD throws on a wrong tag, before it decrypts
  } finally {
    derived.fill(0)
  }
}

// The AAD enters here, through its digest, and not once more as the AEAD's own AAD: a changed AAD gives another key
// and another commitment, so it is found as `moved` before the AEAD runs.
function deriveKeys(key: BoxKey, label: Uint8Array, nonce: Uint8Array, aad: Uint8Array): void {
  info.set(label)
  info.set(nonce, LABEL_BYTES)
  writeDigest(aad, digestInInfo)
  key.derive(info, derived)
}

/** The value, one byte 80, and as many 00 as fill the block: 1 to 64 bytes more, in a new array. */
export function pad(value: Uint8Array): Uint8Array {
  const padded = new Uint8Array(value.length + BLOCK_BYTES - (value.length % BLOCK_BYTES))
  padded.set(value)
  padded[value.length] = PADDING_MARK
  return padded
}

/** The value before its padding, as a view; undefined where the last block is not padded correctly. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  let end = padded.length - 1
  const first = padded.length - BLOCK_BYTES
  while (end > first && padded[end] === 0) end--
  return padded[end] === PADDING_MARK ? padded.subarray(0, end) : undefined
}
