/**
 * Breaks: places where a terminal, a mail or a pretty-printer may have put something inside a value.
 *
 * Only where a window of a value stands across such a place, or up to one, is the text looked at without it: most
 * texts have line ends, and hardly any inside a value.
 */

import { type Anchor, listed } from './pattern.ts'

/** Zero-width characters, as they are and as the bytes of a stream. */
const ZERO_WIDTH =
  '[\\u200b-\\u200f\\u2060-\\u2064\\ufeff]|\\xc2?\\xad|\\xe2(?:\\x80[\\x8b-\\x8f]|\\x81[\\xa0-\\xa4])|\\xef\\xbb\\xbf'
/**
 * What is no part of a value: ANSI colours, zero-width characters, line ends with the indentation behind them, also as
 * JSON writes them, and white space in lists of numbers. A look-behind starts at the first of many backslashes only.
 */
export const IGNORED = `\\x1b\\[[0-9;:?]*[ -/]*[@-~]|${ZERO_WIDTH}|(?:\\r*\\n|(?<!\\\\)\\\\{1,8}(?:r\\\\{1,8})?n)[ \\t]*|(?<=\\d,)\\s+`
export const ignored = new RegExp(IGNORED, 'g')
/** Values that something other than a line end interrupts leave no window whole: such texts are looked at twice. */
export const scattered = new RegExp(`\\x1b|${ZERO_WIDTH}`)
/** The widest window but one. */
const SIDE = 7
const NEAR = 80
/** How many bytes may meet. */
export const JOINT = 2 * NEAR

/** White space, and no other character. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Fills in the bytes that meet at each line end, as it is or as JSON writes it, and visits it with their number. */
export function eachJoint(
  text: string,
  mark: '\n' | '\\n',
  bytes: DataView,
  visit: (index: number, length: number) => void,
): void {
  for (let index = text.indexOf(mark); index !== -1; index = text.indexOf(mark, index + 1)) {
    let to = index + mark.length
    while (isBlank(text.charCodeAt(to))) to++
    let isNear = false
    for (let side = 0; side < 2 * SIDE; side++) {
      // no character is 0
      const code = text.charCodeAt(side < SIDE ? index - SIDE + side : to - SIDE + side)
      bytes.setUint8(side, code)
      isNear ||= code === 10 || code === 13 || code === 92
    }
    visit(index, isNear ? fillNear(text, index, bytes) : 2 * SIDE)
  }
}

/** The same where one window may hold several line ends. */
function fillNear(text: string, index: number, bytes: DataView): number {
  const joint = text.slice(Math.max(0, index - NEAR), index + NEAR).replace(ignored, '')
  for (let at = 0; at < joint.length; at++) bytes.setUint8(at, joint.charCodeAt(at))
  return joint.length
}

/** Finds where, from an offset on, something stands that may be no part of a value; offsets must not fall. */
export function createForeignFinder(text: string): (from: number) => number {
  const foreign = /[\s\\\x1b\x80-\uffff]|$/g
  let found = -1
  return (from) => {
    if (found < from) {
      foreign.lastIndex = from
      found = foreign.exec(text)!.index
    }
    return found
  }
}

/** Whether the pattern, whose window stands there, is right up to something foreign on one side or both. */
export function isBroken(text: string, position: number, { pattern, at }: Anchor, next: number): boolean {
  const { text: wanted, normal } = pattern
  // its window may be one with spaces
  if (normal === listed) return true
  let before = at
  while (before > 0 && isAlike(text, position - at + before - 1, wanted, before - 1)) before--
  const index = position - at + before - 1
  // what ends there is white space, or the n of a line end as JSON writes it
  if (before > 0 && !isBlank(text.charCodeAt(index)) && text[index - 1] !== '\\') return false
  const piece = text.slice(position, Math.min(next, position + wanted.length))
  return wanted.startsWith(normal === undefined ? piece : normal(piece), at)
}

function isAlike(text: string, index: number, wanted: string, at: number): boolean {
  return ((text.charCodeAt(index) ^ wanted.charCodeAt(at)) & ~32) === 0
}
