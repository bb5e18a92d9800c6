/** Prefixes: from where the end of a stream's text may still become a match. */

import { isBlank } from './breaks.ts'
import { LONGEST_MATCH, LONGEST_PATTERN } from './limits.ts'
import type { Matcher } from './matcher.ts'
import { agrees, Compare, compareAt, type Edge, fold, MAX_GROWTH, type Pattern } from './pattern.ts'
import { tailView } from './view.ts'

const INDEXED = 8
/** What a match in base64 may grow over. */
const GROWTH = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%\\'
const MIN_BITS = 16
const BITS_A_PREFIX = 16
const EXACT = 0x811c9dc5 | 0
const FOLDED = 0x01000193
const MULTIPLIER = 0x9e3779b1 | 0

/**
 * Knows the beginnings of all patterns.
 *
 * Beginnings of up to eight characters are bits of a filter; a bit too many holds a few characters back for one chunk
 * longer, which changes no output. Longer beginnings are compared with the patterns themselves.
 */
export class Prefixes {
  readonly #matcher: Matcher
  #bits = new Uint32Array(1 << (MIN_BITS - 5))
  #count = 0
  #removed = 0
  #isBuilt = false
  readonly #byBeginning = new Map<number, Pattern[]>()
  /** Bytes that occur in a pattern: behind any other nothing goes on. */
  readonly #alphabet = new Uint8Array(256)
  readonly #edges = new Map<number, Edge>()
  readonly #short = new Set<Pattern>()
  readonly #words = new Set<Pattern>()

  constructor(matcher: Matcher) {
    this.#matcher = matcher
  }

