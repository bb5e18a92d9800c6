/** Streams: four megabytes in pieces, beside the whole text at once, and what is held back meanwhile. */

import { flat, logsOf, secretsOf } from './redact-data.ts'
import { beside, knowing, SIZE } from './redact-throughput.ts'
import { longByTurns } from './rounds.ts'
import type { Row } from './row.ts'

const PATIENCE = { ms: 3000, least: 3, most: 15 }
const COUNT = 100
const LARGE = 65_536
const SMALL = 100

export function piecesOf(text: string, length: number): readonly string[] {
  const count = Math.ceil(text.length / length)
  return Array.from({ length: count }, (_, index) => flat(text.slice(index * length, (index + 1) * length)))
}

export function chunks(): readonly Row[] {
  const secrets = secretsOf(COUNT)
  const redactor = knowing(secrets)
  const text = flat(logsOf(SIZE, secrets).join('\n'))
  const streamed = <C extends string | Uint8Array>(pieces: readonly C[]): (() => void) => {
    return () => {
      const { push, end } = redactor.chunks<C>()
      for (const piece of pieces) push(piece)
      end()
    }
  }
  const large = piecesOf(text, LARGE)
  const small = piecesOf(text, SMALL)
  const times = longByTurns(
    {
      whole: () => redactor.text(text),
      large: streamed(large),
      small: streamed(small),
      bytes: streamed(large.map((piece) => new TextEncoder().encode(piece))),
    },
    PATIENCE,
  )
  const row = (what: string, own: readonly number[]): Row => {
    return beside(`chunks, ${COUNT} secrets, ${what}, beside the whole text`, own, times.whole)
  }
  return [
    row('pieces of 64 KB', times.large),
    row('pieces of 64 KB, as bytes', times.bytes),
    row('pieces of 100 characters', times.small),
    held('pieces of 64 KB', LARGE),
    held('pieces of 100 characters', SMALL),
  ]
}

/** Where nothing is masked, what was not released yet is held back. */
function held(what: string, length: number): Row {
  const { push } = knowing(secretsOf(COUNT)).chunks<string>()
  const foreign = flat(logsOf(SIZE, secretsOf(COUNT + 1)).join('\n'))
  let balance = 0
  let most = 0
  let sum = 0
  const pieces = piecesOf(foreign, length)
  for (const piece of pieces) {
    balance += piece.length - push(piece).length
    most = Math.max(most, balance)
    sum += balance
  }
  const mean = sum / pieces.length
  return {
    work: `chunks, ${COUNT} secrets, ${what}: held back`,
    ratio: `${(mean / length).toFixed(3)} of a piece`,
    figure: `${mean.toFixed(1)} characters in the mean, ${most} at most`,
  }
}
