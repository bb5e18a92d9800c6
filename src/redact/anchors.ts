/** Anchors: which window of a pattern the skip search looks for. */

import { type Anchor, listed, lowerHex, type Pattern, upperEscapes } from './pattern.ts'
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

/** The anchors by which the pattern must be found in the table: one for each way of writing its letters or spaces. */
export function anchorsOf(pattern: Pattern, table: SkipTable): readonly Anchor[] {
  const { normal } = pattern
  const { width } = table
  const text = pattern.text.slice(0, SEARCHED)
  if (normal === undefined) return [spread(anchorAt(pattern, text, rarest(text, text, width), width), text, table)]
  const others: string[] = []
  if (normal === lowerHex) others.push(text.toUpperCase())
  else if (normal === upperEscapes) others.push(text.replace(/%(?:25)?[\dA-F]{2}/g, lowerHex))
  // with a space, and in columns
  else
    others.push(
      text.replaceAll(',', ', '),
      text.replace(/,(\d+)/g, (_, digits) => `, ${digits.padStart(3)}`),
    )
  const at = normal === listed ? 0 : rarest(text, others[0]!, width)
  const anchors = [text, ...others].map((written) => anchorAt(pattern, written, at, width))
  return anchors.filter(
    ({ low, high }, index) => anchors.findIndex((other) => other.low === low && other.high === high) === index,
  )
}

function anchorAt(pattern: Pattern, text: string, at: number, width: number): Anchor {
  let low = 0
  let high = 0
  for (let index = 0; index < width; index++) {
    const byte = text.charCodeAt(at + index) & 255
    if (index < 4) low |= byte << (index * 8)
    else high |= byte << (index * 8)
  }
  return { pattern, at, low, high, next: undefined }
}

/** Where a rare window begins, that has few letters of which the case is not known: those that differ in `flipped`. */
function rarest(text: string, flipped: string, width: number): number {
  let sum = 0
  let best = -1
  let at = 0
  for (let index = 0; index < text.length && best < ENOUGH; index++) {
    const code = text.charCodeAt(index)
    if (code === flipped.charCodeAt(index)) sum += RARITY[code & 255]!
    const left = index < width ? 0 : text.charCodeAt(index - width)
    if (index >= width && left === flipped.charCodeAt(index - width)) sum -= RARITY[left & 255]!
    if (index < width - 1 || sum <= best) continue
    best = sum
    at = index - width + 1
  }
  return at
}

/** Patterns that share a window share all its candidates: those that somebody made alike are spread. */
function spread(first: Anchor, text: string, table: SkipTable): Anchor {
  let best = first
  let least = table.crowd(first)
  const step = Math.max(1, (text.length - table.width) >> 2)
  for (let at = 0; least > FEW && at + table.width <= text.length; at += step) {
    const anchor = anchorAt(first.pattern, text, at, table.width)
    const crowd = table.crowd(anchor)
    if (crowd >= least) continue
    least = crowd
    best = anchor
  }
  return best
}
