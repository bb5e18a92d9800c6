/**
 * Escapes: every way to write a character as several, and every sequence that a terminal does not show.
 *
 * All are paths of characters through one table, so that a new one is one more line here. State 0 is between escapes.
 */

import { BACKSLASH, ESCAPE } from './characters.ts'

/** The escape goes on. */
export const UNFINISHED = -1
/** It stands for the number that was read. */
export const NUMBER = -2
/** It stands for nothing that is seen. */
export const INVISIBLE = -3
/** It begins the title of a window or a link: not seen where it stands, and long. */
export const TITLE = -4

/** Digits of a parameter of a terminal sequence: with more, it may be a value. */
const MAX_PARAMETER = 4
const CODES = 256
const MAX_STATES = 128
const DECIMAL = '0123456789'
const OCTAL = '01234567'
const HEX_DIGITS = '0123456789abcdefABCDEF'

const nextStates = new Uint8Array(MAX_STATES * CODES)
/** Of a state that ends an escape, the character it stands for or one of the above. */
export const MEANINGS: Int16Array = new Int16Array(MAX_STATES).fill(UNFINISHED)
/** What the number read so far is multiplied by before the digit that led here is added; 0 where it was none. */
export const RADIXES: Uint8Array = new Uint8Array(MAX_STATES)
/** Whether the escape, should it end, is not seen. */
export const IS_UNSEEN: Uint8Array = new Uint8Array(MAX_STATES)
/** Whether only the first character was read. */
export const IS_BEGUN: Uint8Array = new Uint8Array(MAX_STATES)
/** What a digit is worth. */
export const DIGIT_VALUES: Uint8Array = new Uint8Array(CODES)

let states = 1
const ends = new Map<string, number>()

/** The state after a character, 0 where no escape goes on so. */
export function stateAfter(state: number, code: number): number {
  return code < CODES ? nextStates[state * CODES + code]! : 0
}

/** Leads from a state by each of the characters to one state, which may be given. */
function lead(from: number, characters: string, to?: number): number {
  const known = stateAfter(from, characters.charCodeAt(0))
  if (known !== 0) return known
  const state = to ?? states++
  for (let at = 0; at < characters.length; at++) nextStates[from * CODES + characters.charCodeAt(at)] = state
  return state
}

/** Adds an escape: the characters that may stand at each place of it, what it stands for, and the radix of its digits. */
function add(path: readonly string[], meaning: number, radix = 0): void {
  let state = 0
  for (const [index, characters] of path.entries()) {
    const added = HEX_DIGITS.startsWith(characters) ? radix : 0
    const key = `${meaning} ${added}`
    const isEnd = index === path.length - 1
    state = lead(state, characters, isEnd ? ends.get(key) : undefined)
    if (isEnd) ends.set(key, state)
    RADIXES[state] = added
    IS_UNSEEN[state] = Number(meaning < NUMBER)
    if (index === 0) IS_BEGUN[state] = 1
  }
  MEANINGS[state] = meaning
}

/** Adds an escape of a number that has one digit, or more up to `most`, and an end. */
function addNumber(start: readonly string[], digit: string, radix: number, most: number, end: string): void {
  const path = [...start]
  for (let count = 1; count <= most; count++) {
    path.push(digit)
    add([...path, end], NUMBER, radix)
  }
}

const range = (first: number, last: number): string =>
  String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, index) => first + index))
const hexClasses = (count: number): readonly string[] => new Array<string>(count).fill(HEX_DIGITS)

// RFC 3986 §2.1
add(['%', ...hexClasses(2)], NUMBER, 16)
// JSON, JavaScript, C, Go, Python; a run of backslashes is one, since each writer doubles those of the one before
add(['\\', 'x', ...hexClasses(2)], NUMBER, 16)
add(['\\', 'u', ...hexClasses(4)], NUMBER, 16)
addNumber(['\\', 'u', '{'], HEX_DIGITS, 16, 6, '}')
add(['\\', 'U', ...hexClasses(8)], NUMBER, 16)
add(['\\', '0123', OCTAL, OCTAL], NUMBER, 8)
for (const [index, letter] of [...'abeEfnrtv'].entries())
  add(['\\', letter], '\x07\b\x1b\x1b\f\n\r\t\v'.charCodeAt(index))
const backslashes = stateAfter(0, 92)
lead(backslashes, '\\', backslashes)
/** After a run of backslashes that something unseen ended: one more is not part of it. */
export const ENDED_BACKSLASHES: number = states++
nextStates.copyWithin(ENDED_BACKSLASHES * CODES, backslashes * CODES, (backslashes + 1) * CODES)
nextStates[ENDED_BACKSLASHES * CODES + 92] = 0
IS_BEGUN[ENDED_BACKSLASHES] = 1
// HTML and XML
for (const [index, name] of ['amp;', 'lt;', 'gt;', 'quot;', 'apos;'].entries()) {
  add(['&', ...name], '&<>"\''.charCodeAt(index))
}
addNumber(['&', '#'], DECIMAL, 10, 7, ';')
addNumber(['&', '#', 'xX'], HEX_DIGITS, 16, 6, ';')
// terminals (ECMA-48): colours and the cursor, character sets, titles and links
const FINAL = `@\`{|}~${range(0x41, 0x5a)}${range(0x61, 0x7a)}`
const csi = lead(lead(0, '\x1b'), '[')
for (let digits = 0, state = csi; digits <= MAX_PARAMETER; state = lead(state, DECIMAL), digits++) {
  const start = ['\x1b', '[', ...new Array<string>(digits).fill(DECIMAL)]
  add([...start, FINAL], INVISIBLE)
  // of the characters between, those that begin no escape themselves
  add([...start, ' !"#$\'*', FINAL], INVISIBLE)
  lead(state, ':;<=>?', csi)
}
add(['\x1b', '()*+', range(0x30, 0x5a)], INVISIBLE)
add(['\x1b', ']'], TITLE)
// soft hyphens, zero-width characters and byte order marks as bytes of UTF-8
add(['\xc2', '\xad'], INVISIBLE)
add(['\xe2', '\x80', range(0x8b, 0x8f)], INVISIBLE)
add(['\xe2', '\x81', range(0xa0, 0xa4)], INVISIBLE)
add(['\xef', '\xbb', '\xbf'], INVISIBLE)

for (const digit of HEX_DIGITS) DIGIT_VALUES[digit.charCodeAt(0)] = Number.parseInt(digit, 16)

const BEL = 7
/** What ends a title, as it is or in an escape. */
const TITLE_END = /\x07|\x1b\\|\\(?:u00|x)(?:07|1[bB]\\\\)/y

/** Where what ends a title at the offset is over; -1 where nothing does. */
export function titleEnd(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code !== BEL && code !== ESCAPE && code !== BACKSLASH) return -1
  TITLE_END.lastIndex = at
  return TITLE_END.test(text) ? TITLE_END.lastIndex : -1
}
