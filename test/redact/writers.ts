/**
 * All writers, each with a realistic text around it, who asks for it, and what writers may be put into one another.
 *
 * `contract` is the list of forms of the design, `documented` is docs/REDACTION.md and the collected cases. What nothing
 * asks for is in `KNOWN_LIMITS`, which no test looks at: measure it when the search changes, and move what is found.
 */

import { wrap } from './values.ts'
import {
  BASE64,
  BASE64_IN_PERCENT,
  BASE64_OF,
  BYTE_ESCAPES,
  BYTE_LIMITS,
  DECIMAL,
  HEX,
  type Written,
} from './writers-bytes.ts'
import {
  bashQuoted,
  inspectBody,
  inspectParts,
  JSON_BODIES,
  MARKUP,
  MARKUP_OF_ALL,
  MORE_QUOTING,
  PERCENT,
  PERCENT_TWICE,
  QUOTING,
  type Write,
} from './writers-text.ts'

export type { Written } from './writers-bytes.ts'

/** One way of writing a value, and where such a text is found. */
export interface Writer {
  readonly name: string
  readonly asks: 'contract' | 'documented'
  readonly around: readonly [before: string, after: string]
  /** Every text that it makes of the value: none where it cannot write it. */
  write(value: string): readonly Written[]
}

const LOG: Around = ['2026-01-31T12:00:00Z error: login of bob with ', ' was refused (E17)']
const LINE: Around = ['{"level":30,"msg":"login of bob with ', ' was refused","pid":4711}']
const LINK: Around = ['GET https://api.example/v1/items?first=1&k=', '&page=2 HTTP/1.1']
const PAGE: Around = ['<p title="account">', '</p>\n<hr>']
const HEADER: Around = ['authorization: Basic ', '\nhost: api.example\n']
const DUMP: Around = ['read 42 bytes: ', ' ; end of dump']
type Around = Writer['around']
type WriteBytes = (value: string) => Written | undefined

function rows(family: string, asks: Writer['asks'], around: Around, table: Readonly<Record<string, Write>>): Writer[] {
  return Object.entries(table).map(([name, write]) => ({
    name: `${family}: ${name}`,
    asks,
    around,
    write(value) {
      const text = write(value)
      return text === undefined ? [] : [{ text }]
    },
  }))
}

function byteRows(family: string, around: Around, table: Readonly<Record<string, WriteBytes>>): Writer[] {
  return Object.entries(table).map(([name, write]) => ({
    name: `${family}: ${name}`,
    asks: 'contract',
    around,
    write(value) {
      const written = write(value)
      return written === undefined ? [] : [written]
    },
  }))
}

const JSON_TWICE = Object.fromEntries(
  Object.entries(JSON_BODIES).flatMap(([inner, first]) =>
    Object.entries(JSON_BODIES).map(([outer, second]) => [
      `${inner} in ${outer}`,
      (text: string) => second(first(text)),
    ]),
  ),
)
const JSON_IN_PERCENT = Object.fromEntries(
  Object.entries(JSON_BODIES).flatMap(([name, body]) =>
    ['encodeURIComponent', 'URLSearchParams', 'RFC 3986', 'RFC 3986, lower-case hex'].map((outer) => [
      `${name} in ${outer}`,
      (text: string) => PERCENT[outer]!(body(text)),
    ]),
  ),
)

const NEWLINE = /\r\n|\r|\n/
const linesOf = (value: string): readonly string[] | undefined =>
  NEWLINE.test(value.trim()) ? value.trim().split(NEWLINE) : undefined
const lines = (write: (lines: readonly string[]) => string): Write => {
  return (value) => {
    const found = linesOf(value)
    return found === undefined ? undefined : write(found)
  }
}
const words = (text: string, column: number): string => {
  const filled: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = filled.at(-1)
    if (last !== undefined && last.length + word.length < column) filled[filled.length - 1] = `${last} ${word}`
    else filled.push(word)
  }
  return filled.join('\n')
}
/** What is between the armor of a PEM. */
const pemBody = (value: string): string | undefined =>
  /^-----BEGIN [^\n]*\n(.*)\n-----END [^\n]*\n?$/s.exec(value)?.[1]?.replaceAll('\n', '')
const rewrapped = (column: number, joint: string): Write => {
  return (value) => {
    const body = pemBody(value)
    return body === undefined ? undefined : wrap(body, column, joint)
  }
}

