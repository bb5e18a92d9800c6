/** Prefixes: from where the end of a stream's text may still become a match. */

import { isBlank } from './breaks.ts'
import { LONGEST_MATCH, LONGEST_PATTERN } from './limits.ts'
import { agrees, type Entry, MAX_GROWTH, type Pattern, standsAt } from './pattern.ts'
import { View } from './view.ts'

/** Patterns are looked up by so many characters. */
const INDEXED = 3
/** What a match in base64 may grow over. */
const GROWTH = /[\w+/=%\\-]/
/** … while nothing else follows. */
const GROWING = /^[\w+/=%\\-]{0,17}$/
const LEFT_OUT = /[\n\r\\\x1b\x80-\uffff]|\d,\s/
const PARTIAL = /\x1b(?:\[[0-9;:?]*[ -/]*)?$/

/** Knows how patterns begin. */
export interface Prefixes {
  add(pattern: Pattern): void
  remove(entry: Entry): void
  /** The first offset from `from` on that may belong to a match not yet complete, or the text's length. */
  liveFrom(text: string, from: number): number
}

/** Prefixes of no pattern yet. */
export function createPrefixes(): Prefixes {
  /** Patterns by their first one, two and three characters. */
  const beginnings = new Map<number, Set<Pattern>>()
  /** Low bytes that occur in a pattern: behind any other nothing goes on. */
  const alphabet = new Uint8Array(256)
  const edges = new Set<number>()
  const words = new Set<Pattern>()

  /** The first characters in any case. */
  const keyOf = (text: string, start: number, length: number): number => {
    let key = length
    for (let index = start; index < start + length; index++) key = (key << 8) | (lower(text.charCodeAt(index)) & 255)
    return key
  }

  const isLive = (text: string, start: number): boolean => {
    const key = keyOf(text, start, Math.min(INDEXED, text.length - start))
    for (const pattern of beginnings.get(key) ?? []) if (isOpen(text, start, pattern)) return true
    return false
  }

  const firstLive = (text: string, from: number): number => {
    let start = text.length
    while (start > from && alphabet[text.charCodeAt(start - 1) & 255] === 1) start--
    while (start < text.length && !isLive(text, start)) start++
    // a base64 character that a match would take with it is held back too
    for (const edge of edges) if (agrees(text[start - 1], edge)) return start - 1
    return start
  }

  /** A short value that reaches to where a match may begin: masked or not, as the match comes or not. */
  const wordBefore = (text: string, live: number, from: number): number => {
    let start = live
    for (const pattern of words) {
      for (let at = Math.max(from, live - pattern.text.length); at < start; at++) {
        if (standsAt(text, at, pattern)) start = at
      }
    }
    return start
  }

  return {
    add(pattern) {
      const { text, left, right, entry } = pattern
      for (let length = 1; length <= Math.min(INDEXED, text.length); length++) {
        const key = keyOf(text, 0, length)
        const others = beginnings.get(key)
        if (others === undefined) beginnings.set(key, new Set([pattern]))
        else others.add(pattern)
      }
      // in either case, since hexadecimal is
      for (const character of text.toLowerCase() + text.toUpperCase()) alphabet[character.charCodeAt(0) & 255] = 1
      for (let code = 0; right > 0 && code < 128; code++) if (GROWTH.test(String.fromCharCode(code))) alphabet[code] = 1
      if (left > 0) edges.add(left)
      if (entry.verdict === 'short') words.add(pattern)
    },
    remove({ anchors }) {
      for (const { pattern } of anchors) {
        words.delete(pattern)
        for (let length = 1; length <= INDEXED; length++)
          beginnings.get(keyOf(pattern.text, 0, length))?.delete(pattern)
      }
    },
    liveFrom(text, from) {
      let live = firstLive(text, Math.max(from, text.length - LONGEST_PATTERN - MAX_GROWTH))
      let soft = text.length
      const last = Math.max(from, soft - LONGEST_MATCH)
      // inside an escape sequence any character may stand
      const isEscaped = text.includes('\x1b', last)
      while (soft > last && (isEscaped || isSoft(text.charCodeAt(soft - 1), alphabet))) soft--
      const tail = text.slice(soft)
      if (LEFT_OUT.test(tail)) {
        const view = View.ofTail(tail)
        const inView = firstLive(view.text, 0)
        if (inView < view.text.length) live = Math.min(live, soft + view.original(inView))
        // an escape sequence is not cut: its rest would be text
        live = soft + Math.min(view.outside(live - soft), PARTIAL.exec(tail)?.index ?? tail.length)
      }
      return live === text.length ? live : wordBefore(text, Math.max(live, from), from)
    },
  }
}

/** Whether a match may go on behind the character, or behind what is left out with it. */
function isSoft(code: number, alphabet: Uint8Array): boolean {
  return code > 127 || code === 92 || isBlank(code) || alphabet[code] === 1
}

/** Whether the pattern has begun there and is not complete, or may still grow. */
function isOpen(text: string, start: number, pattern: Pattern): boolean {
  const end = start + pattern.text.length
  if (!standsAt(text, start, pattern)) return false
  return (
    end > text.length ||
    (pattern.entry.verdict === 'short'
      ? end === text.length
      : pattern.right > 0 && GROWING.test(text.slice(end, end + MAX_GROWTH)))
  )
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code | 32 : code
}
