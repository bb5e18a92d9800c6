/** What the oracle searches for: every text of a value, decoded, with what may be missing or added where it stands. */

import { formsOf } from '../../src/redact/forms.ts'
import type { Standing } from '../../src/redact/needle.ts'
import { rateValue } from '../../src/redact/rating.ts'
import { type Character, decode } from './oracle-decoder.ts'

const MIN_LENGTH = 8
export const MAX_SWALLOWED = 6
/** Of texts with fewer kept characters, what is dropped around them must be there too; with still fewer, all as it is. */
const FEW_KEPT = 8
const FEWEST_KEPT = 4
const INTRODUCER = /[\\%&\x1b\xc2\xe2\xef]/
/** Stand for line ends as they are, which belong to no edge of a value. */
const RAW_LINE_FEED = '\ue00a'
const RAW_RETURN = '\ue00d'

/** A text as it is compared: what is kept, and what is dropped before each of them and after the last. */
export interface Read {
  readonly source: string
  readonly characters: readonly Character[]
  readonly kept: readonly Character[]
  readonly gaps: readonly (readonly Character[])[]
  readonly titles: readonly (readonly [number, number])[]
}

/** A text of a value. */
export interface Needle {
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
  /** How many of its first and of its last characters may read as part of an escape. */
  readonly mayLackBefore: number
  readonly mayLackAfter: number
  /** What is dropped before its first and after its last kept character, and how writers write the latter. */
  readonly prefix: string
  readonly suffix: string
  readonly suffixPattern: RegExp
}

/** What the characters say. */
export const textOf = (characters: readonly Character[]): string =>
  String.fromCharCode(...characters.map(({ code }) => code))
const isKept = ({ code }: Character): boolean => code > 32 && !'"\'$+%\\^`\x7f'.includes(String.fromCharCode(code))

/** Decodes a text. */
export function read(source: string): Read {
  const { characters, titles } = decode(source)
  const kept: Character[] = []
  const gaps: Character[][] = [[]]
  for (const character of characters) {
    if (isKept(character)) {
      kept.push(character)
      gaps.push([])
    } else gaps.at(-1)!.push(character)
  }
  return { source, characters, kept, gaps, titles }
}

/** All that is searched for because of a value. */
export function needlesOf(value: string): readonly Needle[] {
  const rate = (text: string) => rateValue(text, MIN_LENGTH, ['[secret]', '[secret:-]'])
  const rules = { minLength: MIN_LENGTH, prefix: 512, suffix: 512, parts: 'sensitive', rate } as const
  return formsOf(value, true, rules).needles.map(({ text, standing, digits, sharesBitsBefore, sharesBitsAfter }) => {
    const decoded = read(text)
    const { length } = decoded.kept
    const isLess = length < text.length
    const isDropped = (gap: readonly Character[], index: number): boolean =>
      index % length === 0 ? gap.length > 0 : /[^\0\x1b]/.test(textOf(gap))
    const hasDropped = decoded.gaps.some(isDropped)
    const [mayLackBefore, mayLackAfter] = lacking(text, length)
    const suffix = textOf(decoded.gaps.at(-1)!)
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
      mayLackBefore,
      mayLackAfter,
      prefix: textOf(decoded.gaps[0]!),
      suffix,
      suffixPattern: suffixPattern(suffix),
    }
  })
}

/** How many characters may read as part of an escape, at the beginning and at the end: what an index of groups allows. */
function lacking(text: string, size: number): readonly [before: number, after: number] {
  const spare = Math.max(0, size - (size >= 21 ? 15 : size >= 7 ? 7 : 4))
  if (!INTRODUCER.test(text.slice(-2 * MAX_SWALLOWED))) return [Math.min(MAX_SWALLOWED, spare), 0]
  const before = Math.min(MAX_SWALLOWED, spare, Math.max(2, spare >> 1))
  return [before, Math.min(MAX_SWALLOWED, spare - before)]
}

/** As a regular expression. */
const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
/** The character, or what forms and Base64 write for it. */
export const alike = (character: string): string =>
  character === ' ' ? '[ +]' : character === '+' ? '[+-]' : quoted(character)

/** Each of the characters as it is, with what escapes it before it; signs doubled, apostrophes as a shell quotes them. */
function suffixPattern(suffix: string): RegExp {
  const pattern = [...suffix.matchAll(/(.)\1*/gs)].map(([group, one]) => {
    const count = group.length
    // each writer doubles them; those that are over escape the quote after them
    if (one === '\\') {
      const doubled = [64, 32, 16, 8, 4, 2, 1].map((times) => `\\\\{${times * count}}`).join('|')
      return `(?:\\\\{${count},}(?![\\\\"])|(?:${doubled}))`
    }
    const stop = `${quoted(one!)}${one === '\n' ? `|${RAW_LINE_FEED}` : one === '\r' ? `|${RAW_RETURN}` : ''}`
    const breaks = `\\r\\n${RAW_LINE_FEED}${RAW_RETURN}`
    const passed = `(?:(?!${stop})(?:[${breaks}] *(?! )|[^${breaks} "$%'+]))*`
    const once = `(?:${passed}${alike(one!)})`
    const shell = one === "'" ? `(?:'\\\\*(?:'|"'\\\\*")'){${count}}|` : ''
    if (!'\'"$%^`'.includes(one!)) return `(?:${once}{${count}})`
    const isQuote = count === 1 && (one === "'" || one === '"')
    return `(?:${shell}${once}{${2 * count}}${isQuote ? `(?=${once})` : ''}|${once}{${count}})`
  })
  // what was taken of one group is not given back for the next
  return new RegExp(`^${pattern.map((group, index) => `(?=(${group}))\\${index + 1}`).join('')}`)
}
