/** Where the value that a parser gave stands in the raw text of its line, and what speaks against replacing it. */

import { isKeyLike } from '../looks/key-looks.ts'
import { isStandIn } from '../template/ordinary-values.ts'
import { isPointer } from '../template/pointers.ts'

/** Why a value is left alone unless it is named: what the parser gave is perhaps not all that was meant. */
export type EnvDoubt =
  /** The line holds more than the value, such as what comes after an unquoted `#`. */
  | 'left-over'
  /** Read literally, between its quotes, the value would be another one: an escape was undone. */
  | 'second-reading'
  /** The value has several lines, or is the beginning of one that does: `{`, or the first line of a key. */
  | 'multi-line'
  /** Another tool reads it: it says where a secret is kept, or is one that this tool has encrypted. */
  | 'pointer'
  /** It is there in place of a value, such as `changeme` or `<your token>`. */
  | 'stand-in'
  /** Some readers would put a variable or the output of a command in place of `$`. */
  | 'expansion'
  /** The name is there several times, and the last one counts. */
  | 'duplicate'
  /** A byte order mark stands before the name, and some readers take it for a part of it. */
  | 'bom'
  /** A secret of this name was deleted. */
  | 'deleted'

/** Where in a text a value stands, in UTF-16 code units. */
export interface ValueSpan {
  readonly start: number
  readonly end: number
  readonly doubts: readonly EnvDoubt[]
}

const QUOTES = ['"', "'", '`']
/** How many quotes are tried as the closing one. */
const MAX_QUOTES = 64
/** The first line of a private key or a certificate. */
const FRAME_BEGINS = /-----BEGIN [^-]+-----/
const FRAME_ENDS = /-----END [^-]+-----/
const EXPANDS = /\$[{(A-Za-z_]|`/

/**
 * The place of a value in the raw text after its `=`.
 *
 * @param from where the raw text begins in the whole text, for the result
 * @returns undefined where the value does not stand there: it must not be replaced
 */
export function locateValue(raw: string, value: string, from: number): ValueSpan | undefined {
  const body = raw.trim()
  const bodyStart = from + raw.length - raw.trimStart().length
  const found = inQuotes(body, value) ?? unquoted(body, value)
  if (found !== undefined) {
    const { at, length, doubts } = found
    return { start: bodyStart + at, end: bodyStart + at + length, doubts: withContent(doubts, value) }
  }
  // a parser that keeps white space at the ends
  const at = raw.trim() === value.trim() ? raw.indexOf(value) : -1
  if (at < 0 || value === '') return undefined
  return { start: from + at, end: from + at + value.length, doubts: withContent(['second-reading'], value) }
}

interface FoundValue {
  readonly at: number
  readonly length: number
  readonly doubts: readonly EnvDoubt[]
}

function inQuotes(body: string, value: string): FoundValue | undefined {
  const quote = QUOTES.find((one) => body.startsWith(one))
  if (quote === undefined) return undefined
  let close = body.indexOf(quote, 1)
  for (let tried = 0; close > 0 && tried < MAX_QUOTES; tried++, close = body.indexOf(quote, close + 1)) {
    const inner = body.slice(1, close)
    const isLiteral = withLineFeeds(inner) === value
    if (!isLiteral && withLineBreaks(inner) !== value) continue
    const doubts: EnvDoubt[] = []
    if (isUnreadRest(body.slice(close + 1))) doubts.push('left-over')
    // a quote or a backslash within is where parsers disagree, whatever this one did
    if (!isLiteral || inner.includes(quote) || (quote === '"' && inner.includes('\\'))) doubts.push('second-reading')
    return { at: 1, length: inner.length, doubts }
  }
  return undefined
}

function unquoted(body: string, value: string): FoundValue | undefined {
  if (value === '' || !body.startsWith(value)) return undefined
  const doubts: EnvDoubt[] = body.length === value.length ? [] : ['left-over']
  if (QUOTES.some((quote) => value.startsWith(quote))) doubts.push('second-reading')
  return { at: 0, length: value.length, doubts }
}

/** After a closing quote, only a comment that white space precedes does not belong to the value. */
function isUnreadRest(rest: string): boolean {
  return rest.trim() !== '' && !/^\s+#/.test(rest)
}

function withContent(doubts: readonly EnvDoubt[], value: string): readonly EnvDoubt[] {
  const all = [...doubts]
  if (/[\r\n]/.test(value) || isBeginning(value)) all.push('multi-line')
  const meant = meantDoubts(value)
  return [...all, ...(EXPANDS.test(value) && !meant.includes('pointer') ? (['expansion'] as const) : meant)]
}

/** What says of a value, in any kind of file, that it is not the secret itself. */
export function meantDoubts(value: string): readonly EnvDoubt[] {
  if (isPointer(value)) return ['pointer']
  return isStandIn(value) && !isKeyLike(value) ? ['stand-in'] : []
}

/** Whether the rest of it stands in later lines: a parser of lines has read the first one of a map, a list or a key. */
function isBeginning(value: string): boolean {
  if (FRAME_BEGINS.test(value) && !FRAME_ENDS.test(value)) return true
  return (value.startsWith('{') && !value.endsWith('}')) || (value.startsWith('[') && !value.endsWith(']'))
}

function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** The escapes that dotenv and Node undo within double quotes. */
function withLineBreaks(text: string): string {
  return withLineFeeds(text).replaceAll('\\n', '\n').replaceAll('\\r', '\r')
}
