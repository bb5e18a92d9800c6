/** Where the references of a JSON text stand: inside a string or outside of one (RFC 8259 §7). */

import type { Encode } from './plan.ts'

/** Why a reference cannot stand where it does. */
export interface JsonFault {
  /** Which reference, counted from 0. */
  readonly part: number
  readonly isKey: boolean
}

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58

/** How each reference is written, or the first one that stands in a key or behind a lone backslash. */
export function locateInJson(literals: readonly string[]): readonly Encode[] | JsonFault {
  const encodes: Encode[] = []
  let isInString = false
  let isEscaped = false
  let inString = -1 // a reference in the string that is being read
  let before = -1 // a reference in the value that was just read: a colon after it makes it a key
  for (let gap = 0; gap < literals.length; gap++) {
    const literal = literals[gap]!
    for (let index = 0; index < literal.length; index++) {
      const code = literal.charCodeAt(index)
      if (isEscaped) isEscaped = false
      else if (isInString) {
        if (code === BACKSLASH) isEscaped = true
        else if (code === QUOTE) {
          isInString = false
          before = inString
          inString = -1
        }
      } else if (code === QUOTE) {
        isInString = true
        before = -1
      } else if (code > 32) {
        if (code === COLON && before >= 0) return { part: before, isKey: true }
        before = -1
      }
    }
    if (gap === literals.length - 1) break
    if (isEscaped) return { part: gap, isKey: false }
    encodes.push(isInString ? 'json-string' : 'json-literal')
    if (isInString) inString = gap
    else before = gap
  }
  return encodes
}
