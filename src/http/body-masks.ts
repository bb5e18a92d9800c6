/** What takes secrets out of a body whose bytes arrive in pieces. */

/** One body. */
export interface BodyMasks {
  /** What can be released after these bytes; perhaps nothing. */
  push(bytes: Uint8Array): Uint8Array
  /** The rest. Nothing can follow it. */
  end(): Uint8Array
}
