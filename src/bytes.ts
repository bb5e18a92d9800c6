/** Bytes and text: the only place where strings cross into bytes and back. */

import { GuillemetError } from './errors.ts'

const utf8Encoder = /* @__PURE__ */ new TextEncoder()
// fatal: invalid bytes are never replaced; ignoreBOM: a leading U+FEFF belongs to the value
const utf8Decoder = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /[\ud800-\udfff]/u

/** Whether the text has no lone surrogate, so that UTF-8 gives it back unchanged. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/**
 * UTF-8 of well-formed text.
 *
 * @throws ERR_INVALID_INPUT when the text holds a lone surrogate, which UTF-8 cannot carry
 */
export function utf8(text: string): Uint8Array {
  if (!isWellFormed(text)) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The text holds a lone surrogate; give valid Unicode text.')
  }
  return utf8Encoder.encode(text)
}

/** UTF-8 of any text; a lone surrogate becomes U+FFFD. Only for searching, never for what is stored. */
export function utf8Lossy(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

/** The text of UTF-8 bytes, a leading U+FEFF included, or undefined where they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** The parts one after the other, in a new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/**
 * An unsigned 64-bit number, big-endian.
 *
 * @throws ERR_INVALID_INPUT when it is not a safe integer or is negative
 */
export function u64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new GuillemetError('ERR_INVALID_INPUT', 'The number must be a non-negative safe integer.')
  }
  const bytes = new Uint8Array(8)
  for (let index = 7, rest = value; rest > 0; index--) {
    bytes[index] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

/** Whether two arrays are equal, in a time that depends on their length alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}
