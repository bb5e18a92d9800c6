/** What one reading of a template carries along: where it is, what it has found, and what becomes of a fault. */

import type { GuillemetError } from '../errors.ts'
import type { Reference } from '../location.ts'
import { templateError } from './faults.ts'
import type { Parser } from './parse.ts'
import { pathOf } from './path.ts'

/** The deepest nesting that is read. */
export const MAX_DEPTH = 512
/** The most members, elements and texts that are read. */
export const MAX_NODES = 1_000_000

/** What becomes of faults: a compilation throws the first, a lint collects them all. */
export interface Sink {
  /** How many faults of one text are wanted. */
  readonly maxFaults: number
  /** Takes a fault; `text` is the text at the error's path, where the fault stands in one. */
  fault(error: GuillemetError, text: string | undefined): void
  /** Sees every text before it is read. */
  readonly text: ((text: string, context: Context) => void) | undefined
}

/** The sink of a compilation. */
export const THROWING: Sink = Object.freeze({
  maxFaults: 1,
  fault(error: GuillemetError): void {
    throw error
  },
  text: undefined,
})

/** One reading of one template. */
export class Context {
  readonly references: Reference[] = []
  readonly keys: (string | number)[] = []
  readonly parser: Parser
  readonly sink: Sink
  readonly #ancestors: object[] = []
  #nodes = 0

  constructor(parser: Parser, sink: Sink) {
    this.parser = parser
    this.sink = sink
  }

  /** Where the reading is. */
  path(): string {
    return pathOf(this.keys)
  }

  fault(error: GuillemetError, text?: string): void {
    this.sink.fault(error, text)
  }

  /** Counts one member; false, with a fault at the first, when there are too many. */
  count(): boolean {
    if (this.#nodes >= MAX_NODES) {
      if (this.#nodes++ === MAX_NODES) this.fault(templateError(`has more than ${MAX_NODES} members`, this.path()))
      return false
    }
    this.#nodes++
    return true
  }

  /** Steps into an object; false, with a fault, when it holds itself or lies too deep. */
  enter(value: object): boolean {
    const isCycle = this.#ancestors.includes(value)
    if (isCycle || this.#ancestors.length >= MAX_DEPTH) {
      const rule = isCycle ? 'holds itself' : `is nested more than ${MAX_DEPTH} levels deep`
      this.fault(templateError(rule, this.path()))
      return false
    }
    this.#ancestors.push(value)
    return true
  }

  leave(): void {
    this.#ancestors.pop()
  }
}
