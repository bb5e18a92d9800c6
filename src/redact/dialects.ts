/**
 * Dialects: how a text is written inside another language's strings, URLs, markup and command lines.
 *
 * Each writer gives back the body without quotes around it, and the same text where nothing needs escaping.
 */

import { isWellFormed, utf8Lossy } from '../bytes.ts'
import { percentEncode } from '../encode/percent.ts'
import { jsonStringBody } from '../encode/quote.ts'
import type { Form } from './spans.ts'

type Writer = (text: string) => string

/** Text that every dialect leaves alone: most tokens, and the reason that they are cheap. */
const PLAIN = /^[A-Za-z0-9_.-]*$/
const NEEDS_JSON = /["\\\0-\x1f]/
// biome-ignore format: one row, one escape
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\x07': 'a', '\b': 'b', '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r' }

function hexCode(character: string, digits: number): string {
  return character.codePointAt(0)!.toString(16).padStart(digits, '0')
}

const lowerU: Writer = (character) => `\\u${hexCode(character, 4)}`
const upperU: Writer = (character) => `\\u${hexCode(character, 4).toUpperCase()}`

/** JSON as JavaScript writes it, then what `also` matches outside of escapes, and the quote, through `write`. */
function json(also: RegExp, write: Writer): Writer {
  return (text) =>
    jsonStringBody(text).replace(also, (found) =>
      found[0] === '\\' && found !== '\\"' ? found : write(found.slice(-1)),
    )
}

/** A writer that puts something before each character that matches. */
function before(characters: RegExp, prefix: string): Writer {
  return (text) => text.replace(characters, (character) => prefix + character)
}

/** Backslash escapes of C and its children; `short` names the one-letter escapes that the writer knows. */
function cEscape(quotes: string, short: string, isUpper: boolean, ascii?: 'x' | 'u'): Writer {
  return (text) => {
    let output = ''
    for (const character of text) {
      const code = character.codePointAt(0)!
      const letter = SHORT_ESCAPES[character]
      if (character === '\\' || quotes.includes(character)) output += `\\${character}`
      else if (letter !== undefined && short.includes(letter)) output += `\\${letter}`
      else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code < 0x100 && code >= 0xa0 && ascii === 'x')) {
        const digits = hexCode(character, 2)
        output += `\\x${isUpper ? digits.toUpperCase() : digits}`
      } else if (code < 0x80 || ascii === undefined) output += character
      else output += code < 0x10000 ? lowerU(character) : `\\U${hexCode(character, 8)}`
    }
    return output
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Markup: the characters that match, as named entities or as `other` says. */
function html(characters: RegExp, other: Writer, isNamed = true): Writer {
  return (text) =>
    text.replace(characters, (character) => (isNamed ? (ENTITIES[character] ?? other(character)) : other(character)))
}

const decimalEntity: Writer = (character) => `&#${character.codePointAt(0)};`
const hexEntity: Writer = (character) => `&#x${hexCode(character, 1).toUpperCase()};`

/** Percent-encodes the characters of a URL component that match, and all that are not ASCII. */
function percent(characters: RegExp): Writer {
  return (text) =>
    text.replace(characters, (found) =>
      found.length === 1 && found < '\x80' ? `%${hexCode(found, 2).toUpperCase()}` : encodeURIComponent(found),
    )
}

const plus: Writer = (text) => percentEncode(text).replaceAll('%20', '+')

const JSON_WRITERS: readonly Writer[] = [
  jsonStringBody,
  json(/\\.|[<>&\u2028\u2029]/g, (character) => (character === '"' ? '\\"' : lowerU(character))), // Go
  json(/\\.|["'<>&+`\x7f-\uffff]/g, upperU), // .NET
  json(/\\.|[/\x80-\uffff]/g, (character) => (character > '\x7f' ? lowerU(character) : `\\${character}`)), // PHP
  json(/\\.|[\x80-\uffff]/g, (character) => (character === '"' ? '\\"' : lowerU(character))), // Python, Ruby
  json(/\\.|\//g, (character) => `\\${character}`),
]

const PERCENT_WRITERS: readonly Writer[] = [
  percentEncode,
  encodeURIComponent,
  encodeURI,
  (text) => plus(text).replaceAll('%2A', '*').replaceAll('~', '%7E'), // URLSearchParams, HTML forms
  plus,
  (text) => percentEncode(text).replaceAll('%2F', '/'), // Python's quote
  percent(/[\0-\x20"#<>?`{}/:;=@[\\\]^|\x7f]|[^\0-\x7f]+/g), // what URL writes as userinfo
  percent(/[\0-\x20"#<>?`{}^\x7f]|[^\0-\x7f]+/g), // … as path
  percent(/[\0-\x20"#<>'\x7f]|[^\0-\x7f]+/g), // … as query
]

const HTML_WRITERS: readonly Writer[] = [
  html(/[&<>"']/g, () => '&#39;'),
  html(/[&<>"']/g, () => '&#x27;'),
  html(/[&<>"']/g, () => '&apos;'),
  html(/[&<>"']/g, () => '&#039;'),
  html(/[&<>"]/g, decimalEntity),
  html(/[&<>]/g, decimalEntity),
  html(/["']/g, decimalEntity),
  (text) => html(/[&<>]/g, decimalEntity)(text).replace(/["'+]/g, decimalEntity), // Go
  html(/[&<>"'`=]/g, hexEntity), // Handlebars
  html(/[&<>"'`=/]/g, (character) => (character === "'" ? '&#39;' : hexEntity(character))), // Mustache
  html(/[&<>"'\u{80}-\u{10ffff}]/gu, decimalEntity),
  html(/[&<>"'\u{80}-\u{10ffff}]/gu, decimalEntity, false),
  html(/[&<>"'\u{80}-\u{10ffff}]/gu, hexEntity, false),
]

const ESCAPE_WRITERS: readonly Writer[] = [
  cEscape('', 'btnfr', true), // util.inspect
  cEscape("'", 'btnfr', true),
  cEscape('`', 'btnfr', true),
  cEscape('', 'tnr', false), // Python's repr
  cEscape("'", 'tnr', false),
  cEscape('', 'tnr', false, 'x'), // Python's ascii
  cEscape("'", 'tnr', false, 'x'),
  cEscape('"', 'abtnvfr', false), // Go's %q
  cEscape('"', 'abtnvfr', false, 'u'),
  cEscape('\'"', 'nr', false), // MySQL
]

const QUOTE_WRITERS: readonly Writer[] = [
  (text) => text.replaceAll("'", "'\\''"),
  (text) => text.replaceAll("'", `'"'"'`),
  before(/'/g, "'"), // SQL, PowerShell
  before(/"/g, '"'), // CSV
  before(/"/g, '\\'),
  before(/["\\]/g, '\\'),
  before(/["$`\\]/g, '\\'),
  before(/["$`\\!]/g, '\\'),
  before(/[^\w@%+=:,./-]/g, '\\'), // printf %q
  before(/["$`]/g, '`'), // PowerShell
  before(/\$/g, '$'), // Compose, Make
  before(/%/g, '%'),
  before(/[&|<>^()%!"]/g, '^'), // cmd.exe
  before(/[&|<>^]/g, '^'),
]

/**
 * Every writing of the text in the dialects and in those pairs of dialects that occur: JSON in JSON, in a URL and in
 * markup, anything in a JSON log line, percent-encoding twice. The text itself comes first.
 *
 * A long text is written in the commonest only.
 */
export function dialectsOf(text: string, form: Form, isLong: boolean): ReadonlyMap<string, Form> {
  const written = new Map<string, Form>([[text, form]])
  if (PLAIN.test(text)) return written
  const put = (candidate: string, name: Form): void => {
    if (!written.has(candidate)) written.set(candidate, name)
  }
  const wellFormed = isWellFormed(text) ? text : new TextDecoder().decode(utf8Lossy(text))
  if (isLong) {
    put(jsonStringBody(text), 'json')
    for (const write of [percentEncode, encodeURIComponent, plus]) put(write(wellFormed), 'percent')
    return written
  }
  const bodies = new Set(JSON_WRITERS.map((write) => write(text)))
  for (const body of bodies) put(body, 'json')
  for (const write of PERCENT_WRITERS) put(write(wellFormed), 'percent')
  for (const write of [percentEncode, encodeURIComponent, plus]) put(write(write(wellFormed)), 'percent')
  for (const write of ESCAPE_WRITERS) put(write(text), 'escape')
  for (const write of QUOTE_WRITERS) put(write(text), 'quote')
  for (const write of HTML_WRITERS) put(write(text), 'html')
  for (const [candidate, name] of [...written]) {
    if (NEEDS_JSON.test(candidate)) put(jsonStringBody(candidate), name === form ? 'json' : name)
  }
  for (const body of bodies) {
    if (body === text) continue
    for (const write of JSON_WRITERS) put(write(body), 'json')
    if (!isWellFormed(body)) continue
    for (const write of PERCENT_WRITERS) put(write(body), 'percent')
    put(HTML_WRITERS[0]!(body), 'html')
  }
  return written
}
