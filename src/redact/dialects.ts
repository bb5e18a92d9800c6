/**
 * Dialects: how a text is written inside another language's strings, URLs, markup and command lines.
 *
 * Each writer gives back the body without quotes around it, and the same text where nothing needs escaping.
 */

import { isWellFormed, utf8Lossy } from '../bytes.ts'
import { percentEncode } from '../encode/percent.ts'
import { jsonStringBody } from '../encode/quote.ts'
import { LONG } from './limits.ts'
import type { Form } from './pattern.ts'

type Writer = (text: string) => string

/** Text that every dialect leaves alone: most tokens, and the reason that they are cheap. */
export const PLAIN = /^[\w.-]*$/

const hexCode = (character: string, digits: number): string =>
  character.codePointAt(0)!.toString(16).padStart(digits, '0')
const escapeU: Writer = (character) => `\\u${hexCode(character, 4)}`
const escapeUpperU: Writer = (character) => `\\u${hexCode(character, 4).toUpperCase()}`

/** Writes each character that matches in another way. */
const each =
  (characters: RegExp, write: Writer): Writer =>
  (text) =>
    text.replace(characters, write)

/** Puts something before each character that matches. */
const before = (prefix: string, characters: RegExp): Writer => each(characters, (character) => prefix + character)

/** JSON as JavaScript writes it, then what `also` matches outside of its escapes in another way. */
const json = (also: RegExp, write: Writer): Writer => {
  const characters = new RegExp(`\\\\.|${also.source}`, 'g')
  return (text) => jsonStringBody(text).replace(characters, (found) => (found[1] === undefined ? write(found) : found))
}

