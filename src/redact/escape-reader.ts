/**
 * Escapes: what is undone of a text, however nested.
 *
 * An escape is undone as it completes, and what it stands for may be part of the one around it. Within an escape, line
 * breaks with their indentation, colours and what nobody sees do not count, but directly after its first character a
 * line break does: `50%` at the end of a line is no escape. A writer escapes all of a text alike, so what continues an
 * escape was written in at most as many layers as its first character: `%%41` is a percent sign and `A`.
 */

import { BACKSLASH, CLASS, DROPPED, INTRODUCER, isLineEnd, isUnseen, SPACE, TAB } from './characters.ts'
import {
  DIGIT_VALUES,
  ENDED_BACKSLASHES,
  INVISIBLE,
  IS_BEGUN,
  IS_UNSEEN,
  MEANINGS,
  NUMBER,
  RADIXES,
  stateAfter,
  TITLE,
  titleEnd,
  UNFINISHED,
} from './escapes.ts'
import { MAX_ESCAPE, MAX_LEVEL, MAX_TITLE } from './limits.ts'

const MAX_ESCAPE_DEPTH = 2 * MAX_LEVEL + 4
const BACKSLASHES = stateAfter(0, BACKSLASH)
const LAST_CODE = 0x10ffff

/** Reads escapes; a subclass says what becomes of the characters. */
export abstract class EscapeReader {
  /** Where an escape begins that the end of the text cut off; -1 for none. */
  openAt = -1
  /** Where titles and links begin and end. */
  readonly titles: number[] = []
  protected text = ''
  /** Where reading ends, and whether nothing follows there. */
  protected end = 0
  protected isFinal = true
  // the escapes that are open, from the outermost
  #depth = 0
  readonly #states = new Uint8Array(MAX_ESCAPE_DEPTH)
  readonly #numbers = new Float64Array(MAX_ESCAPE_DEPTH)
  readonly #levels = new Uint8Array(MAX_ESCAPE_DEPTH)
  readonly #starts = new Int32Array(MAX_ESCAPE_DEPTH)
  // what they were read from: characters, and from where to where these were written
  #count = 0
  readonly #readCodes = new Int32Array(2 * MAX_ESCAPE)
  readonly #readPlaces = new Int32Array(2 * MAX_ESCAPE)
  readonly #readEnds = new Int32Array(2 * MAX_ESCAPE)
  #position = 0
  /** From here on no further escape of a row is read: far beyond a block each block would read it anew. */
  #rowEnd = 0
  #noTitleBefore = 0

  /** Takes a UTF-16 unit that was written from the offset to the end. */
  protected abstract putUnit(code: number, offset: number, end: number): void

  /** Takes a character that was written from the offset to the end. */
  protected put(code: number, offset: number, end: number): void {
    if (code <= 0xffff) {
      if (!isUnseen(code)) this.putUnit(code, offset, end)
      return
    }
    this.putUnit(0xd800 + ((code - 0x10000) >> 10), offset, end)
    this.putUnit(0xdc00 + (code & 0x3ff), offset, end)
  }

  protected begin(text: string, end: number, isFinal: boolean): void {
    this.text = text
    this.end = end
    this.isFinal = isFinal
    this.openAt = -1
    this.#noTitleBefore = 0
  }

  /**
   * Undoes what may begin with the special character at the offset; gives where to go on.
   *
   * One escape after another is read here, where what one stands for begins the next, as in `%2541`; all else is nested.
   */
  protected undo(offset: number): number {
    const { text } = this
    const last = Math.min(this.end, offset + MAX_ESCAPE)
    let first = text.charCodeAt(offset)
    let at = offset + 1
    for (let level = 0; ; level++) {
      const rest = at
      let state = stateAfter(0, first)
      let before = state
      let number = 0
      let code = 0
      while (state !== 0 && MEANINGS[state] === UNFINISHED && at < last) {
        before = state
        code = text.charCodeAt(at++)
        state = stateAfter(state, code)
        if (RADIXES[state] !== 0) number = number * RADIXES[state]! + DIGIT_VALUES[code]!
      }
      if (state === 0 && endsEscape(code, before, level)) {
        this.put(first, offset, rest)
        for (let index = rest; index < at - 1; index++) this.put(text.charCodeAt(index), index, index + 1)
        return at - 1
      }
      const meaning = MEANINGS[state] === NUMBER ? number : MEANINGS[state]!
      if (meaning === INVISIBLE) return at
      if (this.#isNested(first, meaning, rest, level)) return this.#undoNested(offset, first, level, rest)
      if (stateAfter(0, meaning) === 0 || level + 1 === MAX_LEVEL) {
        this.#putUndone(meaning, offset, at, level === 0 ? ownBackslashes(text, offset) : 0)
        return at
      }
      first = meaning
    }
  }

  /** Takes what an escape stands for, after the backslashes before it that are the text's own. */
  #putUndone(meaning: number, offset: number, end: number, own: number): void {
    for (let index = 0; index < own; index++) this.put(BACKSLASH, offset + index, offset + index + 1)
    this.put(meaning, offset + own, end)
  }

