/**
 * Finds our references in a text, in one pass from left to right.
 *
 * It looks for names, not for tags: everything that does not lead up to one of our names is bytes, so a foreign tag can
 * neither be an error nor swallow one of ours. No position is looked at more than a fixed number of times.
 */

import { backslashesBefore } from '../encode/quote.ts'
import type { Delimiters } from '../location.ts'
import { type InvalidReference, MALFORMED, type Name, readReference } from './grammar.ts'
import type { Syntax } from './syntax.ts'

/**
 * A stretch of the text that does not come out as it is.
 *
 * Its `content` is a name (the stretch is a reference), an invalid reference (nothing is cut), or undefined: backslashes that
 * go away.
 */
export interface Cut {
  /** Where the stretch begins: the first of the backslashes that go away, or the opening delimiter. */
  readonly start: number
  readonly end: number
  /** Where the opening delimiter stands. */
  readonly index: number
  readonly content: Name | InvalidReference | undefined
  /** What a backslash made literal, where it would have been a reference. */
  readonly silenced: Name | undefined
}

/** UTF-16 code units of a whole reference; the longest sensible one has about 350. */
const MAX_REFERENCE_LENGTH = 2_048
const UNCLOSED: InvalidReference = Object.freeze({ code: 'ERR_UNCLOSED_REFERENCE', filter: undefined })
const WHITE_SPACE = /\s/

/** One opening delimiter before a name. */
interface Opening {
  readonly start: number
  /** Which pair opened it. */
  readonly pair: number
  readonly isTriple: boolean
}

/** The reference in a cut; undefined where a backslash made it text, or where it does not follow the grammar. */
export function nameIn({ content }: Cut): Name | undefined {
  return content?.code === undefined ? content : undefined
}

/** The cuts of a text in order. The reading ends at the invalid reference that makes `maxInvalid`. */
export function scan(text: string, syntax: Syntax, maxInvalid: number): readonly Cut[] {
  const closers = new Closers(text, syntax.delimiters)
  const cuts: Cut[] = []
  let invalid = 0
  let floor = 0
  for (let name = nextName(text, 0, syntax); name !== undefined; name = nextName(text, floor, syntax)) {
    const cut = referenceAt(text, syntax, closers, name)
    floor = name.end
    if (cut === undefined) continue
    cuts.push(cut)
    if (cut.content?.code === undefined) floor = Math.max(floor, cut.end)
    else if (++invalid >= maxInvalid) break
  }
  return cuts
}

/** Where the openings stand that a backslash must go before, so that no name of the text is a reference any more. */
export function openingsIn(text: string, syntax: Syntax): readonly number[] {
  const { delimiters } = syntax
  const closers = new Closers(text, delimiters)
  const indexes: number[] = []
  for (let name = nextName(text, 0, syntax); name !== undefined; name = nextName(text, name.end, syntax)) {
    const openings = openingsBefore(text, delimiters, name)
    if (openings.length === 0) continue
    // what does not close yet may do so where the text will stand
    const { opening } = leftmostClosing(openings, closers, name) ?? { opening: leftmostDouble(openings) }
    if (!isForeign(text, delimiters, name, opening)) indexes.push(opening.start)
  }
  return indexes
}

/** Where a name stands, and how far back the text before it is still unread. */
interface NameAt {
  readonly floor: number
  readonly start: number
  readonly end: number
}

/** The next name that begins at `floor` or later. */
function nextName(text: string, floor: number, { nameStart }: Syntax): NameAt | undefined {
  nameStart.lastIndex = floor
  const match = nameStart.exec(text)
  return match === null ? undefined : { floor, start: match.index, end: nameStart.lastIndex }
}

