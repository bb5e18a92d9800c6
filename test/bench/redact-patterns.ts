/**
 * The forms of a value that the peers are given to search for: written here once more and more plainly, so that they
 * do not depend on what they are measured against. A lower bound of what the redactor finds, in the peers' favour.
 */

const MIN_LENGTH = 8

type Writer = (text: string) => string

const json: Writer = (text) => JSON.stringify(text).slice(1, -1)
const strict: Writer = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (found) => percentOf(found))
const percentOf: Writer = (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&').toUpperCase()
const lowerEscapes: Writer = (text) => text.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())
const before = (characters: RegExp, prefix: string): Writer => {
  return (text) => text.replace(characters, (character) => prefix + character)
}
const entities = (quote: string, apostrophe: string): Writer => {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': quote, "'": apostrophe }
  return (text) => text.replace(/[&<>"']/g, (character) => names[character]!)
}

const PERCENT: readonly Writer[] = [
  strict,
  encodeURIComponent,
  encodeURI,
  (text) => strict(text).replaceAll('%20', '+'),
  (text) => new URLSearchParams([['', text]]).toString().slice(1),
  (text) => strict(strict(text)),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  percentOf,
]

const HTML: readonly Writer[] = [
  entities('&quot;', '&#39;'),
  entities('&quot;', '&#x27;'),
  entities('&quot;', '&apos;'),
  entities('&#34;', '&#39;'),
  (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  (text) => text.replace(/[&<>"'`=]/g, (character) => `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`),
]

const QUOTED: readonly Writer[] = [
  (text) => text.replaceAll("'", "'\\''"),
  before(/'/g, "'"),
  before(/"/g, '"'),
  before(/["\\]/g, '\\'),
  before(/["$`\\]/g, '\\'),
  before(/[^\w@%+=:,./-]/g, '\\'),
  before(/["$`]/g, '`'),
  before(/\$/g, '$'),
  before(/[&|<>^()%!"]/g, '^'),
]

/** The characters of base64 that depend on the bytes alone, wherever they begin in what was encoded. */
function base64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const isWhole = (offset + bytes.length) % 3 === 0
    const sure = text.slice(offset === 0 ? 0 : offset + 1, isWhole ? undefined : -1)
    return [sure, sure.replaceAll('+', '-').replaceAll('/', '_')]
  })
}

/** Every writing of a value, each once. */
export function patternsOf(value: string): ReadonlySet<string> {
  const bytes = Buffer.from(value)
  const encoded = base64(bytes)
  const percent = PERCENT.map((write) => write(value))
  const patterns = [
    value,
    json(value),
    json(json(value)),
    ...percent,
    ...percent.map(lowerEscapes),
    strict(json(value)),
    ...HTML.map((write) => write(value)),
    ...QUOTED.map((write) => write(value)),
    ...encoded,
    ...encoded.map(strict),
    ...encoded.flatMap((text) => base64(Buffer.from(text))),
    ...base64(Buffer.from(json(value))),
    ...base64(Buffer.from(value, 'utf16le')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    [...bytes].join(','),
    [...bytes].join(', '),
  ]
  return new Set(patterns.filter((text) => text.length >= MIN_LENGTH))
}

/** Those of all values, each once. */
export function allPatternsOf(values: readonly string[]): readonly string[] {
  const all = new Set<string>()
  for (const value of values) for (const pattern of patternsOf(value)) all.add(pattern)
  return [...all]
}
