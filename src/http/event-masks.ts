/** Secrets out of an event stream (WHATWG HTML §9.2), line by line: an event is not dispatched before its lines are whole. */

import { concat, fromUtf8, utf8 } from '../bytes.ts'
import type { BodyMasks } from './body-masks.ts'
import { createKeys, maskJson } from './json-masks.ts'
import type { DataMasks } from './response-masks.ts'
import { textMasks } from './text-masks.ts'

/** A longer line is released before it ends, as text: no secret is longer. */
const MAX_HELD_BYTES = 1_048_576
const LINE = /([a-z]*: ?)?([^\r\n]*)((?:\r\n|\r|\n)?)/g
const NEWLINE = 0x0a
const RETURN = 0x0d

/** Masks for a body of events; data that is JSON stays JSON. */
export function eventMasks(masks: DataMasks): BodyMasks {
  let held: Uint8Array = new Uint8Array()
  let asText: BodyMasks | undefined
  const clean = (bytes: Uint8Array): Uint8Array => {
    const text = fromUtf8(bytes)
    if (text !== undefined) return masks.text(text) === text ? bytes : utf8(maskLines(text, masks))
    const { push, end } = textMasks(masks)
    return concat(push(bytes), end())
  }
  return {
    push(bytes) {
      if (asText !== undefined) return asText.push(bytes)
      const all = held.length === 0 ? bytes : concat(held, bytes)
      const cut = Math.max(all.lastIndexOf(NEWLINE), all.lastIndexOf(RETURN)) + 1
      const cleaned = clean(all.subarray(0, cut))
      held = all.slice(cut)
      if (held.length <= MAX_HELD_BYTES) return cleaned
      asText = textMasks(masks)
      return concat(cleaned, asText.push(held))
    },
    end: () => asText?.end() ?? clean(held),
  }
}

function maskLines(text: string, masks: DataMasks): string {
  return text.replace(LINE, (line, field: string | undefined, content: string, end: string) => {
    if (masks.text(line) === line) return line
    return `${field ?? ''}${isJson(content) ? maskJson(content, masks, createKeys()) : masks.text(content)}${end}`
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
