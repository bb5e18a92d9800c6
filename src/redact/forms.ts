/** Forms: every text that is searched for because of one value. docs/REDACTION.md lists them. */

import { isWellFormed } from '../bytes.ts'
import { percentEncode } from '../encode/percent.ts'
import { hex, jsonStringBody } from '../encode/quote.ts'
import { certainCharacters, OFFSETS, urlSafe } from './base64.ts'
import { byteText, textBytes, utf8Text } from './byte-text.ts'
import { LONG, MAX_FORMS, OVERLAP, PIECE } from './limits.ts'
import { type Form, isPlain, type Needle, needleOf, type Verdict } from './needle.ts'
import { LINE_END, partsOf } from './parts.ts'

/** Base64 of a few bytes is ordinary text. */
const MIN_ENCODED = 8
/** In longer values no escape is looked for that a line break left as it is. */
const MAX_BROKEN = 128

/** What decides which forms a value has. */
export interface FormRules {
  readonly minLength: number
  /** How much of a truncated value is searched for. */
  readonly prefix: number
  readonly suffix: number
  /** Whether a part may be searched for on its own. */
  isSearchable(text: string): boolean
}

/** Every needle of the value, each text once. */
export function formsOf(verdict: Verdict, value: string, isText: boolean, rules: FormRules): readonly Needle[] {
  const isShort = verdict === 'short'
  const forms = new Forms(isShort, Math.max(MIN_ENCODED, rules.minLength))
  if (isShort) forms.addShort(value.trim())
  else if (isText) forms.addText(value, rules)
  else {
    forms.add(value, 'raw')
    forms.addBytes(value)
  }
  return [...forms.needles.values()]
}

/** The needles of one value, by what is compared. */
class Forms {
  readonly needles = new Map<string, Needle>()
  #count = 0

  readonly #isShort: boolean
  readonly #least: number

  constructor(isShort: boolean, least: number) {
    this.#isShort = isShort
    this.#least = least
  }

  /** Adds a text, piece by piece where it is long. */
  add(text: string, form: Form, sharesBitsBefore = false, sharesBitsAfter = false): void {
    if ((form === 'base64' && text.length < this.#least) || this.#count++ >= MAX_FORMS) return
    for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
      // the last piece is as long as the others
      const start = Math.max(0, Math.min(from, text.length - PIECE))
      const end = start + PIECE
      const piece = text.slice(start, end)
      if (this.needles.has(piece) && isPlain(piece)) continue
      const needle = needleOf(
        {
          text: piece,
          form,
          sharesBitsBefore: sharesBitsBefore && start === 0,
          sharesBitsAfter: sharesBitsAfter && end >= text.length,
        },
        this.#isShort,
      )
      const key = needleKey(needle)
      if (!this.needles.has(key)) this.needles.set(key, needle)
    }
  }

  /** A value too short to be found inside a word: as it is, and whole encodings that are long enough. */
  addShort(text: string): void {
    this.add(text, 'raw')
    const bytes = utf8Text(text)
    this.add(bytes, 'raw')
    const padded = btoa(bytes)
    for (const encoded of [padded, padded.replace(/=+$/, '')]) {
      if (encoded.length >= MIN_ENCODED) this.add(encoded, 'raw')
    }
  }

  addText(value: string, { prefix, suffix, isSearchable }: FormRules): void {
    for (const { text, form, encodings } of partsOf(value, isSearchable)) {
      const bytes = utf8Text(text)
      this.add(text, form)
      this.#addLiterals(text, form)
      if (encodings === 'nested') this.#addBroken(text, form)
      // in a stream of bytes, percent-encoded, or read as Latin-1
      if (bytes !== text) this.add(bytes, form)
      if (encodings === 'base64') this.#addBase64(bytes)
      else if (encodings !== 'text') this.addBytes(bytes)
      if (encodings !== 'text') this.#addOtherLineEnds(bytes)
      if (encodings === 'nested' && text.length <= LONG) this.#addNested(text, bytes)
    }
    for (let length = Math.min(value.length, PIECE) - 1; length > 0; length--) {
      if (length >= prefix) this.add(value.slice(0, length), 'fragment')
      if (length >= suffix) this.add(value.slice(-length), 'fragment')
    }
  }

  /** What becomes of bytes, given as text. */
  addBytes(text: string): void {
    this.#addBase64(text)
    const bytes = textBytes(text)
    this.add(hex(bytes), 'hex')
    this.add(hex(bytes, ':'), 'hex')
    if (bytes.length <= LONG) this.add(bytes.join(','), 'decimal')
  }

  /** What is not compared loosely, in the writings that are most usual. */
  #addLiterals(text: string, form: Form): void {
    if (
      text.length > PIECE ||
      !needleOf({ text, form, sharesBitsBefore: false, sharesBitsAfter: false }, this.#isShort).isLiteral
    )
      return
    const body = jsonStringBody(text)
    const encoded = isWellFormed(text) ? [percentEncode(text), encodeURIComponent(text)] : []
    for (const written of [body, jsonStringBody(body), ...encoded]) {
      this.add(written, form)
      this.add(
        written.replace(/%../g, (found) => found.toLowerCase()),
        form,
      )
    }
  }

  /** A text with what reads as an escape, which a line break after its first character leaves as it is. */
  #addBroken(text: string, form: Form): void {
    if (text.length > MAX_BROKEN) return
    for (const { index } of text.matchAll(/\\(?=[\dabefnrtuvxE])|%(?=[\da-f])|&(?=[#aglq])/gi)) {
      this.add(`${text.slice(0, index + 1)}\n${text.slice(index + 1)}`, form)
    }
  }

  /** Base64 of a file that was written with other line ends. */
  #addOtherLineEnds(text: string): void {
    const lines = text.split(LINE_END)
    if (lines.length < 2) return
    for (const end of ['\n', '\r\n']) this.#addBase64(lines.join(end))
  }

  /** Base64 of what writers make of the text before. */
  #addNested(text: string, bytes: string): void {
    const body = jsonStringBody(text)
    if (body !== text) this.#addBase64(utf8Text(body))
    this.#addBase64(utf16(text))
    for (const encoded of [...OFFSETS.map((offset) => certainCharacters(bytes, offset)), btoa(bytes)]) {
      this.#addBase64(encoded)
      if (/[+/]/.test(encoded)) this.#addBase64(urlSafe(encoded))
    }
  }

  /** Base64 at all three offsets, in both alphabets. */
  #addBase64(bytes: string): void {
    for (const offset of OFFSETS) {
      const text = certainCharacters(bytes, offset)
      const sharesBitsAfter = (offset + bytes.length) % 3 > 0
      this.add(text, 'base64', offset > 0, sharesBitsAfter)
      if (/[+/]/.test(text)) this.add(urlSafe(text), 'base64', offset > 0, sharesBitsAfter)
    }
  }
}

/** Needles with the same key are found at the same places. */
function needleKey({ text, form, kept, units, places, needsEdges, isLiteral }: Needle): string {
  // what must be there in one of them is not there in another
  if (isLiteral || needsEdges || form === 'escape') return `=${text}`
  return places === undefined ? text : byteText(units ?? kept)
}

/** UTF-16, little-endian: what PowerShell's encoded commands hold. */
function utf16(text: string): string {
  const bytes = new Uint8Array(2 * text.length)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    bytes[2 * index] = unit
    bytes[2 * index + 1] = unit >> 8
  }
  return byteText(bytes)
}
