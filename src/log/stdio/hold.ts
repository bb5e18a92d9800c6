/** What of an output is held back, since it may be the beginning of a value. */

import { concat, equalBytes, fromUtf8, utf8Lossy } from '../../bytes.ts'
import { parseJson } from '../../json.ts'
import type { ReadonlyRedactor } from '../../redact/redactor.ts'

const LINE_FEED = 0x0a
const OPENS_JSON = /^[[{]/
const CLOSES_JSON = /[\]}]\s*\n$/

/** A sequence of bytes whose end may be the beginning of a value. */
export interface Hold {
  /** What can be written of it, and of what was held back before. */
  push(bytes: Uint8Array): Uint8Array
  /** Releases the rest; more may follow. */
  end(): void
  /** Releases nothing any more. */
  drop(): void
}

/** One sequence of bytes whose end is released when nothing follows it for a while. */
export function createHold(redactor: ReadonlyRedactor, holdMs: number, release: (rest: Uint8Array) => void): Hold {
  let chunks = redactor.chunks<Uint8Array>()
  let isNew = true
  let isLineStart = true
  const end = (): void => {
    if (isNew) return
    const rest = chunks.end()
    chunks = redactor.chunks()
    isNew = true
    if (rest !== undefined) release(rest)
  }
  // started again by each write; it never keeps the process alive
  const timer = holdMs === Infinity ? undefined : setTimeout(end, holdMs).unref()
  return {
    push(bytes) {
      timer?.refresh()
      const lines = isLineStart ? redactedJsonLines(redactor, bytes) : undefined
      isLineStart = bytes.length === 0 ? isLineStart : bytes.at(-1) === LINE_FEED
      isNew = false
      const output = chunks.push(bytes)
      return lines === undefined ? output : withJson(redactor, bytes, output, lines)
    },
    end,
    drop: () => clearTimeout(timer),
  }
}

/** A text that is printed: JSON, or one on each line, stays valid JSON. */
export function redactPrinted(redactor: ReadonlyRedactor, text: string): string {
  return OPENS_JSON.test(text) ? redactor.json(text) : redactor.text(text)
}

/**
 * What the stream gives for the bytes, with their JSON in place of their text; as it is where a value goes on from what
 * was held back, or may go on behind them.
 */
function withJson(redactor: ReadonlyRedactor, bytes: Uint8Array, output: Uint8Array, json: Uint8Array): Uint8Array {
  const { push, end } = redactor.chunks<Uint8Array>()
  const alone = push(bytes)
  const before = output.length - alone.length
  if (end() !== undefined || before < 0 || !equalBytes(output.subarray(before), alone)) return output
  return concat(output.subarray(0, before), json)
}

/** Whole lines of JSON that were written at once, redacted as such; undefined for anything else. */
function redactedJsonLines(redactor: ReadonlyRedactor, bytes: Uint8Array): Uint8Array | undefined {
  if (!OPENS_JSON.test(String.fromCharCode(bytes[0] ?? 0)) || bytes.at(-1) !== LINE_FEED) return undefined
  const text = fromUtf8(bytes)
  if (text === undefined || !CLOSES_JSON.test(text) || !isJson(text)) return undefined
  const redacted = redactor.json(text)
  return redacted === text ? bytes : utf8Lossy(redacted)
}

/** Whether it is one JSON text, or has one on each line. */
function isJson(text: string): boolean {
  return parseJson(text) !== undefined || text.split('\n').every((line) => line === '' || parseJson(line) !== undefined)
}
