/**
 * The oracle: the simplest matcher that is right, as slow as it is. It decodes everything and compares everything; there
 * is no table, no hash, and nothing is skipped. What the engine masks is held against what it masks.
 *
 * Of the library it takes the list of texts that are searched for because of a value, and nothing else.
 */

import type { Standing } from '../../src/redact/needle.ts'
import { type Character, decode } from './oracle-decoder.ts'
import { alike, MAX_SWALLOWED, type Needle, needlesOf, type Read, read, textOf } from './oracle-needles.ts'
import { MASK } from './writings.ts'

const MAX_GAP = 256
const LONGEST = 4096
/** Of a value, so many characters before a line break stay: a stream cannot wait at every line end. */
const LINE_START = 2
/** Blanks, quotes and signs that writers double or replace: they must have a counterpart. */
const NOISE = /[ "$%'+]/
const LINE_END = /[\r\n]/
const WORD = /[\p{L}\p{N}_]/u
const BASE64_END = /(?:[\w+/-]|%2[BF]|\\\/|\\u002[BF])(?:=|%3D|\\u003D){0,2}/iy

/** What is masked only where it stands alone. */
interface Candidate extends Span {
  readonly standing: Standing
  readonly isAfterEscape: boolean
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Where the needle begins and ends whose first kept character would be the text's at `first`, if it stands there. */
function matchAt(text: Read, needle: Needle, first: number): Span | undefined {
  const wanted = needle.read.kept
  const size = wanted.length
  const { mayLackBefore: fewest, mayLackAfter: most } = needle
  const isSame = (index: number): boolean => {
    const code = text.kept[first + index]?.code
    return code !== undefined && (code === wanted[index]!.code || (needle.isHex && (code | 32) === wanted[index]!.code))
  }
  const fits = (index: number): boolean => gapFits(text, first + index, needle, index)
  // all that agrees around the middle
  let from = size >> 1
  let to = from + 1
  if (!isSame(from)) return undefined
  while (to < size && isSame(to) && fits(to)) to++
  while (from > 0 && isSame(from - 1) && fits(from)) from--
  if (from > fewest || size - to > most) return undefined
  const start = from === 0 ? startOf(text, needle, first) : literalStart(text, needle, first, from, fewest)
  const end = to === size ? endOf(text, needle, first + size - 1) : literalEnd(text, needle, first, to)
  return start < 0 || end < 0 ? undefined : grown(text.source, needle, start, end)
}

/** Whether the last character of a text is no character, but part of an escape. */
function endsInEscape(text: string): boolean {
  const last = decode(text).characters.at(-1)
  return last?.place !== text.length - 1 || last.end !== text.length
}

/** Whether what stands there as it is reads as part of an escape with what follows it or, if it is short, stands before. */
function isSwallowed(text: Read, needle: Needle, at: number): boolean {
  const isThere = ({ code, place }: Character): boolean =>
    text.characters.some((each) => each.code === code && each.place === at + place)
  const { characters, kept } = needle.read
  const isShort = needle.standing !== 'anywhere' || needle.mayLackBefore < MAX_SWALLOWED
  if (isShort && characters[0]!.place === 0 && !isThere(characters[0]!)) return true
  // a stream cannot wait for one that has a line end among its first characters
  const first = needle.text.slice(0, kept[Math.min(LINE_START, kept.length - 1)]!.place)
  const isHeld = characters[0]!.place === 0 && !LINE_END.test(first)
  const lacksEnd = needle.needsEdges || (needle.suffix === '' && needle.mayLackAfter < MAX_SWALLOWED)
  return isHeld && lacksEnd && !isThere(characters.at(-1)!)
}

/** Whether what stands in the text before a kept character may stand there in the needle. */
function gapFits(text: Read, at: number, needle: Needle, index: number): boolean {
  const written = textOf(text.gaps[at]!)
  const wanted = textOf(needle.read.gaps[index]!)
  if (text.kept[at]!.place - text.kept[at - 1]!.place > MAX_GAP) return false
  if (LINE_END.test(wanted) || needle.isApart) return true
  if (needle.isOneLine && /[\t-\r]/.test(written)) return false
  if (/[^\0\x1b]/.test(wanted)) return written !== ''
  // a percent sign is doubled before an escape, and after a line end stands indentation
  const isEscape = text.source[text.kept[at]!.place] === '%'
  const line = written.split(LINE_END)[0]!
  return !NOISE.test(isEscape ? line.replaceAll('%', '') : line)
}

function isAfterBreak(text: Read, at: number): boolean {
  const before = text.kept[at - 1]
  const here = text.kept[at]
  if (before === undefined || here === undefined || here.place - before.place > MAX_GAP) return false
  return LINE_END.test(text.source.slice(before.place + 1, here.place))
}

/** Where a match begins: with the whole of what is dropped at the needle's beginning, and with what escapes it. */
function startOf(
  text: Read,
  { read: needle, needsEdges, standing, isOneLine, text: value, prefix }: Needle,
  first: number,
): number {
  for (let index = Math.min(LINE_START, needle.kept.length - 1); index > 0; index--) {
    if (isAfterBreak(text, first + index))
      return needsEdges || standing === 'alone' || isOneLine ? -1 : text.kept[first + index]!.place
  }
  const { place } = text.kept[first]!
  if (prefix === '' && /^\w/.test(value)) return place
  const gap = text.gaps[first]!
  const pattern = new RegExp(`[\\\\^\`]*${[...prefix].map((one) => `${alike(one)}[\\\\^\`]*`).join('')}$`)
  const index = textOf(gap).search(pattern)
  const start = index < 0 ? place : (gap[index]?.place ?? place)
  if (index >= 0 && !LINE_END.test(text.source.slice(start, place))) return start
  return needsEdges ? -1 : place
}

/** Where a match ends: with the whole of what is dropped at the needle's end. */
function endOf(text: Read, { suffix, suffixPattern, needsEdges }: Needle, last: number): number {
  const gap = text.gaps[last + 1]!
  const { end } = text.kept[last]!
  if (suffix === '') return end
  const written = gap
    .map(({ code, level }) => String.fromCharCode(level === 0 && (code === 10 || code === 13) ? 0xe000 + code : code))
    .join('')
  const isLiteral = (needsEdges || !LINE_END.test(suffix)) && textOf(gap).startsWith(suffix)
  const found = suffixPattern.exec(written) ?? (isLiteral ? [suffix] : null)
  if (found === null) return needsEdges ? -1 : end
  return found[0] === '' ? end : gap[found[0].length - 1]!.end
}

/** The first characters may read as part of an escape with what stands before them: `%c7` where the value is `c7…`. */
function literalStart(
  text: Read,
  { read: needle, text: value }: Needle,
  first: number,
  from: number,
  fewest: number,
): number {
  if (needle.gaps[0]!.length > 0) return -1
  // what the escape stands for may be the same as the last of them by chance
  for (let index = from; index <= fewest; index++) {
    const head = value.slice(needle.kept[0]!.place, needle.kept[index]!.place)
    const start = text.kept[first + index]!.place - head.length
    if (start > 0 && text.source.startsWith(head, start)) return start
  }
  return -1
}

/** The last characters may read as part of an escape with what stands after them: `%4` before a `1`. */
function literalEnd(text: Read, { read: needle, text: value }: Needle, first: number, to: number): number {
  const tail = value.slice(needle.kept[to - 1]!.place)
  const { place } = text.kept[first + to - 1]!
  return tail.length <= 2 * MAX_SWALLOWED && text.source.startsWith(tail, place) ? place + tail.length : -1
}

/** With the characters of Base64 next to it that also carry bits of the value. */
function grown(
  source: string,
  { sharesBitsBefore, sharesBitsAfter }: Needle,
  from: number,
  to: number,
): Span | undefined {
  const start = sharesBitsBefore && /[\w+/-]/.test(source[from - 1] ?? ' ') ? from - 1 : from
  BASE64_END.lastIndex = to
  const end = sharesBitsAfter && BASE64_END.test(source) ? BASE64_END.lastIndex : to
  return end - start <= LONGEST ? { start, end } : undefined
}

/** What the oracle masks of texts. */
export interface Oracle {
  /** Where masks stand. */
  spans(text: string): readonly Span[]
  /** The text with its masks. */
  text(text: string): string
}

/** An oracle that knows one value. */
export function createOracle(value: string): Oracle {
  const needles = needlesOf(value)

  /** Adds every match in the text to those of long or to those of short values. */
  const collect = (source: string, shift: number, long: Span[], candidates: Candidate[]): void => {
    const text = read(source)
    const note = ({ standing }: Needle, start: number, end: number): void => {
      const span = { start: start + shift, end: end + shift }
      if (standing === 'anywhere') long.push(span)
      else {
        candidates.push({ ...span, standing, isAfterEscape: endsInEscape(source.slice(0, start)) })
      }
    }
    for (const needle of needles) {
      for (let at = source.indexOf(needle.text); at >= 0; at = source.indexOf(needle.text, at + 1)) {
        if (needle.isLiteral || isSwallowed(text, needle, at)) note(needle, at, at + needle.text.length)
      }
      for (let first = -MAX_SWALLOWED; !needle.isLiteral && first < text.kept.length; first++) {
        const match = matchAt(text, needle, first)
        if (match !== undefined) note(needle, match.start, match.end)
      }
    }
    for (const [start, end] of text.titles) collect(source.slice(start, end), shift + start, long, candidates)
  }

  const spans = (text: string): readonly Span[] => {
    const long: Span[] = []
    const candidates: Candidate[] = []
    collect(text, 0, long, candidates)
    const isMasked = new Array<boolean>(text.length).fill(false)
    for (const { start, end } of long) isMasked.fill(true, start, end)
    // what is masked already is no neighbour
    for (const { start, end, standing, isAfterEscape } of candidates.sort(
      (a, b) => a.start - b.start || b.end - a.end,
    )) {
      const isTouching = (character: string): boolean =>
        WORD.test(character) || (standing === 'alone' && character === '-')
      const touches = (at: number): boolean => isMasked[at] === false && isTouching(text[at]!)
      if ((isAfterEscape || !touches(start - 1)) && !touches(end)) isMasked.fill(true, start, end)
    }
    const found: { start: number; end: number }[] = []
    for (const [at, masked] of isMasked.entries()) {
      if (!masked) continue
      if (found.at(-1)?.end === at) found.at(-1)!.end++
      else found.push({ start: at, end: at + 1 })
    }
    return found
  }
  return {
    spans,
    text(text) {
      let output = ''
      let at = 0
      for (const { start, end } of spans(text)) {
        output += text.slice(at, start) + MASK
        at = end
      }
      return output + text.slice(at)
    },
  }
}
