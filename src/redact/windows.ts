/** Windows: which eight bytes of a pattern the skip search looks for. */

import { Compare, isEscapeDigit, type Pattern } from './pattern.ts'

/** A place in a pattern and the bytes that stand there. */
export interface Window {
  readonly at: number
  readonly low: number
  readonly high: number
}

/** How rare a byte is in logs: windows of rare bytes stop the search less often. */
const RARITY = new Uint8Array(256).fill(3)
for (let code = 97; code < 123; code++) RARITY[code] = 1
for (let code = 48; code < 58; code++) RARITY[code] = 2
for (const character of ' "\'/.,:;-_=etaoinsr[]{}()\n\\') RARITY[character.charCodeAt(0)] = 0
/** A window further behind would not be better. */
const SEARCHED = 64
const MAX_LETTERS = 3

function readWindow(text: string, at: number, width: number): Window {
  let low = 0
  let high = 0
  for (let index = 0; index < width; index++) {
    const byte = text.charCodeAt(at + index) & 255
    if (index < 4) low |= byte << (index * 8)
    else high |= byte << (index * 8 - 32)
  }
  return { at, low, high }
}

/** The rarest window of the pattern, or of two that are alike the less crowded. */
function rarest(
  text: string,
  width: number,
  costOf: (index: number) => number,
  crowd: (window: Window) => number,
): Window {
  const end = Math.min(text.length, SEARCHED)
  let sum = 0
  let best = -1
  let bestAt = 0
  for (let index = 0; index < end; index++) {
    sum += costOf(index)
    if (index >= width) sum -= costOf(index - width)
    if (index >= width - 1 && sum > best) {
      best = sum
      bestAt = index - width + 1
    }
  }
  let window = readWindow(text, bestAt, width)
  // patterns that share a window share each of its candidates: spread those that an adversary makes alike
  const step = Math.max(1, Math.floor((text.length - width) / 4))
  for (let at = 0, least = crowd(window); least > 2 && at + width <= text.length; at += step) {
    const other = readWindow(text, at, width)
    const count = crowd(other)
    if (count < least) {
      least = count
      window = other
    }
  }
  return window
}

/** Every window by which the pattern must be found: one, or one for each way of writing its letters or spaces. */
export function windowsOf(pattern: Pattern, width: number, crowd: (window: Window) => number): readonly Window[] {
  const { text } = pattern
  switch (pattern.compare) {
    case Compare.Exact:
      return [rarest(text, width, (index) => RARITY[text.charCodeAt(index) & 255]!, crowd)]
    case Compare.Hex: {
      const window = rarest(text, width, (index) => (isLetter(text.charCodeAt(index)) ? 0 : 1), crowd)
      const upper = readWindow(text.toUpperCase(), window.at, width)
      return same(window, upper) ? [window] : [window, upper]
    }
    case Compare.Percent:
      return percentWindows(text, width, crowd)
    default: {
      const spaced = text.replaceAll(',', ', ')
      const aligned = text.replace(/,(\d+)/g, (_, digits: string) => `, ${digits.padStart(3)}`)
      const windows = [text, spaced, aligned].map((written) => readWindow(written, 0, width))
      return windows.filter((window, index) => windows.findIndex((other) => same(window, other)) === index)
    }
  }
}

function percentWindows(text: string, width: number, crowd: (window: Window) => number): readonly Window[] {
  const isFree = (index: number): boolean => isLetter(text.charCodeAt(index)) && isEscapeDigit(text, index)
  const { at } = rarest(text, width, (index) => (isFree(index) ? 0 : 4), crowd)
  const window = text.slice(at, at + width)
  const letters = Array.from(window, (_, index) => index).filter((index) => isFree(at + index))
  let written = [window]
  // one writer does not mix cases, so of many letters all are flipped or none
  if (letters.length > MAX_LETTERS) written.push(letters.reduce(flipCase, window))
  else for (const index of letters) written = written.flatMap((way) => [way, flipCase(way, index)])
  return written.map((way) => ({ ...readWindow(way, 0, width), at }))
}

function isLetter(code: number): boolean {
  return (code | 32) >= 97 && (code | 32) <= 122
}

function same(a: Window, b: Window): boolean {
  return a.low === b.low && a.high === b.high
}

function flipCase(text: string, index: number): string {
  return text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ 32) + text.slice(index + 1)
}
