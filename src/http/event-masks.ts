/** Secrets out of an event stream (WHATWG HTML §9.2), line by line: an event is not dispatched before its lines are whole. */

import { concat, fromUtf8, utf8 } from '../bytes.ts'
import { parseJson } from '../json.ts'
import { type BodyMasks, inOnePiece } from './body-masks.ts'
import { HeldBytes } from './held-bytes.ts'
import { maskJson } from './json-masks.ts'
import { createMaskedKeys } from './masked-keys.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** A longer line is released before it ends, as text: no secret is longer. */
const MAX_HELD_BYTES = 1_048_576
const LINE = /([a-z]*: ?)?([^\r\n]*)((?:\r\n|\r|\n)?)/g
const LINE_END = /\r\n|\r|\n/g
const NEWLINE = 0x0a
const RETURN = 0x0d

/** Masks for a body of events; data that is JSON stays JSON. */
export function eventMasks(masks: DataMasks): BodyMasks {
  const held = new HeldBytes()
  let asText: BodyMasks | undefined
  const clean = (bytes: Uint8Array): Uint8Array => {
    const text = fromUtf8(bytes)
    if (text === undefined) return inOnePiece(textMasks(masks), bytes)
    const masked = maskEvents(text, masks)
    return masked === text ? bytes : utf8(masked)
  }
  return {
    push(bytes) {
      if (asText !== undefined) return asText.push(bytes)
      // what is held has no line end
      const cut = Math.max(bytes.lastIndexOf(NEWLINE), bytes.lastIndexOf(RETURN)) + 1
      const before = held.length
      held.add(bytes)
      const cleaned = clean(held.take(cut === 0 ? 0 : before + cut))
      if (held.length <= MAX_HELD_BYTES) return cleaned
      asText = textMasks(masks)
      return concat(cleaned, asText.push(held.take(held.length)))
    },
    end: () => asText?.end() ?? clean(held.take(held.length)),
  }
}

/** The whole lines with their masks; only those that hold a secret are looked into. */
export function maskEvents(text: string, masks: DataMasks): string {
  const mask = (line: string, field: string | undefined, content: string, end: string): string =>
    maskLine(masks, line, field, content, end)
  let output = ''
  let copied = 0
  for (const { start, end } of masks.spans(text)) {
    if (end <= copied) continue
    const from = lineStart(text, copied, start)
    const to = lineEnd(text, end)
    output += text.slice(copied, from) + text.slice(from, to).replace(LINE, mask)
    copied = to
  }
  return output + text.slice(copied)
}

function maskLine(masks: DataMasks, line: string, field: string | undefined, content: string, end: string): string {
  if (masks.text(line) === line) return line
  return `${field ?? ''}${parseJson(content) !== undefined ? maskJson(content, masks, createMaskedKeys()) : masks.text(content)}${end}`
}

/** Where the line begins that an offset is in, not before `from`. */
function lineStart(text: string, from: number, offset: number): number {
  const before = text.slice(from, offset)
  return from + Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1
}

/** The offset after the line end that follows; the end of the text where none does. */
function lineEnd(text: string, offset: number): number {
  LINE_END.lastIndex = offset
  return LINE_END.test(text) ? LINE_END.lastIndex : text.length
}
