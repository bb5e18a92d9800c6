/** Transcodings: what becomes of bytes, given as text, in base64, hexadecimal, decimal lists and percent-encoding. */

import { LONG } from './limits.ts'
import { edgeOf, type Form, listed, lowerHex, type Normal, upperEscapes } from './pattern.ts'

/** Takes one form of a value. */
export type Put = (text: string, form: Form, normal?: Normal, left?: number, right?: number) => void

const OFFSETS = [0, 1, 2] as const

/**
 * The characters of base64 that the bytes alone decide, behind `offset` (0 to 2) unknown bytes; a match grows over
 * those that they decide in part.
 */
function core(bytes: string, offset: number): string {
  return btoa('\0'.repeat(offset) + bytes).slice(offset && offset + 1, Math.floor(((offset + bytes.length) * 8) / 6))
}

/** Base64 and base64url at all three offsets, also as URLs and JSON writers escape `+` and `/`. */
export function base64Forms(bytes: string, put: Put): void {
  const first = bytes.charCodeAt(0)
  const last = bytes.charCodeAt(bytes.length - 1)
  for (const offset of OFFSETS) {
    const text = core(bytes, offset)
    // of the character before it is known what the first byte leaves: 4 bits at offset 1, 2 bits at offset 2
    const left = offset && edgeOf((1 << (6 - 2 * offset)) - 1, first >> (2 + 2 * offset))
    const known = ((offset + bytes.length) * 8) % 6
    const right = known && edgeOf(63 & (63 << (6 - known)), last << (6 - known))
    put(text, 'base64', undefined, left, right)
    if (!text.includes('+') && !text.includes('/')) continue
    const write = (plus: string, slash: string, normal?: Normal): void => {
      put(text.replaceAll('+', plus).replaceAll('/', slash), 'base64', normal, left, right)
    }
    write('-', '_')
    if (bytes.length > LONG) continue
    write('%2B', '%2F', upperEscapes)
    write('+', '\\/')
    write('\\u002B', '/')
  }
}

/** Base64 of base64, at each of the nine offsets. */
export function nestedBase64Forms(bytes: string, put: Put): void {
  for (const offset of OFFSETS) base64Forms(core(bytes, offset), put)
}

/** UTF-16, little-endian: what PowerShell's encoded commands hold. */
export function utf16(text: string): string {
  let bytes = ''
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes += unit < 256 ? `${text[index]}\0` : String.fromCharCode(unit & 255, unit >> 8)
  }
  return bytes
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Hexadecimal, and of bytes that are few: separated, every byte percent-encoded, and decimal lists. */
export function byteForms(bytes: string, put: Put): void {
  const isFew = bytes.length <= LONG
  let hex = ''
  let spaced = ''
  let decimals = ''
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes.charCodeAt(index)
    hex += HEX[byte]
    if (!isFew) continue
    spaced += ` ${HEX[byte]}`
    decimals += `,${byte}`
  }
  put(hex, 'hex', lowerHex)
  if (!isFew) return
  put(spaced.slice(1), 'hex', lowerHex)
  put(spaced.slice(1).replaceAll(' ', ':'), 'hex', lowerHex)
  put(spaced.replaceAll(' ', '%').toUpperCase(), 'percent', upperEscapes)
  put(decimals.slice(1), 'decimal', listed)
}