/** Backslash escapes of C and its children; `letters` are the one-letter escapes that the writer knows. */
const backslash = (quotes: string, letters: string, byte: Writer, wide: Writer = (character) => character): Writer =>
  each(/[\\'"\0-\x1f\x7f-\u{10ffff}]/gu, (character) => {
    const letter = 'abtnvfr'['\x07\b\t\n\v\f\r'.indexOf(character)]
    if (letter !== undefined && letters.includes(letter)) return `\\${letter}`
    if (/[\\'"]/.test(character)) return `\\${quotes}`.includes(character) ? `\\${character}` : character
    return character < '\xa0' ? byte(character) : wide(character)
  })

const escapeX: Writer = (character) => `\\x${hexCode(character, 2)}`
const escapeUpperX: Writer = (character) => `\\x${hexCode(character, 2).toUpperCase()}`
const escapeWide: Writer = (character) => (character.length > 1 ? `\\U${hexCode(character, 8)}` : escapeU(character))
const escapeAscii: Writer = (character) => (character < '\u0100' ? escapeX(character) : escapeWide(character))

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const decimalEntity: Writer = (character) => `&#${character.codePointAt(0)};`
const hexEntity: Writer = (character) => `&#x${hexCode(character, 1).toUpperCase()};`

/** Markup with the five names, all else that matches in another way. */
const html = (characters: RegExp, write: Writer): Writer =>
  each(characters, (character) => ENTITIES[character] ?? write(character))

/** Percent-encodes the ASCII characters of a URL component that match, and all that are not ASCII. */
const percent = (characters: RegExp): Writer =>
  each(new RegExp(`${characters.source}|[^\\0-\\x7f]+`, 'g'), (found) =>
    found > '\x7f' ? encodeURIComponent(found) : `%${hexCode(found, 2).toUpperCase()}`,
  )

const plus: Writer = (text) => percentEncode(text).replaceAll('%20', '+')

const JSON_WRITERS: readonly Writer[] = [
  jsonStringBody,
  json(/[<>&\u2028\u2029]/, escapeU), // Go
  (text) =>
    json(
      /['<>&+`\x7f-\uffff]/,
      escapeUpperU,
    )(text).replace(/\\(["\\])/g, (found, quote) => (quote === '"' ? '\\u0022' : found)), // .NET
  json(/[/\x80-\uffff]/, (character) => (character === '/' ? '\\/' : escapeU(character))), // PHP
  json(/[\x80-\uffff]/, escapeU), // Python, Ruby
  json(/\//, () => '\\/'),
]

const PERCENT_WRITERS: readonly Writer[] = [
  percentEncode,
  encodeURIComponent,
  plus,
  encodeURI,
  (text) => plus(text).replaceAll('%2A', '*').replaceAll('~', '%7E'), // HTML forms
  (text) => percentEncode(text).replaceAll('%2F', '/'), // Python's quote
  percent(/[\0-\x20"#<>?`{}/:;=@[\\\]^|\x7f]/), // what URL writes as userinfo
  percent(/[\0-\x20"#<>?`{}^\x7f]/), // … as path
  percent(/[\0-\x20"#<>'\x7f]/), // … as query
]

const OTHER_WRITERS: Readonly<Partial<Record<Form, readonly Writer[]>>> = {
  html: [
    html(/[&<>"']/g, () => '&#39;'),
    html(/[&<>"']/g, () => '&#x27;'),
    html(/[&<>"']/g, () => '&apos;'),
    html(/[&<>"']/g, () => '&#039;'),
    html(/[&<>]/g, hexEntity),
    html(/[&<>"'`=]/g, hexEntity), // Handlebars
    html(/[&<>"'`=/]/g, (character) => (character === "'" ? '&#39;' : hexEntity(character))), // Mustache
    (text) => html(/[&<>]/g, hexEntity)(text).replace(/["'+]/g, decimalEntity), // Go
    html(/[&<>"'\u{80}-\u{10ffff}]/gu, decimalEntity),
    each(/[&<>"'\u{80}-\u{10ffff}]/gu, decimalEntity),
    each(/[&<>"'\u{80}-\u{10ffff}]/gu, hexEntity),
  ],
  escape: [
    backslash('', 'btnfr', escapeUpperX), // util.inspect
    backslash("'", 'btnfr', escapeUpperX),
    backslash('', 'tnr', escapeX), // Python's repr
    backslash("'", 'tnr', escapeX),
    backslash('', 'tnr', escapeX, escapeAscii), // Python's ascii
    backslash("'", 'tnr', escapeX, escapeAscii),
    backslash('"', 'abtnvfr', escapeX), // Go's %q
    backslash('"', 'abtnvfr', escapeX, escapeWide),
    backslash('\'"', 'nr', escapeX), // MySQL
  ],
  quote: [
    each(/'/g, () => "'\\''"), // shells
    each(/'/g, () => `'"'"'`),
    before("'", /'/g), // SQL, PowerShell
    before('"', /"/g), // CSV
    before('\\', /"/g),
    before('\\', /["$`\\]/g),
    before('\\', /["$`\\!]/g),
    before('\\', /[^\w@%+=:,./-]/g), // printf %q
    before('`', /["$`]/g), // PowerShell
    before('$', /\$/g), // Compose, Make
    before('%', /%/g),
    before('^', /[&|<>^()%!"]/g), // cmd.exe
    before('^', /[&|<>^]/g),
  ],
}

/**
 * Every writing of the text in the dialects and in those pairs of dialects that occur: JSON in JSON, in a URL and in
 * markup, anything in a JSON log line, percent-encoding twice. The text itself comes first; a long text is written in
 * the commonest only.
 */
export function dialectsOf(text: string, form: Form): ReadonlyMap<string, Form> {
  const written = new Map<string, Form>([[text, form]])
  if (PLAIN.test(text)) return written
  const isShort = text.length <= LONG
  const put = (name: Form, source: string, writers: readonly Writer[]): void => {
    for (const write of isShort ? writers : writers.slice(0, 3)) {
      const made = write(source)
      if (!written.has(made)) written.set(made, name)
    }
  }
  const wellFormed = isWellFormed(text) ? text : new TextDecoder().decode(utf8Lossy(text))
  put('json', text, JSON_WRITERS)
  put('percent', wellFormed, PERCENT_WRITERS)
  if (!isShort) return written
  for (const name of ['escape', 'quote', 'html'] as const) put(name, text, OTHER_WRITERS[name]!)
  for (const [made, name] of [...written]) {
    put(name === form ? 'json' : name, made, [jsonStringBody])
    if (name === 'percent') put(name, made, [encodeURIComponent])
    if (name !== 'json') continue
    put(name, made, JSON_WRITERS)
    put('html', made, OTHER_WRITERS.html!.slice(0, 1))
    if (isWellFormed(made)) put('percent', made, PERCENT_WRITERS)
  }
  return written
}
