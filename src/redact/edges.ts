/** Edges: what belongs to a match before and after the characters that are compared. */

import { BACKSLASH, CLASS, isEscaper, isLineEnd, isNoise, KEPT, SPACE } from './characters.ts'

/** Characters of a text, decoded, and where each was written. */
export interface Characters {
  readonly codes: readonly number[]
  readonly places: readonly number[]
}

const APOSTROPHE = 39
const DASH = 45
const PLUS = 43
const DOUBLE_QUOTE = 34
/** Writers double them: shells, SQL, CSV, `printf`. */
const DOUBLED = '\'"$%^`'
/** A single quote of a shell between others. */
const QUOTED = /^'\\*(?:'|"'\\*")'/
const BEGUN_QUOTED = /^(?:'\\*(?:'|"(?:'\\*"?)?)?)?$/
const MAX_QUOTED = 24

/** The characters that count as the wanted one: a form writes a plus for a space, Base64 a dash for a plus. */
export function writingsOf(wanted: number): readonly number[] {
  return wanted === SPACE ? [SPACE, PLUS] : wanted === PLUS ? [PLUS, DASH] : [wanted]
}

function isAlike(code: number | undefined, wanted: number): boolean {
  return code === wanted || (wanted === SPACE && code === PLUS) || (wanted === PLUS && code === DASH)
}

/**
 * The index at which the prefix begins that ends before the last of the characters; -1 where it does not stand there.
 * What escapes a character of it, or of what follows it, belongs to it.
 */
export function prefixIndex({ codes }: Characters, low: number, prefix: string, isWordNext: boolean): number {
  let index = codes.length
  const skipEscapers = (wanted: number): void => {
    while (index > low && codes[index - 1] !== wanted && isEscaper(codes[index - 1]!)) index--
  }
  if (!isWordNext) skipEscapers(prefix.charCodeAt(prefix.length - 1))
  for (let left = prefix.length - 1; left >= 0; left--) {
    const code = index > low ? codes[index - 1] : undefined
    if (!isAlike(code, prefix.charCodeAt(left))) return -1
    index--
    skipEscapers(prefix.charCodeAt(left - 1))
  }
  return index
}

/** How a suffix goes on from an index of the characters. */
class SuffixReader {
  /** Whether the characters ended before it was decided. */
  isOpen = false

  readonly #codes: readonly number[]

  readonly #isBreak: (index: number) => boolean

  constructor(codes: readonly number[], isBreak: (index: number) => boolean) {
    this.#codes = codes
    this.#isBreak = isBreak
  }

  /** The index after one such character, with what escapes it; -1 where it does not stand there. */
  once(wanted: number, from: number): number {
    let at = from
    while (this.#codes[at] !== wanted && this.#isPassed(this.#codes[at])) {
      if (isLineEnd(this.#codes[at++]!)) while (this.#codes[at] === SPACE) at++
    }
    this.isOpen ||= at >= this.#codes.length
    return isAlike(this.#codes[at], wanted) && !this.#isBreak(at) ? at + 1 : -1
  }

  /** The index after so many of them, each written once, twice or in a shell's quotes. */
  group(wanted: number, count: number, from: number): number {
    if (wanted === BACKSLASH) return this.#backslashes(count, from)
    if (wanted === APOSTROPHE) {
      const quoted = this.#each(count, from, (at) => this.#quoted(at))
      if (quoted >= 0) return quoted
    }
    if (DOUBLED.includes(String.fromCharCode(wanted))) {
      const doubled = this.#each(2 * count, from, (at) => this.once(wanted, at))
      // the second of two quotes ends what the value stands in, unless a third one does
      const isEnd = count === 1 && (wanted === APOSTROPHE || wanted === DOUBLE_QUOTE)
      if (doubled >= 0 && (!isEnd || this.once(wanted, doubled) >= 0)) return doubled
    }
    return this.#each(count, from, (at) => this.once(wanted, at))
  }

  #isPassed(code: number | undefined): boolean {
    return code !== undefined && CLASS[code] !== KEPT && !isNoise(code)
  }

  #each(count: number, from: number, next: (at: number) => number): number {
    let at = from
    for (let rest = count; rest > 0 && at >= 0; rest--) at = next(at)
    return at
  }

  #quoted(from: number): number {
    const written = String.fromCharCode(...this.#codes.slice(from, from + MAX_QUOTED))
    const found = QUOTED.exec(written)
    if (found !== null) return from + found[0].length
    this.isOpen ||= from + written.length === this.#codes.length && BEGUN_QUOTED.test(written)
    return -1
  }

  /** Each writer doubles them; those that are over escape the quote after them. */
  #backslashes(count: number, from: number): number {
    let run = 0
    while (this.#codes[from + run] === BACKSLASH) run++
    this.isOpen ||= from + run >= this.#codes.length
    if (run < count) return -1
    if (this.#codes[from + run] !== DOUBLE_QUOTE) return from + run
    let own = count
    while (own * 2 <= run) own *= 2
    return from + own
  }
}

/**
 * The index at which the suffix ends that begins at `from`: all of it or none (-1); and whether more text may decide. As
 * it is, it holds a line end only where it is needed.
 */
export function suffixIndex(
  { codes }: Characters,
  from: number,
  suffix: string,
  isNeeded: boolean,
  isBreak: (index: number) => boolean,
): { readonly index: number; readonly isOpen: boolean } {
  const reader = new SuffixReader(codes, isBreak)
  let at = from
  for (let index = 0, count = 1; index < suffix.length && at >= 0; index += count) {
    count = 1
    while (suffix[index + count] === suffix[index]) count++
    at = reader.group(suffix.charCodeAt(index), count, at)
  }
  // as it is, where a sign of it was taken for a doubled one
  const rest = at < 0 && (isNeeded || !/[\r\n]/.test(suffix)) ? codes.slice(from, from + suffix.length) : []
  const isBegun = rest.every((code, index) => code === suffix.charCodeAt(index))
  const isWhole = isBegun && rest.length === suffix.length
  return { index: isWhole ? from + suffix.length : at, isOpen: reader.isOpen || (at < 0 && isBegun && !isWhole) }
}
