/** The matcher: finds every form of every known value in one pass, whatever their number. */

import type { Joints } from './joints.ts'
import { MAX_STRETCH, STRETCH_ROOM } from './limits.ts'
import { Compare, compareAt, type Entry, growLeft, growRight, MAX_GROWTH, type Pattern } from './pattern.ts'
import { SkipTable } from './skip-table.ts'
import { isWithin, LabelSpans, type Match, type Sink, type Span, Spans, union } from './spans.ts'
import { type JoinedView, joinedView } from './view.ts'
import { windowsOf } from './windows.ts'

const BLOCK = 16_384
/** A group of bytes may be read at the last one. */
const ROOM = 8
/** A window across the border between two blocks is found in the second. */
const OVERLAP = 7
const NODE = 4
const CROWD = 9
const encoder = new TextEncoder()

/** Finds the patterns that it was given, and forgets them again. */
export class Matcher {
  readonly #joints: Joints
  readonly #patterns: (Pattern | undefined)[] = []
  /** By node: which table, where in the pattern its window stands, and the window. */
  #nodes = new Int32Array(NODE * 64)
  readonly #free: number[] = []
  readonly #tables = [new SkipTable(8), new SkipTable(4), new SkipTable(1)]
  /** Patterns that count only where no letter, digit, `_` or `-` touches them. */
  readonly #wordTables = [new SkipTable(4), new SkipTable(1)]
  readonly #bytes = new Uint8Array(BLOCK + ROOM)
  readonly #block = { view: new DataView(this.#bytes.buffer), length: 0 }

  constructor(joints: Joints) {
    this.#joints = joints
  }

  /** Searches for the pattern from now on. */
  add(pattern: Pattern): void {
    const tables = this.#tablesOf(pattern.entry)
    const index = tables.findIndex(({ width }) => width <= pattern.text.length)
    const table = tables[index]!
    const windows = windowsOf(pattern, table.width, (window) => table.crowd(window.low, window.high, CROWD))
    for (const { at, low, high } of windows) {
      const node = this.#free.pop() ?? this.#patterns.length
      this.#note(node, index, at, low, high)
      this.#patterns[node] = pattern
      table.add(low, high, node)
      pattern.entry.nodes.push(node)
    }
  }

  /** Forgets all patterns of the entry. */
  remove(entry: Entry): void {
    const tables = this.#tablesOf(entry)
    for (const node of entry.nodes.splice(0)) {
      const at = node * NODE
      tables[this.#nodes[at]!]!.remove(this.#nodes[at + 2]!, this.#nodes[at + 3]!, node)
      this.#patterns[node] = undefined
      this.#free.push(node)
    }
  }

  /** Every pattern that is searched for. */
  patterns(): readonly Pattern[] {
    return this.#patterns.filter((pattern) => pattern !== undefined)
  }

  /**
   * The places of the text to mask.
   *
   * @param from where the text begins that is not yet decided: no short value stands before
   * @param masked how many of its first characters are masked already
   * @param isOpen whether more text follows, so that its end is no end of a word
   */
  spans(text: string, from = 0, masked = 0, isOpen = false): readonly Span[] {
    const layers: Span[][] = []
    this.#scan(text, () => {
      const spans = new Spans()
      layers.push(spans.list)
      return spans
    })
    const main = union(layers)
    if (!this.#hasWords()) return main
    const words = new Spans()
    this.#scanWords(text, words, { main, from, masked, isOpen })
    return union([main, words.list])
  }

  /** Every occurrence; of one label no two that touch. */
  find(text: string): readonly Match[] {
    const found = new LabelSpans()
    this.#scan(text, () => found.layer())
    if (this.#hasWords()) {
      this.#scanWords(text, found.layer(), { main: union(found.lists()), from: 0, masked: 0, isOpen: false })
    }
    return found.matches()
  }

