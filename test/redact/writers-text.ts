/**
 * Writers of one text inside another: JSON, URLs, markup, shells and languages.
 *
 * Real ones where Node or a package at hand has them; else written down from the other language's documentation. They
 * share no line with the library, which is what makes them a test of it.
 */

import { spawnSync } from 'node:child_process'
import { inspect } from 'node:util'
import Mustache from 'mustache'
import { LONG_VALUES, VALUES } from './values.ts'

/** Writes a text, or is undefined where it cannot write that one. */
export type Write = (value: string) => string | undefined

type Table = Readonly<Record<string, string>>

const each = (write: (character: string, code: number) => string) => (text: string) =>
  [...text].map((character) => write(character, character.codePointAt(0)!)).join('')
const code = (character: string, digits: number): string => character.charCodeAt(0).toString(16).padStart(digits, '0')
const units = (text: string, write: (unit: string) => string): string => text.split('').map(write).join('')
const lowerU = (text: string): string => units(text, (unit) => `\\u${code(unit, 4)}`)
const upperU = (text: string): string => units(text, (unit) => `\\u${code(unit, 4).toUpperCase()}`)
const SHORT: Table = { '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A JSON string body: `special` first, then what every writer escapes, `wide` for what is not ASCII. */
function jsonBody(special: Table, control: Write, wide: Write): (text: string) => string {
  return each((character, point) => {
    const known = special[character] ?? SHORT[character]
    if (known !== undefined) return known
    if (character === '\\') return '\\\\'
    if (point < 0x20) return control(character)!
    return point > 0x7f ? wide(character)! : character
  })
}

const same: Write = (text) => text
const js = (text: string): string => JSON.stringify(text).slice(1, -1)
// biome-ignore format: pairs
const DOT_NET: Table = { '"': '\\u0022', "'": '\\u0027', '&': '\\u0026', '<': '\\u003C', '>': '\\u003E', '+': '\\u002B', '`': '\\u0060', '\x7f': '\\u007F' }

export const JSON_BODIES = {
  JavaScript: js,
  Go: jsonBody({ '"': '\\"', '&': '\\u0026', '<': '\\u003c', '>': '\\u003e' }, lowerU, same),
  '.NET': jsonBody(DOT_NET, upperU, upperU),
  PHP: jsonBody({ '"': '\\"', '/': '\\/' }, lowerU, lowerU),
  Python: jsonBody({ '"': '\\"', '\x7f': '\\u007f' }, lowerU, lowerU),
} as const

/** What is between the quotes that `inspect` chose; several where it broke the text into lines. */
export const inspectBody = (value: string): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY }).slice(1, -1)

