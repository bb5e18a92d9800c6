/** Forms: every text that is searched for because of one value. docs/REDACTION.md lists them. */

import { isWellFormed } from '../bytes.ts'
import { percentEncode } from '../encode/percent.ts'
import { hex, jsonStringBody } from '../encode/quote.ts'
import { readsAsWord } from '../looks/words.ts'
import { certainCharacters, OFFSETS, urlSafe } from './base64.ts'
import { byteText, textBytes, utf8Text } from './byte-text.ts'
import { LINE_END } from './characters.ts'
import { comparedBytes, formEncodings, groupedDigits, hexBytes, hexDigits, keyBytes, otherBase64 } from './keys.ts'
import { LONG, MAX_FORMS, OVERLAP, PIECE } from './limits.ts'
import { type Form, isPlainText, type Needle, needleOf, type Pattern, type Standing, type Verdict } from './needle.ts'
import { type Part, type PartsPolicy, partsOf } from './parts/parts.ts'

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
  readonly parts: PartsPolicy
  /** How well a text may be searched for. */
  rate(text: string): Verdict
}

/** What is searched for because of a value. */
export interface Forms {
  /** `short` too where a secret part of the value is short, or was left out. */
  readonly verdict: Verdict
  /** Each text once. */
  readonly needles: readonly Needle[]
}

/** Every needle of the value. */
export function formsOf(value: string, isText: boolean, rules: FormRules): Forms {
  const verdict = rules.rate(value)
  if (verdict === 'common' || verdict === 'empty') return { verdict, needles: [] }
  const forms = new NeedleCollector(rules)
  if (isText) forms.addText(value, rules)
  else forms.addBinary(value, rules)
  return { verdict: forms.isComplete ? verdict : 'short', needles: [...forms.needles.values()] }
}

/** What a needle has beside its text and its form. */
type Details = Partial<Omit<Pattern, 'text' | 'form'>>

/** The needles of one value, by what is compared. */
class NeedleCollector {
  readonly needles = new Map<string, Needle>()
  /** Whether no secret part was left out, or is short. */
  isComplete = true
  #count = 0

  readonly #minLength: number
  readonly #least: number

  constructor({ minLength }: FormRules) {
    this.#minLength = minLength
    this.#least = Math.max(MIN_ENCODED, minLength)
  }

  /** Adds a text, piece by piece where it is long. */
  add(text: string, form: Form, details: Details = {}): void {
    // nothing stands everywhere: a search for it would not end
    if (text === '') return
    if (form === 'base64' && text.length < this.#least) return
    if (this.#count++ >= MAX_FORMS) {
      this.isComplete = false
      return
    }
    const { sharesBitsBefore = false, sharesBitsAfter = false, standing = 'anywhere' } = details
    const digits = details.digits ?? (form === 'hex' || form === 'decimal' ? form : undefined)
    for (let from = 0; from === 0 || from + OVERLAP < text.length; from += PIECE - OVERLAP) {
      // the last piece is as long as the others
      const start = Math.max(0, Math.min(from, text.length - PIECE))
      const end = start + PIECE
      const piece = text.slice(start, end)
      if (this.needles.has(piece) && isPlainText(piece)) continue
      const needle = needleOf({
        text: piece,
        form,
        digits,
        standing,
        sharesBitsBefore: sharesBitsBefore && start === 0,
        sharesBitsAfter: sharesBitsAfter && end >= text.length,
      })
      const key = needleKey(needle)
      if (!this.needles.has(key)) this.needles.set(key, needle)
    }
  }

  /** The texts of all parts before their encodings, so that no limit drops a part for the encodings of another. */
  addText(value: string, { parts: policy, prefix, suffix, rate }: FormRules): void {
    const { list, isComplete } = partsOf(value, policy, rate)
    this.isComplete = isComplete
    const long = list.filter(({ text }) => text.trim().length >= this.#minLength)
    for (const part of list) if (!long.includes(part)) this.#addShort(part)
    for (const part of long) this.#addWritten(part)
    for (const part of long) this.#addEncoded(part)
    for (const { text, encodings } of long)
      if (encodings === 'nested' && text.length <= LONG) this.#addNested(text, utf8Text(text))
    if (!long.some(({ text }) => text === value)) return
    for (let length = Math.min(value.length, PIECE) - 1; length > 0; length--) {
      if (length >= prefix) this.add(value.slice(0, length), 'fragment')
      if (length >= suffix) this.add(value.slice(-length), 'fragment')
    }
  }

  /** A text too short to be found inside a word: as it is, and whole encodings that are long enough. */
  #addShort({ text: written, form }: Part): void {
    const text = written.trim()
    const bytes = utf8Text(text)
    const padded = btoa(bytes)
    this.add(text, form, { standing: 'alone' })
    this.add(bytes, form, { standing: 'alone' })
    for (const encoded of [padded, padded.replace(/=+$/, '')]) {
      if (encoded.length >= MIN_ENCODED) this.add(encoded, form, { standing: 'alone' })
    }
  }

  /** A part as text. */
  #addWritten({ text, form, encodings }: Part): void {
    const standing = readsAsWord(text.trim()) ? 'word' : 'anywhere'
    const digits = standing === 'word' ? undefined : hexDigits(text)
    if (digits !== undefined) this.#addDigits(digits, text, form)
    this.add(text, form, { standing })
    this.#addLiterals(text, form, standing)
    if (encodings === 'nested') this.#addBroken(text, form)
    // in a stream of bytes, percent-encoded, or read as Latin-1
    this.add(utf8Text(text), form, { standing })
    if (encodings !== 'text') for (const other of otherBase64(text)) this.add(other, form)
  }

