/** Secrets out of a body of which nobody says what it is: its first bytes do, as for a browser. */

import type { BodyMasks } from './body-masks.ts'
import { jsonMasks } from './json-masks.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** As much as a browser looks at (WHATWG MIME Sniffing §5.2). */
const SNIFFED_BYTES = 1_445
/** A binary data byte (§3): a control character that no text has; text may have tabs, line ends, form feeds and escapes. */
const BINARY_BYTE = /[\0-\x08\x0b\x0e-\x1a\x1c-\x1f]/
/** Of UTF-16, whose every other byte may be NUL. */
const BYTE_ORDER_MARK = /^(?:\xfe\xff|\xff\xfe)/
const JSON_START = /^(?:\xef\xbb\xbf)?[ \t\r\n]*[{[]/
const UNCHANGED: BodyMasks = { push: (bytes) => bytes, end: () => new Uint8Array() }

/**
 * Masks for a body of text, and none for any other.
 *
 * The first piece decides, so that nothing waits for the next one. Who is wrong about a tiny one loses nothing: masks
 * leave bytes that are no text as they are.
 */
export function sniffedMasks(masks: DataMasks): BodyMasks {
  let known: BodyMasks | undefined
  return {
    push(bytes) {
      if (bytes.length === 0) return bytes
      known ??= masksOf(bytes, masks)
      return known.push(bytes)
    },
    end: () => (known ?? UNCHANGED).end(),
  }
}

function masksOf(bytes: Uint8Array, masks: DataMasks): BodyMasks {
  const first = String.fromCharCode(...bytes.subarray(0, SNIFFED_BYTES))
  if (BINARY_BYTE.test(first) && !BYTE_ORDER_MARK.test(first)) return UNCHANGED
  return JSON_START.test(first) ? jsonMasks(masks) : textMasks(masks)
}
