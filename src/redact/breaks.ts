/** Breaks: places where a terminal, a mail or a pretty-printer may have put something inside a value. */

import { type Joints, LINE_JOINT, NO_JOINT } from './joints.ts'
import { LONGEST_MATCH } from './limits.ts'

/** A break, and how far a value around it may reach. */
export interface Break {
  readonly at: number
  readonly start: number
  readonly end: number
}

// as characters, and as the bytes of a stream
export const ZERO_WIDTH =
  '[\\u200b-\\u200f\\u2060-\\u2064\\ufeff]|\\xc2?\\xad|\\xe2\\x80[\\x8b-\\x8f]|\\xe2\\x81[\\xa0-\\xa4]|\\xef\\xbb\\xbf'
const NEAR_ESCAPE = /\x1b|\\(?:u00|x)1[bB]\[/g
const NEAR_ZERO_WIDTH = new RegExp(ZERO_WIDTH, 'g')

/** All breaks of the text whose sides may belong together, by place. */
export function breaksOf(text: string, isAscii: boolean, joints: Joints): readonly Break[] {
  const finder = new Finder(text, joints)
  finder.addLines('\n')
  const isEscaped = text.includes('\\')
  if (isEscaped) finder.addLines('\\n')
  if (text.includes('\x1b') || (isEscaped && (text.includes('1b[') || text.includes('1B[')))) {
    finder.addAround(NEAR_ESCAPE)
  }
  if (!isAscii) finder.addAround(NEAR_ZERO_WIDTH)
  return finder.breaks.sort((a, b) => a.at - b.at)
}

/** White space, and no character at all. */
export function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

class Finder {
  readonly breaks: Break[] = []
  readonly #text: string
  readonly #joints: Joints

  constructor(text: string, joints: Joints) {
    this.#text = text
    this.#joints = joints
  }

  /** Line ends, as they are or as JSON writes them. */
  addLines(mark: '\n' | '\\n'): void {
    const text = this.#text
    for (let index = text.indexOf(mark); index !== -1; index = text.indexOf(mark, index + mark.length)) {
      let from = index
      let to = index + mark.length
      while (from > 0 && this.#belongs(mark, from)) from--
      while (isBlank(text.charCodeAt(to))) to++
      while (mark === '\\n' && text.startsWith(mark, to)) to += mark.length
      if (from === 0 || to >= text.length) continue
      const joint = this.#joints.kindOf(text.charCodeAt(from - 1), text.charCodeAt(to))
      if (joint === NO_JOINT) continue
      if ((joint & LINE_JOINT) === 0) this.#addWord(from, to)
      else this.#addWide(from, to)
    }
  }

  /** Places inside of which no value has anything of its own, so white space around them is no border. */
  addAround(places: RegExp): void {
    for (const { index } of this.#text.matchAll(places)) this.#addWide(index, index)
  }

  /** `\r` before `\n`, as it is or as JSON writes it, and more backslashes. */
  #belongs(mark: string, from: number): boolean {
    const before = this.#text[from - 1]
    return before === '\r' || (mark === '\\n' && (before === '\\' || this.#text.endsWith('\\r', from)))
  }

  #addWide(from: number, to: number): void {
    const end = Math.min(this.#text.length, to + LONGEST_MATCH)
    this.breaks.push({ at: from, start: Math.max(0, from - LONGEST_MATCH), end })
  }

  #addWord(from: number, to: number): void {
    const text = this.#text
    const last = this.breaks.at(-1)
    // what the last one reaches is not measured again: many breaks in one word would cost the square
    if (last !== undefined && from >= last.start && to <= last.end) {
      const isWhole = last.end === text.length || isBlank(text.charCodeAt(last.end))
      if (isWhole || to + LONGEST_MATCH <= last.end) {
        this.breaks.push({ ...last, at: from })
        return
      }
    }
    const left = Math.max(0, from - LONGEST_MATCH)
    const right = Math.min(text.length, to + 2 * LONGEST_MATCH)
    let start = from
    let end = to
    while (start > left && !isBlank(text.charCodeAt(start - 1))) start--
    while (end < right && !isBlank(text.charCodeAt(end))) end++
    this.breaks.push({ at: from, start, end })
  }
}
