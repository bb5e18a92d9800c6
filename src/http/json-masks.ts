/**
 * Secrets out of JSON texts, one or several after each other, that arrive in pieces and stay JSON: a string keeps its
 * quotes, a number is masked only where all of it is a secret, two keys never become one.
 *
 * What turns out not to be JSON is treated as any other text from there on.
 */

import { concat, fromUtf8, utf8, utf8Lossy } from '../bytes.ts'
import { type BodyMasks, inOnePiece } from './body-masks.ts'
import { HeldBytes } from './held-bytes.ts'
import { mayEnd, type Progress, scanJson, startOfJson } from './json-scan.ts'
import { createMaskedKeys, type MaskedKeys } from './masked-keys.ts'
import type { DataMasks, Span } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** A string that is longer is released before it ends, as text: no secret is longer. */
const MAX_HELD_BYTES = 1_048_576
/** A string, a number, or what is between them. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+|./sy
const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/gs
const QUOTE_WITHIN = /(?<!\\)"/
const IS_KEY = /^[ \t\r\n]*:/

/** Masks for a body of JSON. */
export function jsonMasks(masks: DataMasks): BodyMasks {
  const keys = createMaskedKeys()
  const held = new HeldBytes()
  let progress: Progress = startOfJson()
  let asText: BodyMasks | undefined

  const clean = (bytes: Uint8Array): Uint8Array => {
    const text = fromUtf8(bytes)
    if (text === undefined) return inOnePiece(textMasks(masks), bytes)
    const masked = maskJson(text, masks, keys)
    return masked === text ? bytes : utf8(masked)
  }
  const turnToText = (bytes: Uint8Array): Uint8Array => {
    asText = textMasks(masks)
    return asText.push(bytes)
  }
  return {
    push(bytes) {
      if (asText !== undefined) return asText.push(bytes)
      const before = held.length
      progress = scanJson(held.add(bytes), progress, before)
      const { safeEnd, brokenAt } = progress
      // all that was not given out yet is the text that it turns out to be
      if (brokenAt !== undefined) return turnToText(held.take(held.length))
      const cleaned = clean(held.take(safeEnd))
      if (held.length > MAX_HELD_BYTES) return concat(cleaned, turnToText(held.take(held.length)))
      progress = { ...progress, safeEnd: 0, tokenStart: 0 }
      return cleaned
    },
    end() {
      if (asText !== undefined) return asText.end()
      // half a string is not harmless, nor is a value that stands there as it is
      const rest = held.take(held.length)
      return mayEnd(rest, progress) ? clean(rest) : inOnePiece(textMasks(masks), rest)
    },
  }
}

/** A whole body of JSON with its masks, or of what turns out to be another text. */
export function maskJsonBody(text: string, masks: DataMasks): string {
  const spans = masks.spans(text)
  // mostly there is none, and then it may be what it likes
  if (spans.length === 0) return text
  const bytes = utf8Lossy(text)
  const progress = scanJson(bytes, startOfJson(), 0)
  if (progress.brokenAt !== undefined || !mayEnd(bytes, progress)) return masks.text(text)
  return maskJson(text, masks, createMaskedKeys(), spans)
}

/** The JSON text with its masks; the same text where there is nothing to mask. */
export function maskJson(text: string, masks: DataMasks, keys: MaskedKeys, spans = masks.spans(text)): string {
  const within = { text, masks, keys, isString: stringsOf(text) }
  let output = ''
  let copied = 0
  let at = 0
  for (const { start, end } of spans) {
    for (; at < end; at = TOKEN.lastIndex) {
      at = tokenStart(text, at, start)
      TOKEN.lastIndex = at
      const [token] = TOKEN.exec(text)!
      const masked = maskToken(token, TOKEN.lastIndex, within)
      if (masked === token) continue
      output += text.slice(copied, at) + masked
      copied = TOKEN.lastIndex
    }
  }
  output += text.slice(copied)
  // a value that spans several strings is not in any one of them
  return spansStrings(text, spans) && spansStrings(output, masks.spans(output)) ? masks.json(output) : output
}

/** Tells whether a string is one of the text's, whose tokens are read at most once. */
function stringsOf(text: string): (string: string) => boolean {
  let strings: ReadonlySet<string> | undefined
  return (string) => {
    strings ??= new Set(text.match(STRINGS))
    return strings.has(string)
  }
}

/** A text, and what its tokens are masked with. */
interface MaskedText {
  readonly text: string
  readonly masks: DataMasks
  readonly keys: MaskedKeys
  /** Whether a string, with its quotes, is one of the text's. */
  readonly isString: (string: string) => boolean
}

/** One token with its masks. @param end where it ends in the text */
function maskToken(token: string, end: number, { text, masks, keys, isString }: MaskedText): string {
  if (!token.startsWith('"')) {
    const mask = masks.maskOf(token)
    return mask === undefined ? token : JSON.stringify(mask)
  }
  const masked = masks.json(token)
  const isKey = masked !== token && IS_KEY.test(text.slice(end, end + 64))
  return isKey ? keys.distinct(token, masked, isString(masked)) : masked
}

/** Where the token begins that an offset is in; strings are passed over without reading what is between them. */
function tokenStart(text: string, from: number, offset: number): number {
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0 || quote >= offset) return lastTokenStart(text, at, offset)
    at = stringEnd(text, quote)
    if (at > offset) return quote
  }
}

/** The same where no string begins before the offset. */
function lastTokenStart(text: string, from: number, offset: number): number {
  TOKEN.lastIndex = from
  let start = from
  while (TOKEN.lastIndex <= offset && TOKEN.test(text)) start = TOKEN.lastIndex <= offset ? TOKEN.lastIndex : start
  return start
}

/** The offset after the quote that ends the string which begins there; the end of the text where none does. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - backslashes - 1] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
  return text.length
}

/** Whether one of the places is from one string of JSON text into another. */
function spansStrings(text: string, spans: readonly Span[]): boolean {
  return spans.some(({ start, end }) => QUOTE_WITHIN.test(text.slice(start + 1, end - 1)))
}
