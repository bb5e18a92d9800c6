/**
 * Anchors: the windows by which the skip search finds a needle.
 *
 * A window is best where no writer escapes a character. Where there is no such place, it is entered in every way of
 * writing the characters that are escaped.
 */

import { percentEncode } from '../encode/percent.ts'
import { jsonStringBody } from '../encode/quote.ts'
import { urlSafe } from './base64.ts'
import { type Anchor, isPlain, type Needle } from './needle.ts'
import { CONTROLS, LETTERS, NAMED, NAMES } from './readings.ts'
import type { SkipTable } from './skip-table.ts'

/** A window that begins further behind would not be better. */
const SEARCHED = 48
/** A window as rare as this is taken. */
const ENOUGH = 12
/** Anchors that may share a window before another one is looked for; the forms of one value do. */
const FEW = 8
/** Ways of writing one window; with more, a narrower one is looked for. */
const MAX_WAYS = 192
/** How rare a byte is in logs: windows of rare bytes stop the search less often. */
const RARITY = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[\s"'/.,:;=_[\](){}\\-]/.test(character) ? 0 : /[a-z\d]/.test(character) ? 1 : 3
})

const PAIR = /../g
const LETTER = /[a-f]/
/** So much of a needle is written in each way. */
const BEGINNING = 24
/** What a character counts that nobody escapes, beside its rarity. */
const PLAIN = 32

const upper = (text: string): string => text.toUpperCase()

/** A way of writing a character, with the digits of its code point and, where it is a byte, of that. */
type Family = (character: string, code: string, byte: string) => string

/** Each unit of the character, as JSON writes it. */
const units = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('\\')
const upperUnits = (character: string): string => units(character).replace(/[a-f]/g, upper)

const WRITERS: readonly Family[] = [
  (character) => character,
  (character) => jsonStringBody(character),
  (character, _, byte) =>
    `\\${LETTERS[CONTROLS.indexOf(character)] ?? (/[ -~]/.test(character) ? character : `x${byte}`)}`,
  (_, __, byte) => `%${upper(byte)}`,
  (_, __, byte) => `%${byte}`,
  (character) => `\\${units(character)}`,
  (character) => `\\${upperUnits(character)}`,
  (_, code, byte) => (byte === '' ? `\\U${code.padStart(8, '0')}` : `\\x${byte}`),
  (_, code, byte) => `\\x${upper(byte || code)}`,
  (_, code) => `&#${Number.parseInt(code, 16)};`,
  (_, code) => `&#0${Number.parseInt(code, 16)};`,
  (_, code) => `&#00${Number.parseInt(code, 16)};`,
  (_, code) => `&#x${code};`,
  (_, code) => `&#x${upper(code)};`,
  (_, code) => `&#x${upper(code.padStart(4, '0'))};`,
  (character) => (NAMED.includes(character) ? `&${NAMES[NAMED.indexOf(character)]};` : character),
  (character) => `\\\\\\${character}`,
  (character) => `^${character}`,
  (character) => `\`${character}`,
  (character) => character + character,
  (character) => (character === ' ' ? '+' : character === "'" ? "'\\''" : character),
]

const lower = (text: string): string => text.replace(/%../g, (found) => found.toLowerCase())
/** What may become of a character where others are written in a certain way: nothing, or what a second writer does. */
type Around = (text: string) => readonly string[]

const AROUND: readonly Around[] = [
  (text) => [text],
  (text) => [jsonStringBody(text), jsonStringBody(text).replaceAll('/', '\\/')],
  (text) => [encoded(text)],
  (text) => [lower(encoded(text))],
]
/** Each of them alone, in a JSON string, and in a URL. */
const FAMILIES = AROUND.flatMap((around) => WRITERS.map((write) => [write, around] as const))

function encoded(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text : percentEncode(text)
}

/** How characters may be written by each family. */
const known = new Map<string, Spellings>()

/** What is left out of a text before it is looked at once more: a window that holds it is not found then. */
const LEFT_OUT = /[\n\r\x1b\u200b-\u200f\u2060-\u2064\ufeff\xad]|\\[nrux]/

/** Enters the needle in one of the tables, the widest that has a place for it where nothing is left out. */
export function addAnchors(needle: Needle, tables: readonly SkipTable[]): void {
  const { text, form } = needle
  const length = text.includes('\n') ? text.replaceAll('\n', '').length : text.length
  const usable = tables.filter(({ width }) => width <= length)
  const isClean = (table: SkipTable): boolean => {
    const at = rarest(needle, table)
    return table.width > 1 && !LEFT_OUT.test(text.slice(at, at + table.width))
  }
  for (const table of !LEFT_OUT.test(text) ? usable : [...usable.filter(isClean), ...usable]) {
    const ways = form === 'hex' || form === 'decimal' ? waysOfBytes(needle, table) : waysOfText(needle, table)
    if (ways.length > MAX_WAYS && table.width > 1) continue
    for (const anchor of ways) {
      table.add(anchor)
      needle.entry.anchors.push(anchor)
    }
    return
  }
}

/**
 * The beginnings, from a character on, of texts that count as the needle: both alphabets of base64, digits in two cases
 * and separated or not, lines joined.
 */
export function writingsOf({ text, form }: Needle, from = 0): readonly string[] {
  const part = text.slice(from, from + BEGINNING)
  switch (form) {
    case 'hex': {
      const written = [part, part.replace(PAIR, '$& '), part.replace(PAIR, '$&:')]
      return LETTER.test(part) ? [...written, ...written.map(upper)] : written
    }
    case 'decimal':
      return [part, part.replaceAll(',', ', '), part.replace(/,(\d+)/g, (_, digits) => `, ${digits.padStart(3)}`)]
    case 'base64':
      return /[+/]/.test(part) ? [part, urlSafe(part)] : [part]
    default:
      return part.includes('\n') ? [part.replaceAll('\n', ''), part.replaceAll('\n', ' ')] : [part]
  }
}

