/** Secrets out of any text whose bytes arrive in pieces. */

import type { BodyMasks } from './body-masks.ts'
import type { DataMasks } from './response-masks.ts'

/** Masks for a body of text; bytes that are not text stay as they are. */
export function textMasks(masks: DataMasks): BodyMasks {
  const { push, end } = masks.chunks()
  return { push, end: () => end() ?? new Uint8Array() }
}
