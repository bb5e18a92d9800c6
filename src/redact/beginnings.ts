/** Beginnings: from where the end of a stream's text may still become a match. */

import { writingsOf } from './anchors.ts'
import { isBase64 } from './base64.ts'
import { BREAK, FEW, WRAP, walk } from './compare.ts'
import { LONGEST_MATCH } from './limits.ts'
import { isPlain, type Needle } from './needle.ts'
import { DOUBLED, doubledEnd, placesFrom, readings } from './readings.ts'

/** Beginnings of so many characters lead to their needles. */
const LENGTH = 8
const SPACE = 32
const PRIME = 0x01000193
const SEED = 0x811c9dc5 | 0
/** Of needles before which a base64 character is decided in part. */
const EDGE_SEED = 0x1b873593
/** A short value in escapes is not longer. */
const LONGEST_WORD = 64
/** Of so many equal characters one is looked at. */
const RUN = 32
/** Steps from one place; with more it may as well be a beginning. */
const MAX_STEPS = 512

/** Knows how needles begin. */
export interface Beginnings {
  /** Learns a needle; one too many, of a value since removed, holds a few characters back a little longer. */
  add(needle: Needle): void
  /** The first offset from `from` on that may belong to a match not yet complete, or the text's length. */
  liveFrom(text: string, from: number): number
}

