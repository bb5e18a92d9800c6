/** Bytes in JSON: `JSON.stringify` of a `Uint8Array` is an object with the names 0, 1, 2 … */

import type { Span } from './matches.ts'

const LAST_BLANK = 0x20
const DIGIT_ZERO = 0x30
const FIRST_BYTE = /\{\s*"0"\s*:\s*(\d{1,5})/g
const NEXT_BYTE = /\s*,\s*"(\d+)"\s*:\s*(\d{1,5})/y
const CLOSE = /\s*\}/y

/**
 * Whether there may be one. By one character, the rarest: looking for more of them at once is a call out of compiled code,
 * which each line would pay for.
 */
export function mayHoldBytes(json: string): boolean {
  for (let at = json.indexOf('{'); at >= 0; at = json.indexOf('{', at + 1)) {
    if (json.charCodeAt(at + 2) === DIGIT_ZERO) return true
    if (json.charCodeAt(at + 1) <= LAST_BLANK) return json.includes('"0"', at)
  }
  return false
}

/** Those objects of a valid JSON text that hold a value, with its label; `find` looks for values in a text. */
export function bytesInJson(json: string, find: (text: string) => readonly Span[]): Span[] {
  const found: Span[] = []
  for (const match of json.matchAll(FIRST_BYTE)) {
    const codes = [Number(match[1])]
    let end = match.index + match[0].length
    for (let next = matchAt(NEXT_BYTE, json, end); next !== null; next = matchAt(NEXT_BYTE, json, end)) {
      if (Number(next[1]) !== codes.length) break
      codes.push(Number(next[2]))
      end = NEXT_BYTE.lastIndex
    }
    if (matchAt(CLOSE, json, end) === null) continue
    const [value] = find(codes.map((code) => String.fromCharCode(code)).join(''))
    if (value !== undefined) found.push({ label: value.label, start: match.index, end: CLOSE.lastIndex })
  }
  return found
}

function matchAt(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}