  /** Whether what was read has to be read again as a nested escape: it is none yet, or a run of backslashes is several. */
  #isNested(first: number, meaning: number, rest: number, level: number): boolean {
    if (meaning < 0 || meaning > LAST_CODE) return true
    const isRun = first === BACKSLASH && this.text.charCodeAt(rest) === BACKSLASH
    return isRun && (level > 0 || stateAfter(0, meaning) !== 0 || isUnseen(meaning))
  }

  /** The same for any nesting, and at the end of the text, from the first character of the escape that is not simple. */
  #undoNested(offset: number, first: number, level: number, rest: number): number {
    this.#position = rest
    this.#rowEnd = offset + MAX_ESCAPE
    this.#open(first, level, offset)
    while (this.#depth > 0) {
      if (this.#position >= this.end) {
        if (!this.isFinal) this.openAt = this.#readPlaces[0]!
        else this.#giveUp()
        break
      }
      if (this.#count > 0 && this.#position - this.#readPlaces[0]! >= MAX_ESCAPE) this.#giveUp()
      const at = this.#position++
      const code = this.text.charCodeAt(at)
      if (CLASS[code] !== DROPPED || !this.#isTransparent(code, at)) this.#take(code, at)
    }
    this.#depth = this.#count = 0
    return this.openAt < 0 ? this.#position : this.openAt
  }

  /** Whether the character does not count in the escape around it: it is kept only for the case that there is none. */
  #isTransparent(code: number, at: number): boolean {
    const state = this.#depth === 0 ? 0 : this.#states[this.#depth - 1]!
    if (stateAfter(state, code) !== 0) return false
    if (isUnseen(code)) return true
    if (state === 0 || !isLineEnd(code) || IS_BEGUN[state] === 1 || IS_UNSEEN[state] === 1) return false
    this.#remember(code, at)
    const last = Math.min(this.end, this.#readPlaces[0]! + MAX_ESCAPE)
    while (this.#position < last) {
      const next = this.text.charCodeAt(this.#position)
      if (next !== SPACE && next !== TAB && !isLineEnd(next)) break
      this.#remember(next, this.#position++)
    }
    return true
  }

  /** Takes a character into the innermost open escape; of what completes, goes on. One that ends all of them is left. */
  #take(given: number, offset: number): void {
    let code = given
    /** In how many layers of escapes it was written. */
    let level = 0
    let at = offset
    while (this.#depth > 0) {
      const top = this.#depth - 1
      const state = this.#nextState(code, level)
      if (state === 0) {
        if (this.#open(code, level, at)) return
        this.#giveUp()
        break
      }
      if (RADIXES[state] !== 0) this.#numbers[top] = this.#numbers[top]! * RADIXES[state]! + DIGIT_VALUES[code]!
      const meaning = MEANINGS[state] === NUMBER ? this.#numbers[top]! : MEANINGS[state]!
      if (meaning === UNFINISHED) {
        this.#states[top] = state
        this.#remember(code, at)
        return
      }
      if (meaning > LAST_CODE || (meaning === TITLE && !this.#skipTitle())) {
        this.#giveUp()
        break
      }
      at = this.#close()
      level = this.#levels[top]! + 1
      // as a byte, what nobody sees may be the second of a character
      if (isUnseen(meaning) && this.#nextState(meaning, level) === 0) return
      if (meaning < 0) {
        this.#endBackslashes()
        return
      }
      code = meaning
    }
    this.#goOn(code, level, at)
  }

  /** The character is in no escape any more, and may begin the next one. */
  #goOn(code: number, level: number, at: number): void {
    if (at < this.#rowEnd && this.#open(code, level, at)) return
    if (level === 0 || at >= this.#rowEnd) this.#position = at
    else this.put(code, at, this.#position)
  }

  /** What a terminal does not show ends a row of backslashes. */
  #endBackslashes(): void {
    const top = this.#depth - 1
    if (top >= 0 && this.#states[top] === BACKSLASHES) this.#states[top] = ENDED_BACKSLASHES
  }

  /** The state of the innermost open escape after a character of so many layers. */
  #nextState(code: number, level: number): number {
    const most = this.#depth === 0 ? -1 : this.#levels[this.#depth - 1]!
    // one backslash after another is of the same layer, or begins what continues the escape
    const isPart = code === BACKSLASH ? level === most : level <= most
    return isPart ? stateAfter(this.#states[this.#depth - 1]!, code) : 0
  }

  /** Opens the escape that begins with the character, if one may begin there. */
  #open(code: number, level: number, at: number): boolean {
    const state = stateAfter(0, code)
    if (state === 0 || level >= MAX_LEVEL) return false
    const depth = this.#depth
    if (depth > 0) {
      const outer = this.#states[depth - 1]!
      // what nobody sees may stand in any escape, written in any way, but not in another such sequence
      if (IS_UNSEEN[state] === 1 && IS_UNSEEN[outer] === 1) return false
      // a colour may be written with a backslash where no other character is
      const most = this.#levels[depth - 1]! - Number(code !== BACKSLASH)
      if (depth === MAX_ESCAPE_DEPTH || (IS_UNSEEN[state] === 0 && level > most)) return false
    }
    this.#states[depth] = state
    this.#numbers[depth] = 0
    this.#levels[depth] = level
    this.#starts[depth] = this.#count
    this.#depth = depth + 1
    this.#remember(code, at)
    return true
  }

  /** Closes the innermost escape; gives where it begins. */
  #close(): number {
    const top = this.#depth - 1
    const start = this.#starts[top]!
    let own = start
    if (this.#readCodes[start] === BACKSLASH) {
      // of a run of backslashes those are an escape that a chain of writers makes of one; the others are the text's own
      let run = 1
      while (start + run < this.#count && this.#readCodes[start + run] === BACKSLASH) run++
      own += run - (run & -run)
    }
    this.#count = own
    this.#depth = own === start ? top : this.#depth
    if (own > start) this.#states[top] = BACKSLASHES
    if (own > start) this.#numbers[top] = 0
    return this.#readPlaces[own]!
  }

  #remember(code: number, at: number): void {
    this.#readCodes[this.#count] = code
    this.#readEnds[this.#count] = this.#position
    this.#readPlaces[this.#count++] = at
  }

  /** What was read is no escape, but what it is. */
  #giveUp(): void {
    const count = this.#count
    this.#depth = this.#count = 0
    for (let at = 0; at < count; at++) this.put(this.#readCodes[at]!, this.#readPlaces[at]!, this.#readEnds[at]!)
  }

  /** Passes over a title that ends; it is searched by itself. */
  #skipTitle(): boolean {
    const from = this.#position
    const to = Math.min(this.end, from + MAX_TITLE)
    let at = Math.max(from, this.#noTitleBefore)
    for (; at < to && !isLineEnd(this.text.charCodeAt(at)); at++) {
      const end = titleEnd(this.text, at)
      if (end < 0) continue
      this.titles.push(from, at)
      this.#position = end
      return true
    }
    this.#noTitleBefore = at
    if (at < this.end || this.isFinal) return false
    this.openAt = this.#readPlaces[0]!
    this.#position = this.end
    return true
  }
}

/** How many of a run of backslashes are the text's own: of each, a chain of writers makes a power of two. */
function ownBackslashes(text: string, offset: number): number {
  let run = 0
  while (text.charCodeAt(offset + run) === BACKSLASH) run++
  return run - (run & -run)
}

/** Whether a character that does not continue an escape ends it, so that what was read is what it is. */
function endsEscape(code: number, before: number, level: number): boolean {
  if (CLASS[code] !== INTRODUCER) return !isUnseen(code) && (IS_BEGUN[before] === 1 || !isLineEnd(code))
  if (IS_UNSEEN[stateAfter(0, code)] === 1) return IS_UNSEEN[before] === 1
  return code !== BACKSLASH && level === 0
}
