/** Characters: what each of them is to the search. */

/** Not compared: blanks, quotes, what escapes the next character, control characters, what nobody sees. */
export const DROPPED = 0
/** Compared. */
export const KEPT = 1
/** The first character of an escape or of a terminal sequence, perhaps. */
export const INTRODUCER = 2

export const TAB = 9
export const ESCAPE = 27
export const SPACE = 32
export const PERCENT = 37
export const BACKSLASH = 92
/** The end of a line. */
export const LINE_END = /\r\n?|\n/
/** The bit by which letters of two cases differ. */
export const CASE = 32
const NOISE = ' "$%\'+'
const ESCAPERS = '\\^`'
/** `\`, `%`, `&`, ESC, and the first bytes of a soft hyphen, a zero-width character and a byte order mark in UTF-8. */
const SPECIALS = '\\%&\x1b\xc2\xe2\xef'

/** The class of each UTF-16 unit in a text. */
export const CLASS: Uint8Array = new Uint8Array(65_536).fill(KEPT)
/** The class of each unit once nothing is left to undo: `KEPT` or `DROPPED`. */
export const DECODED: Uint8Array = new Uint8Array(65_536).fill(KEPT)
const isInvisible = new Uint8Array(65_536)

for (const character of `${NOISE}${ESCAPERS}\x7f`) DECODED[character.charCodeAt(0)] = DROPPED
DECODED.fill(DROPPED, 0, 32)
for (const [first, last] of [
  [0xad, 0xad],
  [0x200b, 0x200f],
  [0x2060, 0x2064],
  [0xfeff, 0xfeff],
] as const) {
  DECODED.fill(DROPPED, first, last + 1)
  isInvisible.fill(1, first, last + 1)
}
CLASS.set(DECODED)
for (const character of SPECIALS) CLASS[character.charCodeAt(0)] = INTRODUCER

/** Whether nobody sees the unit: a zero-width character, a soft hyphen, a byte order mark. */
export function isUnseen(code: number): boolean {
  return isInvisible[code] === 1
}

/** Whether the unit ends a line. */
export function isLineEnd(code: number): boolean {
  return code === 10 || code === 13
}

/** Whether the unit ends a line or leads to the next column. */
export function isLayout(code: number): boolean {
  return code >= TAB && code <= 13
}

/** Whether it is a blank, a quote, or a sign that writers double or replace: it must have a counterpart in the value. */
export function isNoise(code: number): boolean {
  return code < 128 && NOISE.includes(String.fromCharCode(code))
}

/** Whether writers put it before a character that they escape. */
export function isEscaper(code: number): boolean {
  return code < 128 && ESCAPERS.includes(String.fromCharCode(code))
}

/** The byte that stands for a unit in what is searched: ASCII is itself, all others share the upper half. */
export function byteOf(code: number): number {
  return code < 128 ? code : 128 | ((code ^ (code >> 7)) & 127)
}
