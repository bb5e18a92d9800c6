/** Transcodings: what becomes of bytes in base64, hexadecimal, decimal lists and full percent-encoding. */

import { concat, utf8Lossy } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { hex } from '../encode/quote.ts'
import { Compare, type Edge, type Put } from './pattern.ts'

const OFFSETS = [0, 1, 2] as const
const SPECIAL = /[+/]/
const BITS_BY_OFFSET = [0, 4, 2] as const

/**
 * The characters of base64 that the bytes alone decide, behind `offset` (0 to 2) unknown bytes.
 *
 * The characters at either end that the bytes decide in part are not among them; a match grows over them.
 */
function core(bytes: Uint8Array, offset: number): string {
  const text = base64(offset === 0 ? bytes : concat(new Uint8Array(offset), bytes))
  return text.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + bytes.length) * 8) / 6))
}

/** What the bytes decide of the base64 characters before and behind the core. */
function edges(bytes: Uint8Array, offset: number): [left: Edge | undefined, right: Edge | undefined] {
  const known = BITS_BY_OFFSET[offset]!
  const rest = ((offset + bytes.length) * 8) % 6
  const mask = (1 << rest) - 1
  const left = known === 0 ? undefined : { mask: (1 << known) - 1, bits: bytes[0]! >> (8 - known) }
  const shift = 6 - rest
  return [left, rest === 0 ? undefined : { mask: mask << shift, bits: (bytes[bytes.length - 1]! & mask) << shift }]
}

/** Base64 and base64url of the bytes at all three offsets, also as URLs and JSON writers escape `+` and `/`. */
export function base64Forms(bytes: Uint8Array, put: Put): void {
  for (const offset of OFFSETS) {
    const text = core(bytes, offset)
    const [left, right] = edges(bytes, offset)
    put(text, 'base64', Compare.Exact, left, right)
    if (!SPECIAL.test(text)) continue
    put(text.replaceAll('+', '-').replaceAll('/', '_'), 'base64', Compare.Exact, left, right)
    put(text.replaceAll('+', '%2B').replaceAll('/', '%2F'), 'base64', Compare.Percent, left, right)
    put(text.replaceAll('/', '\\/'), 'base64', Compare.Exact, left, right)
    put(text.replaceAll('+', '\\u002B'), 'base64', Compare.Exact, left, right)
  }
}

/** Base64 of base64, at each of the nine offsets, and of the whole padded text. */
export function nestedBase64Forms(bytes: Uint8Array, put: Put): void {
  const padded = base64(bytes)
  base64Forms(utf8Lossy(padded), put)
  for (const offset of OFFSETS) {
    const inner = core(bytes, offset)
    if (inner.length > 1 && inner !== padded) base64Forms(utf8Lossy(inner), put)
  }
}

/** UTF-16, little-endian: what PowerShell's encoded commands hold. */
export function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    bytes[index * 2] = code & 255
    bytes[index * 2 + 1] = code >> 8
  }
  return bytes
}

/** Hexadecimal, plain and separated, percent-encoding of every byte, and decimal lists. */
export function byteForms(bytes: Uint8Array, put: Put): void {
  const plain = hex(bytes)
  put(plain, 'hex', Compare.Hex)
  for (const separator of [' ', ':']) put(plain.replace(/..(?=.)/g, `$&${separator}`), 'hex', Compare.Hex)
  put(plain.toUpperCase().replace(/../g, '%$&'), 'percent', Compare.Percent)
  put(bytes.join(','), 'decimal', Compare.List)
}
