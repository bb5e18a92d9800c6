/** Beginnings: from where the end of a stream's text may still become a match. */

import { isBase64 } from './base64.ts'
import { FEW } from './compare.ts'
import { isEscaper, mayGoOn } from './edges.ts'
import { CUT_OFF, type Folded, fold, foldings, indexOf, isLineEnd, KEPT, kindOf, NOISE } from './fold.ts'
import { follow, OPEN } from './follow.ts'
import { LONGEST_MATCH } from './limits.ts'
import type { Needle } from './needle.ts'
import { writingsOf } from './ways.ts'

/** Beginnings of so many kept characters lead to their needles. */
const LENGTH = 8
const PRIME = 0x01000193
const SEED = 0x811c9dc5 | 0
/** Of needles before which a base64 character is decided in part. */
const EDGE_SEED = 0x1b873593
/** What a space, a quote and their like count, however many. */
const BORDER = 1
/** What was released is still looked at: a value may have begun before a line end, and a short one stands alone or not. */
export const CONTEXT = 128
/** No escape that is cut off is longer. */
const LONGEST_CUT = 32
/** A short value in escapes is not longer. */
const LONGEST_WORD = 64
/** The known beginnings are a set of 2 to the power of this many bits: one too many is sorted out by its needles. */
const BITS = 20

/** Knows how needles begin. */
export interface Beginnings {
  /** Learns a needle; one too many, of a value since removed, holds a few characters back a little longer. */
  add(needle: Needle): void
  /** The offset, at least `from`, from which the end of the text may still become a match. */
  liveFrom(text: string, from: number): number
}

