/** The search of one text in one table, block by block. */

import type { Anchor } from './pattern.ts'
import type { SkipTable } from './skip-table.ts'

/** Characters looked at in one go. */
const BLOCK = 16_384
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second. */
const OVERLAP = 7
const encoder = new TextEncoder()

/** Visits each anchor whose window stands in the text, from left to right; tells whether the text is ASCII. */
export type Search = (text: string, table: SkipTable, visit: (anchor: Anchor, position: number) => void) => boolean

/** A search with a block of its own. */
export function createSearch(): Search {
  const bytes = new Uint8Array(BLOCK + ROOM)
  const view = new DataView(bytes.buffer)
  return (text, table, visit) => {
    let isAscii = true
    for (let base = 0; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
      const { read, written } = encoder.encodeInto(piece, bytes)
      if (written !== piece.length || read !== written) {
        isAscii = false
        for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
      }
      table.search(view, piece.length, (anchor, position) => visit(anchor, base + position))
    }
    return isAscii
  }
}
