/**
 * Redaction inside JSON text: valid JSON in, valid JSON out.
 *
 * A mask replaces whole escapes and whole scalars. Where a match spans several tokens, each gets a mask of its own;
 * punctuation stays.
 */

import { STARTS_SCALAR, tokenEnd, unitEnd } from './json-tokens.ts'
import type { Span } from './matches.ts'

/**
 * The valid JSON text, still valid, with masks for the spans and for whole values, which begin where `values` do, in
 * their order.
 */
export function writeJson(
  json: string,
  spans: readonly Span[],
  maskOf: (label: string) => string,
  values: readonly Span[],
): string {
  const writer = new JsonWriter(json, spans, maskOf)
  let last = Math.max(lastEnd(spans), lastEnd(values))
  let name = 0
  let next = 0
  let start = values[0]?.start
  for (let at = 0, end = 0; at < last || writer.hasMaskedString; at = end) {
    const token = json[at]!
    if (at === start) {
      end = values[next]!.end
      writer.value(values[next]!)
      // one within another is masked with it
      while (next < values.length && values[next]!.start < end) next++
      start = values[next]?.start
      continue
    }
    end = tokenEnd(json, at)
    if (token === '"') {
      name = at
      writer.string(at, end)
    } else if (token === ':') {
      // a name further on may be the same as the mask
      if (writer.nameEnd(name)) last = json.length
    } else writer.other(at, end)
  }
  return writer.end()
}

function lastEnd(spans: readonly Span[]): number {
  return spans.reduce((last, { end }) => Math.max(last, end), 0)
}

/** The names of an object as they were written, and whether they hold a mask. */
type WrittenNames = Map<string, { readonly isMasked: boolean; next: number }>

class JsonWriter {
  /** Whether the string that was written last has a mask in it. */
  hasMaskedString = false
  #output = ''
  #from = 0
  #next = 0
  #span: Span
  readonly #spans: readonly Span[]
  /** Where the string that was written last begins and ends. */
  #stringStart = 0
  #stringEnd = 0
  /** What of it is in the output: reading that back would take the square of the time. */
  #written = ''
  readonly #objects: WrittenNames[] = []

  readonly #json: string
  readonly #maskOf: (label: string) => string

  constructor(json: string, spans: readonly Span[], maskOf: (label: string) => string) {
    this.#json = json
    this.#maskOf = maskOf
    // the last one is never reached, so that there always is a next one
    this.#spans = [...spans, { label: '', start: json.length, end: json.length + 1 }]
    this.#span = this.#spans[0]!
  }

  string(at: number, end: number): void {
    this.#stringStart = at + 1
    this.#written = ''
    this.#stringEnd = end - 1
    this.hasMaskedString = false
    for (let unit = at + 1, after = unit; after < end - 1 && this.#span.start < end; unit = after) {
      after = unitEnd(this.#json, unit)
      if (this.#cover(unit, after, '')) this.hasMaskedString = true
    }
  }

  /** The string that begins there was a name: no mask makes two names one. Tells whether it is masked. */
  nameEnd(start: number): boolean {
    const isMasked = this.hasMaskedString
    this.hasMaskedString = false
    const ending = this.#json.slice(Math.max(this.#from, start + 1), this.#stringEnd)
    const name = isMasked ? this.#written + ending : ending
    const names = this.#objects.at(-1)!
    const known = names.get(name)
    let unique = name
    // each search goes on where the one before has ended
    if (known !== undefined && (isMasked || known.isMasked)) {
      do unique = `${name}#${known.next++}`
      while (names.has(unique))
    }
    if (!names.has(unique)) names.set(unique, { isMasked, next: 2 })
    if (unique !== name) this.#replace(this.#stringEnd, this.#stringEnd, unique.slice(name.length))
    return isMasked
  }

  /** A value that is masked whole. */
  value({ label, start, end }: Span): void {
    this.#replace(start, end, `"${this.#maskOf(label)}"`)
    this.hasMaskedString = false
  }

  /** A scalar, a bracket, or what separates members. */
  other(at: number, end: number): void {
    const token = this.#json[at]!
    if (STARTS_SCALAR.test(token)) this.#cover(at, end, '"')
    else if (token === '{') this.#objects.push(new Map())
    else if (token === '}') this.#objects.pop()
    if (!/\s/.test(token)) this.hasMaskedString = false
  }

  end(): string {
    return this.#output + this.#json.slice(this.#from)
  }

  #replace(start: number, end: number, mask: string): void {
    this.#written += this.#json.slice(Math.max(this.#from, this.#stringStart), start) + mask
    this.#output += this.#json.slice(this.#from, start) + mask
    this.#from = end
  }

  /** Masks the range if a span touches it. Characters of a string that follow each other share a mask. */
  #cover(start: number, end: number, quote: string): boolean {
    while (this.#span.end <= start) this.#span = this.#spans[++this.#next]!
    if (this.#span.start >= end) return false
    const isContinued = quote === '' && this.#from === start
    this.#replace(start, end, isContinued ? '' : quote + this.#maskOf(this.#span.label) + quote)
    return true
  }
}
