/** What takes secrets out of a body whose bytes arrive in pieces. */

import { concat } from '../bytes.ts'

/** One body. */
export interface BodyMasks {
  /** What can be released after these bytes; perhaps nothing. */
  push(bytes: Uint8Array): Uint8Array
  /** The rest. Nothing can follow it. */
  end(): Uint8Array
}

/** A body that is there as a whole, with its masks. */
export function inOnePiece(masks: BodyMasks, bytes: Uint8Array): Uint8Array {
  const released = masks.push(bytes)
  return concat(released, masks.end())
}