/** `inspect` of an object as `console.log` prints it, without what it puts around and between the parts of the value. */
export function inspectParts(value: string): { readonly printed: string; readonly parts: readonly string[] } {
  const printed = inspect({ k: value })
    .replace(/^\{\s*k:\s*/, '')
    .replace(/\s*\}$/, '')
    .slice(1, -1)
  return { printed, parts: printed.split(/\\n['"`] \+\n\s*['"`]/) }
}

const byByte = (write: (byte: number) => string) => (text: string) => [...Buffer.from(text)].map(write).join('')
const percentByte = (byte: number): string => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`
const but = (kept: RegExp): ((text: string) => string) =>
  byByte((byte) => (kept.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : percentByte(byte)))
const strict = but(/[A-Za-z0-9._~-]/)
const form = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
const lowerHex = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())

function inUrl(change: (url: URL) => void, read: (url: URL) => string): string {
  const url = new URL('https://h.example/')
  change(url)
  return read(url)
}

export const PERCENT: Readonly<Record<string, Write>> = {
  encodeURIComponent,
  encodeURI,
  URLSearchParams: form,
  'RFC 3986': strict,
  'RFC 3986, lower-case hex': (text) => lowerHex(strict(text)),
  'encodeURIComponent, lower-case hex': (text) => lowerHex(encodeURIComponent(text)),
  'URLSearchParams, lower-case hex': (text) => lowerHex(form(text)),
  "Python's quote": but(/[A-Za-z0-9._~/-]/),
  "Python's quote_plus": (text) => strict(text).replaceAll('%20', '+'),
  'URL userinfo': (text) =>
    inUrl(
      (url) => {
        url.password = text
      },
      (url) => url.password,
    ),
  'URL path': (text) =>
    // a URL takes line ends out, turns backslashes around and resolves dots
    /[\n\r\t\\]|^\.|\/\./.test(text)
      ? undefined
      : inUrl(
          (url) => {
            url.pathname = `/a/${text}/b`
          },
          (url) => url.pathname.slice(3, -2),
        ),
  'URL query': (text) =>
    /[\n\r\t]/.test(text)
      ? undefined
      : inUrl(
          (url) => {
            url.search = `?k=${text}&b`
          },
          (url) => url.search.slice(3, -2),
        ),
  'every byte': byByte(percentByte),
  'every byte, lower case': (text) => lowerHex(byByte(percentByte)(text)),
}

export const PERCENT_TWICE: Readonly<Record<string, Write>> = {
  'encodeURIComponent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'RFC 3986 twice': (text) => strict(strict(text)),
  'RFC 3986 twice, lower-case hex': (text) => lowerHex(strict(lowerHex(strict(text)))),
  'URLSearchParams twice': (text) => form(form(text)),
  'URLSearchParams in encodeURIComponent': (text) => encodeURIComponent(form(text)),
}

const entities = (table: Table): Write => each((character) => table[character] ?? character) as Write
const numeric = (write: (point: number) => string, characters: RegExp): Write =>
  each((character, point) => (characters.test(character) ? write(point) : character))
const FIVE = /[&<>"']/
const NAMES: Table = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const hex = (point: number): string => point.toString(16)

export const MARKUP: Readonly<Record<string, Write>> = {
  'names and &apos;': entities({ ...NAMES, "'": '&apos;' }),
  'names and &#39;': entities({ ...NAMES, "'": '&#39;' }),
  'names and &#039;': entities({ ...NAMES, "'": '&#039;' }),
  'names and &#x27;': entities({ ...NAMES, "'": '&#x27;' }),
  'names, no apostrophe': entities(NAMES),
  'names, no quotes': entities({ '&': '&amp;', '<': '&lt;', '>': '&gt;' }),
  Go: entities({ ...NAMES, '"': '&#34;', "'": '&#39;', '+': '&#43;' }),
  Mustache: (text) => Mustache.render('{{v}}', { v: text }),
  decimal: numeric((point) => `&#${point};`, FIVE),
  'decimal with zeros': numeric((point) => `&#${String(point).padStart(4, '0')};`, FIVE),
  'decimal beyond ASCII': numeric((point) => `&#${point};`, /[&<>"'\u{80}-\u{10ffff}]/u),
  hexadecimal: numeric((point) => `&#x${hex(point)};`, FIVE),
  'hexadecimal, upper case': numeric((point) => `&#x${hex(point).toUpperCase()};`, FIVE),
  'hexadecimal with zeros': numeric((point) => `&#x${hex(point).padStart(4, '0')};`, FIVE),
  'hexadecimal beyond ASCII': numeric((point) => `&#x${hex(point).toUpperCase()};`, /[&<>"'\u{80}-\u{10ffff}]/u),
}

export const MARKUP_OF_ALL: Readonly<Record<string, Write>> = {
  'decimal for all but letters and digits': numeric((point) => `&#${point};`, /[^A-Za-z0-9]/u),
  'decimal for every character': numeric((point) => `&#${point};`, /[\s\S]/u),
  'hexadecimal for every character': numeric((point) => `&#x${hex(point)};`, /[\s\S]/u),
  'escaped twice': (text) => MARKUP['names and &#39;']!(MARKUP['names and &#39;']!(text)!),
}

const before = (characters: RegExp, mark: string): Write =>
  each((found) => (characters.test(found) ? mark : '') + found)

/** Strings in C's manner; `printable` tells what stays beyond ASCII. */
function cString(quote: string, letters: Table, isAscii: boolean): Write {
  return each((character, point) => {
    const letter = letters[character]
    if (letter !== undefined) return letter
    if (character === '\\' || character === quote) return `\\${character}`
    if (point < 0x20 || point === 0x7f) return `\\x${code(character, 2)}`
    if (point < 0x80 || !isAscii) return character
    return point > 0xffff ? `\\U${hex(point).padStart(8, '0')}` : `\\u${hex(point).padStart(4, '0')}`
  })
}
const PYTHON: Table = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const GO: Table = { ...SHORT, '\x07': '\\a', '\v': '\\v' }
const pythonQuote = (text: string): string => (text.includes("'") && !text.includes('"') ? '"' : "'")
const asciiByte: Write = (text) => text.replace(/\\u00([89a-f][0-9a-f])/g, '\\x$1')

export const QUOTING: Readonly<Record<string, Write>> = {
  "a shell's single quotes": (text) => text.replaceAll("'", "'\\''"),
  "a shell's single quotes in double ones": (text) => text.replaceAll("'", `'"'"'`),
  "a shell's double quotes": before(/["$`\\]/, '\\'),
  "PowerShell's single quotes": (text) => text.replaceAll("'", "''"),
  "PowerShell's double quotes": before(/["$`]/, '`'),
  "cmd's carets": before(/[&|<>^()%!"]/, '^'),
  "cmd's carets outside of quotes": before(/[&|<>^]/, '^'),
  SQL: (text) => text.replaceAll("'", "''"),
  "SQL's names": (text) => text.replaceAll('"', '""'),
  MySQL: entities({ '\0': '\\0', '\n': '\\n', '\r': '\\r', '\x1a': '\\Z', '\\': '\\\\', "'": "\\'", '"': '\\"' }),
  "Python's repr": (text) => cString(pythonQuote(text), PYTHON, false)(text),
  "Python's ascii": (text) => asciiByte(cString(pythonQuote(text), PYTHON, true)(text)!),
  'doubled $': (text) => text.replaceAll('$', '$$$$'),
}

/** In docs/REDACTION.md or among the collected cases. */
export const MORE_QUOTING: Readonly<Record<string, Write>> = {
  CSV: (text) => text.replaceAll('"', '""'),
  "Go's %q": cString('"', GO, false),
  "Go's %+q": cString('"', GO, true),
  'doubled %': (text) => text.replaceAll('%', '%%'),
}

let quoted: ReadonlyMap<string, string> | undefined

/** What a real bash makes of the hand-picked values with `printf %q`, all in one go; undefined where there is no bash. */
export function bashQuoted(): ReadonlyMap<string, string> | undefined {
  if (quoted !== undefined) return quoted
  const values = [...Object.values(VALUES), ...Object.values(LONG_VALUES)].filter((value) => !value.includes('\0'))
  const { status, stdout } = spawnSync('bash', ['-c', 'printf \'%q\\0\' "$@"', 'bash', ...values], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
  })
  if (status !== 0) return undefined
  const written = stdout.split('\0')
  quoted = new Map(values.map((value, index) => [value, written[index]!.replace(/^\$'(.*)'$/s, '$1')]))
  return quoted
}
