/**
 * Redaction inside JSON text: valid JSON in, valid JSON out.
 *
 * A mask replaces whole escapes and whole scalars. Where a match spans several tokens, each gets a mask of its own;
 * punctuation stays.
 */

import type { Span } from './spans.ts'

/** A string, a scalar, a bracket, a colon with the space after it, or what separates members. */
const TOKEN = /".*?(?<!\\)(?:\\\\)*"|[\w.+-]+|[[\]{}]|:\s*|[\s,]+/sy
const STARTS_SCALAR = /[\w-]/

/** The valid JSON text, still valid, with masks for the spans and for the value of each of the lower-case names. */
export function writeJson(
  json: string,
  spans: readonly Span[],
  maskOf: (label: string) => string,
  names: ReadonlySet<string>,
): string {
  // the last one is never reached, so that there always is a next one
  const ahead = [...spans, { label: '', start: json.length, end: json.length + 1 }]
  let next = 0
  let span = ahead[0]!
  let output = ''
  let from = 0

  const replace = (start: number, end: number, mask: string): void => {
    output += json.slice(from, start) + mask
    from = end
  }
  /** Masks the range if a span touches it. Characters of a string that follow each other share a mask. */
  const cover = (start: number, end: number, quote: string): void => {
    while (span.end <= start) span = ahead[++next]!
    if (span.start >= end) return
    const isContinued = quote === '' && from === start
    replace(start, end, isContinued ? '' : quote + maskOf(span.label) + quote)
  }

  // without sensitive names nothing is masked after the last span
  const last = names.size > 0 ? json.length : spans.reduce((_, { end }) => end, 0)
  for (let at = 0, end = 0, name = 0; at < last; at = end) {
    const token = json[at]!
    end = tokenEnd(json, at)
    if (token === '"') {
      name = at
      for (let unit = at + 1, after = unit; after < end - 1 && span.start < end; unit = after) {
        after = unitEnd(json, unit)
        cover(unit, after, '')
      }
    } else if (token !== ':') {
      if (STARTS_SCALAR.test(token)) cover(at, end, '"')
    } else if (names.size > 0) {
      const property = JSON.parse(json.slice(name, at)) as string
      if (names.has(property.toLowerCase()) && !json.startsWith('null', end)) {
        const start = end
        end = valueEnd(json, start)
        replace(start, end, `"${maskOf('')}"`)
      }
    }
  }
  return output + json.slice(from)
}

/** The offset after the character or escape of a string. */
function unitEnd(json: string, start: number): number {
  if (json[start] !== '\\') return start + 1
  return start + (json[start + 1] === 'u' ? 6 : 2)
}

function tokenEnd(json: string, start: number): number {
  TOKEN.lastIndex = start
  TOKEN.test(json)
  return TOKEN.lastIndex
}

/** The offset after the value: after the first token that leaves no bracket open. */
function valueEnd(json: string, start: number): number {
  let end = start
  let open = 0
  do {
    open += Number('[{'.includes(json[end]!)) - Number(']}'.includes(json[end]!))
    end = tokenEnd(json, end)
  } while (open > 0)
  return end
}
