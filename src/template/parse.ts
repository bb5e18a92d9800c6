/** Text into literals and references; the result is kept for texts that are read again and again. */

import type { InvalidReference, Name } from './grammar.ts'
import { type Cut, scan } from './scan.ts'
import { mayHold, type Syntax } from './syntax.ts'

/** One reference within a text. */
export interface ParsedReference {
  readonly name: Name
  /** Offset of the opening delimiter. */
  readonly index: number
  /** The text in place of the reference when it is kept, with the backslashes that would have gone away. */
  readonly source: string
}

/** A text cut up: there is one literal more than there are references. */
export interface Parsed {
  readonly literals: readonly string[]
  readonly references: readonly ParsedReference[]
  readonly invalid: readonly { readonly reason: InvalidReference; readonly index: number }[]
  /** What a backslash made literal. */
  readonly silenced: readonly Name[]
}

/** UTF-16 code units. */
const MAX_KEPT_TEXT = 8_192
const MAX_KEPT_TEXTS = 1_000
const MAX_KEPT_TOTAL = 1_048_576

/** What is kept of a text without faults. */
interface KeptText {
  readonly parsed: Parsed
  readonly cuts: readonly Cut[]
}

const NO_CUTS: readonly Cut[] = Object.freeze([])

/** Reads texts of one syntax. Safe to share: it keeps template texts only, never a value, and not many. */
export class Parser {
  readonly syntax: Syntax
  readonly #kept = new Map<string, KeptText>()
  #total = 0

  constructor(syntax: Syntax) {
    this.syntax = syntax
  }

  /** The text cut up, or undefined when it comes out as it is. */
  parse(text: string, maxInvalid: number): Parsed | undefined {
    if (!mayHold(text, this.syntax)) return undefined
    const isShort = text.length <= MAX_KEPT_TEXT
    const known = isShort ? this.#kept.get(text) : undefined
    if (known !== undefined) return known.parsed
    const cuts = scan(text, this.syntax, maxInvalid)
    if (cuts.length === 0) return undefined
    const parsed = splitAt(text, cuts)
    if (isShort && parsed.invalid.length === 0) this.#keep(text, { parsed, cuts })
    return parsed
  }

  /** All cuts of a text that may be anybody's: a template that is kept already is not read again, and no other is kept. */
  cuts(text: string): readonly Cut[] {
    if (!mayHold(text, this.syntax)) return NO_CUTS
    const known = text.length <= MAX_KEPT_TEXT ? this.#kept.get(text) : undefined
    return known?.cuts ?? scan(text, this.syntax, Number.POSITIVE_INFINITY)
  }

  #keep(text: string, kept: KeptText): void {
    this.#kept.set(text, kept)
    this.#total += text.length
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT_TEXTS && this.#total <= MAX_KEPT_TOTAL) return
      this.#kept.delete(oldest)
      this.#total -= oldest.length
    }
  }
}

/**
 * Literals, references and invalid references of a text.
 */
export function splitAt(text: string, cuts: readonly Cut[]): Parsed {
  const literals: string[] = []
  const references: ParsedReference[] = []
  const invalid: { reason: InvalidReference; index: number }[] = []
  const silenced: Name[] = []
  let literal = ''
  let rest = 0
  for (const { start, end, index, content, silenced: name } of cuts) {
    if (name !== undefined) silenced.push(name)
    if (content !== undefined && content.code !== undefined) {
      invalid.push({ reason: content, index })
      continue
    }
    const from = start
    literal += text.slice(rest, from)
    rest = end
    if (content === undefined) continue
    literals.push(literal)
    references.push({ name: content, index, source: text.slice(from, rest) })
    literal = ''
  }
  literals.push(literal + text.slice(rest))
  return { literals, references, invalid, silenced }
}

const parsers = new WeakMap<Syntax, Parser>()

/** The parser of a syntax, always the same one. */
export function parserOf(syntax: Syntax): Parser {
  const parser = parsers.get(syntax) ?? new Parser(syntax)
  parsers.set(syntax, parser)
  return parser
}
