/**
 * Folding: a text with its escapes undone, whatever they are and however deep, so that a value reads the same in it.
 *
 * No escape is part of another one, so the order in which they are undone does not matter: what a chain of writers
 * makes of a value folds to what the value itself folds to.
 */

/** A folded text. */
export interface Folded {
  readonly text: string
  /** Where each character was written, and where the text ended; undefined where nothing was undone. */
  readonly places: readonly number[] | undefined
  readonly undone: RegExp
}

/** Escapes within escapes; what is deeper stays. */
const MAX_DEPTH = 8
/** Behind a backslash each of them is a character that is not seen. */
export const LETTERS = 'abeEfnrtv'
const CONTROLS = '\x07\b\x1b\x1b\f\n\r\t\v'
const NAMES = ['amp', 'lt', 'gt', 'quot', 'apos']
const NAMED = '&<>"\''
/** Colours, and what nobody sees, as characters and as bytes. */
const UNSEEN =
  /(?:\x1b|\\{1,8}(?:u00|x)1[bB])\[[\d;:?]*[ -/]*[@-~]|[\u200b-\u200f\u2060-\u2064\ufeff\xad]|\xc2\xad|\xe2(?:\x80[\x8b-\x8f]|\x81[\xa0-\xa4])|\xef\xbb\xbf/g
/** Whether a text that is not ASCII has any of it. */
export const MAY_BE_UNSEEN: RegExp = new RegExp(UNSEEN.source)
/** Escapes of a character, or of a byte of it. */
const ESCAPES =
  /\\{1,8}(?:(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|u\{([\da-fA-F]{1,6})\}|U([\da-fA-F]{8}))|([0-3][0-7]{2}))|%([\da-fA-F]{2})|&#[xX]([\da-fA-F]{1,6});|&#(\d{1,7});|&(amp|lt|gt|quot|apos);/
const LETTER = /\\{1,8}([abeEfnrtv])/
/** What is undone, in each way of reading a text: a letter behind a backslash is itself behind `C:\`, say. */
export const READINGS: readonly RegExp[] = [
  new RegExp(`${UNSEEN.source}|${ESCAPES.source}|${LETTER.source}`, 'g'),
  new RegExp(`${UNSEEN.source}|${ESCAPES.source}`, 'g'),
  UNSEEN,
]
const BACKSLASHES = /^\\*/
const MAY_FOLD = /[\\%&\x1b\x80-\uffff]/
/** One of them at a place. */
export const ESCAPE: RegExp = new RegExp(`${ESCAPES.source}|${LETTER.source}`, 'y')
/** What may become an escape, at the end of a text that goes on, itself perhaps percent-encoded. */
export const CUT_OFF: RegExp =
  /(?:\\{1,8}(?:x[\da-fA-F]?|u(?:[\da-fA-F]{0,3}|\{[\da-fA-F]{0,6})|U[\da-fA-F]{0,7}|[0-3][0-7]?)?|&(?:#(?:\d{0,7}|[xX][\da-fA-F]{0,6})|a(?:mp?|p(?:os?)?)?|lt?|gt?|q(?:u(?:ot?)?)?)?|\x1b(?:\[[\d;:?]*[ -/]*)?|\xc2|\xe2[\x80\x81]?|\xef\xbb?)?(?:%[\da-fA-F]?)?$/

/** The text in each of its readings that are different. */
export function foldings(text: string): readonly Folded[] {
  const all = [fold(text)]
  for (const undone of all[0]!.places === undefined ? [] : READINGS.slice(1)) {
    const other = fold(text, undone)
    if (!all.some((known) => known.text === other.text)) all.push(other)
  }
  return all
}

/** The text with what is undone in a reading. */
export function fold(text: string, undone: RegExp = READINGS[0]!): Folded {
  if (!MAY_FOLD.test(text)) return { text, places: undefined, undone }
  let folded = text
  let places: number[] | undefined
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    undone.lastIndex = 0
    let found = undone.exec(folded)
    if (found === null) break
    let from = 0
    let out = ''
    const next: number[] = []
    const copy = (to: number): void => {
      out += folded.slice(from, to)
      for (; from < to; from++) next.push(places === undefined ? from : places[from]!)
    }
    for (; found !== null; found = undone.exec(folded)) {
      // of a run of backslashes those are an escape that a chain of writers makes of one; the others are the text's own
      const run = found[0][0] === '\\' ? BACKSLASHES.exec(found[0])![0].length : 0
      copy(found.index + run - (run & -run))
      const place = places === undefined ? from : places[from]!
      const meaning = meaningOf(found)
      for (let unit = 0; unit < meaning.length; unit++) next.push(place)
      out += meaning
      from = found.index + found[0].length
    }
    copy(folded.length)
    next.push(text.length)
    folded = out
    places = next
  }
  return { text: folded, places, undone }
}

/** The index of the first character that was written there or behind. */
export function indexOf(places: readonly number[] | undefined, place: number): number {
  if (places === undefined) return place
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < place) low = middle + 1
    else high = middle
  }
  return low
}

function meaningOf([, x, u, braced, U, octal, percent, hex, decimal, name, letter]: RegExpExecArray): string {
  if (letter !== undefined) return CONTROLS[LETTERS.indexOf(letter)]!
  if (name !== undefined) return NAMED[NAMES.indexOf(name)]!
  const digits = x ?? u ?? braced ?? U ?? percent ?? hex
  const code = digits === undefined ? Number(decimal ?? `0o${octal ?? 0}`) : Number.parseInt(digits, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\0'
}

/** What a character is to a search. */
export const KEPT = 0
/** May stand anywhere within a value: a line end, a control character, what escapes the next character. */
export const LOOSE = 1
/** Stands only where the value has something of the kind: a quote may be doubled, a space be a plus. */
export const NOISE = 2
/** What is not kept: one character, and all of them. */
export const OTHER: RegExp = /[\0- "$%'+\\^`\x7f]/
export const OTHERS: RegExp = new RegExp(`${OTHER.source}+`, 'g')
/** By character of ASCII; all others are kept. */
export const KINDS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /["'$%+ ]/.test(character) ? NOISE : OTHER.test(character) ? LOOSE : KEPT
})

/** Whether the character ends a line. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 13
}

/** The kind of the character. */
export function kindOf(code: number): number {
  return KINDS[code] ?? KEPT
}
