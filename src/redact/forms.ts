/** Forms: every text that is searched for because of one value. docs/REDACTION.md lists them. */

import { hex, jsonStringBody } from '../encode/quote.ts'
import { base64Forms, core, OFFSETS, urlSafe } from './base64.ts'
import { textBytes, utf8Text } from './byte-text.ts'
import { LONG, LONGEST_MATCH, MAX_FORMS, OVERLAP, PIECE } from './limits.ts'
import { type Entry, type Needle, type Put, unwrapped } from './needle.ts'
import { partsOf } from './parts.ts'

/** Base64 of a few bytes is ordinary text. */
const MIN_ENCODED = 8

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
  const least = Math.max(MIN_ENCODED, rules.minLength)
  let forms = 0
  const put: Put = (text, form, left = false, right = false) => {
    if ((form === 'base64' && text.length < least) || forms >= MAX_FORMS || needles.has(text)) return
    forms++
    for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
      // the last piece is as long as the others, and a number in a list whole
      const start = Math.max(0, Math.min(from, text.length - PIECE))
      const end = start + PIECE
      const isLast = end >= text.length
      const piece =
        text.length > PIECE
          ? text.slice(start, end).replace(isLast && text.length <= LONGEST_MATCH ? /^\n/ : /^\n|\n$/g, '')
          : text
      if (!needles.has(piece))
        needles.set(piece, { text: piece, form, entry, left: start === 0 && left, right: isLast && right })
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
  for (const { text, form, depth } of partsOf(value, rules.isSearchable)) {
    const seen = unwrapped(text)
    // of a value of characters that nobody sees too little is left to be searched for
    const needle = seen.length < Math.min(rules.minLength, text.length) && !/[\r\n]/.test(text) ? text : seen || text
    const bytes = utf8Text(text)
    put(needle, form)
    // in a stream of bytes, percent-encoded, or read as Latin-1
    if (bytes !== text) put(utf8Text(needle), form)
    if (depth > 0) byteForms(bytes, put)
    if (depth < 2 || text.length > LONG) continue
    const body = jsonStringBody(text)
    if (body !== text) base64Forms(utf8Text(body), put)
    base64Forms(utf16(text), put)
    for (const encoded of [...OFFSETS.map((offset) => core(bytes, offset)), btoa(bytes)]) {
      base64Forms(encoded, put)
      if (/[+/]/.test(encoded)) base64Forms(urlSafe(encoded), put)
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
function byteForms(text: string, put: Put): void {
  base64Forms(text, put)
  const bytes = textBytes(text)
  put(hex(bytes), 'hex')
  if (bytes.length <= LONG) put(bytes.join(','), 'decimal')
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
