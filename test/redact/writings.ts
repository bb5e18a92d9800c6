/** The tables as one list: every text that a writer makes of a hand-picked value, with what stands around it. */

import { createRedactor, type Redactor } from '../../src/redact.ts'
import type { Writer } from './writers.ts'

/** The mask of the only value that a redactor of the tables knows. */
export const MASK = '[secret:k]'

/** One text of a table. */
export interface Writing {
  /** As `writer × value`, and which of them where a writer makes several texts of one value. */
  readonly name: string
  readonly whole: string
  /** Where in the whole what is written for the value begins, and where it ends. */
  readonly start: number
  readonly end: number
  /** What of it can be told from the surroundings, where that is not all. */
  readonly parts: readonly string[]
  /** More than the writing may be masked: the surroundings as far as they stay. */
  readonly kept: readonly [before: string, after: string]
}

/** Every writing of one value. */
export function writingsOf(name: string, value: string, writers: readonly Writer[]): readonly Writing[] {
  return writers.flatMap((writer) => {
    const [left, right] = writer.around
    const all = writer.write(value)
    return all.map(({ before = '', text, after = '', parts, isLoose }, index): Writing => {
      const start = left.length + before.length
      return {
        name: `${writer.name} × ${name}${all.length > 1 ? ` #${index + 1}` : ''}`,
        whole: left + before + text + after + right,
        start,
        end: start + text.length,
        parts: parts ?? [text],
        kept: isLoose === true ? writer.around : [left + before, after + right],
      }
    })
  })
}

/** What is wrong with one writing. */
export interface Fault {
  /** The name of the writing. */
  readonly writing: string
  readonly what: string
}

/** What a look at a table found. */
export interface Findings {
  /** How many writings were looked at. */
  readonly count: number
  readonly faults: readonly Fault[]
}

/** Looks at every writing of every value with a redactor that knows that value alone. */
export function faultsIn(
  writers: readonly Writer[],
  values: Readonly<Record<string, string>>,
  look: (redactor: Redactor, writing: Writing) => readonly string[],
): Findings {
  let count = 0
  const faults = Object.entries(values).flatMap(([name, value]) => {
    const redactor = createRedactor({ secrets: { k: value } })
    const writings = writingsOf(name, value, writers)
    count += writings.length
    return writings.flatMap((writing) => look(redactor, writing).map((what) => ({ writing: writing.name, what })))
  })
  return { count, faults }
}

const MOST_SHOWN = 10

/** All findings in one text, empty where there are none: a test of thousands of writings has one assertion. */
export function reportOf({ count, faults }: Findings): string {
  if (faults.length === 0) return ''
  const shown = faults.slice(0, MOST_SHOWN).map(({ writing, what }) => `${writing}: ${what}`)
  return [`${faults.length} faults in ${count} writings`, ...shown].join('\n')
}
