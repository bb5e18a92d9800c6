/** Secrets out of any text whose bytes arrive in pieces. */

import { utf8Lossy } from '../bytes.ts'
import { byteText, textBytes } from '../redact/byte-text.ts'
import type { BodyMasks } from './body-masks.ts'
import type { DataMasks } from './response-masks.ts'

/** Masks for a body of text; bytes that are not text stay as they are. */
export function textMasks(masks: DataMasks): BodyMasks {
  const { push, end } = masks.chunks()
  return {
    push: (bytes) => bytesOf(push(byteText(bytes))),
    end: () => bytesOf(end() ?? ''),
  }
}

/** One byte for each character; of ASCII, as most texts are, the platform gives them many times as fast. */
function bytesOf(text: string): Uint8Array {
  const ascii = utf8Lossy(text)
  return ascii.length === text.length ? ascii : textBytes(text)
}
