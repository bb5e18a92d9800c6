/**
 * The oracle: the simplest matcher that is right, as slow as it is. It decodes everything and compares everything; there
 * is no table, no hash, and nothing is skipped. What the engine masks is held against what it masks.
 *
 * Of the library it takes the list of texts that are searched for because of a value, and nothing else.
 */

import { formsOf } from '../../src/redact/forms.ts'
import type { Standing } from '../../src/redact/needle.ts'
import { rateValue } from '../../src/redact/rating.ts'
import { type Character, decode } from './oracle-decoder.ts'
import { MASK } from './writings.ts'

const MIN_LENGTH = 8
const MAX_GAP = 256
const LONGEST = 4096
const MAX_SWALLOWED = 6
/** Of texts with fewer kept characters, what is dropped around them must be there too; with still fewer, all as it is. */
const FEW_KEPT = 8
const FEWEST_KEPT = 4
/** Of a value, so many characters before a line break stay: a stream cannot wait at every line end. */
const LINE_START = 2
/** Blanks, quotes and signs that writers double or replace: they must have a counterpart. */
const NOISE = /[ "$%'+]/
const LINE_END = /[\r\n]/
const INTRODUCER = /[\\%&\x1b\xc2\xe2\xef]/
const WORD = /[\p{L}\p{N}_]/u
/** Stands for a line end as it is, which belongs to no edge of a value. */
const RAW_BREAK = '\ue000'
const BASE64_END = /(?:[\w+/-]|%2[BF]|\\\/|\\u002[BF])(?:=|%3D|\\u003D){0,2}/iy

/** What is masked only where it stands alone. */
interface Candidate extends Span {
  readonly standing: Standing
  readonly isAfterEscape: boolean
}

/** A text as it is compared: what is kept, and what is dropped before each of them and after the last. */
interface Read {
  readonly source: string
  readonly kept: readonly Character[]
  readonly gaps: readonly (readonly Character[])[]
  readonly titles: readonly (readonly [number, number])[]
  readonly escapes: readonly (readonly [number, number])[]
}

interface Needle {
  readonly text: string
  readonly read: Read
  readonly standing: Standing
  readonly isOneLine: boolean
  readonly sharesBitsBefore: boolean
  readonly sharesBitsAfter: boolean
  /** Hex is compared without regard to case, and its digits and those of decimals may stand apart. */
  readonly isHex: boolean
  readonly isApart: boolean
  readonly isLiteral: boolean
  readonly needsEdges: boolean
}

interface Span {
  readonly start: number
  readonly end: number
}

const textOf = (characters: readonly Character[]): string => String.fromCharCode(...characters.map(({ code }) => code))
const isKept = ({ code }: Character): boolean => code > 32 && !'"\'$+%\\^`\x7f'.includes(String.fromCharCode(code))

function read(source: string): Read {
  const { characters, titles, escapes } = decode(source)
  const kept: Character[] = []
  const gaps: Character[][] = [[]]
  for (const character of characters) {
    if (isKept(character)) {
      kept.push(character)
      gaps.push([])
    } else gaps.at(-1)!.push(character)
  }
  return { source, kept, gaps, titles, escapes }
}

function needlesOf(value: string): readonly Needle[] {
  const rate = (text: string) => rateValue(text, MIN_LENGTH, ['[secret]', '[secret:-]'])
  const rules = { minLength: MIN_LENGTH, prefix: 512, suffix: 512, parts: 'sensitive', rate } as const
  return formsOf(value, true, rules).needles.map(({ text, standing, digits, sharesBitsBefore, sharesBitsAfter }) => {
    const decoded = read(text)
    const { length } = decoded.kept
    const isLess = length < text.length
    const isDropped = (gap: readonly Character[], index: number): boolean =>
      index % length === 0 ? gap.length > 0 : /[^\0\x1b]/.test(textOf(gap))
    const hasDropped = decoded.gaps.some(isDropped)
    return {
      text,
      standing,
      isOneLine: standing !== 'anywhere' && /\d/.test(text),
      sharesBitsBefore,
      sharesBitsAfter,
      read: decoded,
      isHex: digits === 'hex',
      isApart: digits !== undefined,
      isLiteral: isLess && length < (hasDropped ? FEWEST_KEPT : FEW_KEPT),
      needsEdges: isLess && length < FEW_KEPT,
    }
  })
}

/** Where the needle begins and ends whose first kept character would be the text's at `first`, if it stands there. */
function matchAt(text: Read, needle: Needle, first: number): Span | undefined {
  const wanted = needle.read.kept
  const size = wanted.length
  const [fewest, most] = lacking(needle)
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

/** How many characters may read as part of an escape, at the beginning and at the end: what an index of groups allows. */
function lacking({ read: { kept }, text }: Needle): readonly [before: number, after: number] {
  const size = kept.length
  const spare = Math.max(0, size - (size >= 21 ? 15 : size >= 7 ? 7 : 4))
  if (!INTRODUCER.test(text.slice(-2 * MAX_SWALLOWED))) return [Math.min(MAX_SWALLOWED, spare), 0]
  const before = Math.min(MAX_SWALLOWED, spare, Math.max(2, spare >> 1))
  return [before, Math.min(MAX_SWALLOWED, spare - before)]
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

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
const alike = (character: string): string =>
  character === ' ' ? '[ +]' : character === '+' ? '[+-]' : quoted(character)

/** Where a match begins: with the whole of what is dropped at the needle's beginning, and with what escapes it. */
function startOf(
  text: Read,
  { read: needle, needsEdges, standing, isOneLine, text: value }: Needle,
  first: number,
): number {
  for (let index = Math.min(LINE_START, needle.kept.length - 1); index > 0; index--) {
    if (isAfterBreak(text, first + index))
      return needsEdges || standing === 'alone' || isOneLine ? -1 : text.kept[first + index]!.place
  }
  const { place } = text.kept[first]!
  const prefix = textOf(needle.gaps[0]!)
  if (prefix === '' && /^\w/.test(value)) return place
  const gap = text.gaps[first]!
  const pattern = new RegExp(`[\\\\^\`]*${[...prefix].map((one) => `${alike(one)}[\\\\^\`]*`).join('')}$`)
  const index = textOf(gap).search(pattern)
  const start = index < 0 ? place : (gap[index]?.place ?? place)
  if (index >= 0 && !LINE_END.test(text.source.slice(start, place))) return start
  return needsEdges ? -1 : place
}

/** Where a match ends: with the whole of what is dropped at the needle's end. */
function endOf(text: Read, { read: needle, needsEdges }: Needle, last: number): number {
  const gap = text.gaps[last + 1]!
  const { end } = text.kept[last]!
  const suffix = textOf(needle.gaps.at(-1)!)
  if (suffix === '') return end
  const written = gap
    .map(({ code, level }) => (level === 0 && (code === 10 || code === 13) ? RAW_BREAK : String.fromCharCode(code)))
    .join('')
  const isLiteral = (needsEdges || !LINE_END.test(suffix)) && textOf(gap).startsWith(suffix)
  const found = suffixPattern(suffix).exec(written) ?? (isLiteral ? [suffix] : null)
  if (found === null) return needsEdges ? -1 : end
  return found[0] === '' ? end : gap[found[0].length - 1]!.end
}

/** Each of the characters as it is, with what escapes it before it; signs doubled, apostrophes as a shell quotes them. */
function suffixPattern(suffix: string): RegExp {
  const pattern = [...suffix.matchAll(/(.)\1*/gs)].map(([group, one]) => {
    const count = group.length
    // each writer doubles them; those that are over escape the quote after them
    if (one === '\\') {
      const doubled = [64, 32, 16, 8, 4, 2, 1].map((times) => `\\\\{${times * count}}`).join('|')
      return `(?:\\\\{${count},}(?![\\\\"])|(?:${doubled}))`
    }
    const passed = `(?:[\\r\\n${RAW_BREAK}] *(?! )|(?!${quoted(one!)})[^\\r\\n${RAW_BREAK} "$%'+])*`
    const once = `(?:${passed}${alike(one!)})`
    const shell = one === "'" ? `(?:'\\\\*(?:'|"'\\\\*")'){${count}}|` : ''
    if (!'\'"$%^`'.includes(one!)) return `(?:${once}{${count}})`
    const isQuote = count === 1 && (one === "'" || one === '"')
    return `(?:${shell}${once}{${2 * count}}${isQuote ? `(?=${once})` : ''}|${once}{${count}})`
  })
  return new RegExp(`^${pattern.join('')}`)
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
    const head = value.slice(0, needle.kept[index]!.place)
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
        const isAfterEscape = text.escapes.some(([, end]) => end === start)
        candidates.push({ ...span, standing, isAfterEscape })
      }
    }
    for (const needle of needles) {
      for (let at = source.indexOf(needle.text); at >= 0; at = source.indexOf(needle.text, at + 1)) {
        // a short value may read as part of an escape with what stands before it
        const isSwallowed = text.escapes.some(([start, end]) => start < at && at < end)
        if (needle.isLiteral || (isSwallowed && lacking(needle)[0] < MAX_SWALLOWED))
          note(needle, at, at + needle.text.length)
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
