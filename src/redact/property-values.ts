/**
 * Values under sensitive names in texts: `?access_token=…`, `Authorization: …`, `Cookie: session=…`, `"password":"…"`.
 *
 * Each separator is looked at once, and the name before it a bounded number of characters back, so that the time is
 * linear in the text. Where the end of a value cannot be known, more is masked rather than less.
 */

import { backslashesBefore } from '../encode/quote.ts'
import type { Match } from './matches.ts'
import type { IsSensitive } from './property-names.ts'

/** A name before a separator, and how it stands there. */
interface NameBefore {
  readonly name: string
  readonly start: number
  /** What stands between it and the separator: a quote or a space. */
  readonly gap: string
  /** How many backslashes an escape has in the string that it stands in; 0 in none. */
  readonly escapes: number
}

interface Range {
  readonly start: number
  readonly end: number
  /** Whether a quote was opened and not closed. */
  readonly isOpen?: boolean
}

const NAME_SEPARATOR = /[:=]|%3d/gi
const IN_NAME = /[\w.[\]-]/
const ANY_QUOTE = /["'`]/
const LONGEST_PROPERTY = 128
/** Further on, the quote that closes a value is not looked for: each of many that never close would read the rest of the text. */
const LONGEST_QUOTED = 65_536
/** The escape or percent-encoding of the character before a name, without its first character. */
const REST_OF_ESCAPE = /^(?:u[\da-f]{4}|[\da-f]{2}|[nrt])/i
/** `==`, `=>`, `::` and `://` separate nothing. */
const OTHER_SIGN = /[=>:]|\/\//y
/** A mask, of which the label is not lost when a text is redacted again. */
const MASK = /^\[secret(?::[\w.-]{0,257})?\]$/
const REST_OF_MASK = /[\w.-]{1,257}\]/y
const NO_VALUE = /^(?:null|undefined)\b/
/** A number or a word of JSON or Python, which no other word follows: nothing further belongs to it. */
const LITERAL = /(?:[-+]?\d[\w.+-]*|true|false|none)(?![\w.+-]|:|[ \t]+[^\s,;)}\]\\"'`])/iy
/** What values end with: those of a query, of a word, of a line, of a line in a string that is written with escapes. */
const QUERY_END = /[\s<>`&#]|["'](?!\w)|;\s|%26|%23|(?<!\\)\\+["'nrtu]|$/gi
const WORD_END = /[\s<>`&;]|["'](?!\w)|(?<!\\)\\+["'nrtu]|$/g
const LINE_OR_TEXT_END = /[\r\n]|$/g
const ESCAPED_LINE_END = /[\r\n]|(?<!\\)(?:\\+[nr]|(\\*)")|$/g
const COLOR = /\x1b\[[ -?]*[@-~]/g
const BLANK_OR_COLOR = /[ \t\v]/
const RUN_OF_BACKSLASHES = /\\*/y
/** What ends a sentence or a list rather than a word. */
const PUNCTUATION = /[,.)}\]]/
/** A word before the credentials, and schemes of which they are several. */
const AUTH_SCHEME = /(?:basic|bearer|token|bot|dpop|jwt|splunk|ssws|api-?key)[ \t]+/iy
const LONG_SCHEME = /aws4|digest|hawk|negotiate|ntlm|oauth/iy
/** A line end, perhaps as an escape, and what stands before a header: spaces, and the marks of curl and of mail. */
const AT_LINE_START = /(?:^|[\r\n]|\\[nr])[ \t\v>|<*-]*$/
const MOST_MARKS = 16

/**
 * The values under sensitive names in the text, from left to right; `isEscaped` for the body of a JSON string. One in
 * quotes that is shorter than `longestOpen` and not closed ends with the text, which more may follow.
 */
export function propertyValues(isSensitive: IsSensitive, input: string, longestOpen = 0, isEscaped = false): Match[] {
  // a colour counts as a blank, wherever it stands
  const text = input.replace(COLOR, (color) => '\v'.repeat(color.length))
  const found: Match[] = []
  NAME_SEPARATOR.lastIndex = 0
  for (let match = NAME_SEPARATOR.exec(text); match !== null; match = NAME_SEPARATOR.exec(text)) {
    const after = NAME_SEPARATOR.lastIndex
    const before = nameBefore(text, match.index, isEscaped)
    if (before.name.endsWith('[secret') && matchEnd(REST_OF_MASK, text, after)) continue
    if (!before.name || !isSensitive(before.name, '')) continue
    const { start, end: known, isOpen } = valueAfter(text, after, match[0] === ':', before)
    const end = isOpen && text.length - start < longestOpen ? text.length : known
    const value = text.slice(start, end)
    if (value && !NO_VALUE.test(value) && !MASK.test(value) && isSensitive(before.name, value)) {
      found.push({ label: '', form: 'property', start, end })
    }
    NAME_SEPARATOR.lastIndex = Math.max(after, end)
  }
  return found
}

function nameBefore(text: string, at: number, isInString: boolean): NameBefore {
  let end = at
  while (end > at - MOST_MARKS && BLANK_OR_COLOR.test(text.charAt(end - 1))) end--
  if (ANY_QUOTE.test(text.charAt(end - 1))) end -= 1 + backslashesBefore(text, end - 1)
  const gap = text.slice(end, at)
  if (/%5d/i.test(text.slice(end - 3, end))) end -= 3
  let start = end
  while (end - start < LONGEST_PROPERTY && IN_NAME.test(text.charAt(start - 1))) start--
  const sign = text.charAt(start - 1)
  const rest = sign === '\\' || sign === '%' ? REST_OF_ESCAPE.exec(text.slice(start, end)) : null
  if (rest !== null) start += rest[0].length
  const isAfterEscape = rest !== null && sign === '\\'
  const escapes = isAfterEscape ? 1 + backslashesBefore(text, start - rest[0].length - 1) : Number(isInString)
  return { name: text.slice(start, end), start, gap, escapes }
}