const MULTI_LINE: Readonly<Record<string, Write>> = {
  CRLF: lines((all) => all.join('\r\n')),
  CR: lines((all) => all.join('\r')),
  'CRLF in JSON': lines((all) => JSON_BODIES.JavaScript(all.join('\r\n'))),
  'indented by two': lines((all) => all.join('\n  ')),
  'indented by a tab': lines((all) => all.join('\n\t')),
  'indented, with CRLF': lines((all) => all.join('\r\n    ')),
  'flattened with blanks': lines((all) => all.join(' ')),
  'flattened with nothing': lines((all) => all.join('')),
  'flattened with \\n': lines((all) => all.join('\\n')),
  'a PEM on one line': rewrapped(100_000, ''),
  'a PEM wrapped at 76': rewrapped(76, '\n'),
  'a PEM wrapped at 48 and indented': rewrapped(48, '\n      '),
  'a PEM wrapped at 76 in JSON': rewrapped(76, '\\n'),
  'flattened with single blanks': lines((all) => all.map((line) => line.trim()).join(' ')),
  'words wrapped elsewhere': lines((all) => words(all.join(' '), 60)),
}

const MIN_LENGTH = 8
// biome-ignore format: pairs
const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' }
const UNDONE: Readonly<Record<string, Write>> = {
  'white space trimmed': (value) => (value.trim() === value ? undefined : value.trim()),
  'backslashes gone': (value) => undone(value, value.replace(/\\([\s\S])/g, '$1')),
  'backslash escapes read': (value) => {
    return undone(
      value,
      value.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g, (_, byte, unit, other) =>
        other === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (LETTERS[other] ?? other),
      ),
    )
  },
  'carets gone': (value) => undone(value, value.replace(/\^([\s\S])/g, '$1')),
}
const undone = (value: string, text: string): string | undefined =>
  text === value || text.length < MIN_LENGTH ? undefined : text

const MOST_COLUMNS = 24
const isToken = (value: string): boolean => /^[^\s\\\p{Cc}]+$/u.test(value)
/** Puts something between two characters, at every place of the value or at some of a long one. */
function inside(name: string, inserted: string, isWord: (value: string) => boolean = isToken): Writer {
  return {
    name: `inside: ${name}`,
    asks: 'documented',
    around: LOG,
    write(value) {
      if (!isWord(value)) return []
      const characters = [...value]
      const step = Math.ceil(characters.length / MOST_COLUMNS)
      return Array.from({ length: Math.floor((characters.length - 1) / step) }, (_, index) => {
        const sides = [characters.slice(0, (index + 1) * step).join(''), characters.slice((index + 1) * step).join('')]
        return { text: sides.join(inserted), parts: sides }
      })
    },
  }
}

const INSERTED: Readonly<Record<string, string>> = {
  'a line break': '\n',
  'a line break and indentation': '\n      ',
  'a CRLF': '\r\n',
  'a colour': '\x1b[31m',
  'the end of a colour and another': '\x1b[0m\x1b[1;32m',
  'a colour of 256': '\x1b[38;5;208m',
  'a zero-width space': '\u200b',
  'a zero-width joiner': '\u200d',
  'a byte order mark': '\ufeff',
  'a soft hyphen': '\u00ad',
}
/** Cut in two, an escape is none, and a colour is a text. */
const isCut = (value: string): boolean => !isToken(value) && !value.includes('\x1b')
const INSIDE = Object.entries(INSERTED).flatMap(([name, inserted]) => [
  inside(name, inserted),
  inside(`${name} in a value with blanks or backslashes`, inserted, isCut),
])

const byBash: Writer = {
  name: "quoting: bash's printf %q",
  asks: 'contract',
  around: LOG,
  write(value) {
    const text = bashQuoted()?.get(value)
    return text === undefined ? [] : [{ text }]
  },
}

const byConsole: Writer = {
  name: 'inspect: an object, long texts broken at line ends',
  asks: 'contract',
  around: ["{ level: 30, k: '", "' }"],
  write(value) {
    const { printed, parts } = inspectParts(value)
    return [{ text: printed, parts }]
  },
}

/** What §9 of the design lists, and what the documentation and the collected cases add. */
export const SIMPLE: readonly Writer[] = [
  ...rows('raw', 'contract', LOG, { 'as it is': (text) => text }),
  ...rows('inspect', 'contract', ["{ level: 30, k: '", "' }"], { body: inspectBody }),
  byConsole,
  ...rows('JSON', 'contract', LINE, JSON_BODIES),
  ...rows('percent', 'contract', LINK, PERCENT),
  ...rows('markup', 'contract', PAGE, MARKUP),
  ...rows('markup', 'documented', PAGE, MARKUP_OF_ALL),
  ...byteRows('base64', HEADER, BASE64),
  ...byteRows('hex', DUMP, HEX),
  ...byteRows('decimal', DUMP, DECIMAL),
  ...byteRows('bytes', DUMP, BYTE_ESCAPES),
  ...rows('quoting', 'contract', LOG, QUOTING),
  byBash,
  ...rows('quoting', 'documented', LOG, MORE_QUOTING),
  ...rows('undone', 'contract', LOG, UNDONE),
  ...rows('lines', 'contract', LOG, MULTI_LINE),
  ...INSIDE,
]

