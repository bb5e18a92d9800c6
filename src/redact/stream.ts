/** Streams: one text or byte sequence that arrives in pieces and leaves as soon as it can no longer match. */

import { byteText, textBytes } from './byte-text.ts'
import type { Decoder } from './decode.ts'
import { refuse } from './labels.ts'
import { MAX_GAP } from './limits.ts'
import { type Match, merged, standaloneMatches } from './matches.ts'
import type { Findings, Scanner } from './scan.ts'
import type { StreamTail } from './stream-tail.ts'

/** The synchronous core of a stream: one text or byte sequence that arrives in pieces. */
export interface Chunks<C extends string | Uint8Array> {
  /**
   * What can be released after this chunk: all that can no longer become part of a match; perhaps nothing.
   *
   * @throws ERR_INVALID_INPUT when text is pushed after bytes, or bytes after text
   */
  push(chunk: C): C
  /** The rest, or undefined where nothing is held back. Nothing can follow it. */
  end(): C | undefined
}

/** What a stream searches with; each is another once values were forgotten. */
export interface StreamSearch {
  readonly scanner: Scanner
  readonly tail: StreamTail
}

/** Finds the values under sensitive names in whole lines; one shorter than that may be closed by what follows the text. */
type FindNamed = (text: string, longestOpen?: number) => readonly Match[]

/** Longer lines do not wait for their end. */
const LONGEST_LINE = 65_536
/** Nor do longer values in quotes or brackets: with each line they are searched again. */
const LONGEST_OPEN = 8_192
/** Kept characters of what was released that are still looked at: a value may have begun there, before the end of a line. */
const CONTEXT = 2

/** A text that arrives in pieces. */
class PiecewiseText {
  /** Whether each character is a byte of UTF-8. */
  isBytes = false
  /** What is not yet released, after the last characters that were. */
  #text = ''
  #released = 0
  /** The last character that is not there any more, unless it is masked or ends an escape. */
  #before = ''
  /** How much of the text a mask that is already written covers; less than nothing where there is none. */
  #masked = -1
  readonly #search: StreamSearch
  readonly #mask: (label: string) => string

  readonly #named: FindNamed | undefined

  constructor(search: StreamSearch, mask: (label: string) => string, named: FindNamed | undefined) {
    this.#search = search
    this.#mask = mask
    this.#named = named
  }

  get isEmpty(): boolean {
    return this.#text.length === this.#released
  }

  /** Adds a piece; gives what can no longer become part of a match. */
  push(piece: string): string {
    this.#text += piece
    // with names lines leave whole: to search one again for each of its pieces would take the square of the time
    if (this.#named && !lastLineStart(piece) && this.#text.length - this.#released <= LONGEST_LINE) return ''
    const { scanner, tail } = this.#search
    const findings = scanner.scan(this.#text, false)
    const named = this.#named?.(this.#text, LONGEST_OPEN)
    const decided = decidedUntil(findings, tail.holdFrom(this.#text))
    const border = Math.max(this.#released, named ? this.#wholeLines(decided, named) : decided)
    // before a mask is made, for which its label is searched
    const start = scanner.decoder.plainBefore(border, CONTEXT, MAX_GAP) ?? decodedContext(border, scanner.decoder)
    const endsEscape = scanner.verifier.endsEscape(start)
    const output = this.#release(findings, border, true, named)
    const isFree = endsEscape || this.#masked >= start
    if (start > 0) this.#before = isFree ? '' : this.#text[start - 1]!
    this.#text = this.#text.slice(start)
    this.#masked -= start
    this.#released = border - start
    return output
  }

  /** The rest. */
  end(): string {
    const findings = this.#search.scanner.scan(this.#text, true)
    const output = this.#release(findings, this.#text.length, false, this.#named?.(this.#text))
    this.#released = this.#text.length
    return output
  }

  /** The offset up to which lines can leave: before one that may be a match, and before the first of a value that goes on. */
  #wholeLines(decided: number, named: readonly Match[]): number {
    const { length } = this.#text
    const start = named.reduceRight(
      (border, value) => {
        const goesOn = value.start < border && value.end >= border && length - value.start < LONGEST_OPEN
        return goesOn ? lastLineStart(this.#text.slice(0, value.start)) : border
      },
      lastLineStart(this.#text.slice(0, decided)),
    )
    return length - start > LONGEST_LINE ? decided : start
  }

  /** What is decided, up to the border, with its masks. */
  #release({ matches, candidates }: Findings, border: number, isOpen: boolean, named: readonly Match[] = []): string {
    const text = this.#text
    const certain = matches.concat(named)
    const main = merged(certain)
    const { isBytes } = this
    const around = { decided: this.#released, masked: this.#masked, before: this.#before, isOpen, isBytes }
    const alone = standaloneMatches(candidates, text, main, around)
    let output = ''
    let at = Math.max(this.#released, this.#masked)
    for (const { label, start, end } of alone.length === 0 ? main : merged([...certain, ...alone])) {
      if (start >= border) break
      if (end <= at) continue
      // a match that touches a mask already written is part of it
      if (start > this.#masked) output += text.slice(at, start) + this.#mask(label)
      this.#masked = at = end
    }
    return output + text.slice(at, border)
  }
}

/** Makes the core of a stream. Bytes are searched as characters, so that a code point may be split between chunks. */
export function createChunks<C extends string | Uint8Array>(
  search: StreamSearch,
  mask: (label: string) => string,
  named?: FindNamed,
): Chunks<C> {
  const text = new PiecewiseText(search, mask, named)
  let kind: string | undefined
  const typed = (output: string): C => (kind === 'string' ? output : textBytes(output)) as C
  return {
    push(chunk) {
      kind ??= typeof chunk
      text.isBytes = kind !== 'string'
      if (kind !== typeof chunk) refuse('A stream takes text or bytes, not both.')
      return typed(text.push(typeof chunk === 'string' ? chunk : byteText(chunk)))
    },
    end: () => (text.isEmpty ? undefined : typed(text.end())),
  }
}

/** Where the last line begins; a carriage return alone ends one, as in a progress bar. */
function lastLineStart(text: string): number {
  return Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1
}

/** The offset before which nothing that follows can change what was found. */
function decidedUntil({ candidates, openFrom }: Findings, heldFrom: number): number {
  const known = Math.min(openFrom, heldFrom)
  let border = known
  // what stands next to a short value decides whether it stands alone; those before it do not depend on that
  for (const { start, end } of candidates) if (end >= known) border = Math.min(border, start)
  return border
}

/** Where the last kept characters before the border were written, in what was decoded. */
function decodedContext(border: number, decoder: Decoder): number {
  const first = decoder.keptBefore(border)
  const { places } = decoder
  // the gap after the last of them must be there
  const isNear = first > 0 && border - places[first - 1]! <= MAX_GAP
  // what an escape stands for may be placed within it, and half an escape reads as another text
  if (isNear) return decoder.escapeStart(places[Math.max(0, first - CONTEXT)]!)
  // the border may be in an escape
  return first === 0 && border <= MAX_GAP ? 0 : border
}
