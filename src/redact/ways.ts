/** Ways: how a text may be written so that nothing in it tells that something is to be undone. */

import { urlSafe } from './base64.ts'
import { fold } from './fold.ts'
import type { Needle } from './needle.ts'
import { WIDE } from './skip-table.ts'

/** So much of a writing of digits, or of base64, is looked at. */
const BEGINNING = 24
/** What is written without a mark, once or by two writers: of each group, one or none. */
const UNMARKED: readonly (readonly (readonly [RegExp, string])[])[] = [
  [[/\+/g, ' ']],
  [
    [/ /g, '+'],
    ...[' ', '  ', '\t'].map((written) => [/\s+/g, written] as const),
    ...[' ', '  ', '    ', '        '].map((written) => [/\t/g, written] as const),
    ...['', ' '].map((written) => [/[\r\n]+/g, written] as const),
    [/[\r\n]/g, ' '],
  ],
  ['"', "''", "''''", `'"'"'`, `'"'"'"'"'"'"'"'"'`].map((written) => [/'/g, written] as const),
  ["'", '""', '""""'].map((written) => [/"/g, written] as const),
  ['$$$$', '$$$$$$$$'].map((written) => [/\$/g, written] as const),
  ['%%', '%%%%'].map((written) => [/%/g, written] as const),
]
/** Ways of writing one window. */
const MAX_WAYS = 64
const REWRITTEN = /[\s'"$%+]/
const PAIR = /../g

/** Whether the text has anything that is rewritten so. */
export function isRewritten(text: string): boolean {
  return REWRITTEN.test(text)
}

/** The text in all ways, itself first, and with what is undone in the reading. */
export function waysOf(text: string, undone: RegExp): readonly string[] {
  const ways = new Set([text, fold(text, undone).text])
  const groups = isRewritten(text)
    ? UNMARKED.filter((group) => group.some(([pattern]) => text.search(pattern) >= 0))
    : []
  // each by itself first, then together
  for (const most of groups.length > 1 ? [2, MAX_WAYS] : [2]) {
    for (const group of groups) {
      for (const way of [...ways].slice(0, most)) {
        for (const [pattern, other] of group) if (ways.size < MAX_WAYS) ways.add(way.replace(pattern, other))
      }
    }
  }
  return [...ways]
}

/**
 * The beginnings, from a character on, of texts that count as the needle: both alphabets of base64, digits in two cases
 * and separated or not.
 */
export function writingsOf({ text, form }: Needle, from = 0): readonly string[] {
  const part = text.slice(from, from + BEGINNING)
  if (form === 'base64') return /[+/]/.test(part) ? [part, urlSafe(part)] : [part]
  if (form === 'decimal') return [part, ...columnsOf(part.split(','))]
  if (form !== 'hex') return [part]
  const written = [part, part.replace(PAIR, '$& '), part.replace(PAIR, '$&:')]
  return /[a-f]/.test(part) ? [...written, ...written.map((way) => way.toUpperCase())] : written
}

/** The numbers behind each other as far as a window goes, each as wide as the widest of its column may make it. */
function columnsOf([first, ...others]: readonly string[]): readonly string[] {
  let ways = [first!]
  for (const number of others) {
    const longer: string[] = []
    for (const way of ways) {
      if (way.length >= WIDE) longer.push(way)
      else for (let width = number.length; width <= 3; width++) longer.push(`${way}, ${number.padStart(width)}`)
    }
    ways = longer
  }
  return ways
}
