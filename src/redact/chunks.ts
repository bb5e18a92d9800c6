/** Chunks: one text or byte sequence that arrives in pieces and leaves as soon as it can no longer match. */

import { GuillemetError } from '../errors.ts'
import { byteText, textBytes } from './byte-text.ts'
import type { Matcher } from './matcher.ts'
import type { Prefixes } from './prefixes.ts'

/** The synchronous core of a stream: one text or byte sequence that arrives in pieces. */
export interface Chunks<C extends string | Uint8Array> {
  /** What can be released after this chunk: all that can no longer become part of a match. */
  push(chunk: C): C
  /** The rest, or undefined where nothing is held back. */
  end(): C | undefined
}

/** What chunks ask of their redactor. */
export interface ChunkRules {
  readonly matcher: Matcher
  readonly prefixes: Prefixes
  mask(label: string): string
}

const NOT_MASKED = -1

/** The synchronous core of a stream. Bytes are searched as characters, so that a split code point needs no care. */
export function createChunks<C extends string | Uint8Array>({ matcher, prefixes, mask }: ChunkRules): Chunks<C> {
  /** What is not yet released, behind the last character that was: it decides whether a short value stands alone. */
  let text = ''
  let released = 0
  /** How much of the text a mask that is already written covers. */
  let masked = NOT_MASKED
  let isBytes: boolean | undefined

  const release = (isEnd: boolean): string => {
    const border = isEnd ? text.length : prefixes.liveFrom(text, released)
    let output = ''
    let at = Math.max(released, masked)
    for (const { start, end, first } of matcher.spans(text, released, masked, !isEnd)) {
      if (start >= border) break
      if (start > masked) {
        output += text.slice(at, start) + mask(first.label)
      }
      // a match that touches a mask already written is part of it
      masked = Math.max(masked, end)
      at = Math.max(at, end)
    }
    if (at < border) output += text.slice(at, border)
    const kept = Math.max(0, border - 1)
    masked = masked >= border ? masked - kept : NOT_MASKED
    text = text.slice(kept)
    released = border - kept
    return output
  }

  return {
    push(chunk) {
      const isByteChunk = typeof chunk !== 'string'
      isBytes ??= isByteChunk
      if (isBytes !== isByteChunk) {
        throw new GuillemetError('ERR_INVALID_INPUT', 'A stream takes text or bytes, not both; make two.')
      }
      text += isByteChunk ? byteText(chunk) : chunk
      const output = release(false)
      return (isByteChunk ? textBytes(output) : output) as C
    },
    end() {
      if (text.length === released) return undefined
      const output = release(true)
      return (isBytes === true ? textBytes(output) : output) as C
    },
  }
}
