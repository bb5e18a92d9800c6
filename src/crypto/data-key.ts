/** Data keys: 32 random bytes and the id that is derived from them. */

import { expand } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url, fromBase64url } from '../encode/base64.ts'
import { type BoxKey, KEY_BYTES } from './box.ts'
import { expandTwoBlocks, type KeyedHmac, keyedHmac } from './hashing.ts'
import { KEY_ID_LABEL } from './labels.ts'
import { randomBytes } from './random.ts'

export const KEY_ID_BYTES = 8

/** A data key: what it is called, and its 32 bytes. */
export interface DataKey extends BoxKey {
  /** Base64url of 8 bytes derived from the key; reveals nothing of it. */
  readonly id: string
  readonly bytes: Uint8Array
  /** Zeroes the bytes and what was made of them; nothing can be sealed or opened with the key afterwards. */
  wipe(): void
}

/** A data key that holds these 32 bytes (not a copy) and derives its id from them. */
export function dataKey(bytes: Uint8Array): DataKey {
  return new HiddenDataKey(bytes)
}

/** A fresh random data key. */
export function createDataKey(): DataKey {
  return dataKey(randomBytes(KEY_BYTES))
}

/** Whether the id belongs to the bytes; false for a key that was wiped. */
export function isIntact(key: DataKey): boolean {
  return key.bytes.length === KEY_BYTES && deriveId(key.bytes) === key.id
}

/** The 8 bytes of a key id's text, or undefined where it is not a key id. */
export function keyIdBytes(id: string): Uint8Array | undefined {
  const bytes = fromBase64url(id)
  return bytes?.length === KEY_ID_BYTES ? bytes : undefined
}

function deriveId(bytes: Uint8Array): string {
  return base64url(expand(sha256, bytes, KEY_ID_LABEL, KEY_ID_BYTES))
}

// a getter on the prototype: printing or serialising a data key shows its id and nothing else
class HiddenDataKey implements DataKey {
  readonly id: string
  readonly #bytes: Uint8Array
  #hmac: KeyedHmac | undefined

  constructor(bytes: Uint8Array) {
    this.id = deriveId(bytes)
    this.#bytes = bytes
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  derive(info: Uint8Array, derived: Uint8Array): void {
    this.#hmac ??= keyedHmac(this.#bytes)
    expandTwoBlocks(this.#hmac, info, derived)
  }

  wipe(): void {
    this.#bytes.fill(0)
    this.#hmac?.destroy()
    this.#hmac = undefined
  }
}
