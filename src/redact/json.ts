/**
 * Redaction inside JSON text: valid JSON in, valid JSON out.
 *
 * A mask is laid over whole escapes, over whole scalars, and over every key and scalar that a match across tokens
 * touches; punctuation stays.
 */

import type { Span } from './spans.ts'

/** A string (offsets of its content, between the quotes) or an unquoted scalar. */
interface Token {
  readonly start: number
  readonly end: number
  readonly isString: boolean
}

const PUNCTUATION = new Set([...'{}[]:, \t\n\r'])

/** The tokens of valid JSON, in order. */
function* tokens(json: string): Generator<Token> {
  let index = 0
  while (index < json.length) {
    const character = json[index]!
    if (character === '"') {
      const start = index + 1
      index = start
      while (index < json.length && json[index] !== '"') index += json[index] === '\\' ? 2 : 1
      yield { start, end: index, isString: true }
      index++
    } else if (PUNCTUATION.has(character)) {
      index++
    } else {
      const start = index
      while (index < json.length && !PUNCTUATION.has(json[index]!)) index++
      yield { start, end: index, isString: false }
    }
  }
}

/** Grows the spans, all inside one string, to the borders of escapes; half an escape would break the string. */
function toEscapeBorders(json: string, token: Token, spans: readonly Span[]): Span[] {
  const grown: Span[] = []
  let index = token.start
  for (const { start, end, label } of spans) {
    let from = start
    let to = end
    while (index < end) {
      const length = json[index] === '\\' ? (json[index + 1] === 'u' ? 6 : 2) : 1
      if (index < start && index + length > start) from = index
      index += length
      if (index > end) to = index
    }
    const last = grown.at(-1)
    if (last !== undefined && from <= last.end) last.end = Math.max(last.end, to)
    else grown.push({ start: from, end: Math.max(to, Math.min(index, token.end)), label })
  }
  return grown
}

/** The valid JSON text with the spans masked so that it stays valid. */
export function writeJson(json: string, spans: readonly Span[], maskOf: (label: string) => string): string {
  let output = ''
  let from = 0
  let current = 0
  for (const token of tokens(json)) {
    while (current < spans.length && spans[current]!.end <= token.start) current++
    let next = current
    while (next < spans.length && spans[next]!.start < token.end) next++
    if (next === current) continue
    const touching = spans.slice(current, next)
    const isInside = token.isString && touching[0]!.start >= token.start && touching.at(-1)!.end <= token.end
    const quote = token.isString ? '' : '"'
    const masks = isInside
      ? toEscapeBorders(json, token, touching)
      : [{ start: token.start, end: token.end, label: touching[0]!.label }]
    for (const mask of masks) {
      output += json.slice(from, mask.start) + quote + maskOf(mask.label) + quote
      from = mask.end
    }
  }
  return output + json.slice(from)
}

/** Whether the text is one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
