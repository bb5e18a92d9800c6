/** Parts one after the other, each after its length as u32: the bytes of whatever is hashed or authenticated here. */

import { utf8 } from '../bytes.ts'

const U32_BYTES = 4
const MAX_UTF8_PER_UNIT = 3

// filled anew and copied from within one synchronous call; nothing secret is ever written here, and every record that is
// opened passes through
const scratch = new Uint8Array(2_048)

/** A text or bytes, written after their length; or a bare number. */
export type PrefixedPart = string | Uint8Array | number

/**
 * The parts as bytes: a text or bytes after their length, a number as a bare u32 such as the count of what follows.
 *
 * @throws ERR_INVALID_INPUT when a text holds a lone surrogate
 */
export function lengthPrefixed(...parts: readonly PrefixedPart[]): Uint8Array {
  let most = 0
  for (const part of parts) {
    most += U32_BYTES
    if (typeof part !== 'number') most += typeof part === 'string' ? part.length * MAX_UTF8_PER_UNIT : part.length
  }
  const bytes = most > scratch.length ? new Uint8Array(most) : scratch
  let end = 0
  for (const part of parts) {
    const start = end
    end += U32_BYTES
    if (typeof part === 'string') end += writeText(part, bytes, end)
    else if (typeof part !== 'number') {
      bytes.set(part, end)
      end += part.length
    }
    const value = typeof part === 'number' ? part : end - start - U32_BYTES
    bytes[start] = value >>> 24
    bytes[start + 1] = value >>> 16
    bytes[start + 2] = value >>> 8
    bytes[start + 3] = value
  }
  return bytes.slice(0, end)
}

/** Writes UTF-8, most often ASCII; how many bytes it took. */
function writeText(text: string, bytes: Uint8Array, start: number): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) {
      const encoded = utf8(text)
      bytes.set(encoded, start)
      return encoded.length
    }
    bytes[start + index] = code
  }
  return text.length
}