/** Beginnings of no needle yet. */
export function createBeginnings(): Beginnings {
  const known = new Int32Array(1 << (BITS - 5))
  const needles = new Map<number, Needle[]>()
  const words: Needle[] = []
  const exact: Needle[] = []
  let hasEdges = false
  let longestLead = 0
  /** Whether a needle begins with a character that is escaped. */
  let mayEscape = false

  const isKnown = (hash: number): boolean => ((known[hash >>> (37 - BITS)]! >>> (hash >>> (32 - BITS))) & 1) === 1

  const learn = (hash: number): void => {
    known[hash >>> (37 - BITS)]! |= 1 << (hash >>> (32 - BITS))
  }

  /** Where what must be held back begins if a needle may begin at the index; -1 if none does. */
  const heldFrom = ({ text, places }: Folded, index: number, cut: number, base: number, whole: string): number => {
    const placeAt = (at: number): number => base + (places === undefined ? at : places[at]!)
    let hash = SEED
    let count = 0
    let first = index
    let held = placeAt(index)
    let isBroken = false
    for (let at = index; at < cut; at++) {
      const code = text.charCodeAt(at)
      const kind = kindOf(code)
      if (kind !== KEPT) {
        isBroken ||= isLineEnd(code)
        if (kind === NOISE && !isBroken && !isKnown(mix(hash, BORDER))) return -1
        if (at - first <= FEW && isLineEnd(whole.charCodeAt(placeAt(at)))) {
          while (at + 1 < cut && /\s/.test(text[at + 1]!)) at++
          first = at + 1
          held = placeAt(first)
        }
        continue
      }
      isBroken = false
      hash = mix(hash, code)
      if (!isKnown(hash)) return -1
      count++
      for (const needle of needles.get(hash) ?? []) {
        if (needle.entry.labels.length === 0) continue
        const end = follow(text.slice(0, cut), index, needle)
        if (end === OPEN || (end >= 0 && mayGoOn(text.slice(0, cut), end, needle, whole.slice(placeAt(end)))))
          return held
      }
      if (count >= LENGTH) return -1
    }
    return held
  }

  /** Whether no needle begins at the index: the next few characters say so most of the time. */
  const isNone = (text: string, index: number, cut: number, seed = SEED): boolean => {
    let hash = seed
    const last = Math.min(cut, index + LENGTH)
    for (let at = index; at < last; at++) {
      const code = text.charCodeAt(at)
      const kind = kindOf(code)
      if (kind !== KEPT) return at === index || (kind === NOISE && seed === SEED && !isKnown(mix(hash, BORDER)))
      hash = mix(hash, code)
      // nearly every pair of characters begins one of many needles
      if (at > index + 1 && !isKnown(hash)) return true
    }
    return false
  }

  /** The next index at which a needle may begin, or what is cut off. */
  const nextFrom = (text: string, from: number, cut: number): number => {
    let index = from
    while (index < cut && isNone(text, index, cut)) index++
    return index
  }

  return {
    add(needle) {
      const { lead, left, entry, isExact, undone } = needle
      hasEdges ||= left
      longestLead = Math.max(longestLead, lead.length)
      mayEscape ||= !/^\w/.test(needle.wanted)
      if (entry.verdict === 'short') words.push(needle)
      if (isExact) {
        exact.push(needle)
        return
      }
      for (const [written, seed] of writingsOf(needle).flatMap(
        (way) =>
          [
            [way, SEED],
            [way, left ? EDGE_SEED : SEED],
          ] as const,
      )) {
        const { text } = fold(written, undone)
        let hash: number = seed
        let count = 0
        for (let index = 0; index < text.length && count < LENGTH; index++) {
          const code = text.charCodeAt(index)
          if (kindOf(code) === KEPT) {
            hash = mix(hash, code)
            learn(hash)
            count++
          } else if (count > 0) learn(mix(hash, BORDER))
        }
        const same = needles.get(hash)
        if (same === undefined) needles.set(hash, [needle])
        else if (!same.includes(needle)) same.push(needle)
      }
    },
    liveFrom(text, from) {
      const base = Math.max(0, text.length - LONGEST_MATCH)
      const tail = text.slice(base)
      // a value may also begin within what looks like an escape
      const views = [...foldings(tail)]
      if (views[0]!.places !== undefined) views.push({ ...views[0]!, text: tail, places: undefined })
      let live = text.length
      for (const view of views) {
        const { text: shown, places } = view
        // only the parameters of a colour may be long
        const near = shown.includes('\x1b') ? 0 : Math.max(0, shown.length - LONGEST_CUT)
        const cut = near + shown.slice(near).search(CUT_OFF)
        const first = indexOf(places, Math.max(0, from - CONTEXT - base))
        for (let index = nextFrom(shown, first, cut); index <= cut; index = nextFrom(shown, index + 1, cut)) {
          const start = base + (places === undefined ? index : places[index]!)
          if (start >= live || (index === cut && cut === shown.length)) break
          const held = heldFrom(view, index, cut, base, text)
          if (held < 0 || held >= live) continue
          const hasLead = held === start && (longestLead > 0 || !/\w/.test(shown[index]!))
          live = hasLead ? base + leadAt(view, index, longestLead) : held
        }
        if (longestLead > 0 || mayEscape) live = Math.min(live, base + leadAt(view, cut, longestLead))
      }
      for (const { text: wanted, entry } of exact) {
        const whole = text.length - wanted.length
        for (let at = Math.max(from, entry.verdict === 'short' ? whole : whole + 1); at < live; at++) {
          if (wanted.startsWith(text.slice(at))) live = at
        }
      }
      live = Math.max(from, live)
      // a base64 character that a match would take with it is held back too
      if (hasEdges && live > from && isBase64(text[live - 1]) && !isNone(text, live, text.length, EDGE_SEED)) live--
      // a short value that reaches to where a match may begin is masked or not, as the match comes or not
      let first = live
      for (const needle of words) {
        for (let start = Math.max(from, live - LONGEST_WORD); live < text.length && start < first; start++) {
          const { text: part, places: where } = fold(text.slice(start), needle.undone)
          const isLiteral = needle.isExact && text.startsWith(needle.text, start)
          const end = isLiteral
            ? needle.text.length
            : kindOf(part.charCodeAt(0)) === KEPT
              ? follow(part, 0, needle)
              : -1
          if (end >= 0 && start + (isLiteral || where === undefined ? end : where[end]!) >= live) first = start
        }
      }
      while (first < live && first > from && isEscaper(text[first - 1])) first--
      return first
    },
  }
}

/** The place where so many characters before the index begin that are no part of a needle's inside. */
function leadAt({ text, places }: Folded, index: number, longest: number): number {
  let at = index
  for (let count = 0; at > 0; at--) {
    const isEscape = isEscaper(text[at - 1])
    if (kindOf(text.charCodeAt(at - 1)) === KEPT || (!isEscape && count === longest)) break
    count += Number(!isEscape)
  }
  return places === undefined ? at : places[at]!
}

function mix(hash: number, code: number): number {
  const mixed = Math.imul(hash ^ code, PRIME)
  return mixed ^ (mixed >>> 15)
}
