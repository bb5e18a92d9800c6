/**
 * Pieces of which a stranger can make texts that are slow to search: every mark that begins, ends or is an escape, and
 * what everybody knows of secrets, as it is and encoded.
 */

import { type Random, textOf } from './real-logs.ts'

/** A piece, so many times over. */
export interface Run {
  readonly piece: string
  readonly times: number
}

/** A text in the making: it is repeated until it is long enough. */
export type Pattern = readonly Run[]

// biome-ignore format: one alphabet
const MARKS: readonly string[] = [
  '\\', '\\\\', '\\n', '\\r\\n', '\\x5c', '\\x', '\\u005c', '\\u', '\\u{', '\\U0001f511', '\\134', '\\55', '\\"', "\\'", '\\/',
  '%', '%2', '%25', '%255C', '%5C', '%5c', '%0A', '%2D%2D', '%252525252525', '%E2%80%8B', '%u005c', '+',
  '&', '&amp;', '&#38;', '&#x26;', '&#', '&#x5c;', '&amp;amp;', '&quot;', '&#0;', ';', '#',
  '^', '^^', '`', '$', '$$', "''", '""', "'", '"', "'\\''", `'"'"'`,
  '\x1b', '\x1b[', '\x1b[31m', '\x1b[0', '\x1b]0;', '\x1b]', '\x07', '\x1b\\', '\x1b(B', '\\x1b[31m', '\\u001b[',
  '\0', '\u200b', '\u200d', '\ufeff', '\xad', 'a\u200b', '\n', '\r\n', '\r', ' ', '  ', '\t', '\n  ', '\u2028',
  '=', '==', '/', '-', '_', ',', ', ', ':', '.', '{', '}', '[', ']', '<', '>', '(', ')', '|', '!', '@', '~',
  'a', 'A', 'z', 'Z', '0', '1', '9', 'n', 'u', 'x', 'U', 'é', '情報', '😀', '\ud83d', '\udd11',
  '45', '45, ', '45,', '2d', '2d:', '2D ', 'LS0tLS1', 'ZXlKaGJHY2lPa', '-4', '-a', '[secret:',
]

/** What everybody knows of secrets: how they begin, and what documents of one kind share. */
const KNOWN: readonly string[] = [
  'ghp_',
  'sk_live_',
  'postgres://app:',
  '.internal:5432/app',
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.',
  '-----BEGIN PRIVATE KEY-----\n',
  '\n-----END PRIVATE KEY-----',
  '{\n  "type": "service_account",\n  "project_id": "proj-',
  '"type": "service_account',
  '  "private_key": "-----BEGIN PRIVATE KEY-----\\n',
  '.iam.gserviceaccount.com',
  '"https://oauth2.googleapis.com/token"',
]
const WRITTEN: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => JSON.stringify(text).slice(1, -1),
  encodeURIComponent,
  (text) => Buffer.from(text).toString('base64').replace(/=+$/, ''),
  (text) => Buffer.from(text).toString('hex'),
  (text) => Buffer.from(text).join(', '),
]
const PIECES: readonly string[] = [
  ...new Set([...MARKS, ...KNOWN.flatMap((text) => WRITTEN.map((write) => write(text)))]),
]

/** Each by itself, which is where a search begins. */
export const SINGLE: readonly Pattern[] = PIECES.map((piece) => [{ piece, times: 1 }])

const MOST_RUNS = 12
const MOST_LETTERS = 8
/** A run is up to two to the power of this long: what a stream must hold back may be kilobytes. */
const LONGEST_RUN = 11
const ALPHABETS = [
  '0123456789abcdef',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  '0123456789, ',
]

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!

/** A piece of the list, a run of one, or letters that may stand in an encoded value. */
function runOf(random: Random): Run {
  const kind = below(random, 8)
  if (kind === 0) return { piece: oneOf(random, PIECES), times: 2 ** below(random, LONGEST_RUN + 1) }
  if (kind > 1) return { piece: oneOf(random, PIECES), times: 1 }
  return { piece: textOf(random, 1 + below(random, MOST_LETTERS), oneOf(random, ALPHABETS)), times: 1 }
}

/** Any pattern. */
export function randomPattern(random: Random): Pattern {
  return Array.from({ length: 1 + below(random, MOST_RUNS) }, () => runOf(random))
}

/** A pattern that differs in one or two places. */
export function mutated(pattern: Pattern, random: Random): Pattern {
  const changed = pattern.slice()
  for (let changes = 1 + below(random, 2); changes > 0; changes--) {
    const at = below(random, changed.length)
    const kind = below(random, 5)
    if (kind === 0 && changed.length > 1) changed.splice(at, 1)
    else if (kind === 1 && changed.length < MOST_RUNS) changed.splice(at, 0, runOf(random))
    else if (kind === 2 && changed.length < MOST_RUNS) changed.splice(at, 0, oneOf(random, changed))
    else if (kind === 3) changed[at] = { ...changed[at]!, times: 2 ** below(random, LONGEST_RUN + 1) }
    else changed[at] = runOf(random)
  }
  return changed
}

/** A pattern until it fills a length. */
export function filled(pattern: Pattern, length: number): string {
  const unit = pattern.map(({ piece, times }) => piece.repeat(times)).join('')
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}

/** Every pattern with one run less or shorter. */
export function simpler(pattern: Pattern): readonly Pattern[] {
  return pattern.flatMap((run, index) => [
    ...(pattern.length > 1 ? [pattern.filter((_, other) => other !== index)] : []),
    ...(run.times > 1 ? [pattern.map((other) => (other === run ? { ...run, times: 1 } : other))] : []),
  ])
}

/** A pattern as a table shows it, in ASCII. */
export function shownPattern(pattern: Pattern): string {
  return pattern
    .map(({ piece, times }) => JSON.stringify(piece) + (times > 1 ? `×${times}` : ''))
    .join(' ')
    .replace(/[^ -~×]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