  /** Hexadecimal digits in any case, and with what programs put between them. */
  #addDigits(digits: string, text: string, form: Form): void {
    for (const written of [text.toLowerCase(), digits, ...groupedDigits(digits)]) {
      this.add(written, form, { digits: 'hex' })
    }
  }

  #addEncoded({ text, encodings }: Part): void {
    if (encodings === 'text') return
    const bytes = utf8Text(text)
    if (encodings === 'base64') this.#addBase64(bytes)
    else {
      this.#addBytes(bytes)
      this.#addKey(text)
    }
    this.#addOtherLineEnds(bytes)
  }

  /** The bytes of a key, as they are and as programs print them. */
  #addKey(text: string): void {
    const digits = hexDigits(text)
    const key = digits === undefined ? keyBytes(text) : hexBytes(digits)
    if (key === undefined) return
    const compared = comparedBytes(key)
    if (compared === undefined) this.isComplete = false
    else this.add(compared, 'raw')
    if (digits === undefined) this.#addBytesInDigits(key)
    else {
      this.add(textBytes(key).join(','), 'decimal')
      const encoded = btoa(key)
      for (const written of [encoded, ...otherBase64(encoded)]) this.add(written, 'base64')
    }
  }

  /** Bytes that are no text; a few of them are ordinary numbers, and letters of Latin-1. */
  addBinary(bytes: string, { rate }: FormRules): void {
    const addRated = (written: string, form: Form): void => {
      const verdict = rate(written)
      if (verdict !== 'common') this.add(written, form, { standing: verdict === 'ok' ? 'anywhere' : 'alone' })
    }
    addRated(bytes, 'raw')
    this.#addBase64(bytes)
    this.#addBytesInDigits(bytes, addRated)
  }

  /** What becomes of the bytes of a text. */
  #addBytes(bytes: string): void {
    this.#addBase64(bytes)
    this.#addBytesInDigits(bytes)
  }

  #addBytesInDigits(text: string, add = (written: string, form: Form): void => this.add(written, form)): void {
    const bytes = textBytes(text)
    add(hex(bytes), 'hex')
    add(hex(bytes, ':'), 'hex')
    if (bytes.length <= LONG) add(bytes.join(','), 'decimal')
  }

  /** What is not compared loosely, in the writings that are most usual. */
  #addLiterals(text: string, form: Form, standing: Standing): void {
    const pattern = { text, form, standing, digits: undefined, sharesBitsBefore: false, sharesBitsAfter: false }
    if (text.length > PIECE || isPlainText(text) || !needleOf(pattern).isLiteral) return
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
    if (text.length <= PIECE && isWellFormed(text)) for (const form of formEncodings(text)) this.#addBase64(form)
    for (const encoded of [...OFFSETS.map((offset) => certainCharacters(bytes, offset)), btoa(bytes)]) {
      this.#addBase64(encoded)
      if (/[+/]/.test(encoded)) this.#addBase64(urlSafe(encoded))
    }
  }

  /** Base64 at all three offsets, in both alphabets. */
  #addBase64(bytes: string): void {
    for (const offset of OFFSETS) {
      const text = certainCharacters(bytes, offset)
      const edges = { sharesBitsBefore: offset > 0, sharesBitsAfter: (offset + bytes.length) % 3 > 0 }
      this.add(text, 'base64', edges)
      if (/[+/]/.test(text)) this.add(urlSafe(text), 'base64', edges)
    }
  }
}

/** Needles with the same key are found at the same places. */
function needleKey({ text, form, kept, units, places, needsEdges, isLiteral }: Needle): string {
  // what must be there in one of them is not there in another
  if (isLiteral || needsEdges || form === 'escape') return `=${text}`
  return places === undefined || form === 'base64' ? text : byteText(units ?? kept)
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
