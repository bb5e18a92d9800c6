/** Randomness: the platform's generator, and nothing else. */

/** Fresh random bytes; at most 65,536 at a time. */
export function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}
