/** Where the references of a JSON text stand: in a string, outside of one, or in a comment (RFC 8259 §7, JSON with comments). */

import type { Encoding } from './compiled.ts'

/** A reference that cannot stand where it does. */
export interface Misplaced {
  /** Which reference, counted from 0. */
  readonly index: number
  /** Whether it stands in a key; otherwise it stands directly after a lone backslash. */
  readonly isKey: boolean
}

/** How each reference of a JSON text is written, and the text without comments, a dummy in place of each reference. */
export interface LocatedJson {
  readonly encodings: readonly Encoding[]
  readonly skeleton: string
}

type Place = 'outside' | 'string' | 'line-comment' | 'comment'

const ENCODINGS: Readonly<Record<Place, Encoding>> = {
  outside: 'json-literal',
  string: 'json-string',
  'line-comment': 'json-comment',
  comment: 'json-comment',
}
const TRAILING_COMMA = /,(?=\s*[\]}])/g
// what another engine will fill in: the text is JSON only then
const FOREIGN_TAG = /\{\{|<<|\$\{|<%|\{%/

/** How each reference is written, or the first one that is misplaced. `isLines`: each line is a text of its own. */
export function locateInJson(literals: readonly string[], isLines = false): LocatedJson | Misplaced {
  const reader = new JsonReader(isLines)
  for (const [gap, literal] of literals.entries()) {
    for (let index = 0; index < literal.length; index++) reader.read(literal[index]!)
    if (gap < literals.length - 1) reader.reference(gap)
    if (reader.misplaced !== undefined) return reader.misplaced
  }
  return reader
}

/** Whether the answer of `locateInJson` is a misplaced reference. */
export function isMisplaced(found: LocatedJson | Misplaced): found is Misplaced {
  return 'isKey' in found
}

/** Whether a text is an object or a list in JSON once its references are filled. */
export function isJsonDocument({ skeleton }: LocatedJson): boolean {
  return /^\s*[[{]/.test(skeleton) && isValid(skeleton)
}

/** Whether a text is no JSON, nor will be once another engine has filled in its own tags. `isLines`: each line of it. */
export function isBrokenJson({ skeleton }: LocatedJson, isLines: boolean): boolean {
  if (FOREIGN_TAG.test(skeleton)) return false
  const texts = isLines ? skeleton.split(/[\n\x1e]/).filter((line) => line.trim() !== '') : [skeleton]
  return !texts.every(isValid)
}

function isValid(skeleton: string): boolean {
  try {
    JSON.parse(skeleton.replace(TRAILING_COMMA, ''))
    return true
  } catch {
    return false
  }
}

/** Reads a JSON text character by character, as far as its references need it. */
class JsonReader implements LocatedJson {
  readonly encodings: Encoding[] = []
  readonly #pieces: string[] = []
  misplaced: Misplaced | undefined
  #place: Place = 'outside'
  #isEscaped = false
  #last = ''
  /** A reference in the string that is being read, and in the value that was just read: a colon after it makes it a key. */
  #inString = -1
  #before = -1
  readonly #isLines: boolean

  constructor(isLines: boolean) {
    this.#isLines = isLines
  }

  read(character: string): void {
    const last = this.#last
    this.#last = character
    if (this.#place === 'line-comment' || this.#place === 'comment') this.#readComment(character, last)
    else if (this.#place === 'string') this.#readString(character)
    else this.#readOutside(character, last)
  }

  get skeleton(): string {
    return this.#pieces.join('')
  }

  reference(index: number): void {
    if (this.#isEscaped) this.misplaced = { index, isKey: false }
    this.encodings.push(ENCODINGS[this.#place])
    if (this.#place === 'string') this.#inString = index
    else if (this.#place === 'outside') {
      this.#before = index
      this.#pieces.push('0')
    }
    this.#last = ''
  }

  #readComment(character: string, last: string): void {
    const isEnd = this.#place === 'comment' ? last === '*' && character === '/' : character === '\n'
    if (!isEnd) return
    this.#place = 'outside'
    this.#last = ''
  }

  #readString(character: string): void {
    this.#pieces.push(character)
    if (this.#isEscaped) this.#isEscaped = false
    else if (character === '\\') this.#isEscaped = true
    else if (character === '"' || (character === '\n' && this.#isLines)) {
      this.#place = 'outside'
      this.#before = this.#inString
      this.#inString = -1
    }
  }

  #readOutside(character: string, last: string): void {
    if (last === '/' && (character === '/' || character === '*')) {
      this.#place = character === '/' ? 'line-comment' : 'comment'
      this.#pieces.pop()
      this.#last = ''
      return
    }
    this.#pieces.push(character)
    if (character <= ' ' || character === '/') return
    if (character === ':' && this.#before >= 0) this.misplaced = { index: this.#before, isKey: true }
    if (character === '"') this.#place = 'string'
    this.#before = -1
  }
}
