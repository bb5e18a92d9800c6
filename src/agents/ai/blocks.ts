/** One block of what a model writes, such as a text or the input of a tool, as it arrives in pieces. */

import { jsonStringBody } from '../../encode/quote.ts'
import { isJsonScalar, LONGEST_JSON_SCALAR } from '../../json.ts'
import type { ReadonlyRedactor } from '../../redact/redactor.ts'

/** Cleans one block. */
export interface Block {
  /** What can be released after this piece; perhaps nothing. */
  push(delta: string): string
  /** The rest. Nothing can follow it. */
  end(): string
}

/** A block of any text. */
export function textBlock(redactor: Pick<ReadonlyRedactor, 'chunks'>): Block {
  const { push, end } = redactor.chunks<string>()
  return { push, end: () => end() ?? '' }
}

/** What may be between the scalars of JSON; everything else outside of strings is part of one. */
const BETWEEN_SCALARS = /[\s{}[\],:]/
/** Plain characters of a string; one escape; the beginning of one. */
const STRING_PIECE = /[^"\\]+|\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])|\\(?:u[0-9a-fA-F]{0,3})?$/y

/** What blocks are searched with. */
type BlockRedactor = Pick<ReadonlyRedactor, 'chunks' | 'find' | 'text'>

/**
 * A block of JSON, which stays JSON: a value within a string is masked there, and a number that holds one becomes a text.
 *
 * Strings are searched as what they say and written anew, so that no mask can cut an escape in two. Then all of it is
 * searched as text, since in JSON that is broken a value may begin in a string and end outside of it.
 */
export function jsonBlock(redactor: BlockRedactor): Block {
  const json = new JsonBlock(redactor)
  const text = textBlock(redactor)
  return {
    push: (delta) => text.push(json.push(delta)),
    end: () => text.push(json.end()) + text.end(),
  }
}

class JsonBlock implements Block {
  readonly #redactor: BlockRedactor
  /** A scalar, or an escape, that is not yet whole. */
  #held = ''
  /** The string that is being read. */
  #string: Block | undefined
  /** Whether what follows is given on as it is, since it is known not to be JSON. */
  #isText = false

  constructor(redactor: BlockRedactor) {
    this.#redactor = redactor
  }

  push(delta: string): string {
    if (this.#isText) return delta
    const text = this.#held + delta
    this.#held = ''
    let output = ''
    let at = 0
    while (at < text.length) {
      const [released, next] = this.#string === undefined ? this.#readBetween(text, at) : this.#readString(text, at)
      output += released
      at = next
    }
    return output
  }

  end(): string {
    if (this.#string !== undefined) {
      const rest = jsonStringBody(this.#string.end()) + this.#held
      this.#held = ''
      return rest
    }
    return this.#scalar(this.#held) ?? this.#held
  }

  /** What is released from the offset on, and where to go on. */
  #readBetween(text: string, from: number): [released: string, next: number] {
    let at = from
    while (at < text.length && text[at] !== '"' && !BETWEEN_SCALARS.test(text[at]!)) at++
    const run = text.slice(from, at)
    if (at === text.length && run.length <= LONGEST_JSON_SCALAR) {
      this.#held = run
      return ['', at]
    }
    const scalar = this.#scalar(run)
    if (scalar === undefined) return this.#turnToText(text, from)
    if (text[at] === '"') this.#string = textBlock(this.#redactor)
    return [scalar + text[at]!, at + 1]
  }

  #readString(text: string, from: number): [released: string, next: number] {
    if (text[from] === '"') {
      const rest = jsonStringBody(this.#string!.end())
      this.#string = undefined
      return [`${rest}"`, from + 1]
    }
    STRING_PIECE.lastIndex = from
    const piece = STRING_PIECE.exec(text)?.[0]
    if (piece === undefined) {
      const rest = jsonStringBody(this.#string!.end())
      const [released, next] = this.#turnToText(text, from)
      return [rest + released, next]
    }
    const next = from + piece.length
    const isWhole = !piece.startsWith('\\') || piece.length === (piece[1] === 'u' ? 6 : 2)
    if (!isWhole) {
      this.#held = piece
      return ['', next]
    }
    const said = piece.startsWith('\\') ? (JSON.parse(`"${piece}"`) as string) : piece
    return [jsonStringBody(this.#string!.push(said)), next]
  }

  /** A whole scalar, a text where it holds a value; undefined for anything else. */
  #scalar(run: string): string | undefined {
    if (run === '') return ''
    if (!isJsonScalar(run)) return undefined
    return this.#redactor.find(run).length > 0 ? JSON.stringify(this.#redactor.text(run)) : run
  }

  #turnToText(text: string, from: number): [released: string, next: number] {
    this.#isText = true
    return [text.slice(from), text.length]
  }
}

/** Finds nothing. */
const NO_VALUES: BlockRedactor = {
  chunks: () => ({ push: (text) => text, end: () => undefined }),
  find: () => [],
  text: (text) => text,
}

/** JSON text that is there as a whole; the same text where nothing in it is masked. */
export function maskedJson(text: string, redactor: BlockRedactor): string {
  const [masked, unmasked] = [redactor, NO_VALUES].map((each) => {
    const block = jsonBlock(each)
    return block.push(text) + block.end()
  })
  // strings are written anew, so it may only look different from the given one
  return masked === unmasked ? text : masked!
}
