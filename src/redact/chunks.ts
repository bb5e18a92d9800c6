/** Chunks: one text or byte sequence that arrives in pieces and leaves as soon as it can no longer match. */

import { GuillemetError } from '../errors.ts'
import { type Beginnings, CONTEXT } from './beginnings.ts'
import { byteText, textBytes } from './byte-text.ts'
import type { Matcher } from './matcher.ts'

/** The synchronous core of a stream: one text or byte sequence that arrives in pieces. */
export interface Chunks<C extends string | Uint8Array> {
  /** What can be released after this chunk: all that can no longer become part of a match. */
  push(chunk: C): C
  /** The rest, or undefined where nothing is held back. */
  end(): C | undefined
}

/** The synchronous core of a stream. Bytes are searched as characters, so that a split code point needs no care. */
export function createChunks<C extends string | Uint8Array>(
  { spans }: Matcher,
  beginnings: () => Beginnings,
  mask: (label: string) => string,
): Chunks<C> {
  /** What is not yet released, behind the last characters that were. */
  let text = ''
  let released = 0
  /** How much of the text a mask that is already written covers; less than nothing where there is none. */
  let masked = -1
  let kind: string | undefined

  const release = (isOpen: boolean): C => {
    const border = isOpen ? beginnings().liveFrom(text, released) : text.length
    let output = ''
    let at = Math.max(released, masked)
    for (const { label, start, end } of spans(text, { from: released, masked, isOpen })) {
      if (start >= border) break
      if (end <= at) continue
      // a match that touches a mask already written is part of it
      if (start > masked) output += text.slice(at, start) + mask(label)
      masked = end
      at = end
    }
    output += text.slice(at, border)
    const kept = Math.max(0, border - CONTEXT)
    masked -= kept
    text = text.slice(kept)
    released = border - kept
    return (kind === 'string' ? output : textBytes(output)) as C
  }

  return {
    push(chunk) {
      kind ??= typeof chunk
      if (kind !== typeof chunk)
        throw new GuillemetError('ERR_INVALID_INPUT', 'A stream takes text or bytes, not both.')
      text += typeof chunk === 'string' ? chunk : byteText(chunk)
      return release(true)
    },
    end: () => (text.length === released ? undefined : release(false)),
  }
}
