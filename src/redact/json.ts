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

/** What replaces a part of the text. */
interface Mask {
  readonly start: number
  end: number
  readonly text: string
}

const SPACE_AND_COLON = /\s*:\s*/y
const SCALAR = /[^\s{}[\]:,"]+/y

/** The tokens of valid JSON, in order. */
function* tokens(json: string, from: number): Generator<Token> {
  for (let index = from; index < json.length; index++) {
    if (json[index] === '"') {
      const start = index + 1
      for (index = start; json[index] !== '"'; index++) if (json[index] === '\\') index++
      yield { start, end: index, isString: true }
      continue
    }
    SCALAR.lastIndex = index
    if (!SCALAR.test(json)) continue
    yield { start: index, end: SCALAR.lastIndex, isString: false }
    index = SCALAR.lastIndex - 1
  }
}

/** Grows the spans, all inside one string, to the borders of escapes; half an escape would break the string. */
function toEscapeBorders(json: string, token: Token, spans: readonly Span[]): readonly Span[] {
  const grown: Span[] = []
  let index = token.start
  for (const { start, end, first } of spans) {
    let from = start
    while (index < end) {
      const length = json[index] === '\\' ? (json[index + 1] === 'u' ? 6 : 2) : 1
      if (index < start && index + length > start) from = index
      index += length
    }
    const last = grown.at(-1)
    if (last !== undefined && from <= last.end) last.end = Math.max(last.end, index)
    else grown.push({ start: from, end: Math.max(end, index), first })
  }
  return grown
}

/** Where the value ends that begins there, whatever is in it. */
function valueEnd(json: string, start: number): number {
  const first = json[start]!
  if (first !== '{' && first !== '[') {
    const { end, isString } = tokens(json, start).next().value as Token
    return isString ? end + 1 : end
  }
  let depth = 0
  for (let index = start; ; index++) {
    const character = json[index]!
    if (character === '"') index = (tokens(json, index).next().value as Token).end
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return index + 1
  }
}

/**
 * The valid JSON text with the spans masked so that it stays valid, and with the value of each sensitive name masked.
 */
export function writeJson(
  json: string,
  spans: readonly Span[],
  maskOf: (label: string) => string,
  isSensitive: (name: string) => boolean,
): string {
  const masks: Mask[] = []
  let current = 0
  let hidden = 0
  for (const token of tokens(json, 0)) {
    if (token.start < hidden) continue
    SPACE_AND_COLON.lastIndex = token.end + 1
    if (token.isString && SPACE_AND_COLON.test(json)) {
      const start = SPACE_AND_COLON.lastIndex
      if (!json.startsWith('null', start) && isSensitive(JSON.parse(json.slice(token.start - 1, token.end + 1)))) {
        hidden = valueEnd(json, start)
      }
    }
    while (current < spans.length && spans[current]!.end <= token.start) current++
    let next = current
    while (next < spans.length && spans[next]!.start < token.end) next++
    if (next > current) masks.push(...masksIn(json, token, spans.slice(current, next), maskOf))
    if (hidden > token.end) masks.push({ start: SPACE_AND_COLON.lastIndex, end: hidden, text: `"${maskOf('')}"` })
  }
  return apply(json, masks)
}

function masksIn(json: string, token: Token, spans: readonly Span[], maskOf: (label: string) => string): Mask[] {
  const { start, end, isString } = token
  const isInside = isString && spans[0]!.start >= start && spans.at(-1)!.end <= end
  if (!isInside) {
    const text = maskOf(spans[0]!.first.label)
    return [{ start, end, text: isString ? text : `"${text}"` }]
  }
  return toEscapeBorders(json, token, spans).map((span) => ({ ...span, text: maskOf(span.first.label) }))
}

function apply(json: string, masks: readonly Mask[]): string {
  let output = ''
  let from = 0
  for (const { start, end, text } of masks) {
    output += json.slice(from, start) + text
    from = end
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
