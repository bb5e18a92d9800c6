/** Pieces of which a stranger can make texts that are slow to search: every mark that begins, ends or is an escape. */

import type { Random } from './real-logs.ts'

/** A text in the making: it is repeated until it is long enough. */
export type Pattern = readonly string[]

// biome-ignore format: one alphabet
const PIECES: readonly string[] = [
  '\\', '\\\\', '\\n', '\\r\\n', '\\x5c', '\\x', '\\u005c', '\\u', '\\u{', '\\U0001f511', '\\134', '\\55', '\\"', "\\'", '\\/',
  '%', '%2', '%25', '%255C', '%5C', '%5c', '%0A', '%2D%2D', '%252525252525', '%E2%80%8B', '%u005c', '+',
  '&', '&amp;', '&#38;', '&#x26;', '&#', '&#x5c;', '&amp;amp;', '&quot;', '&#0;', ';', '#',
  '^', '^^', '`', '$', '$$', "''", '""', "'", '"', "'\\''", `'"'"'`,
  '\x1b', '\x1b[', '\x1b[31m', '\x1b[0', '\x1b]0;', '\x1b]', '\x07', '\x1b\\', '\x1b(B', '\\x1b[31m', '\\u001b[',
  '\0', '\u200b', '\u200d', '\ufeff', '\xad', 'a\u200b', '\n', '\r\n', '\r', ' ', '  ', '\t', '\n  ', '\u2028',
  '=', '==', '/', '-', '_', ',', ', ', ':', '.', '{', '}', '[', ']', '<', '>', '(', ')', '|', '!', '@', '~',
  'a', 'A', 'z', 'Z', '0', '1', '9', 'n', 'u', 'x', 'U', 'é', '情報', '😀', '\ud83d', '\udd11',
  '45', '45, ', '45,', '103, 104, 112, 95', '103,104,112,95', '2d', '2d:', '2D ', '6768705f', '67:68:70:5f', 'LS0tLS1', 'Z2hwX', 'c2tfbGl2ZV', 'eyJhbGciOi', 'ZXlKaGJHY2lPa',
  'ghp_', 'sk_live_', 'postgres://app:', '.internal:5432/app', '-----BEGIN PRIVATE KEY-----', '-----END', '"type": "service_account', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.', '-4', '-a', '[secret:',
]
/** Each by itself, which is where a search begins. */
export const SINGLE: readonly Pattern[] = PIECES.map((piece) => [piece])

const LONGEST_PATTERN = 12
const REPEATED = 8
const ALPHABETS = [
  '0123456789abcdef',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  '0123456789, ',
]

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!

/** A piece of the alphabet, a run of one, or letters that may stand in an encoded value. */
function pieceOf(random: Random): string {
  const kind = below(random, 8)
  if (kind === 0) return oneOf(random, PIECES).repeat(1 + below(random, REPEATED))
  if (kind > 1) return oneOf(random, PIECES)
  const alphabet = oneOf(random, ALPHABETS)
  return Array.from({ length: 1 + below(random, REPEATED) }, () => alphabet[below(random, alphabet.length)]).join('')
}

/** Any pattern. */
export function randomPattern(random: Random): Pattern {
  return Array.from({ length: 1 + below(random, LONGEST_PATTERN) }, () => pieceOf(random))
}

/** A pattern that differs in one or two places. */
export function mutated(pattern: Pattern, random: Random): Pattern {
  const changed = pattern.slice()
  for (let changes = 1 + below(random, 2); changes > 0; changes--) {
    const at = below(random, changed.length)
    const kind = below(random, 4)
    if (kind === 0 && changed.length > 1) changed.splice(at, 1)
    else if (kind === 1 && changed.length < LONGEST_PATTERN) changed.splice(at, 0, pieceOf(random))
    else if (kind === 2 && changed.length < LONGEST_PATTERN) changed.splice(at, 0, oneOf(random, changed))
    else changed[at] = pieceOf(random)
  }
  return changed
}

/** A pattern until it fills a length. */
export function filled(pattern: Pattern, length: number): string {
  const unit = pattern.join('')
  return Array.from({ length: Math.ceil(length / unit.length) }, () => unit)
    .join('')
    .slice(0, length)
}
