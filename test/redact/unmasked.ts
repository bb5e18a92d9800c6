/** Which writings are not masked completely: the value must be gone, and nothing else. */

import type { Writer } from './writers.ts'
import { type Findings, faultsIn, MASK, type Writing } from './writings.ts'

const GRAM = 5
const SHOWN = 90
/** Neither the armor of a key, nor the line ends and the indentation between lines, is a piece of a value. */
/** Nor is the quote before the first name of JSON, after its brace and a line end. */
const QUOTE =
  '\n  &quot; \n  \\&quot; \n  `&quot; \n  ^&quot; \n  &amp;amp;amp;amp;quot;\n  &#34; \n  &#0034; \n  &#x22; \n  &#x0022; '
const ARMOR = '-----BEGIN PRIVATE KEY----- -----END PRIVATE KEY-----\nPRIVATE KEY-----\n-----END\n-----BEGIN\nKEY'
const LAYOUT = /[\s-]|\\+[nrt]|%(?:25)*0[AD]?/gi
const FEWEST_READABLE = 3
const isReadable = (gram: string): boolean => gram.replace(LAYOUT, '').length >= FEWEST_READABLE

const gramsOf = (text: string): string[] =>
  Array.from({ length: Math.max(1, text.length - GRAM + 1) }, (_, at) => text.slice(at, at + GRAM))

/** Runs of what was written for the value that can still be read. */
function leftOvers(parts: readonly string[], redacted: string, around: string): string[] {
  const readable = new Set(redacted.split(MASK).flatMap(gramsOf))
  return parts.flatMap(gramsOf).filter((gram) => readable.has(gram) && !around.includes(gram) && isReadable(gram))
}

/** What is wrong with a writing as it was redacted, or undefined. */
function faultOf({ whole, start, end, parts, kept }: Writing, redacted: string): string | undefined {
  if (redacted === kept[0] + MASK + kept[1]) return undefined // nearly all of them
  const left = whole.slice(0, start)
  const shown = JSON.stringify(redacted.slice(Math.max(0, start - 8)).slice(0, SHOWN))
  if (!redacted.includes(MASK)) return `no mask: ${shown}`
  if (!redacted.startsWith(kept[0])) return `the text before is gone: ${JSON.stringify(redacted.slice(0, SHOWN))}`
  if (!redacted.endsWith(kept[1])) return `the text after is gone: ${JSON.stringify(redacted.slice(-SHOWN))}`
  const rest = leftOvers(parts, redacted, `${left}\n${whole.slice(end)}\n${ARMOR}\n${QUOTE}`)
  return rest.length === 0
    ? undefined
    : `can be read (${JSON.stringify(rest[0])} and ${rest.length - 1} more): ${shown}`
}

/** The writings of a table of which something can still be read. */
export function unmaskedIn(writers: readonly Writer[], values: Readonly<Record<string, string>>): Findings {
  return faultsIn(writers, values, ({ text }, writing) => {
    const fault = faultOf(writing, text(writing.whole))
    return fault === undefined ? [] : [fault]
  })
}
