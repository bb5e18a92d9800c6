/**
 * A result that prints as redacted everywhere.
 *
 * The plaintext is in a private field: no property, prototype, symbol or clone leads to it, only `expose()`.
 */

import type { ReferenceLocation } from '../location.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { AllowRule } from '../secrets/secret.ts'
import type { JsonValue } from '../template/redacted.ts'
import type { Resolved, Used } from './surface.ts'

/** What a client must know of each reference that was resolved to send it on to another destination. */
export interface Grant {
  readonly tag: string
  readonly path: string
  readonly location: ReferenceLocation
  readonly allow: AllowRule | undefined
  /** Its texts, to be found again in what comes back. Plaintext: for floor 3 only, and never kept. */
  readonly texts: readonly string[]
}

/** What a client needs to send a result on. */
export interface Sending {
  readonly grants: readonly Grant[]
  /** Cleans what goes back to whoever resolved: it knows one workspace only. */
  readonly cleaner: Redactor
}

/** What a result has beside its value; only looked at now and then, and made when it is. */
export interface ResultParts {
  redacted(): JsonValue
  references(): readonly Used[]
  sending(): Sending
}

/** Where `util.inspect` and `console.log` look; a registered symbol, so that no Node built-in is needed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

class ResolvedValue<T> implements Resolved<T> {
  readonly #value: T
  readonly #parts: ResultParts
  #redacted: JsonValue | undefined
  #references: readonly Used[] | undefined

  constructor(value: T, parts: ResultParts) {
    this.#value = value
    this.#parts = parts
    Object.freeze(this)
  }

  expose<E = T>(): E {
    return this.#value as unknown as E
  }

  get redacted(): JsonValue {
    this.#redacted ??= frozen(this.#parts.redacted())
    return this.#redacted
  }

  get references(): readonly Used[] {
    this.#references ??= this.#parts.references()
    return this.#references
  }

  toString(): string {
    return typeof this.redacted === 'string' ? this.redacted : JSON.stringify(this.redacted)
  }

  toJSON(): JsonValue {
    return this.redacted
  }

  [INSPECT](_depth: number, options: object, inspect?: (value: unknown, options: object) => string): unknown {
    return inspect === undefined ? this.redacted : inspect(this.redacted, options)
  }

  static sendingOf(resolved: Resolved<unknown>): Sending | undefined {
    return typeof resolved === 'object' && resolved !== null && #parts in resolved
      ? resolved.#parts.sending()
      : undefined
  }
}

/** A result: its value, and what else can be asked of it. */
export function createResolved<T>(value: T, parts: ResultParts): Resolved<T> {
  return new ResolvedValue(value, parts)
}

/** What a client needs to send a result on; undefined for anything that is no result of ours. */
export function sendingOf(resolved: Resolved<unknown>): Sending | undefined {
  return ResolvedValue.sendingOf(resolved)
}

/** What is printed cannot be changed by whoever printed it first. */
function frozen(value: JsonValue): JsonValue {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) frozen(child)
  }
  return value
}
