/** The comparison of a needle with a text, character by character, in every way in which each may be written. */

import { GROWING, grownEnd, isBase64, MAX_GROWTH } from './base64.ts'
import { LONGEST_MATCH } from './limits.ts'
import { type Anchor, isPlain, type Needle } from './needle.ts'
import { DOUBLED, doubledEnd, isLineEnd, LONGEST_ESCAPE, placesFrom, readings } from './readings.ts'

/** How far a needle goes in a text. */
export interface Walk {
  /** Where it may end; none where it does not stand there. */
  readonly ends: readonly number[]
  /** Whether the text ends before it does, or before it is clear that it ended. */
  readonly isOpen: boolean
}

/** Places at once; more are not followed. */
const MAX_STATES = 12
/** No line end with its indentation is longer. */
const LONGEST_BREAK = 64
/** Places before a match from which it is compared again. */
const MAX_WIDER = 3
/** Starts tried before a window. */
const MAX_STARTS = 64
const LINE_FEED = 10
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const SEPARATOR = /[ :]/y
const SPACES = / +/y
/** Of these, more may be the same one escaped. */
const GREEDY = '\\%&\'"$'

/** Follows the needle's characters from `index` to `to` through the text. */
export function walk(text: string, from: number, needle: Needle, index = 0, to = needle.text.length): Walk {
  const once = walkAs('', text, from, needle, index, to)
  let { isOpen } = once
  const ends = [...once.ends]
  for (const doubled of DOUBLED) {
    if (!needle.text.includes(doubled)) continue
    const twice = walkAs(doubled, text, from, needle, index, to)
    ends.push(...twice.ends)
    isOpen ||= twice.isOpen
  }
  return { ends, isOpen }
}

/** A place that the needle may have come to. */
interface State {
  place: number
  /** Whether the next unit was read with the last. */
  readonly isPair: boolean
  /** How many characters a quote and a backslash take: nobody escapes one of them and not the next. */
  readonly quote: number
  readonly backslash: number
}

/** The same where one character is always written twice. */
function walkAs(doubled: string, text: string, from: number, needle: Needle, index: number, to: number): Walk {
  const { text: wanted, form } = needle
  let states: State[] = [{ place: from, isPair: false, quote: 0, backslash: 0 }]
  let isOpen = false
  for (let at = index; at < to && states.length > 0; at++) {
    const code = wanted.charCodeAt(at)
    if (states.length === 1 && text.charCodeAt(states[0]!.place) === code && isPlain(code) && !states[0]!.isPair) {
      states[0]!.place++
      continue
    }
    const next: State[] = []
    const put = (state: State, place: number, size = 0, isPair = false): void => {
      const quote = code === QUOTE && text[place - 1] === '"' ? size : state.quote
      const backslash = code === BACKSLASH ? size : state.backslash
      if ((state.quote > 0 && quote !== state.quote) || (state.backslash > 0 && backslash !== state.backslash)) return
      const isKnown = (other: State): boolean =>
        other.place === place && other.isPair === isPair && other.quote === quote && other.backslash === backslash
      if (place >= 0 && next.length < MAX_STATES && !next.some(isKnown)) next.push({ place, isPair, quote, backslash })
    }
    for (const state of states) {
      const { place: last, isPair } = state
      if (isPair || code === LINE_FEED) put(state, last)
      if (isPair) continue
      // a line end behind a value ends its line too, unless it is escaped
      const isLast = code === LINE_FEED && at === wanted.length - 1
      for (const place of at > index && !isLast ? placesBehind(text, last, needle, at) : [last]) {
        if (place >= text.length) {
          isOpen = true
          continue
        }
        for (const reading of readings(text, place)) {
          const [character, end] = reading
          if (character === '') isOpen = true
          else if (isLast) {
            if (isLineEnd(character) && end > place + 1) put(state, end)
          } else if (character === doubled && character === wanted[at]) {
            const second = doubledEnd(text, reading, place)
            put(state, second, second - place)
          } else if (isAlike(character, wanted[at]!, form)) put(state, end, end - place)
          else if (character.length > 1 && wanted.startsWith(character, at)) put(state, end, 0, true)
        }
        // words may be wrapped anywhere
        if (code === SPACE && place > last && WRAP.test(text.slice(last, place))) put(state, place)
      }
    }
    states = next
    if ((states[0]?.place ?? 0) - from > LONGEST_MATCH) return { ends: [], isOpen: false }
  }
  const ends = states.map(({ place }) => place)
  return { ends, isOpen: isOpen || ends.some((end) => mayGrow(text, end, needle)) }
}

function placesBehind(text: string, state: number, { text: wanted, form }: Needle, at: number): readonly number[] {
  const places = placesFrom(text, state)
  const between =
    form === 'hex' && at % 2 === 0 ? SEPARATOR : form === 'decimal' && wanted[at - 1] === ',' ? SPACES : undefined
  if (between === undefined) return places
  between.lastIndex = state
  return between.test(text) ? [...places, between.lastIndex] : places
}

