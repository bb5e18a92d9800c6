/** Forms: every text that is searched for because of one value. docs/REDACTION.md lists them. */

import { isWellFormed } from '../bytes.ts'
import { percentEncode } from '../encode/percent.ts'
import { hex, jsonStringBody } from '../encode/quote.ts'
import { base64Forms, core, OFFSETS, urlSafe } from './base64.ts'
import { textBytes, utf8Text } from './byte-text.ts'
import { fold, foldings } from './fold.ts'
import { LONG, MAX_FORMS, OVERLAP, PIECE } from './limits.ts'
import { type Entry, type Needle, type Put, wantedOf } from './needle.ts'
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
  const wholes = new Set<string>()
  let forms = 0
  const put: Put = (text, form, left = false, right = false) => {
    if ((form === 'base64' && text.length < least) || forms >= MAX_FORMS) return
    forms++
    for (const { text: folded, places, undone } of foldings(text)) {
      // a text with other line ends would be cut at other places
      if (folded.length > PIECE && wholes.size === wholes.add(wantedOf(folded).wanted).size) continue
      const placeAt = (index: number): number => (places === undefined ? index : (places[index] ?? text.length))
      for (let from = 0; from === 0 || from + OVERLAP < folded.length; from += PIECE - OVERLAP) {
        // the last piece is as long as the others, and a number in a list whole
        const start = Math.max(0, Math.min(from, folded.length - PIECE))
        const end = start + PIECE
        const isFirst = start === 0
        const isLast = end >= folded.length
        const { lead, trail, ...wanted } = wantedOf(folded.slice(start, end))
        const piece = text.slice(
          placeAt(start + (isFirst || wanted.isExact ? 0 : lead.length)),
          placeAt(Math.min(end, folded.length) - (isLast || wanted.isExact ? 0 : trail.length)),
        )
        // white space around is no part of what must be there, and the text without it is a part of its own
        if (wanted.isBound && isFirst && isLast && piece !== piece.trim()) continue
        // what must be there in one of them is not there in another
        const key = wanted.isBound || form === 'escape' ? piece : wanted.wanted
        if (needles.has(key)) continue
        needles.set(key, {
          text: piece,
          ...wanted,
          lead: isFirst ? lead : '',
          trail: isLast ? trail : '',
          form,
          entry,
          left: isFirst && left,
          right: isLast && right,
          undone,
        })
      }
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
    const bytes = utf8Text(text)
    put(text, form)
    if (wantedOf(fold(text).text).isExact) {
      const body = jsonStringBody(text)
      const encoded = isWellFormed(text) ? [percentEncode(text), encodeURIComponent(text)] : []
      for (const way of [body, jsonStringBody(body), ...encoded]) {
        put(way, form)
        put(
          way.replace(/%../g, (found) => found.toLowerCase()),
          form,
        )
      }
    }
    // in a stream of bytes, percent-encoded, or read as Latin-1
    if (bytes !== text) put(bytes, form)
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
