/** Chunks: one text or byte sequence that arrives in pieces and leaves as soon as it can no longer match. */

import type { Matcher } from './matcher.ts'
import type { Chunks } from './redactor.ts'
import { merge, write } from './spans.ts'

/** A text whose characters are the bytes, so that offsets agree. */
function fromBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** The synchronous core of a stream. */
export function createChunks<C extends string | Uint8Array>(
  matcher: Matcher,
  maskOf: (label: string) => string,
): Chunks<C> {
  let held = ''
  let isBytes = false
  const out = (text: string): C => (isBytes ? toBytes(text) : text) as C
  const release = (until: number): C => {
    const spans = merge(matcher.find(held))
    // a span that crosses the border stays whole on one side
    const border = spans.find((span) => span.start < until && span.end > until)?.start ?? until
    const ready = held.slice(0, border)
    held = held.slice(border)
    return out(
      write(
        ready,
        spans.filter((span) => span.end <= border),
        maskOf,
      ),
    )
  }
  return {
    push(chunk) {
      isBytes = typeof chunk !== 'string'
      held += typeof chunk === 'string' ? chunk : fromBytes(chunk)
      return release(matcher.liveFrom(held))
    },
    end() {
      if (held === '') return undefined
      return release(held.length)
    },
  }
}
