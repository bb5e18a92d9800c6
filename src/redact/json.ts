/**
 * Redaction inside JSON text: valid JSON in, valid JSON out.
 *
 * A mask is laid over whole escapes and over whole scalars; of a match across tokens each gets its own. Punctuation
 * stays.
 */

import type { Span } from './matches.ts'

/** A colon with what is between it and the value, a scalar that is no string, or what is between two members. */
const OTHER = /:\s*|[\w.+-]+|[\s,]+/y

/** The valid JSON text, still valid, with the spans masked, and the value of each of the lower-case names. */
export function writeJson(
  json: string,
  spans: readonly Span[],
  maskOf: (label: string) => string,
  names: ReadonlySet<string>,
): string {
  let output = ''
  let from = 0
  let current = 0
  let name = 0
  /** Where the value of a sensitive name begins: it ends with the first token behind which nothing in it is open. */
  let hidden = Infinity
  let open = 0

  const put = (start: number, end: number, mask: string): void => {
    output += json.slice(from, start) + mask
    from = end
  }
  /** Masks the place if a span touches it; characters of a string that follow one another share a mask. */
  const cover = (start: number, end: number, quote: string): void => {
    while (current < spans.length && spans[current]!.end <= start) current++
    const span = spans[current]
    if (span === undefined || span.start >= end || start >= hidden) return
    put(start, end, quote === '' && from === start ? '' : quote + maskOf(span.label) + quote)
  }

  for (let at = 0, end = 0; at < json.length; at = end) {
    const token = json[at]!
    end = at + 1
    if (token === '"') {
      name = at
      while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1
      for (
        let unit = at + 1, next = 0;
        unit < end && current < spans.length && spans[current]!.start < end;
        unit = next
      ) {
        next = unit + (json[unit] !== '\\' ? 1 : json[unit + 1] === 'u' ? 6 : 2)
        cover(unit, next, '')
      }
      end++
    } else if (token === '{' || token === '[') open++
    else if (token === '}' || token === ']') open--
    else {
      OTHER.lastIndex = at
      OTHER.test(json)
      end = OTHER.lastIndex
      if (token === ':') {
        const isValue = names.size > 0 && at < hidden && !json.startsWith('null', end)
        if (isValue && names.has(JSON.parse(json.slice(name, at)).toLowerCase())) {
          hidden = end
          open = 0
        }
      } else if (token > ',') cover(at, end, '"')
    }
    if (end > hidden && open === 0) {
      put(hidden, end, `"${maskOf('')}"`)
      hidden = Infinity
    }
  }
  return output + json.slice(from)
}
