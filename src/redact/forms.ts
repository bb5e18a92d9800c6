/** Forms: every way of writing a value that is searched for. docs/REDACTION.md lists them. */

import { jsonStringBody } from '../encode/quote.ts'
import { utf8Text } from './byte-text.ts'
import { dialectsOf, PLAIN } from './dialects.ts'
import { LONG, MAX_FORMS, PIECE } from './limits.ts'
import { partsOf } from './parts.ts'
import { type Entry, type Form, type Pattern, upperEscapes } from './pattern.ts'
import { base64Forms, byteForms, nestedBase64Forms, type Put, utf16 } from './transcode.ts'

/** A short value in base64 or hexadecimal is searched for from this length on. */
const MIN_WORD = 8
/** Base64 of a few bytes is ordinary text. */
const MIN_ENCODED = 8
const NOT_ASCII = /[^\0-\x7f]/

/** What decides which forms a value has. */
export interface FormRules {
  readonly minLength: number
  /** How much of a truncated value is searched for. */
  readonly prefix?: number | undefined
  readonly suffix?: number | undefined
  /** Whether a part may be searched for on its own. */
  isSearchable(text: string): boolean
}

/** Every pattern of the value, each text once. */
export function formsOf(entry: Entry, value: string, isText: boolean, rules: FormRules): Pattern[] {
  const isWord = entry.verdict === 'short'
  const patterns: Pattern[] = []
  const seen = new Set<string>()
  const put: Put = (text, form, normal, left = 0, right = 0) => {
    const least = form === 'base64' ? Math.max(MIN_ENCODED, rules.minLength) : rules.minLength
    if (text.length < (isWord ? 1 : least) || seen.has(text) || seen.size >= MAX_FORMS) return
    seen.add(text)
    if (text.length <= PIECE) {
      patterns.push({ text, form, entry, normal, left, right })
      return
    }
    for (let from = 0; from < text.length; from += PIECE) {
      // the last piece is as long as the others, and none begins inside an escape
      let start = Math.min(from, text.length - PIECE)
      while (normal !== undefined && start > 0 && /%(?:25)?.?$|\d$/.test(text.slice(start - 4, start))) start--
      const piece = text.slice(start, from + PIECE)
      const isLast = from + PIECE >= text.length
      patterns.push({ text: piece, form, entry, normal, left: start > 0 ? 0 : left, right: isLast ? right : 0 })
    }
  }
  if (isWord) wordForms(value.trim(), put)
  else if (isText) wholeForms(value, rules, put)
  else {
    put(value, 'raw')
    base64Forms(value, put)
    byteForms(value, put)
  }
  return patterns
}

function wholeForms(value: string, rules: FormRules, put: Put): void {
  for (const { text, form, isWhole } of partsOf(value, rules.isSearchable)) {
    putDialects(text, form, put)
    if (isWhole) transcodings(text, put)
  }
  const { prefix = PIECE, suffix = PIECE } = rules
  for (let length = Math.min(value.length, PIECE) - 1; length > 0; length--) {
    if (length >= prefix) put(value.slice(0, length), 'fragment')
    if (length >= suffix) put(value.slice(-length), 'fragment')
  }
}

function putDialects(text: string, form: Form, put: Put): void {
  for (const [written, name] of dialectsOf(text, form)) {
    put(written, name, name === 'percent' ? upperEscapes : undefined)
    // what UTF-8 looks like where each byte is a character: in a stream of bytes, or read as Latin-1
    if (NOT_ASCII.test(written)) put(utf8Text(written), name)
  }
}

function transcodings(text: string, put: Put): void {
  const bytes = utf8Text(text)
  base64Forms(bytes, put)
  byteForms(bytes, put)
  if (text.length > LONG) return
  if (!PLAIN.test(text)) base64Forms(utf8Text(jsonStringBody(text)), put)
  base64Forms(utf16(text), put)
  nestedBase64Forms(bytes, put)
}

/** A value too short to be found inside a word: its dialects, and whole encodings that are long enough. */
function wordForms(text: string, put: Put): void {
  putDialects(text, 'raw', put)
  const padded = btoa(utf8Text(text))
  for (const encoded of [padded, padded.replace(/=+$/, '')]) if (encoded.length >= MIN_WORD) put(encoded, 'raw')
}