  #hasWords(): boolean {
    return this.#wordTables.some(({ isEmpty }) => !isEmpty)
  }

  #tablesOf(entry: Entry): readonly SkipTable[] {
    return entry.verdict === 'ok' ? this.#tables : this.#wordTables
  }

  #note(node: number, ...row: [table: number, at: number, low: number, high: number]): void {
    if ((node + 1) * NODE > this.#nodes.length) {
      const larger = new Int32Array(this.#nodes.length * 2)
      larger.set(this.#nodes)
      this.#nodes = larger
    }
    this.#nodes.set(row, node * NODE)
  }

  /** Searches the text and its joined view; each table and view reports in order to a sink of its own. */
  #scan(text: string, sinkOf: () => Sink): void {
    let isAscii = true
    let isSearched = false
    for (const table of this.#tables) {
      if (table.isEmpty) continue
      isAscii = this.#search(text, table, sinkOf())
      isSearched = true
    }
    const view = isSearched ? joinedView(text, isAscii, this.#joints) : undefined
    if (view === undefined) return
    for (const table of this.#tables) if (!table.isEmpty) this.#search(view.text, table, new ViewSink(view, sinkOf()))
  }

  #scanWords(text: string, sink: Sink, around: Surroundings): void {
    const words = new WordSink(text, around)
    for (const table of this.#wordTables) if (!table.isEmpty) this.#search(text, table, words)
    words.decide(sink)
  }

  /** Reports every match to the sink; tells whether the text is ASCII. */
  #search(text: string, table: SkipTable, sink: Sink): boolean {
    let base = 0
    let isAscii = true
    const report = (node: number, position: number): void => {
      const pattern = this.#patterns[node]!
      this.#verify(text, base + position - this.#nodes[node * NODE + 1]!, pattern, sink)
    }
    for (; base === 0 || base + OVERLAP < text.length; base += BLOCK - OVERLAP) {
      isAscii = this.#fill(text, base) && isAscii
      table.search(this.#block, report)
    }
    return isAscii
  }

  /** Puts the low bytes of the text's characters into the block; tells whether they are ASCII. */
  #fill(text: string, base: number): boolean {
    const bytes = this.#bytes
    const piece = text.length <= BLOCK ? text : text.slice(base, base + BLOCK)
    const { read, written } = encoder.encodeInto(piece, bytes)
    this.#block.length = piece.length
    if (written === piece.length && read === written) return true
    for (let index = 0; index < piece.length; index++) bytes[index] = piece.charCodeAt(index)
    return false
  }

  #verify(text: string, start: number, pattern: Pattern, sink: Sink): void {
    const { text: wanted, compare, entry, form } = pattern
    const label = entry.labels[0]!
    const last = start + wanted.length - 1
    if (compare !== Compare.List) {
      if (sink.covers(start - 1, last + 1 + MAX_GROWTH, label)) return
      if (compare === Compare.Exact && text.charCodeAt(last) !== wanted.charCodeAt(wanted.length - 1)) return
    }
    const length = compareAt(text, start, pattern)
    if (length < 0) return
    sink.add({ label, form, start: growLeft(text, start, pattern), end: growRight(text, start + length, pattern) })
  }
}

/** Translates matches in a view to the text itself. */
class ViewSink implements Sink {
  readonly #view: JoinedView
  readonly #sink: Sink

  constructor(view: JoinedView, sink: Sink) {
    this.#view = view
    this.#sink = sink
  }

  covers(start: number, end: number, label: string): boolean {
    return start >= 0 && this.#sink.covers(this.#view.original(start), this.#view.original(end), label)
  }

  add(match: Match): void {
    const start = this.#view.original(match.start)
    const end = this.#view.original(match.end - 1) + 1
    if (end - start > MAX_STRETCH * (match.end - match.start) + STRETCH_ROOM) return
    // what only a break elsewhere brought together would not be found in a stream
    if (!this.#view.joins(start, end)) return
    this.#sink.add({ ...match, start, end })
  }
}

const WORD = /[\p{L}\p{N}_-]/u

/** What decides whether a short value stands alone. */
interface Surroundings {
  readonly main: readonly Span[]
  readonly from: number
  readonly masked: number
  readonly isOpen: boolean
}

/** Lets those matches through that no word character touches; one that is masked does not count. */
class WordSink implements Sink {
  readonly #text: string
  readonly #around: Surroundings
  readonly #matches: Match[] = []

  constructor(text: string, around: Surroundings) {
    this.#text = text
    this.#around = around
  }

  covers(): boolean {
    return false
  }

  add(match: Match): void {
    if (match.start >= this.#around.from && !this.#touches(match.end)) this.#matches.push(match)
  }

  /** From left to right, since a short value masked on the left no longer touches the next. */
  decide(sink: Sink): void {
    let end = 0
    for (const match of this.#matches.sort((a, b) => a.start - b.start || b.end - a.end)) {
      if (match.start > end && this.#touches(match.start - 1)) continue
      end = Math.max(end, match.end)
      sink.add(match)
    }
  }

  #touches(index: number): boolean {
    const { main, masked, isOpen } = this.#around
    const character = this.#text[index]
    if (character === undefined) return isOpen && index > 0
    return WORD.test(character) && index >= masked && !isWithin(main, index)
  }
}
