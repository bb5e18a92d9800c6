/** Views: a text without what stands inside of values but is not theirs, and the way back to the text. */

import { IGNORED, ignored } from './breaks.ts'
import { LONGEST_MATCH } from './limits.ts'
import { lastUpTo } from './spans.ts'

/** Between neighbourhoods that have nothing to do with each other. */
const SEPARATOR = '\n\0\n'
/** What a later chunk may turn out to be inside of a value. */
const ignoredInTail = new RegExp(
  `${IGNORED}|(?:\\r+|\\xc2|\\xe2[\\x80\\x81]?|\\xef\\xbb?|\\x1b(?:\\[[0-9;:?]*[ -/]*)?|\\\\{1,8}(?:r\\\\{0,8})?)$`,
  'g',
)
const JSON_ESCAPE = /\\(?:u([\da-f]{4})|(.))/gi

/** A derived text and where its characters stand in the original. */
export class View {
  text = ''
  readonly #pieces: { readonly derived: number; readonly original: number }[] = []

  /** The part of the text from start to end without what matches, or with something in its place. */
  add(text: string, start: number, end: number, left: RegExp, instead?: (found: RegExpMatchArray) => string): void {
    const part = text.slice(start, end)
    let from = 0
    for (const found of part.matchAll(left)) {
      this.#put(part.slice(from, found.index), start + from)
      if (instead !== undefined) this.#put(instead(found), start + found.index)
      from = found.index + found[0].length
    }
    this.#put(part.slice(from), start + from)
  }

  #put(text: string, original: number): void {
    if (text === '') return
    this.#pieces.push({ derived: this.text.length, original })
    this.text += text
  }

  /** The neighbourhoods of some places of the text, in order, without what is no part of a value. */
  static around(text: string, places: readonly number[]): View {
    const view = new View()
    let end = 0
    for (let index = 0; index < places.length; index++) {
      const start = Math.max(end, places[index]! - LONGEST_MATCH)
      // those that meet are one
      do end = Math.min(text.length, places[index]! + LONGEST_MATCH)
      while (index + 1 < places.length && places[index + 1]! - LONGEST_MATCH <= end && ++index > 0)
      view.add(text, start, end, ignored)
      view.#put(SEPARATOR, end)
    }
    return view
  }

  /** The end of a stream's text as it may go on. */
  static ofTail(text: string, start: number): View {
    const view = new View()
    view.add(text, start, text.length, ignoredInTail)
    return view
  }

  /** JSON text with every escape undone: whatever the writer chose to escape, the value stands there. */
  static unescaped(json: string): View {
    const view = new View()
    view.add(json, 0, json.length, JSON_ESCAPE, ([, unit, letter]) => {
      if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16))
      return '\b\f\n\r\t'['bfnrt'.indexOf(letter!)] ?? letter!
    })
    return view
  }

  /** The offset in the original. */
  original(index: number): number {
    const piece = this.#pieces[lastUpTo(this.#pieces, index, (item) => item.derived)]!
    return piece.original + index - piece.derived
  }

  /** An offset of the original, or, where that was left out, the beginning of what was. */
  outside(offset: number): number {
    const at = lastUpTo(this.#pieces, offset, (item) => item.original)
    if (at < 0) return offset
    const length = (this.#pieces[at + 1]?.derived ?? this.text.length) - this.#pieces[at]!.derived
    return Math.min(offset, this.#pieces[at]!.original + length)
  }
}
