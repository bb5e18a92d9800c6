/** Where the references of a JSON text stand: inside a string or outside of one (RFC 8259 §7). */

import type { Encoding } from './compiled.ts'

/** A reference that cannot stand where it does. */
export interface Misplaced {
  /** Which reference, counted from 0. */
  readonly index: number
  /** Whether it stands in a key; otherwise it stands directly after a lone backslash. */
  readonly isKey: boolean
}

/** How each reference is written, or the first one that is misplaced. */
export function locateInJson(literals: readonly string[]): readonly Encoding[] | Misplaced {
  const encodings: Encoding[] = []
  let isInString = false
  let isEscaped = false
  let inString = -1 // a reference in the string that is being read
  let before = -1 // a reference in the value that was just read: a colon after it makes it a key
  for (const [gap, literal] of literals.entries()) {
    for (let index = 0; index < literal.length; index++) {
      const character = literal[index]!
      if (isEscaped) isEscaped = false
      else if (isInString && character === '\\') isEscaped = true
      else if (isInString && character === '"') {
        isInString = false
        before = inString
        inString = -1
      } else if (!isInString && character > ' ') {
        if (character === ':' && before >= 0) return { index: before, isKey: true }
        isInString = character === '"'
        before = -1
      }
    }
    if (gap === literals.length - 1) break
    if (isEscaped) return { index: gap, isKey: false }
    if (isInString) {
      encodings.push('json-string')
      inString = gap
    } else {
      encodings.push('json-literal')
      before = gap
    }
  }
  return encodings
}

/** Whether the answer of `locateInJson` is a misplaced reference. */
export function isMisplaced(found: readonly Encoding[] | Misplaced): found is Misplaced {
  return !Array.isArray(found)
}