/** Pairs of writers that §9 lists. */
export const PAIRS: readonly Writer[] = [
  ...rows('JSON twice', 'contract', ['{"level":30,"msg":"{\\"k\\":\\"', '\\"}","pid":4711}'], JSON_TWICE),
  ...rows('percent twice', 'contract', LINK, PERCENT_TWICE),
  ...rows('JSON in percent', 'contract', LINK, JSON_IN_PERCENT),
  ...byteRows('base64 of', HEADER, BASE64_OF),
  ...byteRows('percent of', LINK, BASE64_IN_PERCENT),
]

/** One writer in another, with both surroundings; `outer` must write each character by itself. */
export function compose(name: string, inner: Writer, outer: Write, around: Around): Writer {
  return {
    name,
    asks: inner.asks,
    around,
    write(value) {
      return inner.write(value).flatMap(({ before = '', text, after = '', parts }) => {
        const written = [before, text, after, ...(parts ?? [])].map(outer)
        if (written.some((part) => part === undefined)) return []
        const [left, middle, right, ...pieces] = written as [string, string, string, ...string[]]
        const [start, end] = inner.around.map((part) => outer(part) ?? '') as [string, string]
        const whole = { before: start + left, text: middle, after: right + end }
        return [parts === undefined ? whole : { ...whole, parts: pieces }]
      })
    },
  }
}

const inLine = (writer: Writer): Writer =>
  compose(`${writer.name}, in a JSON line`, writer, JSON_BODIES.JavaScript, ['{"level":30,"msg":"', '","pid":4711}'])
/** Already as JSON writes it, or laid out over lines. */
const NOT_LOGGED = /^JSON|in JSON$|with [+/] as|: inspected [au]|inside: .*(?:break|CRLF)/i

/** Every simple form as a logger's JSON line holds it: what a program prints is logged as JSON. */
export const LOGGED: readonly Writer[] = SIMPLE.filter(({ name }) => !NOT_LOGGED.test(name)).map(inLine)

const percentOf = PERCENT['encodeURIComponent']!
const markupOf = MARKUP['names and &#39;']!
const base64Of: Write = (text) => Buffer.from(text).toString('base64')
const simple = (names: RegExp): readonly Writer[] => SIMPLE.filter(({ name }) => names.test(name))
const repeated = (write: Write, times: number): Write => {
  return (text) => Array.from({ length: times }).reduce((written: string, _) => write(written)!, text)
}

const IN_JSON = SIMPLE.filter(({ name }) => !name.startsWith('JSON') && NOT_LOGGED.test(name)).map(inLine)
const IN_PERCENT = simple(/^(?:inspect|markup|hex|decimal|quoting|lines)/).map((writer) =>
  compose(`${writer.name}, in percent-encoding`, writer, percentOf, LINK),
)
const IN_MARKUP = simple(/^(?:JSON|inspect|percent|quoting|base64|lines)/).map((writer) =>
  compose(`${writer.name}, in markup`, writer, markupOf, PAGE),
)
/** Doubled or broken and then escaped, or more than 16 characters for each one: some values are seen, or a piece. */
const BEYOND =
  /inside: .* in a JSON line|for every character, in percent|(?:SQL's names|CSV|printf %q|doubled %), in|(?:PowerShell's double quotes|doubled \$|inspected array|inspected Uint8Array), in percent/

/** Escapes within escapes, which docs/REDACTION.md promises up to five levels of one kind. */
export const STACKED: readonly Writer[] = [
  ...Object.entries(JSON_BODIES).flatMap(([name, body]) =>
    rows('JSON', 'documented', LINE, {
      [`${name} three times`]: repeated(body as Write, 3),
      [`${name} five times`]: repeated(body as Write, 5),
    }),
  ),
  ...rows('percent', 'documented', LINK, {
    'three times': repeated(percentOf, 3),
    'five times': repeated(percentOf, 5),
  }),
  ...rows('markup', 'documented', PAGE, { 'five times': repeated(markupOf, 5) }),
  ...[...IN_JSON, ...IN_PERCENT, ...IN_MARKUP].filter(({ name }) => !BEYOND.test(name)),
]

/** Writings that nothing promises to find. */
export const KNOWN_LIMITS: readonly Writer[] = [
  ...byteRows('bytes', DUMP, BYTE_LIMITS),
  ...[...IN_JSON, ...IN_PERCENT, ...IN_MARKUP].filter(({ name }) => BEYOND.test(name)),
  ...simple(/^(?:inspect|percent|markup|hex|quoting)/).map((writer) => ({
    ...writer,
    name: `${writer.name}, in base64`,
    around: HEADER,
    write: (value: string) =>
      writer.write(value).map(({ before = '', text, after = '' }) => ({ text: base64Of(before + text + after)! })),
  })),
]
