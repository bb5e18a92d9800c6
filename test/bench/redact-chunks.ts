/** Streams: log lines in pieces, beside the whole text at once. */

import { createRedactor } from '../../src/redact.ts'
import { CLEAN, flat, type LineKind, linesOf, MIXED, secretsOf } from './real-logs.ts'
import { beside, SIZE } from './redact-lines.ts'
import { longByTurns } from './rounds.ts'
import type { Row } from './row.ts'

const PATIENCE = { ms: 2500, least: 3, most: 15 }
const LARGE = 65_536
const LARGE_BAR = 0.75
const LINE_BAR = 0.2

/** A text in pieces of one length. */
export function piecesOf(text: string, length: number): readonly string[] {
  const count = Math.ceil(text.length / length)
  return Array.from({ length: count }, (_, index) => flat(text.slice(index * length, (index + 1) * length)))
}

export function chunks(): readonly Row[] {
  return [...rowsFor('all kinds mixed', MIXED, true), ...rowsFor('clean', CLEAN, false)]
}

function rowsFor(name: string, kinds: readonly LineKind[], hasBars: boolean): readonly Row[] {
  const redactor = createRedactor({ secrets: secretsOf(50) })
  const streamed = <C extends string | Uint8Array>(pieces: readonly C[]): (() => void) => {
    return () => {
      const { push, end } = redactor.chunks<C>()
      for (const piece of pieces) push(piece)
      end()
    }
  }
  const lines = linesOf(SIZE, kinds).map((line) => flat(`${line}\n`))
  const text = flat(lines.join(''))
  const large = piecesOf(text, LARGE)
  const times = longByTurns(
    {
      whole: () => redactor.text(text),
      large: streamed(large),
      bytes: streamed(large.map((piece) => new TextEncoder().encode(piece))),
      lines: streamed(lines),
    },
    PATIENCE,
  )
  const row = (what: string, own: readonly number[], bar?: number): Row =>
    beside(`chunks, ${name}, ${what}, beside text()`, own, times.whole, hasBars ? bar : undefined)
  return [
    row('64 KB', times.large, LARGE_BAR),
    row('64 KB of bytes', times.bytes, LARGE_BAR),
    row('line by line', times.lines, LINE_BAR),
  ]
}
