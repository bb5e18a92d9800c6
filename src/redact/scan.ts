/** The scan: decodes a text block by block, looks up what is kept in the index, and verifies what it meets. */

import { Decoder } from './decode.ts'
import { BLOCK, TAIL } from './limits.ts'
import type { Candidate, Match } from './matches.ts'
import type { Form, Needle } from './needle.ts'
import { type GroupTable, hashAt, hashEight, hashFour, type NeedleIndex } from './needle-index.ts'
import { Verifier } from './verify.ts'

/** Goes on no escape, and is part of no word. */
const NO_ESCAPE = '\ue000'

/** How many characters a title of a terminal has at least: two that begin it, its text, and one that ends it. */
const SHORTEST_TITLE = 4

/** What was found in a text. */
export interface Findings {
  /** Values that are masked wherever they stand, and those that may stand alone. */
  readonly matches: Match[]
  readonly candidates: Candidate[]
  /** From where on more text may change what was found; the length of the text where nothing can. */
  openFrom: number
}

/** Searches texts for what is in an index. */
export class Scanner {
  readonly decoder = new Decoder()
  readonly verifier = new Verifier(this.decoder)
  #text = ''
  #findings: Findings = { matches: [], candidates: [], openFrom: 0 }
  #hasForms = false
  #titleScanner: Scanner | undefined

  readonly #index: NeedleIndex

  constructor(index: NeedleIndex) {
    this.#index = index
  }

  /**
   * Finds every needle in the text; what was decoded last stays in the decoder.
   *
   * @param isFinal whether nothing will follow the text
   * @param hasForms whether the form of each match is asked for
   */
  scan(text: string, isFinal: boolean, hasForms = false): Findings {
    const findings: Findings = { matches: [], candidates: [], openFrom: text.length }
    this.#findings = findings
    this.#hasForms = hasForms
    this.#text = text
    this.decoder.start(text, isFinal)
    this.verifier.begin(text, isFinal, this.#index.longestMatch)
    this.#scanBlocks(text, isFinal)
    this.#findLiterals(text)
    const { titles } = this.decoder
    if (titles.length > 0) this.#scanTitles(text, [...titles])
    this.#text = ''
    // a text is not kept longer than its redaction takes; a stream asks about its end
    if (isFinal) {
      this.decoder.start('', true)
      this.verifier.begin('', true, 0)
    }
    return findings
  }

  #scanBlocks(text: string, isFinal: boolean): void {
    const { decoder } = this
    const index = this.#index
    const overlap = index.longestMatch
    for (let from = 0, next = 0, to = -1; to < text.length; from = next > from ? next : to) {
      to = Math.min(text.length, from + BLOCK)
      if (!isFinal && to === text.length && to - from > overlap + 4 * TAIL) to -= TAIL
      next = decoder.decode(from, to, overlap)
      this.#searchGroups(decoder.size)
      if (index.swallowable.hasBeginnings) this.#findSwallowed()
      if (index.swallowable.hasEnds) this.#findSwallowedEnds()
    }
  }

