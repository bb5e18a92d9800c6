/** Anchors: which windows of a pattern the skip search looks for. */

import { type Anchor, listed, lowerHex, type Pattern } from './pattern.ts'
import type { SkipTable } from './skip-table.ts'

/** A window further behind would not be rarer. */
const SEARCHED = 48
/** A window as rare as this is taken. */
const ENOUGH = 18
/** Anchors that may share a window before another one is looked for; the forms of one value do. */
const FEW = 8
/** How rare a byte is in logs: windows of rare bytes stop the search less often. */
const RARITY = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code)
  return /[\s"'/.,:;=_[\](){}\\-]/.test(character) ? 0 : /[a-z]/.test(character) ? 1 : /\d/.test(character) ? 2 : 3
})

/** Enters the pattern in the table by its rarest window, in each way of writing its letters or spaces. */
export function addAnchors(pattern: Pattern, table: SkipTable): void {
  const [text, ...others] = writingsOf(pattern)
  const { width } = table
  let at = pattern.normal === listed ? 0 : rarest(text!, others[0] ?? text!, width)
  let best = anchorAt(pattern, table, text!, at)
  // patterns that share a window share all its candidates: those that somebody made alike are spread
  let least = table.crowd(best)
  for (let place = 0; least > FEW && place + width <= text!.length; place += (text!.length >> 2) + 1) {
    const anchor = anchorAt(pattern, table, text!, place)
    const crowd = table.crowd(anchor)
    if (crowd >= least) continue
    least = crowd
    best = anchor
    at = place
  }
  enter(best, table)
  for (const other of others) {
    const anchor = anchorAt(pattern, table, other, at)
    if (anchor.low !== best.low || anchor.high !== best.high) enter(anchor, table)
  }
}

/** Enters the pattern by its beginning, in any case; the bytes searched must be folded likewise. */
export function addBeginning(pattern: Pattern, table: SkipTable): void {
  const written = pattern.normal === listed ? writingsOf(pattern) : [foldCase(pattern.text.slice(0, table.width))]
  for (const text of written) enter(anchorAt(pattern, table, text, 0), table)
}

/** Lower case for ASCII letters only, so that offsets stay. */
export function foldCase(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.replace(/[A-Z]+/g, lowerHex) : text.toLowerCase()
}

function enter(anchor: Anchor, table: SkipTable): void {
  table.add(anchor)
  anchor.pattern.entry.anchors.push(anchor)
}

/** The beginning of the pattern as it may be written: in either case, with a space behind commas, and in columns. */
function writingsOf({ text: whole, normal }: Pattern): string[] {
  const text = whole.slice(0, SEARCHED)
  if (normal === undefined) return [text]
  if (normal === lowerHex) return [text, text.toUpperCase()]
  if (normal !== listed) return [text, text.replace(/%(?:25)?[\dA-F]{2}/g, lowerHex)]
  return [text, text.replaceAll(',', ', '), text.replace(/,(\d+)/g, (_, digits) => `, ${digits.padStart(3)}`)]
}

/** The window of the text, which is the pattern's in one way of writing. */
function anchorAt(pattern: Pattern, table: SkipTable, text: string, at: number): Anchor {
  let low = 0
  let high = 0
  for (let index = 0; index < table.width; index++) {
    const byte = text.charCodeAt(at + index) & 255
    if (index < 4) low |= byte << (index * 8)
    else high |= byte << (index * 8)
  }
  return { pattern, table, at, low, high, next: undefined }
}

/** Where a rare window begins, with few letters of which the case is not known: those that differ in `flipped`. */
function rarest(text: string, flipped: string, width: number): number {
  let sum = 0
  let best = -1
  let at = 0
  for (let index = 0; index < text.length && best < ENOUGH; index++) {
    sum += rarityAt(text, flipped, index)
    if (index >= width) sum -= rarityAt(text, flipped, index - width)
    if (index < width - 1 || sum <= best) continue
    best = sum
    at = index - width + 1
  }
  return at
}

function rarityAt(text: string, flipped: string, index: number): number {
  const code = text.charCodeAt(index)
  return code === flipped.charCodeAt(index) ? RARITY[code & 255]! : 0
}
