/** Bytes in JSON: `JSON.stringify` of a `Uint8Array` is an object with the names 0, 1, 2 … */

import type { Span } from './matches.ts'

const SPACE = 0x20
const FIRST = /\{\s*"0"\s*:\s*(\d{1,5})/g
const NEXT = /\s*,\s*"(\d+)"\s*:\s*(\d{1,5})/y
const CLOSE = /\s*\}/y

/** Whether there may be one: a scan of its own, so the rarest of its characters is looked for. */
export function mayHoldBytes(json: string): boolean {
  const isIndented = json.charCodeAt(1) <= SPACE
  return json.includes(isIndented ? '"0"' : '{"0"')
}

/** Those objects of a valid JSON text that hold a value, with its label; `find` looks for values in a text. */
export function bytesInJson(json: string, find: (text: string) => readonly Span[]): Span[] {
  const found: Span[] = []
  for (const match of json.matchAll(FIRST)) {
    const codes = [Number(match[1])]
    let end = match.index + match[0].length
    for (let next = matchAt(NEXT, json, end); next !== null; next = matchAt(NEXT, json, end)) {
      if (Number(next[1]) !== codes.length) break
      codes.push(Number(next[2]))
      end = NEXT.lastIndex
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
