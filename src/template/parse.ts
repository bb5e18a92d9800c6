/** Text into literals and tags, kept for the texts that are read again and again. */

import type { Delimiters } from '../location.ts'
import { checkDelimiters, isChecked } from './delimiters.ts'
import type { Fault, Name } from './grammar.ts'
import { type Cut, scan } from './scan.ts'

/** One reference within a text. */
export interface Tag {
  readonly name: Name
  /** Offset of the opening delimiter. */
  readonly index: number
  /** The text that stands for the reference when it is kept: the tag, with the backslashes that would have gone away. */
  readonly source: string
}

/** One fault within a text. */
export interface FaultAt {
  readonly fault: Fault
  readonly index: number
}

/** A text cut up: there is one literal more than there are tags. */
export interface Parsed {
  readonly literals: readonly string[]
  readonly tags: readonly Tag[]
  readonly faults: readonly FaultAt[]
}

/** UTF-16 code units. */
const MAX_KEPT_TEXT = 8_192
const MAX_KEPT_TEXTS = 1_000
const MAX_KEPT_TOTAL = 1_048_576

/** Reads texts with one set of delimiters. Safe to share: it keeps template texts only, never a value, and not many. */
export class Parser {
  readonly delimiters: readonly Delimiters[]
  readonly #kept = new Map<string, Parsed>()
  #total = 0

  constructor(delimiters: readonly Delimiters[]) {
    this.delimiters = delimiters
  }

  /** The cuts of a text, for a caller who has another text of the same shape to cut. */
  cuts(text: string, maxFaults: number): readonly Cut[] {
    return scan(text, this.delimiters, maxFaults)
  }

  /** The text cut up, or undefined when it comes out as it is. */
  parse(text: string, maxFaults: number): Parsed | undefined {
    const known = text.length <= MAX_KEPT_TEXT ? this.#kept.get(text) : undefined
    if (known !== undefined) return known
    const cuts = this.cuts(text, maxFaults)
    if (cuts.length === 0) return undefined
    const parsed = divide(text, cuts)
    if (text.length <= MAX_KEPT_TEXT && parsed.faults.length === 0) this.#keep(text, parsed)
    return parsed
  }

  #keep(text: string, parsed: Parsed): void {
    this.#kept.set(text, parsed)
    this.#total += text.length
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT_TEXTS && this.#total <= MAX_KEPT_TOTAL) return
      this.#kept.delete(oldest)
      this.#total -= oldest.length
    }
  }
}

/**
 * Literals, tags and faults of a text.
 *
 * @param offsets where each character of the text that was cut stands in `text`, when that is another one
 */
export function divide(text: string, cuts: readonly Cut[], offsets?: readonly number[]): Parsed {
  const literals: string[] = []
  const tags: Tag[] = []
  const faults: FaultAt[] = []
  let literal = ''
  let position = 0
  const placed = (offset: number): number => (offsets === undefined ? offset : offsets[offset]!)
  for (const { start, end, index, what } of cuts) {
    if (what !== undefined && what.code !== undefined) {
      faults.push({ fault: what, index: placed(index) })
      continue
    }
    const from = placed(start)
    literal += text.slice(position, from)
    position = placed(end)
    if (what === undefined) continue
    literals.push(literal)
    tags.push({ name: what, index: placed(index), source: text.slice(from, position) })
    literal = ''
  }
  literals.push(literal + text.slice(position))
  return { literals, tags, faults }
}

const parsers = new WeakMap<readonly Delimiters[], Parser>()

/**
 * The parser of these delimiters; one for each list that `checkDelimiters` made.
 *
 * @throws ERR_INVALID_INPUT when the list is none of those and not sound
 */
export function parserOf(delimiters: readonly Delimiters[] | undefined): Parser {
  const known = delimiters === undefined ? undefined : parsers.get(delimiters)
  if (known !== undefined) return known
  const sound = delimiters !== undefined && isChecked(delimiters) ? delimiters : checkDelimiters(delimiters)
  const parser = parsers.get(sound) ?? new Parser(sound)
  parsers.set(sound, parser)
  return parser
}