function valueAfter(text: string, after: number, isColon: boolean, before: NameBefore): Range {
  // 'name' => …, which is no function
  let start = after + Number(text.charAt(after) === '>' && ANY_QUOTE.test(before.gap))
  if (matchEnd(OTHER_SIGN, text, start)) return { start, end: start }
  const blank = isColon || before.gap ? BLANK_OR_COLOR : /\v/
  while (blank.test(text.charAt(start))) start++
  const count = matchEnd(RUN_OF_BACKSLASHES, text, start) - start
  const sign = text.charAt(start + count)
  if (ANY_QUOTE.test(sign)) return quotedRange(text, start + count + 1, sign, count)
  if (/[[{]/.test(sign)) return { start, end: bracketEnd(text, start) }
  // -H 'authorization: …'
  const around = isColon && !ANY_QUOTE.test(before.gap) ? text.charAt(before.start - 1) : ''
  if (ANY_QUOTE.test(around)) return quotedRange(text, start, around, backslashesBefore(text, before.start - 1))
  return { start, end: isColon ? headerEnd(text, start, before) : parameterEnd(text, start, before) }
}

/** The end of the value of `name=value`. */
function parameterEnd(text: string, from: number, { start, escapes }: NameBefore): number {
  if (matchEnd(LONG_SCHEME, text, from)) return lineEndFrom(text, from, escapes)
  const credentials = Math.max(from, matchEnd(AUTH_SCHEME, text, from))
  // a digit is the end of %3F, %26 or \\u0026
  const isQuery = /^$|[?&\dF]/i.test(text.charAt(start - 1))
  return isQuery && credentials === from ? nextEnd(QUERY_END, text, from) : wordEnd(text, credentials)
}

/** The end of the value of `name: value`: that of its line, where it is a header, or of the next word. */
function headerEnd(text: string, from: number, { name, start, gap, escapes }: NameBefore): number {
  if (ANY_QUOTE.test(gap)) return bareEnd(text, from, gap, escapes)
  const isWhole = isLineStart(text, start) || /cookie/i.test(name) || matchEnd(LONG_SCHEME, text, from)
  if (isWhole) return lineEndFrom(text, from, escapes)
  return wordEnd(text, Math.max(from, matchEnd(AUTH_SCHEME, text, from)))
}

/** The end of a value without quotes after a name in quotes: `{ "token": 5 }`. */
function bareEnd(text: string, from: number, gap: string, escapes: number): number {
  const literal = matchEnd(LITERAL, text, from)
  if (literal) return literal
  // what else it may be ends before the next name
  const quote = text.indexOf(ANY_QUOTE.exec(gap)![0], from)
  // no further: the line may have many more names
  let end = lineEndFrom(quote < 0 ? text : text.slice(0, quote), from, escapes)
  while (end > from + 1 && /[\\\s,)}\]]/.test(text.charAt(end - 1))) end--
  return end
}

function isLineStart(text: string, start: number): boolean {
  const from = Math.max(0, start - MOST_MARKS)
  // a letter for what was cut off, so that no line seems to start there
  return AT_LINE_START.test((from > 0 ? 'x' : '') + text.slice(from, start))
}

/** The end of a line of the text, or of one in a string that has that many escapes. */
function lineEndFrom(text: string, from: number, escapes: number): number {
  return escapes > 0 ? escapedLineEnd(text, from, escapes) : nextEnd(LINE_OR_TEXT_END, text, from)
}

/** The end of a line in a string: that of the line, or the quote that ends the string. */
function escapedLineEnd(text: string, from: number, escapes: number): number {
  for (const match of text.slice(from).matchAll(ESCAPED_LINE_END)) {
    const isOwnQuote = match[1] !== undefined && match[1].length >= escapes
    if (!isOwnQuote) return from + match.index
  }
  return text.length
}

/** What stands between quotes; up to the end of the line where they do not close. */
function quotedRange(text: string, start: number, quote: string, escapes: number): Range {
  const last = start + LONGEST_QUOTED
  for (let at = text.indexOf(quote, start); at >= 0 && at <= last; at = text.indexOf(quote, at + 1)) {
    const count = Math.min(backslashesBefore(text, at), at - start)
    if (count <= escapes || (escapes === 0 && count % 2 === 0)) return { start, end: at - Math.min(count, escapes) }
  }
  return { start, end: nextEnd(LINE_OR_TEXT_END, text, start), isOpen: true }
}

/** The offset after the bracket that closes the one here. */
function bracketEnd(text: string, start: number): number {
  const bracket = /[[{]|([\]}])/g
  bracket.lastIndex = start
  let open = 0
  for (let match = bracket.exec(text); match !== null; match = bracket.exec(text)) {
    open += match[1] === undefined ? 1 : -1
    if (open === 0) return bracket.lastIndex
  }
  return text.length
}

function nextEnd(end: RegExp, text: string, from: number): number {
  end.lastIndex = from
  return end.exec(text)!.index
}

function wordEnd(text: string, from: number): number {
  let end = nextEnd(WORD_END, text, from)
  while (end > from + 1 && PUNCTUATION.test(text.charAt(end - 1))) end--
  return end
}

function matchEnd(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : 0
}
