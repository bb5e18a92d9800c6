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
      // most go on as they came, and need no memory; startsWith would compare one by one
      return text.slice(0, clean.length) === clean ? bytes.subarray(0, clean.length) : textBytes(clean)
    },
    end: () => textBytes(end() ?? ''),
  }
}