function referenceAt(text: string, syntax: Syntax, closers: Closers, name: NameAt): Cut | undefined {
  const { delimiters } = syntax
  const openings = openingsBefore(text, delimiters, name)
  if (openings.length === 0) return undefined
  const chosen = leftmostClosing(openings, closers, name)
  // what does not close could be any of them: one foreign reading is enough to leave it alone
  const readings = chosen === undefined ? openings : [chosen.opening]
  if (readings.some((opening) => isForeign(text, delimiters, name, opening))) return undefined
  const { start: index, pair } = chosen?.opening ?? leftmostDouble(openings)
  const backslashes = backslashesBefore(text, index, name.floor)
  const start = index - Math.ceil(backslashes / 2)
  const isSilenced = backslashes % 2 === 1
  if (chosen === undefined) {
    if (isSilenced) return { start, end: index, index, content: undefined, silenced: undefined }
    return { start: index, end: index, index, content: UNCLOSED, silenced: undefined }
  }
  const { end } = chosen
  const content =
    end - index > MAX_REFERENCE_LENGTH ? MALFORMED : readReference(text.slice(index, end), delimiters[pair]!, syntax)
  if (!isSilenced) return { start, end, index, content, silenced: undefined }
  return { start, end: index, index, content: undefined, silenced: content.code === undefined ? content : undefined }
}

/** The opening that begins first among those that close, and the end of its closing delimiter. */
function leftmostClosing(
  openings: readonly Opening[],
  closers: Closers,
  name: NameAt,
): { readonly opening: Opening; readonly end: number } | undefined {
  let chosen: { readonly opening: Opening; readonly end: number } | undefined
  for (const opening of openings) {
    if (chosen !== undefined && opening.start >= chosen.opening.start) continue
    const end = closers.endAfter(name.end, opening)
    if (end >= 0) chosen = { opening, end }
  }
  return chosen
}

/** `${{ … }}` belongs to GitHub Actions; before another delimiter a dollar sign is text. */
function isForeign(
  text: string,
  delimiters: readonly Delimiters[],
  { floor }: NameAt,
  { start, pair }: Opening,
): boolean {
  return delimiters[pair]![0] === '{{' && start > floor && text[start - 1] === '$'
}

/** Every opening delimiter that leads up to the name through nothing but white space, `&` or the third brace. */
function openingsBefore(text: string, delimiters: readonly Delimiters[], { floor, start }: NameAt): readonly Opening[] {
  let end = skipSpaceBack(text, start, floor)
  const hasAmpersand = end > floor && text[end - 1] === '&'
  if (hasAmpersand) end = skipSpaceBack(text, end - 1, floor)
  const hasBrace = !hasAmpersand && end > floor && text[end - 1] === '{'
  const openings: Opening[] = []
  for (let pair = 0; pair < delimiters.length; pair++) {
    const open = delimiters[pair]![0]
    const double = end - open.length
    if (double >= floor && text.startsWith(open, double)) openings.push({ start: double, pair, isTriple: false })
    const triple = double - 1
    if (hasBrace && triple >= floor && text.startsWith(open, triple)) {
      openings.push({ start: triple, pair, isTriple: true })
    }
  }
  return openings
}

/** Where an error points: at the double form, since a third brace that does not close is a literal brace. */
function leftmostDouble(openings: readonly Opening[]): Opening {
  const doubles = openings.filter(({ isTriple }) => !isTriple)
  return (doubles.length > 0 ? doubles : openings).reduce((best, next) => (next.start < best.start ? next : best))
}

function skipSpaceBack(text: string, from: number, floor: number): number {
  let at = from
  while (at > floor && WHITE_SPACE.test(text[at - 1]!)) at--
  return at
}

/** The next closing delimiter of each pair; what was found is kept, so that hostile text is not searched again. */
class Closers {
  readonly #text: string
  readonly #closers: readonly string[]
  readonly #next: number[]

  constructor(text: string, delimiters: readonly Delimiters[]) {
    this.#text = text
    this.#closers = delimiters.flatMap(([, close]) => [close, `}${close}`])
    this.#next = this.#closers.map(() => 0)
  }

  /** The end of the closing delimiter of an opening, or -1. A triple form closes no later than a double one would. */
  endAfter(from: number, { pair, isTriple }: Opening): number {
    const double = this.#find(pair * 2, from)
    if (!isTriple) return double < 0 ? -1 : double + this.#closers[pair * 2]!.length
    const triple = this.#find(pair * 2 + 1, from)
    return triple < 0 || triple > double ? -1 : triple + this.#closers[pair * 2 + 1]!.length
  }

  #find(which: number, from: number): number {
    const known = this.#next[which]!
    if (known < 0 || known >= from) return known
    const found = this.#text.indexOf(this.#closers[which]!, from)
    this.#next[which] = found
    return found
  }
}
