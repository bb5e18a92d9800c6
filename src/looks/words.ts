/** Words: what tells an ordinary word or number from a key, by its letters and digits alone. */

import { lateRegExp } from '../late-regexp.ts'

/** Letters that belong together, and digits: a key has many such runs, a word few. */
const runs = /* @__PURE__ */ lateRegExp('\\p{Lu}?\\p{Ll}+|\\p{Lu}+|\\d+', 'gu')
const lettersAndDigits = /* @__PURE__ */ lateRegExp('^[\\p{Lu}\\p{Ll}\\d]+$', 'u')
/** Five consonants in a row: not a word. */
const CONSONANTS = /[bcdfghjklmnpqrstvwxz]{5}/i
/** Characters of a run, on average, from which a text reads as words. */
const WORD_RUN = 3
/** Shorter words are searched for as `minLength` says. */
const SHORTEST_WORD = 8
/** Longer text is no word, and searched for piece by piece. */
const LONGEST_WORD = 64
/** Digits of a number that is more than a date, an account or an identifier. */
const LONG_NUMBER = 20

/** How many characters a run of letters or of digits has on average. */
export function meanRun(text: string): number {
  const found = text.match(runs()) ?? ['']
  return found.join('').length / found.length
}

/** Whether it is letters and digits only, and reads as a word or a number, as `admin123` and `20240101` do. */
export function readsAsWord(text: string): boolean {
  if (text.length < SHORTEST_WORD || text.length > LONGEST_WORD || !lettersAndDigits().test(text)) return false
  if (/^\d+$/.test(text)) return text.length < LONG_NUMBER
  return meanRun(text) >= WORD_RUN && !CONSONANTS.test(text)
}
