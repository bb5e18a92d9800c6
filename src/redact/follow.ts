/** Following: a needle and a folded text, character by character. */

import { isLineEnd, kindOf, LOOSE, NOISE } from './fold.ts'
import type { Needle } from './needle.ts'

/** The folded text ends before the needle does. */
export const OPEN = -1
/** The needle does not stand there. */
export const ELSE = -2
/** No kept character with what stands before it is longer, most of the time. */
export const LONGEST_ESCAPE = 16
const HYPHEN = 45
const SLASH = 47
const COLON = 58
const UNDERSCORE = 95
/** The bit by which letters of two cases differ; digits have it. */
const CASE = 32

/** The character as that needle has it, or the negative kind of one that is not kept. */
export function read({ form }: Needle, code: number): number {
  // digits may be separated and in two cases, and base64 has two alphabets
  if (form === 'hex') return code === COLON ? -LOOSE : -kindOf(code) || code | CASE
  if (form === 'base64' && (code === HYPHEN || code === UNDERSCORE)) return code === HYPHEN ? -NOISE : SLASH
  return -kindOf(code) || code
}

/** Whether it stands for what is between two kept characters. */
export function isBorder(wanted: string): boolean {
  return wanted === ' ' || wanted === '\n'
}

/** Follows the needle, from an index of it, from a kept character on: gives where it ends, `OPEN`, or another negative number. */
export function follow(folded: string, from: number, needle: Needle, begun = 0): number {
  const { wanted, form } = needle
  const isSeparable = form === 'hex' || form === 'decimal'
  let between = 0
  let isBroken = false
  let at = from
  for (let index = begun; index < wanted.length; at++) {
    if (at >= folded.length) return between >= NOISE && !isSeparable && !isBorder(wanted[index]!) ? ELSE : OPEN
    const code = read(needle, folded.charCodeAt(at))
    if (code < 0) {
      isBroken ||= isLineEnd(folded.charCodeAt(at))
      // behind a line end it is indentation
      between |= isBroken ? LOOSE : -code
      continue
    }
    if (isBorder(wanted[index]!)) {
      if (wanted[index++] === ' ' && between === 0) return ELSE
    } else if (between >= NOISE && !isSeparable) return ELSE
    between = 0
    isBroken = false
    if (code !== wanted.charCodeAt(index++)) return ELSE
  }
  return at
}
