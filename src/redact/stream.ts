/** Streams: one text or byte sequence that arrives in pieces and leaves as soon as it can no longer match. */

import { GuillemetError } from '../errors.ts'
import { byteText, textBytes } from './byte-text.ts'
import { MAX_GAP } from './limits.ts'
import { type Match, merged, standaloneMatches } from './matches.ts'
import type { Prefixes } from './prefixes.ts'
import type { Findings, Scanner } from './scan.ts'

/** The synchronous core of a stream: one text or byte sequence that arrives in pieces. */
export interface Chunks<C extends string | Uint8Array> {
  /**
   * What can be released after this chunk: all that can no longer become part of a match; perhaps nothing.
   *
   * @throws ERR_INVALID_INPUT when text is pushed after bytes, or bytes after text
   */
  push(chunk: C): C
  /** The rest, or undefined where nothing is held back. Nothing can follow it. */
  end(): C | undefined
}

/** What a stream searches with. */
export interface StreamSearch {
  readonly scanner: Scanner
  readonly prefixes: Prefixes
}

/** Kept characters of what was released that still decide what a match is. */
const CONTEXT = 2

/** Makes the core of a stream. Bytes are searched as characters, so that a code point may be split between chunks. */
export function createChunks<C extends string | Uint8Array>(
  search: () => StreamSearch,
  mask: (label: string) => string,
): Chunks<C> {
  /** What is not yet released, after the last characters that were. */
  let text = ''
  let released = 0
  /** Up to where a mask that is already written covers the text; negative where none does. */
  let masked = -1
  let kind: string | undefined

  /** Writes what is decided, which ends at the border. */
  const release = (findings: Findings, border: number, isOpen: boolean): string => {
    const { matches, short } = findings
    const main = merged(matches)
    const alone = standaloneMatches(short, text, main, { decided: released, masked, isOpen })
    let output = ''
    let at = Math.max(released, masked)
    for (const { label, start, end } of alone.length === 0 ? main : merged([...matches, ...alone])) {
      if (start >= border) break
      if (end <= at) continue
      // a match that touches a mask already written is part of it
      if (start > masked) output += text.slice(at, start) + mask(label)
      masked = end
      at = end
    }
    return output + text.slice(at, border)
  }

  const forget = (border: number, { decoder }: Scanner): void => {
    const { places, size } = decoder
    let first = size
    while (first > 0 && places[first - 1]! >= border) first--
    const before = first > 0 ? places[Math.max(0, first - CONTEXT)]! : border
    const kept = first > 0 && border - places[first - 1]! <= MAX_GAP ? before : border
    text = text.slice(kept)
    masked -= kept
    released = border - kept
  }

  const push = (chunk: C): C => {
    kind ??= typeof chunk
    if (kind !== typeof chunk) throw new GuillemetError('ERR_INVALID_INPUT', 'A stream takes text or bytes, not both.')
    text += typeof chunk === 'string' ? chunk : byteText(chunk)
    const { scanner, prefixes } = search()
    const findings = scanner.scan(text, false)
    const border = Math.max(released, decidedUntil(findings, prefixes.holdFrom(text)))
    const output = release(findings, border, true)
    forget(border, scanner)
    return typed(output)
  }

  const typed = (output: string): C => (kind === 'string' ? output : textBytes(output)) as C

  return {
    push,
    end() {
      if (text.length === released) return undefined
      const output = release(search().scanner.scan(text, true), text.length, false)
      released = text.length
      return typed(output)
    },
  }
}

/** The offset before which nothing that follows can change what was found. */
function decidedUntil({ short, openFrom }: Findings, heldFrom: number): number {
  let border = Math.min(openFrom, heldFrom)
  // what stands next to a short value decides whether it stands alone
  for (const { start, end } of [...short].sort(lastFirst)) if (end >= border) border = Math.min(border, start)
  return border
}

function lastFirst(a: Match, b: Match): number {
  return b.start - a.start
}
