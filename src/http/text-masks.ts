/** Secrets out of any text whose bytes arrive in pieces. */

import { byteText, textBytes } from '../redact/byte-text.ts'
import type { BodyMasks } from './body-masks.ts'
import type { DataMasks } from './response-masks.ts'

/** Masks for a body of text; bytes that are not text stay as they are. */
export function textMasks(masks: DataMasks): BodyMasks {
  const { push, end } = masks.chunks()
  return {
    push(bytes) {
      const text = byteText(bytes)
      const clean = push(text)
      // most go on as they came, and need no memory; a part would let its reader see the rest of the memory
      return clean === text ? bytes : textBytes(clean)
    },
    end: () => textBytes(end() ?? ''),
  }
}
