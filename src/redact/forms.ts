/** Forms: every text that is searched for because of one value. docs/REDACTION.md lists them. */

import { jsonStringBody } from '../encode/quote.ts'
import { utf8Text } from './byte-text.ts'
import { edgeOf } from './compare.ts'
import { LONG, MAX_FORMS, OVERLAP, PIECE } from './limits.ts'
import { type Entry, type Needle, type Put, unwrapped } from './needle.ts'
import { partsOf } from './parts.ts'

/** Base64 of a few bytes is ordinary text. */
const MIN_ENCODED = 8
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const OFFSETS = [0, 1, 2] as const

/** What decides which forms a value has. */
export interface FormRules {
  readonly minLength: number
  /** How much of a truncated value is searched for. */
  readonly prefix?: number | undefined
  readonly suffix?: number | undefined
  /** Whether a part may be searched for on its own. */
  isSearchable(text: string): boolean
}

/** Every needle of the value, each text once. */
export function formsOf(entry: Entry, value: string, isText: boolean, rules: FormRules): readonly Needle[] {
  const needles = new Map<string, Needle>()
  const isWord = entry.verdict === 'short'
  let forms = 0
  const put: Put = (text, form, left = 0, right = 0) => {
    const least = form === 'base64' ? Math.max(MIN_ENCODED, rules.minLength) : rules.minLength
    if (text.length < (isWord ? 1 : least) || forms >= MAX_FORMS || needles.has(text)) return
    forms++
    for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
      // the last piece is as long as the others, and a number in a list whole
      const start = Math.max(0, Math.min(from, text.length - PIECE))
      const end = start + PIECE
      const piece = text.slice(start, end)
      const isLast = end >= text.length
      if (!needles.has(piece))
        needles.set(piece, { text: piece, form, entry, left: start > 0 ? 0 : left, right: isLast ? right : 0 })
    }
  }
  if (isWord) wordForms(value.trim(), put)
  else if (isText) textForms(value, rules, put)
  else {
    put(value, 'raw')
    byteForms(value, put)
  }
  return [...needles.values()]
}

function textForms(value: string, rules: FormRules, put: Put): void {
  for (const { text, form, isWhole } of partsOf(value, rules.isSearchable)) {
    const needle = unwrapped(text)
    put(needle, form)
    // in a stream of bytes, percent-encoded, or read as Latin-1
    put(utf8Text(needle), form)
    if (!isWhole) continue
    byteForms(utf8Text(text), put)
    if (text.length > LONG) continue
    base64Forms(utf8Text(jsonStringBody(text)), put)
    base64Forms(utf16(text), put)
    const bytes = utf8Text(text)
    for (const encoded of [...OFFSETS.map((offset) => core(bytes, offset)), btoa(bytes)]) {
      base64Forms(encoded, put)
      base64Forms(encoded.replaceAll('+', '-').replaceAll('/', '_'), put)
    }
  }
  const { prefix = PIECE, suffix = PIECE } = rules
  for (let length = Math.min(value.length, PIECE) - 1; length > 0; length--) {
    if (length >= prefix) put(value.slice(0, length), 'fragment')
    if (length >= suffix) put(value.slice(-length), 'fragment')
  }
}

/** A value too short to be found inside a word: as it is, and whole encodings that are long enough. */
function wordForms(text: string, put: Put): void {
  put(text, 'raw')
  const bytes = utf8Text(text)
  put(bytes, 'raw')
  const padded = btoa(bytes)
  for (const encoded of [padded, padded.replace(/=+$/, '')]) if (encoded.length >= MIN_ENCODED) put(encoded, 'raw')
}

/** What becomes of bytes, given as text. */
function byteForms(bytes: string, put: Put): void {
  base64Forms(bytes, put)
  let digits = ''
  let numbers = ''
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes.charCodeAt(index)
    digits += HEX[byte]
    numbers += `,${byte}`
  }
  put(digits, 'hex')
  if (bytes.length <= LONG) put(numbers.slice(1), 'decimal')
}

/**
 * The characters of base64 that the bytes alone decide, behind `offset` (0 to 2) unknown bytes; a match grows over
 * those that they decide in part.
 */
function core(bytes: string, offset: number): string {
  return btoa('\0'.repeat(offset) + bytes).slice(offset && offset + 1, Math.floor(((offset + bytes.length) * 8) / 6))
}

/** Base64 at all three offsets. */
function base64Forms(bytes: string, put: Put): void {
  const first = bytes.charCodeAt(0)
  const last = bytes.charCodeAt(bytes.length - 1)
  for (const offset of OFFSETS) {
    // of the character before it is known what the first byte leaves: 4 bits at offset 1, 2 bits at offset 2
    const left = offset && edgeOf((1 << (6 - 2 * offset)) - 1, first >> (2 + 2 * offset))
    const known = ((offset + bytes.length) * 8) % 6
    const right = known && edgeOf(63 & (63 << (6 - known)), last << (6 - known))
    put(core(bytes, offset), 'base64', left, right)
  }
}

/** UTF-16, little-endian: what PowerShell's encoded commands hold. */
function utf16(text: string): string {
  let bytes = ''
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes += String.fromCharCode(unit & 255, unit >> 8)
  }
  return bytes
}
