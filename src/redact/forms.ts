/** Forms: every way of writing a value that is searched for. docs/REDACTION.md lists them. */

import { utf8Lossy } from '../bytes.ts'
import { base64 } from '../encode/base64.ts'
import { hex, jsonStringBody } from '../encode/quote.ts'
import { byteText } from './byte-text.ts'
import { dialectsOf } from './dialects.ts'
import type { Joints } from './joints.ts'
import { PIECE } from './limits.ts'
import { linesOf, partsOf } from './parts.ts'
import { Compare, type Entry, isEscapeDigit, type Pattern, type Put } from './pattern.ts'
import type { Form } from './spans.ts'
import { base64Forms, byteForms, nestedBase64Forms, utf16 } from './transcode.ts'

/** Texts searched for because of one value; what comes later in the list of forms is left out. */
export const MAX_FORMS = 1024
/** Longer values are searched for as text, JSON, percent-encoding, base64 and hexadecimal only. */
const LONG = 4096
const MIN_WORD = 8
const NOT_ASCII = /[^\0-\x7f]/

/** What decides which forms a value has. */
export interface FormRules {
  readonly minLength: number
  /** Whether a part may be searched for on its own. */
  isSearchable(text: string): boolean
  /** Where lines and words of values may be broken. */
  readonly joints: Joints
  /** How much of a truncated value is searched for. */
  readonly prefix: number | undefined
  readonly suffix: number | undefined
}

/** Every pattern of a value, each text once. */
export function formsOf(
  entry: Entry,
  value: string,
  bytes: Uint8Array | undefined,
  rules: FormRules,
): readonly Pattern[] {
  const patterns: Pattern[] = []
  const seen = new Set<string>()
  const floor = entry.verdict === 'short' ? 1 : rules.minLength
  let forms = 0
  const put: Put = (text, form, compare = Compare.Exact, left = undefined, right = undefined) => {
    if (text.length < floor || seen.has(text) || forms >= MAX_FORMS) return
    seen.add(text)
    forms++
    const length = text.length
    if (length <= PIECE) {
      patterns.push({ text, form, compare, left, right, entry })
      return
    }
    for (let from = 0; from < length; from += PIECE) {
      const start = borderBefore(text, compare, Math.min(from, length - PIECE))
      const end = Math.min(length, from + PIECE)
      const before = start === 0 ? left : undefined
      const behind = end === length ? right : undefined
      patterns.push({ text: text.slice(start, end), form, compare, left: before, right: behind, entry })
    }
  }
  if (entry.verdict === 'short') wordForms(value.trim(), put)
  else if (bytes !== undefined) byteValueForms(value, bytes, put)
  else wholeForms(value, rules, put)
  return patterns
}

/** No piece begins inside an escape or a number. */
function borderBefore(text: string, compare: Compare, start: number): number {
  let border = start
  if (compare === Compare.Percent) while (border > 0 && isEscapeDigit(text, border)) border--
  if (compare === Compare.List) while (border > 0 && text[border - 1] !== ',') border--
  return border
}

function wholeForms(value: string, rules: FormRules, put: Put): void {
  for (const { text, form, isWhole } of partsOf(value, rules.isSearchable)) {
    rules.joints.addText(text)
    putDialects(text, form, put)
    if (isWhole) transcodings(text, put)
  }
  const lines = linesOf(value)
  rules.joints.addLines(lines)
  putFragments(value, rules, put)
}

function putDialects(text: string, form: Form, put: Put): void {
  for (const [written, name] of dialectsOf(text, form, text.length > LONG)) {
    put(written, name, name === 'percent' ? Compare.Percent : Compare.Exact)
    // what UTF-8 looks like where each byte is a character: in a stream of bytes, or read as Latin-1
    if (NOT_ASCII.test(written)) put(byteText(utf8Lossy(written)), name)
  }
}

function transcodings(text: string, put: Put): void {
  const bytes = utf8Lossy(text)
  base64Forms(bytes, put)
  if (text.length > LONG) {
    put(hex(bytes), 'hex', Compare.Hex)
    return
  }
  const body = jsonStringBody(text)
  if (body !== text) base64Forms(utf8Lossy(body), put)
  base64Forms(utf16(text), put)
  nestedBase64Forms(bytes, put)
  byteForms(bytes, put)
}

/** Bytes that are no text. */
function byteValueForms(value: string, bytes: Uint8Array, put: Put): void {
  put(value, 'raw')
  base64Forms(bytes, put)
  byteForms(bytes, put)
}

/** A value too short to be found inside a word: its dialects, and whole encodings that are long enough. */
function wordForms(text: string, put: Put): void {
  putDialects(text, 'raw', put)
  const bytes = utf8Lossy(text)
  const padded = base64(bytes)
  for (const encoded of [padded, padded.replace(/=+$/, '')]) if (encoded.length >= MIN_WORD) put(encoded, 'base64')
  if (bytes.length * 2 >= MIN_WORD) put(hex(bytes), 'hex', Compare.Hex)
}

/** The beginnings and ends that a truncated value shows. */
function putFragments(value: string, { prefix, suffix }: FormRules, put: Put): void {
  const last = Math.min(value.length, PIECE)
  for (let length = last - 1; length >= (prefix ?? PIECE); length--) put(value.slice(0, length), 'fragment')
  for (let length = last - 1; length >= (suffix ?? PIECE); length--) put(value.slice(-length), 'fragment')
}
