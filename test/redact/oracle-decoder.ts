/**
 * The decoder of the oracle: a list of characters, whose tail is replaced as soon as it is a complete escape.
 *
 * It shares nothing with the decoder of the engine, is slow, and is what the engine's decoder is held against.
 */

/** A character, how many escapes it was written in, and where in the text the outermost begins and ends. */
export interface Character {
  readonly code: number
  readonly level: number
  readonly place: number
  readonly end: number
  /** A terminal sequence stood after it: no run of backslashes and no other sequence goes on there. */
  isEnded?: boolean
  /** In how many layers an escape around it is written at least: a colour within `\\u00` is written as the rest of it is. */
  readonly leastAround: number
  /** Something unseen stood after it, so that no escape of fewer layers goes on there. */
  leastOn?: number
  /** A line break or a blank in the middle of an escape, which is gone if the escape completes. */
  readonly isSoft?: boolean
}

/** What a text says, and where the titles and links of a terminal stand that say something else. */
export interface Decoded {
  readonly characters: readonly Character[]
  readonly titles: readonly (readonly [start: number, end: number])[]
}

const MAX_LEVEL = 8
const MAX_ESCAPE = 256
/** `\`, `%`, `&`, ESC, and the first bytes of zero-width characters. */
const INTRODUCERS: ReadonlySet<number> = new Set([92, 37, 38, 27, 0xc2, 0xe2, 0xef])
const UNSEEN = /^[\xad\u200b-\u200f\u2060-\u2064\ufeff]$/
/** Each with a group for the number, in that radix. */
const NUMBERS: readonly (readonly [RegExp, number])[] = [
  [/^(?:%|\\x)([\da-fA-F]{2})$/, 16],
  [/^\\u([\da-fA-F]{4})$/, 16],
  [/^\\u\{([\da-fA-F]{1,6})\}$/, 16],
  [/^\\U([\da-fA-F]{8})$/, 16],
  [/^&#[xX]([\da-fA-F]{1,6});$/, 16],
  [/^&#(\d{1,7});$/, 10],
  [/^\\([0-3][0-7]{2})$/, 8],
]
// biome-ignore format: pairs
const NAMED: Readonly<Record<string, string>> = {
  '\\a': '\x07', '\\b': '\b', '\\e': '\x1b', '\\E': '\x1b', '\\f': '\f', '\\n': '\n', '\\r': '\r', '\\t': '\t', '\\v': '\v',
  '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'",
}
/** More than the first character of an escape, and not all of it. */
const BEGUN =
  /^(?:%[\da-fA-F]|\\(?:x[\da-fA-F]?|u[\da-fA-F]{0,3}|u\{[\da-fA-F]{0,6}|U[\da-fA-F]{0,7}|[0-3][0-7]?)|&#(?:\d{0,7}|[xX][\da-fA-F]{0,6})|&(?:a|am|amp|ap|apo|apos|l|lt|g|gt|q|qu|quo|quot))$/
/** Terminal sequences, and zero-width characters as bytes. */
const INVISIBLE =
  /^(?:\x1b\[(?:\d{0,4}[:;<=>?])*\d{0,4}[ !"#$'*]?[@-Z`a-z{|}~]|\x1b[()*+][0-Z]|\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81[\xa0-\xa4]|\xef\xbb\xbf)$/
const TITLE = /([^\r\n]{0,1023}?)(?:\x07|\x1b\\|\\(?:u00|x)(?:07|1[bB]\\\\))/y

/** The character that an escape stands for, or -1. */
function meaningOf(written: string): number {
  for (const [pattern, radix] of NUMBERS) {
    const digits = pattern.exec(written)?.[1]
    if (digits !== undefined) return Number.parseInt(digits, radix) <= 0x10ffff ? Number.parseInt(digits, radix) : -1
  }
  return NAMED[written]?.charCodeAt(0) ?? -1
}

/** Undoes every escape of the text. */
export function decode(text: string): Decoded {
  const list: Character[] = []
  const titles: [number, number][] = []
  let at = 0

  /** The tail of the list that may be an escape: from the last character with which one begins. */
  const tail = (): { start: number; written: string; isWhole: boolean } => {
    let start = list.length - 1
    while (start >= 0 && !INTRODUCERS.has(list[start]!.code)) start--
    if (list.length - start > MAX_ESCAPE) return { start, written: '', isWhole: false }
    if (start < 0) return { start, written: '', isWhole: false }
    const { level } = list[start]!
    const all = list.slice(start).filter(({ isSoft }) => isSoft !== true)
    return {
      start,
      written:
        level < MAX_LEVEL &&
        all.every((each) => each.level <= level) &&
        all.slice(0, -1).every(({ leastOn = 0 }) => level >= leastOn)
          ? String.fromCodePoint(...all.map(({ code }) => code))
          : '',
      isWhole: all.slice(0, -1).every(({ isEnded }) => isEnded !== true),
    }
  }
  /** Removes the tail, of which nothing is seen; says so of the character before it. */
  const cut = (start: number, isEnd: boolean): void => {
    const { leastAround } = list[start]!
    list.length = start
    const before = list.at(-1)
    if (before === undefined) return
    before.isEnded ||= isEnd
    before.leastOn = Math.max(before.leastOn ?? 0, leastAround)
  }
  /** How many backslashes of one level end there. */
  const runAt = (last: number): number => {
    let first = last
    while (
      first > 0 &&
      list[first - 1]!.code === 92 &&
      list[first - 1]!.level === list[last]!.level &&
      list[first - 1]!.isEnded !== true
    )
      first--
    return last - first + 1
  }
  /** Replaces the tail where it is a complete escape. */
  const reduce = (): boolean => {
    const { start, written, isWhole } = tail()
    if (isWhole && INVISIBLE.test(written)) {
      cut(start, true)
      return true
    }
    if (isWhole && written === '\x1b]') {
      TITLE.lastIndex = at
      const found = TITLE.exec(text)
      if (found === null) return false
      titles.push([at, at + found[1]!.length])
      at = TITLE.lastIndex
      cut(start, true)
      return true
    }
    const code = meaningOf(written)
    if (code < 0) return false
    const run = list[start]!.code === 92 ? runAt(start) : 1
    // of a run of backslashes those are its own that a chain of writers makes of one
    const first = start + 1 - (run & -run)
    const { level, place } = list[first]!
    if (at - place > MAX_ESCAPE) return false
    // a backslash may be written as the escape around it is, a `%` or `&` in one layer less
    const leastAround = list[first]!.code === 92 ? level : level + 1
    list.length = first
    list.push({ code, level: level + 1, place, end: at, leastAround })
    return true
  }

  while (at < text.length) {
    const place = at++
    const code = text.charCodeAt(place)
    const before = list.at(-1)
    const isBreak = code === 10 || code === 13
    const isInEscape = isBreak && BEGUN.test(tail().written)
    const isIndentation =
      (isBreak || code === 32 || code === 9) && before?.isSoft === true && before.place === place - 1
    list.push({ code, level: 0, place, end: at, leastAround: 0, isSoft: isInEscape || isIndentation })
    while (reduce());
    if (list.length > 0 && UNSEEN.test(String.fromCodePoint(list.at(-1)!.code))) cut(list.length - 1, false)
  }
  return { characters: list.flatMap(units), titles }
}

/** The UTF-16 units of a character. */
function units(character: Character): readonly Character[] {
  const text = String.fromCodePoint(character.code)
  return text.length === 1
    ? [character]
    : [text.charCodeAt(0), text.charCodeAt(1)].map((code) => ({ ...character, code }))
}
