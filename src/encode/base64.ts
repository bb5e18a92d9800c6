/**
 * Base64 and base64url (RFC 4648 §4 and §5), strict and canonical.
 *
 * Two characters are looked up at once: opening a record is bounded by this as much as by its cipher.
 */

const INVALID_DIGIT = -1
const ZERO_DIGIT = 65
const SHORT_BYTES = 24

/** One alphabet, and its tables, which are made at first use: they would be a fifth of what importing the package takes. */
class Alphabet {
  readonly characters: string
  #pairs: Uint16Array | undefined
  #values: Int16Array | undefined

  constructor(lastTwo: string) {
    this.characters = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${lastTwo}`
  }

  /** The two characters of each 12-bit value, as they lie next to each other in this machine's memory. */
  get pairs(): Uint16Array {
    if (this.#pairs === undefined) {
      this.#pairs = new Uint16Array(4096)
      const characters = new Uint8Array(this.#pairs.buffer)
      for (let value = 0; value < this.#pairs.length; value++) {
        characters[value * 2] = this.characters.charCodeAt(value >> 6)
        characters[value * 2 + 1] = this.characters.charCodeAt(value & 63)
      }
    }
    return this.#pairs
  }

  /** The other way round: the 12-bit value of two characters, negative where one of them is not in the alphabet. */
  get values(): Int16Array {
    if (this.#values === undefined) {
      this.#values = new Int16Array(0x10000).fill(INVALID_DIGIT)
      for (const [value, pair] of this.pairs.entries()) this.#values[pair] = value
    }
    return this.#values
  }
}

const STANDARD = /* @__PURE__ */ new Alphabet('+/')
const URL_SAFE = /* @__PURE__ */ new Alphabet('-_')

const asciiEncoder = /* @__PURE__ */ new TextEncoder()
const asciiDecoder = /* @__PURE__ */ new TextDecoder()

/** Standard alphabet with padding. */
export function base64(bytes: Uint8Array): string {
  const text = encodeWith(bytes, STANDARD)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** URL-safe alphabet without padding. */
export function base64url(bytes: Uint8Array): string {
  return encodeWith(bytes, URL_SAFE)
}

function encodeWith(bytes: Uint8Array, alphabet: Alphabet): string {
  // for a key id, arrays and a decoder cost five times the work
  return bytes.length <= SHORT_BYTES ? encodeShort(bytes, alphabet.characters) : encodeLong(bytes, alphabet.pairs)
}

function encodeShort(bytes: Uint8Array, characters: string): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 3) {
    const group = groupAt(bytes, index)
    text +=
      characters[group >> 18]! +
      characters[(group >> 12) & 63]! +
      characters[(group >> 6) & 63]! +
      characters[group & 63]!
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
  // a character beyond ASCII leaves, at its own index, a byte that is not a digit: its first one, or 0 where it does not fit
  asciiEncoder.encodeInto(text, bytes)
  bytes.fill(ZERO_DIGIT, length)
  const pairs = new Uint16Array(bytes.buffer)
  const { values } = URL_SAFE
  let group = 0
  let seen = 0 // negative as soon as one pair was invalid, so that one look at the end is enough
  let offset = 0
  for (let at = 0; at < pairs.length; at += 2) {
    group = (values[pairs[at]!]! << 12) | values[pairs[at + 1]!]!
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
