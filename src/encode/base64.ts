/**
 * Base64 and base64url (RFC 4648 §4 and §5), strict and canonical.
 *
 * Two characters are looked up at once: opening a record is bounded by this as much as by its cipher.
 */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const INVALID = -1
const ZERO_DIGIT = 65
const SHORT_BYTES = 24

const standardPairs = characterPairs(STANDARD)
const urlSafePairs = characterPairs(URL_SAFE)

const urlSafeValues = new Int16Array(0x10000).fill(INVALID)
for (let value = 0; value < urlSafePairs.length; value++) urlSafeValues[urlSafePairs[value]!] = value

const asciiEncoder = new TextEncoder()
const asciiDecoder = new TextDecoder()

/** Standard alphabet with padding. */
export function base64(bytes: Uint8Array): string {
  const text = encodeWith(bytes, STANDARD, standardPairs)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** URL-safe alphabet without padding. */
export function base64url(bytes: Uint8Array): string {
  return encodeWith(bytes, URL_SAFE, urlSafePairs)
}

function encodeWith(bytes: Uint8Array, alphabet: string, pairs: Uint16Array): string {
  // for a key id, arrays and a decoder cost five times the work
  return bytes.length <= SHORT_BYTES ? encodeShort(bytes, alphabet) : encodeLong(bytes, pairs)
}

function encodeShort(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = groupAt(bytes, index)
    text +=
      alphabet[group >> 18]! + alphabet[(group >> 12) & 63]! + alphabet[(group >> 6) & 63]! + alphabet[group & 63]!
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3))
}

function encodeLong(bytes: Uint8Array, pairs: Uint16Array): string {
  const text = new Uint16Array(Math.ceil(bytes.length / 3) * 2)
  let at = 0
  for (let index = 0; index < bytes.length; index += 3) {
    const group = groupAt(bytes, index)
    text[at++] = pairs[group >> 12]!
    text[at++] = pairs[group & 4095]!
  }
  return asciiDecoder.decode(new Uint8Array(text.buffer, 0, Math.ceil((bytes.length * 4) / 3)))
}

/** Three bytes as one number, zero bits beyond the end. */
function groupAt(bytes: Uint8Array, index: number): number {
  const second = index + 1 < bytes.length ? bytes[index + 1]! : 0
  const third = index + 2 < bytes.length ? bytes[index + 2]! : 0
  return (bytes[index]! << 16) | (second << 8) | third
}

/** The bytes of canonical base64url, or undefined: no padding, no white space, no stray bits at the end. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const { length } = text
  const rest = length % 4
  if (rest === 1) return undefined
  // decoded in place: three bytes never reach the four characters that follow them
  const bytes = new Uint8Array(Math.ceil(length / 4) * 4)
  // a character beyond ASCII leaves, at its own index, a byte that is no digit: its first one, or 0 where it does not fit
  asciiEncoder.encodeInto(text, bytes)
  bytes.fill(ZERO_DIGIT, length)
  const pairs = new Uint16Array(bytes.buffer)
  let group = 0
  let seen = 0 // negative as soon as one pair was invalid, so that one look at the end is enough
  let offset = 0
  for (let at = 0; at < pairs.length; at += 2) {
    group = (urlSafeValues[pairs[at]!]! << 12) | urlSafeValues[pairs[at + 1]!]!
    seen |= group
    bytes[offset] = group >> 16
    bytes[offset + 1] = group >> 8
    bytes[offset + 2] = group
    offset += 3
  }
  // two texts for one byte string would be two records for one value
  const stray = rest === 0 ? 0 : group & (rest === 2 ? 0xffff : 0xff)
  return seen < 0 || stray !== 0 ? undefined : bytes.subarray(0, Math.floor((length * 3) / 4))
}

/** The two characters of each 12-bit value, side by side as they stand in memory on this machine. */
function characterPairs(alphabet: string): Uint16Array {
  const pairs = new Uint16Array(4096)
  const characters = new Uint8Array(pairs.buffer)
  for (let value = 0; value < pairs.length; value++) {
    characters[value * 2] = alphabet.charCodeAt(value >> 6)
    characters[value * 2 + 1] = alphabet.charCodeAt(value & 63)
  }
  return pairs
}
