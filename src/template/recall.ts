/**
 * Plans that were made before: the same header map is mostly handed in again and again, as a new object.
 *
 * Only maps of primitives are recalled, since anything deeper may have changed inside. The memory hangs on the parsed
 * text of the first reference, so it is bounded as the parser's own is.
 */

import type { Kind } from '../location.ts'
import { isPlainObject } from '../plain-object.ts'
import type { Members } from './context.ts'
import type { Parser } from './parse.ts'
import type { Plan } from './plan.ts'

/** The own members of an object, read once. */
export interface Snapshot extends Members {
  readonly source: object
}

/** What is kept of a plan: not the template itself, which is somebody's object. */
interface Memory extends Members {
  readonly as: Kind
  readonly isBare: boolean
  readonly parts: PlanParts
}

/** A plan without its template. */
export type PlanParts = Omit<Plan, 'template' | 'as'>

const MAX_MEMBERS = 32
/** UTF-16 code units of all names and texts. */
const MAX_TOTAL = 8_192

/** The members of a small map, or undefined for anything else, a getter that throws included. */
export function snapshotOf(source: unknown): Snapshot | undefined {
  try {
    if (!isPlainObject(source)) return undefined
    const names = Object.keys(source)
    const values = Object.values(source)
    return names.length === values.length ? { source, names, values } : undefined
  } catch {
    return undefined // reported where the whole template is read
  }
}

/** The plan of an equal map, if there was one. */
export function recall(parser: Parser, { source, names, values }: Snapshot, as: Kind): PlanParts | undefined {
  if (names.length > MAX_MEMBERS) return undefined
  const memory = anchorOf(parser, values)?.around as Memory | undefined
  if (memory === undefined || memory.as !== as || memory.isBare !== isBare(source)) return undefined
  if (memory.names.length !== names.length) return undefined
  for (let index = 0; index < names.length; index++) {
    if (memory.names[index] !== names[index] || memory.values[index] !== values[index]) return undefined
  }
  return memory.parts
}

/** Keeps the plan of a map for the next equal one. */
export function remember(parser: Parser, { source, names, values }: Snapshot, as: Kind, parts: PlanParts): void {
  if (names.length > MAX_MEMBERS) return
  let total = 0
  for (let index = 0; index < names.length; index++) {
    const value = values[index]
    if ((typeof value === 'object' && value !== null) || typeof value === 'function') return
    total += names[index]!.length + (typeof value === 'string' ? value.length : 0)
  }
  const anchor = total > MAX_TOTAL ? undefined : anchorOf(parser, values)
  if (anchor === undefined) return
  anchor.around = { names, values, isBare: isBare(source), as, parts } satisfies Memory
}

/** The parsed text of the first value that has one. */
function anchorOf(parser: Parser, values: readonly unknown[]): ReturnType<Parser['kept']> {
  for (const value of values) {
    const kept = typeof value === 'string' ? parser.kept(value) : undefined
    if (kept !== undefined) return kept
  }
  return undefined
}

function isBare(source: object): boolean {
  return Object.getPrototypeOf(source) === null
}
