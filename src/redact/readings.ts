/**
 * Readings: which characters may be meant at a place of a text, whatever escapes it is written in.
 *
 * An escape may itself be escaped, so each reading is read again: `%5C%22`, `\\\"` and `&amp;quot;` are all a quote.
 */

/** A character, or the two units of one, and where the text goes on. */
export type Reading = readonly [character: string, end: number]

/** Readings of one place; more are not looked at. */
const MAX_READINGS = 12
/** No single escape is longer. */
export const LONGEST_ESCAPE = 16
/** What an escape reads that the end of the text cuts off: any character, beyond it. */
const CUT_OFF: Reading = ['', Number.POSITIVE_INFINITY]
/** Letters behind a backslash, and the control characters that they stand for. */
export const LETTERS = 'abEfnrtve0'
export const CONTROLS = '\x07\b\x1b\f\n\r\t\v\x1b\0'
/** Names of entities, and the characters that they stand for. */
export const NAMES = ['amp', 'lt', 'gt', 'quot', 'apos']
export const NAMED = '&<>"\''

/** What may follow a character that begins an escape, and what may follow it at the end of a text that goes on. */
const RULES: ReadonlyMap<string, readonly [RegExp, RegExp?]> = new Map<string, readonly [RegExp, RegExp?]>([
  [
    '\\',
    [
      /x(?<x>[\dA-Fa-f]{2})|u(?<u>[\dA-Fa-f]{4})|u\{(?<v>[\dA-Fa-f]{1,6})\}|U(?<U>[\dA-Fa-f]{8})|(?<octal>[0-3][0-7]{2})|(?<letter>[abefnrtvE0])|[\W_]/y,
      /^(?:x[\dA-Fa-f]?|u[\dA-Fa-f]{0,3}|u\{[\dA-Fa-f]{0,6}|U[\dA-Fa-f]{0,7}|[0-3][0-7]?)?$/,
    ],
  ],
  ['%', [/(?<x>[\da-f]{2})/iy, /^[\da-f]?$/i]],
  [
    '&',
    [
      /(?:(?:#|%23)(?:x(?<x>[\da-f]{1,6})|(?<decimal>\d{1,7}))|(?<name>amp|lt|gt|quot|apos))(?:;|%3B)/iy,
      /^(?:(?:#|%(?:23?)?)(?:\d{0,7}|x[\da-f]{0,6})|a(?:mp?|p(?:os?)?)?|lt?|gt?|q(?:u(?:ot?)?)?)?(?:%3?)?$/i,
    ],
  ],
  ['^', [/[\W_]/y, /^$/]],
  ['`', [/[\W_]/y, /^$/]],
  ['+', [/(?:)/y]],
])

/** Every character that the text may mean there; `''` where it ends within an escape. */
export function readings(text: string, at: number): readonly Reading[] {
  const all: Reading[] = [[text.charAt(at), at + 1]]
  for (let index = 0; index < all.length && index < MAX_READINGS; index++) {
    const [character, end] = all[index]!
    const rule = RULES.get(character)
    if (rule === undefined) continue
    const [whole, part] = rule
    whole.lastIndex = end
    const found = whole.exec(text)
    let reading: Reading | undefined
    if (found !== null) reading = [meaningOf(character, found), end + found[0].length]
    else if (end + LONGEST_ESCAPE > text.length && part?.test(text.slice(end))) reading = CUT_OFF
    if (reading !== undefined && !all.some(([other, to]) => other === reading[0] && to === reading[1]))
      all.push(reading)
  }
  return all
}

/** Characters that are written twice, or quoted between two strings, where they would end what they stand in. */
export const DOUBLED = '\'"$%'
const REQUOTED = /\\+''|(\\*)"'\1"'/y
const PART_OF_REQUOTED = /^(?:\\+'?|\\*"(?:'(?:\\*"?)?)?)$/

/** Where the second of two ends, the first of which is read from `at` to `end`; -1 where there is only one. */
export function doubledEnd(text: string, [character, end]: Reading, at: number): number {
  const once = text.slice(at, end)
  if (text.startsWith(once, end)) return end + once.length
  if (character === "'") {
    REQUOTED.lastIndex = end
    if (REQUOTED.test(text)) return REQUOTED.lastIndex
  }
  const rest = text.slice(end, end + LONGEST_ESCAPE)
  const isCutOff = once.startsWith(rest) || (character === "'" && PART_OF_REQUOTED.test(rest))
  return isCutOff && end + LONGEST_ESCAPE > text.length ? text.length : -1
}

function meaningOf(character: string, { 0: whole, groups = {} }: RegExpExecArray): string {
  const { x, u, v, U, decimal, octal, letter, name } = groups
  const hexadecimal = x ?? u ?? v ?? U
  const code = hexadecimal === undefined ? Number(decimal ?? `0o${octal}`) : Number.parseInt(hexadecimal, 16)
  if (code <= 0x10ffff) return String.fromCodePoint(code)
  if (letter !== undefined) return CONTROLS[LETTERS.indexOf(letter)]!
  if (name !== undefined) return NAMED[NAMES.indexOf(name.toLowerCase())]!
  if (character === '+') return ' '
  return '\\^`'.includes(character) ? whole : character
}

/** Where the text goes on behind what is no part of a value, such as a line end; more than so many are not left out. */
const MAX_SKIPPED = 8
const ANSI = /\[[\d;:?]*[ -/]*[@-~]/y
const PART_OF_ANSI = /^(?:\[[\d;:?]*[ -/]*)?$/
// as characters, and as the bytes of a stream
const ZERO_WIDTH =
  /[\u200b-\u200f\u2060-\u2064\ufeff\xad]|\xc2\xad|\xe2(?:\x80[\x8b-\x8f]|\x81[\xa0-\xa4])|\xef\xbb\xbf/y
const PART_OF_ZERO_WIDTH = /^(?:\xc2|\xe2[\x80\x81]?|\xef\xbb?)$/
const INDENTATION = /[ \t]*/y
const ENCODED_INDENTATION = /(?:[ +]|%(?:25)*(?:20|09|2B))*/iy

/** Whether the character ends a line. */
export function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r'
}

function endOf(rule: RegExp, text: string, at: number): number {
  rule.lastIndex = at
  return rule.test(text) ? rule.lastIndex : -1
}

/** The place itself, and each behind line ends with their indentation, ANSI sequences and zero-width characters. */
export function placesFrom(text: string, at: number): readonly number[] {
  const places = new Set([at])
  for (const place of places) {
    if (places.size > MAX_SKIPPED || place >= text.length) break
    const invisible = endOf(ZERO_WIDTH, text, place)
    if (invisible > 0) places.add(invisible)
    else if (PART_OF_ZERO_WIDTH.test(text.slice(place, place + 3)) && place + 3 > text.length) places.add(text.length)
    for (const [character, end] of readings(text, place)) {
      if (isLineEnd(character))
        places.add(end).add(endOf(text[place] === '%' ? ENCODED_INDENTATION : INDENTATION, text, end))
      if (character !== '\x1b') continue
      const colour = endOf(ANSI, text, end)
      if (colour > 0) places.add(colour)
      else if (PART_OF_ANSI.test(text.slice(end))) places.add(text.length)
    }
  }
  return [...places].sort((a, b) => a - b)
}
