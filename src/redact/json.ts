/**
 * Redaction inside JSON text: valid JSON in, valid JSON out.
 *
 * A mask is laid over whole escapes, over whole scalars, and over every key and scalar that a match across tokens
 * touches; punctuation stays.
 */

import type { Span } from './spans.ts'

const COLON = /\s*:\s*/y
const SCALAR = /[^\s{}[\]:,"]+/y

/** Where the string or scalar ends that begins there; the offset itself where neither does. */
function tokenEnd(json: string, start: number): number {
  if (json[start] !== '"') {
    SCALAR.lastIndex = start
    return SCALAR.test(json) ? SCALAR.lastIndex : start
  }
  let index = start + 1
  while (json[index] !== '"') index += json[index] === '\\' ? 2 : 1
  return index + 1
}

/** Where the value ends that begins there, whatever is in it. */
function valueEnd(json: string, start: number): number {
  let index = start
  let depth = 0
  do {
    if ('[{'.includes(json[index]!)) depth++
    else if (']}'.includes(json[index]!)) depth--
    index = Math.max(index + 1, tokenEnd(json, index))
  } while (depth > 0)
  return index
}

/** Where the character or escape ends that begins there. */
function unitEnd(json: string, start: number): number {
  if (json[start] !== '\\') return start + 1
  return start + (json[start + 1] === 'u' ? 6 : 2)
}

/** The valid JSON text, still valid, with the spans masked, and the value of each sensitive name. */
export function writeJson(
  json: string,
  spans: readonly Span[],
  maskOf: (label: string) => string,
  isSensitive: ((name: string) => boolean) | undefined,
): string {
  let output = ''
  let from = 0
  let current = 0
  const put = (start: number, end: number, mask: string): void => {
    output += json.slice(from, start) + mask
    from = end
  }
  const maskString = (start: number, end: number): void => {
    let unit = start
    for (; current < spans.length && spans[current]!.start < end; current++) {
      const span = spans[current]!
      const mask = maskOf(span.first.label)
      // a match across tokens masks all of each, and is looked at again in the next
      if (span.start < start || span.end > end) {
        put(Math.max(start, from), end, from > start ? '' : mask)
        return
      }
      let first = unit
      for (; unit < span.end; unit = unitEnd(json, unit)) if (unit <= span.start) first = unit
      if (first < from || (first === from && from > start)) from = Math.max(from, unit)
      else put(first, unit, mask)
    }
  }
  for (let index = 0; index < json.length; ) {
    const after = tokenEnd(json, index)
    if (after > index) {
      while (current < spans.length && spans[current]!.end <= index) current++
      const span = spans[current]
      const isTouched = span !== undefined && span.start < after
      if (json[index] === '"') {
        if (isTouched) maskString(index + 1, after - 1)
        COLON.lastIndex = after
        if (isSensitive !== undefined && COLON.test(json)) {
          const start = COLON.lastIndex
          const isHidden = !json.startsWith('null', start) && isSensitive(JSON.parse(json.slice(index, after)))
          if (isHidden) put(start, valueEnd(json, start), `"${maskOf('')}"`)
        }
      } else if (isTouched) put(index, after, `"${maskOf(span.first.label)}"`)
    }
    index = Math.max(index + 1, after, from)
  }
  return output + json.slice(from)
}