function isAlike(character: string, wanted: string, form: string): boolean {
  if (character === wanted) return true
  if (wanted === '\n') return character === ' '
  if (form === 'hex') return character.toLowerCase() === wanted
  return form === 'base64' && '-_'.includes(character) && '+/'['-_'.indexOf(character)] === wanted
}

function mayGrow(text: string, end: number, { text: wanted, right, entry }: Needle): boolean {
  if (right) return end + MAX_GROWTH > text.length && GROWING.test(text.slice(end))
  return end >= text.length && (entry.verdict === 'short' || GREEDY.includes(wanted.at(-1)!))
}

/** Where the needle stands of which the window may stand at `place`. */
export function placeOf(
  text: string,
  place: number,
  { needle, at }: Anchor,
): { readonly start: number; readonly end: number } | undefined {
  const { text: wanted, left, right } = needle
  let start = place - at
  const isLiteral = start >= 0 && text.startsWith(wanted, start) && !mayGoOn(text, start + wanted.length, wanted)
  let ends: readonly number[] = isLiteral ? [start + wanted.length] : walk(text, place, needle, at).ends
  if (ends.length === 0) return undefined
  if (start < 0 || !text.startsWith(wanted.slice(0, at), start)) {
    start = -1
    const last = Math.max(0, place - (at + 1) * LONGEST_ESCAPE - LONGEST_BREAK)
    for (let from = place - 1, tries = 0; from >= last && start < 0 && tries < MAX_STARTS; from--) {
      if (isPlain(text.charCodeAt(from)) && !isAlike(text[from]!, wanted[0]!, needle.form)) continue
      tries++
      const whole = walk(text, from, needle).ends.filter((end) => end > place)
      if (whole.length === 0) continue
      start = from
      ends = whole
    }
    if (start < 0) return undefined
  }
  start = widened(text, start, ends, needle)
  start = behindBreak(text, start, needle)
  if (left && isBase64(text[start - 1])) start--
  const last = lastOf(text, ends)
  const end = right ? grownEnd(text, last) : last
  return end - start > LONGEST_MATCH ? undefined : { start, end }
}

/** Whether what follows a needle as it is may be the rest of an escape of its last character. */
function mayGoOn(text: string, end: number, wanted: string): boolean {
  const last = wanted.at(-1)!
  if (last === '\n') return true
  return GREEDY.includes(last) && !(text[end] === last && wanted.endsWith(last.repeat(LONGEST_ESCAPE)))
}

/** The longest way of writing the last character, without the backslashes of a quote behind it. */
function lastOf(text: string, ends: readonly number[]): number {
  const end = Math.max(...ends)
  if (text[end - 1] !== '\\' || !(text[end] === '"' || text.startsWith('u0022', end))) return end
  let run = 1
  while (text[end - 1 - run] === '\\') run++
  const before = end - (run % 2 && run % 4)
  return ends.includes(before) ? before : end
}

/** The first place from which the needle stands as well: an escape of its first character begins there. */
function widened(text: string, start: number, ends: readonly number[], needle: Needle): number {
  let widest = start
  let tries = 0
  for (let from = start - 1; from >= 0 && from > start - LONGEST_ESCAPE && tries < MAX_WIDER; from--) {
    if (isPlain(text.charCodeAt(from)) || walk(text, from, needle, 0, 1).ends.length === 0) continue
    tries++
    if (walk(text, from, needle).ends.some((end) => ends.includes(end))) widest = from
  }
  return widest
}

/** What ends a line that somebody waits for. */
export const BREAK = /[\r\n]/
/** What ends a line, escaped too. */
export const WRAP = /[\r\n]|\\[rn]|%0|&#/
/** How many characters of a value before a line end are not held back for what follows it, and so not masked. */
export const FEW = 2

/** A match of which only a few characters stand before a line end begins behind that. */
function behindBreak(text: string, start: number, needle: Needle): number {
  if (!BREAK.test(text.slice(start, start + FEW * LONGEST_ESCAPE))) return start
  const { text: wanted } = needle
  const last = wanted.search(/^(?:\n*[^\n]){3}/) < 0 ? wanted.length - 1 : /^(?:\n*[^\n]){2}\n*/.exec(wanted)![0].length
  for (let index = last; index > 0; index--) {
    if (wanted.slice(index) === '\n') continue
    for (const end of walk(text, start, needle, 0, index).ends) {
      for (const place of [...placesFrom(text, end)].reverse()) {
        const next = walk(text, place, needle, index).ends.length > 0 ? index : index + Number(wanted[index] === ' ')
        if (BREAK.test(text.slice(end, place)) && walk(text, place, needle, next).ends.length > 0) return place
      }
    }
  }
  return start
}
