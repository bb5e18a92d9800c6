/** One entry of an audit log: a line of JSON with an event, chained to the entry before it by a MAC; docs/FORMAT.md shows it. */

import { isWellFormed } from '../bytes.ts'
import type { LineMac } from '../crypto/line-mac.ts'

/** What the next entry goes on from: the number and the MAC of the last one. */
export interface ChainEnd {
  readonly number: number
  readonly mac: string
}

/** An entry as it was read; nothing is known of it before `signed` has the MAC that it says. */
export interface AuditEntry extends ChainEnd {
  /** What the MAC is of. */
  readonly signed: string
  /** The MAC of the entry before, which the first one does not have. */
  readonly previous: string
}

/** Where a new log begins. */
export const BEGINNING: ChainEnd = { number: 0, mac: '' }

const ENTRY = /^(\{"entry":([1-9]\d{0,14}),"previous":"([\w-]{43}|)","event":\{.*\}),"mac":"([\w-]{43})"\}$/

/** The entry with the event, after the last one, and its line without a line end. */
export function makeAuditEntry(
  macOf: LineMac,
  last: ChainEnd,
  event: string,
): { readonly line: string; readonly end: ChainEnd } {
  const number = last.number + 1
  const signed = `{"entry":${number},"previous":"${last.mac}","event":${event}`
  const mac = macOf(signed)
  return { line: `${signed},"mac":"${mac}"}`, end: { number, mac } }
}

/** The entry that a line is; undefined where it is not a whole one. */
export function readAuditEntry(line: string): AuditEntry | undefined {
  const [, signed, number, previous, mac] = ENTRY.exec(line.trim()) ?? []
  if (signed === undefined || !isWellFormed(line)) return undefined
  return { signed, number: Number(number), previous: previous!, mac: mac! }
}