/** Characters that begin an escape. */
const ESCAPES = '\\%&^`+'
const ITSELF = 0
const MAYBE_TWICE = 1
/** Characters that mean themselves, once or twice. */
const MEANING: readonly (number | undefined)[] = Array.from({ length: 127 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /["'$]/.test(character)
    ? MAYBE_TWICE
    : /[ -~]/.test(character) && !ESCAPES.includes(character)
      ? ITSELF
      : undefined
})

interface State {
  readonly place: number
  readonly hash: number
  readonly count: number
  /** Where what must be held back begins. */
  readonly from: number
}

/** Beginnings of no needle yet. */
export function createBeginnings(): Beginnings {
  const known = new NumberSet()
  const needles = new Map<number, Needle[]>()
  const words = new Set<Needle>()
  let hasEdges = false
  /** Whether a needle begins with a character that is escaped. */
  let mayEscape = false
  /** Whether a needle is shorter than the beginnings. */
  let hasShort = false

  const learn = (beginning: string, needle: Needle, seed: number): void => {
    let hash = seed
    for (let index = 0; index < beginning.length; index++) {
      hash = mix(hash, beginning.charCodeAt(index))
      known.add(hash)
    }
    hasShort ||= beginning.length < LENGTH
    const same = needles.get(hash)
    if (same === undefined) needles.set(hash, [needle])
    else if (!same.includes(needle)) same.push(needle)
  }

  const isOpen = (text: string, start: number, hash: number): boolean =>
    needles.get(hash)?.some((needle) => needle.entry.labels.length > 0 && walk(text, start, needle).isOpen) === true

  /** Where what must be held back begins if a needle may begin at the place; the text's length if none does. */
  const heldFrom = (text: string, start: number, seed: number): number => {
    let hash = seed
    let place = start
    let count = 0
    // most places lead nowhere after a few characters
    const first = text.charCodeAt(start)
    if (MEANING[first] === undefined && !ESCAPES.includes(text[start]!) && !known.has(mix(hash, first)))
      return text.length
    while (count < LENGTH && MEANING[text.charCodeAt(place)] !== undefined) {
      const isDoubled = MEANING[text.charCodeAt(place)] === MAYBE_TWICE
      const mixed = mix(hash, text.charCodeAt(place))
      if (!known.has(mixed)) {
        if (text[place - 1] === ',' && text[place] === ' ') break
        return text.length
      }
      if (isDoubled) break
      hash = mixed
      place++
      count++
      if (hasShort && isOpen(text, start, hash)) return start
    }
    return place === text.length ? start : heldBehind(text, start, [{ place, hash, count, from: start }])
  }

  const heldBehind = (text: string, start: number, states: State[]): number => {
    let held = text.length
    for (let index = 0; index < states.length; index++) {
      const { place: at, hash, count, from } = states[index]!
      if (from >= held) continue
      if (index > MAX_STEPS || (count > 0 && isOpen(text, start, hash))) held = from
      if (index > MAX_STEPS || count >= LENGTH) continue
      const places = count === 0 ? [at] : placesFrom(text, at)
      for (const place of text[at - 1] === ',' && text[at] === ' ' ? [...places, endOfSpaces(text, at)] : places) {
        const isBroken = count > 0 && count <= FEW && BREAK.test(text.slice(at, place))
        const first = isBroken ? place : from
        if (place >= text.length) {
          if (count > 0) held = Math.min(held, first)
          continue
        }
        const spaced = mix(hash, SPACE)
        if (place > at && known.has(spaced) && WRAP.test(text.slice(at, place)))
          states.push({ place, hash: spaced, count: count + 1, from: first })
        for (const reading of readings(text, place)) {
          const [character, end] = reading
          if (character === '') {
            if (count > 0 || mayEscape || text[place] === '%') held = Math.min(held, first)
            continue
          }
          let mixed = hash
          for (let unit = 0; unit < character.length; unit++) mixed = mix(mixed, character.charCodeAt(unit))
          if (!known.has(mixed)) continue
          const state = { hash: mixed, count: count + character.length, from: first }
          states.push({ ...state, place: end })
          const twice = DOUBLED.includes(character) ? doubledEnd(text, reading, place) : -1
          if (twice > 0) states.push({ ...state, place: twice })
        }
      }
    }
    return held
  }

  return {
    add(needle) {
      hasEdges ||= needle.left
      mayEscape ||= !/[a-z\d]/i.test(needle.text[0]!)
      if (needle.entry.verdict === 'short') words.add(needle)
      for (const written of writingsOf(needle)) {
        learn(written.slice(0, LENGTH), needle, SEED)
        if (needle.left) learn(written.slice(0, LENGTH), needle, EDGE_SEED)
      }
    },
    liveFrom(text, from) {
      let live = text.length
      for (let start = Math.max(0, text.length - LONGEST_MATCH); start < live; start++) {
        // of many equal characters only some are looked at
        const isRun = !isPlain(text.charCodeAt(start)) && text[start] === text[start - 1] && isRepeated(text, start)
        if (isRun && start % RUN > 0) continue
        const held = heldFrom(text, start, SEED)
        if (held === text.length) continue
        live = Math.min(live, held)
        for (let before = 1; isRun && before < RUN && text[start - before] === text[start]; before++)
          live = Math.min(live, start - before)
      }
      live = Math.max(from, live)
      // a base64 character that a match would take with it is held back too
      if (
        hasEdges &&
        live > from &&
        isBase64(text[live - 1]) &&
        (live === text.length || heldFrom(text, live, EDGE_SEED) === live)
      )
        live--
      // a short value that reaches to where a match may begin is masked or not, as the match comes or not
      let first = live
      for (const needle of words) {
        for (let start = Math.max(from, live - LONGEST_WORD); live < text.length && start < first; start++) {
          if (walk(text, start, needle).ends.some((end) => end >= live)) first = start
        }
      }
      return first
    },
  }
}

/** Whether the character stands there many times in a row. */
function isRepeated(text: string, at: number): boolean {
  let from = at
  while (from > at - RUN && text[from - 1] === text[at]) from--
  return from === at - RUN
}

function endOfSpaces(text: string, at: number): number {
  let end = at
  while (text[end] === ' ') end++
  return end
}

function mix(hash: number, code: number): number {
  const mixed = Math.imul(hash ^ code, PRIME)
  return mixed ^ (mixed >>> 15)
}

/** A set of numbers other than 0. */
class NumberSet {
  #places = new Int32Array(1024)
  #count = 0

  has(number: number): boolean {
    const places = this.#places
    const last = places.length - 1
    let place = number & last
    while (places[place] !== 0 && places[place] !== number) place = (place + 1) & last
    return places[place] === number
  }

  add(number: number): void {
    if (this.has(number)) return
    if (this.#count * 4 > this.#places.length) {
      const all = this.#places
      this.#places = new Int32Array(all.length * 4)
      this.#count = 0
      for (const other of all) if (other !== 0) this.add(other)
    }
    const last = this.#places.length - 1
    let place = number & last
    while (this.#places[place] !== 0) place = (place + 1) & last
    this.#places[place] = number
    this.#count++
  }
}