/** A number is in nobody's way of writing but its own. */
function waysOfBytes(needle: Needle, table: SkipTable): Anchor[] {
  const { text, form } = needle
  let at = 0
  while (
    form === 'hex' &&
    at < Math.min(SEARCHED, text.length - 2 * table.width) &&
    table.crowd(anchorOf(needle, table, text, at, at)) > FEW
  ) {
    at += 2
  }
  return anchorsOf(writingsOf(needle, at), needle, table, at)
}

function anchorsOf(written: readonly string[], needle: Needle, table: SkipTable, at: number): Anchor[] {
  return written.map((way) => anchorOf(needle, table, way, at))
}

function waysOfText(needle: Needle, table: SkipTable): Anchor[] {
  const { text, form } = needle
  const { width } = table
  const at = rarest(needle, table)
  const anchors: Anchor[] = []
  if (isAllPlain(text, at, at + width)) anchors.push(anchorOf(needle, table, text, at, at))
  else {
    const ways = new Set<string>()
    for (const written of writingsOf(needle, at)) addWays(written, width, ways)
    anchors.push(...anchorsOf([...ways], needle, table, at))
  }
  if (form !== 'base64') {
    // each byte percent-encoded
    let bytes = ''
    for (let index = 0; index < width; index++) bytes += `%${text.charCodeAt(index).toString(16).padStart(2, '0')}`
    if (bytes.length === 3 * width) {
      for (const written of new Set([bytes, upper(bytes)])) anchors.push(anchorOf(needle, table, written, 0))
    }
  }
  return anchors
}

function isAllPlain(text: string, from: number, to: number): boolean {
  let at = from
  while (at < to && isPlain(text.charCodeAt(at))) at++
  return at === to
}

/** The windows at the beginning of the text as each family of writers makes them, which may escape a character or not. */
function addWays(text: string, width: number, ways: Set<string>): void {
  const characters = [...text.slice(0, width)]
  const spellings = characters.map(spellingsOf)
  const seen = new Set<number>()
  for (let family = 0; family < FAMILIES.length && ways.size <= MAX_WAYS; family++) {
    let key = 0
    for (const spelling of spellings) if (spelling !== undefined) key = key * FAMILIES.length + spelling.alike[family]!
    if (seen.has(key)) continue
    seen.add(key)
    let begun = ['']
    for (let index = 0; index < characters.length && begun.length > 0; index++) {
      const longer: string[] = []
      for (const written of spellings[index]?.written[family] ?? [characters[index]!]) {
        for (const beginning of begun) {
          const way = beginning + written
          if (way.length < width) longer.push(way)
          else ways.add(way.slice(0, width))
        }
      }
      begun = longer
    }
  }
}

/** How a character may be written, by family. */
interface Spellings {
  readonly written: readonly (readonly string[])[]
  /** The first family that writes it in the same way. */
  readonly alike: readonly number[]
}

/** How a character may be written; undefined where nobody escapes it. */
function spellingsOf(character: string): Spellings | undefined {
  const code = character.codePointAt(0)!
  if (isPlain(code)) return undefined
  const made = known.get(character)
  if (made !== undefined) return made
  const digits = code.toString(16)
  const byte = code < 256 ? digits.padStart(2, '0') : ''
  const written = FAMILIES.map(([write, around]) => {
    const all = around(write(character, digits, byte))
    // nobody escapes one character beyond ASCII and not the next
    return code > 127
      ? all
      : [...new Set([character, ...around(character), ...all, ...(character === ' ' ? ['+', '%2B'] : [])])]
  })
  const keys = written.map((all) => all.join('\n'))
  const spellings = { written, alike: keys.map((key) => keys.indexOf(key)) }
  if (code < 128) known.set(character, spellings)
  return spellings
}

/** Where the window begins that has the most characters that nobody escapes, and the rarest. */
function rarest(needle: Needle, table: SkipTable): number {
  const { text } = needle
  const { width } = table
  const enough = width * PLAIN + ENOUGH
  const mayBeLeftOut = LEFT_OUT.test(text)
  let best = -1
  let at = 0
  // windows that many needles share cost all of them
  const isCrowded = (place: number): boolean => table.crowd(anchorOf(needle, table, text, place, place)) > FEW
  // as many characters as the window has stand behind it, borders of lines not counted
  let last = text.length
  for (let rest = width; rest > 0; ) rest -= Number(text[--last] !== '\n')
  for (let place = 0; place <= Math.min(SEARCHED, last); place++) {
    let score = 0
    for (let index = place; index < place + width; index++) {
      const code = text.charCodeAt(index)
      if (isPlain(code)) score += PLAIN + RARITY[code]!
    }
    if (mayBeLeftOut && LEFT_OUT.test(text.slice(place, place + width))) score = 0
    if (score <= best || (score >= enough - ENOUGH && isCrowded(place))) continue
    best = score
    at = place
    if (best >= enough) break
  }
  return at
}

/** The window in a way of writing the needle, which begins with its character at `at`. */
function anchorOf(needle: Needle, table: SkipTable, written: string, at: number, from = 0): Anchor {
  let low = 0
  let high = 0
  for (let index = 0; index < table.width; index++) {
    const byte = written.charCodeAt(from + index) & 255
    if (index < 4) low |= byte << (index * 8)
    else high |= byte << (index * 8)
  }
  return { needle, table, at, low, high, next: undefined }
}