  /** Looks up what was kept. */
  #searchGroups(size: number): void {
    const { long, middle, short, tiny } = this.#index
    if (long.size > 0 && middle.size > 0) this.#searchBoth(size, long, middle)
    else if (long.size > 0) this.#searchLong(size, long)
    else if (middle.size > 0) this.#searchMiddle(size, middle)
    if (short.size > 0) this.#searchShort(size, short)
    if (tiny.length > 0) this.#searchTiny(size, tiny)
  }

  /** Long and middle needles in one pass: both read the same words, and the hash of eight goes on from that of four. */
  #searchBoth(size: number, long: GroupTable, middle: GroupTable): void {
    const { words } = this.decoder
    const { filter, shift } = long
    const { filter: middleFilter, shift: middleShift } = middle
    const last = (size + 3) >> 2
    for (let word = 0; word < last; word += 2) {
      const first = hashFour(words[word]!)
      const second = hashFour(words[word + 1]!)
      const both = hashEight(first, words[word + 1]!)
      const bit = both >>> shift
      const firstBit = first >>> middleShift
      const secondBit = second >>> middleShift
      if (((filter[bit >>> 5]! >>> bit) & 1) !== 0) this.#lookUp(long, both, word << 2)
      if (((middleFilter[firstBit >>> 5]! >>> firstBit) & 1) !== 0) this.#lookUp(middle, first, word << 2)
      if (((middleFilter[secondBit >>> 5]! >>> secondBit) & 1) !== 0) this.#lookUp(middle, second, (word << 2) + 4)
    }
  }

  /** Long needles alone: two words a turn, one hash. */
  #searchLong(size: number, table: GroupTable): void {
    const { words } = this.decoder
    const { filter, shift } = table
    const last = (size + 3) >> 2
    for (let word = 0; word < last; word += 2) {
      const hash = hashEight(hashFour(words[word]!), words[word + 1]!)
      const bit = hash >>> shift
      if (((filter[bit >>> 5]! >>> bit) & 1) !== 0) this.#lookUp(table, hash, word << 2)
    }
  }

  /** Middle needles alone: each word has its hash. */
  #searchMiddle(size: number, table: GroupTable): void {
    const { words } = this.decoder
    const { filter, shift } = table
    const last = (size + 3) >> 2
    for (let word = 0; word < last; word++) {
      const hash = hashFour(words[word]!)
      const bit = hash >>> shift
      if (((filter[bit >>> 5]! >>> bit) & 1) !== 0) this.#lookUp(table, hash, word << 2)
    }
  }

  /** Short needles have one group: it may begin at any character, so that words are of no use. */
  #searchShort(size: number, table: GroupTable): void {
    const { kept } = this.decoder
    const { filter, shift } = table
    for (let at = 0; at < size; at++) {
      const hash = hashAt(kept, at, 4)
      const bit = hash >>> shift
      if (((filter[bit >>> 5]! >>> bit) & 1) !== 0) this.#lookUp(table, hash, at)
    }
  }

  /** Needles of fewer than four characters have no group: a table by the first one. */
  #searchTiny(size: number, byFirst: NeedleIndex['tiny']): void {
    const { kept } = this.decoder
    for (let at = 0; at < size; at++) {
      for (const number of byFirst[kept[at]!] ?? []) this.#verify(number, at, 0)
    }
  }

  #lookUp(table: GroupTable, hash: number, at: number): void {
    for (let group = table.first(hash); group >= 0; group = table.next(group)) {
      this.#verify(table.needleOf(group), at, table.offsetOf(group))
    }
  }

  #verify(number: number, at: number, offset: number): void {
    const { decoder, verifier } = this
    const index = this.#index
    const needle = index.needles[number]!
    if (!verifier.resembles(needle, at, offset)) return
    decoder.place()
    if (verifier.matches(needle, at, offset)) this.#note(number, verifier.start, verifier.end)
    if (verifier.isOpen) this.#findings.openFrom = Math.min(this.#findings.openFrom, verifier.start)
  }

  #note(number: number, start: number, end: number): void {
    const index = this.#index
    const findings = this.#findings
    const needle = index.needles[number]!
    const label = index.labelOf(number)
    if (label === undefined) return
    // who asks why something is masked is told of every value
    const form = this.#hasForms ? formOf(this.#text.slice(start, end), needle) : needle.form
    for (const each of this.#hasForms ? index.labelsOf(number) : [label]) {
      const match = { label: each, form, start, end }
      if (needle.standing === 'anywhere') findings.matches.push(match)
      else {
        const isAfterEscape = this.verifier.endsEscape(start)
        findings.candidates.push({ ...match, standing: needle.standing, isAfterEscape })
      }
    }
  }

  /** Those of which too little is compared. */
  #findLiterals(text: string): void {
    for (const number of this.#index.literals) {
      const literal = this.#index.needles[number]!.text
      for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
        this.#note(number, at, at + literal.length)
      }
    }
  }

  /** Short values of which the first characters read as part of an escape: `4711` in `%4711`. */
  #findSwallowed(): void {
    const { escapes, escapesSize } = this.decoder
    const { swallowable } = this.#index
    for (let index = 0; index < escapesSize; index += 2) {
      const start = escapes[index]!
      const end = escapes[index + 1]!
      // in a title, even the first character may begin a value; most escapes are too short to be one
      let at = swallowable.nextBeginning(this.#text, end - start < SHORTEST_TITLE ? start + 1 : start, end)
      for (; at < end; at = swallowable.nextBeginning(this.#text, at + 1, end)) this.#findSwallowedFrom(at)
    }
  }

  #findSwallowedFrom(start: number): void {
    for (const number of this.#index.swallowable.beginningWith(this.#text.charAt(start))) {
      const { text } = this.#index.needles[number]!
      if (this.#text.startsWith(text, start) && !this.verifier.readsFirst(text, start))
        this.#note(number, start, start + text.length)
    }
  }

  /** Values of which the last characters read as part of an escape: `hunter2%4` in `hunter2%41`. */
  #findSwallowedEnds(): void {
    const { escapes, escapesSize } = this.decoder
    for (let index = 0; index < escapesSize; index += 2) {
      const end = escapes[index + 1]!
      for (let at = escapes[index]! + 1; at < end; at++)
        if (this.#index.swallowable.mayEnd(this.#text, at)) this.#findSwallowedTo(at)
    }
  }

  #findSwallowedTo(end: number): void {
    for (const number of this.#index.swallowable.endingWith(this.#text.charAt(end - 1))) {
      const { text } = this.#index.needles[number]!
      if (this.#text.endsWith(text, end) && !this.verifier.readsLast(text, end))
        this.#note(number, end - text.length, end)
    }
  }

  /** What the titles and links of a terminal say, which were passed over: all of them in one text. */
  #scanTitles(text: string, titles: readonly number[]): void {
    const findings = this.#findings
    const hasForms = this.#hasForms
    this.#titleScanner ??= new Scanner(this.#index)
    let joined = ''
    /** Where each begins in the joined text, and how far it stands from there. */
    const starts: number[] = []
    for (let index = 0; index < titles.length; index += 2) {
      starts.push(joined.length)
      joined += text.slice(titles[index], titles[index + 1]) + NO_ESCAPE
    }
    starts.push(joined.length)
    const found = this.#titleScanner.scan(joined, true, hasForms)
    const moveAll = <M extends Match>(from: readonly M[], to: M[]): void => {
      let title = 0
      for (const match of [...from].sort((a, b) => a.start - b.start)) {
        while (starts[title + 1]! <= match.start) title++
        const shift = titles[2 * title]! - starts[title]!
        if (match.end < starts[title + 1]!) to.push({ ...match, start: match.start + shift, end: match.end + shift })
      }
    }
    moveAll(found.matches, findings.matches)
    // what begins a title stands after an escape
    const first = new Set(starts)
    const candidates = found.candidates.map((each) => (first.has(each.start) ? { ...each, isAfterEscape: true } : each))
    moveAll(candidates, findings.candidates)
  }
}

/** Which form a match has: that of its needle, or that of the escapes in which the value is written. */
function formOf(written: string, { text, form, digits }: Needle): Form {
  if (form !== 'raw' || written === text) return form
  if (digits !== undefined) return 'hex'
  if (/%[\da-f]{2}/i.test(written)) return 'percent'
  if (/&(?:#|[a-z]{2,4};)/i.test(written)) return 'html'
  if (/\\(?:["\\/bfnrt]|u[\da-f]{4})/i.test(written)) return 'json'
  if (/'\\+''|"'"/.test(written)) return 'quote'
  if (written.includes('\\') || /[\\^]/.test(text)) return 'escape'
  return text.includes(written) || /\s/.test(written) ? 'raw' : 'quote'
}
