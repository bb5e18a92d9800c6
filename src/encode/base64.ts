/** Base64 and base64url (RFC 4648 §4 and §5), strict and canonical. */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const URL_SAFE_VALUES = new Uint8Array(128).fill(255)
for (let value = 0; value < 64; value++) URL_SAFE_VALUES[URL_SAFE.charCodeAt(value)] = value

/** Standard alphabet with padding. */
export function base64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** URL-safe alphabet without padding. */
export function base64url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE)
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  let index = 0
  for (; index + 2 < bytes.length; index += 3) {
    const group = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!
    text +=
      alphabet[group >> 18]! + alphabet[(group >> 12) & 63]! + alphabet[(group >> 6) & 63]! + alphabet[group & 63]!
  }
  if (index + 1 === bytes.length) {
    const group = bytes[index]! << 16
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
  } else if (index + 2 === bytes.length) {
    const group = (bytes[index]! << 16) | (bytes[index + 1]! << 8)
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]! + alphabet[(group >> 6) & 63]!
  }
  return text
}

/** The bytes of canonical base64url, or undefined: no padding, no white space, no stray bits at the end. */
export function fromBase64url(text: string): Uint8Array | undefined {
  const rest = text.length % 4
  if (rest === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let offset = 0
  let group = 0
  let bits = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const value = code < 128 ? URL_SAFE_VALUES[code]! : 255
    if (value === 255) return undefined
    group = ((group << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[offset++] = (group >> bits) & 255
    }
  }
  // two texts for one byte string would be two records for one value
  return (group & ((1 << bits) - 1)) === 0 ? bytes : undefined
}