  /** Learns a pattern; nothing before the first stream asks. */
  add(pattern: Pattern): void {
    if (!this.#isBuilt) return
    this.#index(pattern)
    if (this.#count * BITS_A_PREFIX > this.#bits.length * 32) this.#isBuilt = false
  }

  /** Tells that patterns were forgotten; they are looked for until they are many. */
  remove(count: number): void {
    this.#removed += count
    if (this.#removed * INDEXED > this.#count) this.#isBuilt = false
  }

  /** The first offset from `from` on that may belong to a match not yet complete, or the text's length. */
  liveFrom(text: string, from: number): number {
    if (!this.#isBuilt) this.#build()
    let live = this.#firstLive(text, Math.max(from, text.length - LONGEST_PATTERN - MAX_GROWTH))
    const soft = this.#softFrom(text, Math.max(from, text.length - LONGEST_MATCH))
    const view = soft < text.length ? tailView(text.slice(soft)) : undefined
    if (view !== undefined) {
      const inView = this.#firstLive(view.text, Math.max(0, view.text.length - LONGEST_PATTERN - MAX_GROWTH))
      if (inView < view.text.length) live = Math.min(live, soft + view.original(inView))
      // an escape sequence is not cut: its rest would be text
      live = soft + Math.min(view.partial, view.outside(live - soft))
    }
    return live === text.length ? live : this.#wordBefore(text, Math.max(live, from), from)
  }

  #build(): void {
    const patterns = this.#matcher.patterns()
    let bits = MIN_BITS
    while (patterns.length * INDEXED * BITS_A_PREFIX > 2 ** bits) bits++
    this.#bits = new Uint32Array(2 ** (bits - 5))
    this.#byBeginning.clear()
    this.#short.clear()
    this.#words.clear()
    this.#count = this.#removed = 0
    this.#isBuilt = true
    for (const pattern of patterns) this.#index(pattern)
  }

  #index(pattern: Pattern): void {
    const { text, compare, left, right, entry } = pattern
    const isWord = entry.verdict === 'short'
    const isFolded = compare === Compare.Percent || compare === Compare.Hex
    // a word that is complete still waits for what follows
    const last = Math.min(INDEXED - 1, isWord ? text.length : text.length - 1)
    let hash = isFolded ? FOLDED : EXACT
    for (let index = 0; index < last; index++) {
      const code = text.charCodeAt(index)
      hash = Math.imul(hash ^ (isFolded ? fold(code) : code), MULTIPLIER)
      this.#mark(hash)
    }
    this.#count += last
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      this.#alphabet[code & 255] = 1
      if (isFolded && code >= 65 && code <= 90) this.#alphabet[code | 32] = 1
      if (isFolded && code >= 97 && code <= 122) this.#alphabet[code & ~32] = 1
    }
    if (left !== undefined) this.#edges.set(left.mask * 64 + left.bits, left)
    if (right !== undefined) for (const character of GROWTH) this.#alphabet[character.charCodeAt(0)] = 1
    if (isWord) this.#words.add(pattern)
    if (text.length < INDEXED) {
      if (right !== undefined) this.#short.add(pattern)
      return
    }
    const key = beginningOf(text, 0)
    const others = this.#byBeginning.get(key)
    if (others === undefined) this.#byBeginning.set(key, [pattern])
    else others.push(pattern)
  }

  #mark(hash: number): void {
    const bit = (hash ^ (hash >>> 15)) & (this.#bits.length * 32 - 1)
    this.#bits[bit >>> 5]! |= 1 << (bit & 31)
  }

  #has(hash: number): boolean {
    const bit = (hash ^ (hash >>> 15)) & (this.#bits.length * 32 - 1)
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  #firstLive(text: string, from: number): number {
    for (let start = this.#runFrom(text, from); start < text.length; start++) {
      if (this.#isLive(text, start)) return this.#withEdge(text, start)
    }
    return this.#withEdge(text, text.length)
  }

  /** Where the run of bytes begins that occur in patterns. */
  #runFrom(text: string, from: number): number {
    let start = text.length
    while (start > from && this.#alphabet[text.charCodeAt(start - 1) & 255] === 1) start--
    return start
  }

  #softFrom(text: string, from: number): number {
    let start = text.length
    // inside an escape sequence any character may stand
    const isOpen = text.includes('\x1b', from) || text.includes('\\', from)
    for (; start > from; start--) {
      const code = text.charCodeAt(start - 1)
      if (!isOpen && this.#alphabet[code & 255] !== 1 && !isBlank(code) && code < 128) break
    }
    return start
  }

  /** A base64 character that a match would take with it is held back too. */
  #withEdge(text: string, start: number): number {
    for (const edge of this.#edges.values()) if (start > 0 && agrees(text, start - 1, edge)) return start - 1
    return start
  }

  #isLive(text: string, start: number): boolean {
    const length = text.length - start
    if (length < INDEXED) {
      let exact = EXACT
      let folded = FOLDED
      for (let index = start; index < text.length; index++) {
        const code = text.charCodeAt(index)
        exact = Math.imul(exact ^ code, MULTIPLIER)
        folded = Math.imul(folded ^ fold(code), MULTIPLIER)
      }
      if (this.#has(exact) || this.#has(folded)) return true
    } else {
      for (const pattern of this.#byBeginning.get(beginningOf(text, start)) ?? []) {
        if (isOpen(text, start, pattern)) return true
      }
    }
    for (const pattern of this.#short) if (isOpen(text, start, pattern)) return true
    return false
  }

  /** A short value that reaches to where a match may begin: masked or not, as the match comes or not. */
  #wordBefore(text: string, live: number, from: number): number {
    let start = live
    for (const pattern of this.#words) {
      for (let at = Math.max(from, live - pattern.text.length); at < start; at++) {
        if (compareAt(text, at, pattern) >= 0) start = at
      }
    }
    return start
  }
}

/** Whether the pattern has begun there and is not complete, or may still grow. */
function isOpen(text: string, start: number, pattern: Pattern): boolean {
  const length = compareAt(text, start, pattern, true)
  if (length < 0) return false
  const end = start + length
  if (end === text.length && (length < pattern.text.length || pattern.entry.verdict === 'short')) return true
  return pattern.right !== undefined && end + MAX_GROWTH > text.length
}

/** The first eight characters, in any case. */
function beginningOf(text: string, start: number): number {
  let hash = 0
  for (let index = start; index < start + INDEXED; index++)
    hash = Math.imul(hash ^ fold(text.charCodeAt(index)), MULTIPLIER)
  return hash
}
