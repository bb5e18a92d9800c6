/**
 * A result that prints as redacted everywhere.
 *
 * The plaintext is in a private field: no property, prototype, symbol or clone leads to it, only `expose()`.
 */

import type { ReferenceLocation } from '../location.ts'
import type { AllowRule } from '../secrets/secret.ts'
import type { JsonValue } from '../template/render.ts'
import type { Resolved, Used } from './surface.ts'

/** What a client must know of each reference that was resolved to send it on to another destination. */
export interface Grant {
  readonly tag: string
  readonly path: string
  readonly location: ReferenceLocation
  readonly allow: AllowRule | undefined
}

/** What a result is made of; the parts that are only looked at now and then are made when they are. */
export interface ResolvedParts<T> {
  readonly value: T
  redacted(): JsonValue
  references(): readonly Used[]
  grants(): readonly Grant[]
}

/** Where `util.inspect` and `console.log` look; a registered symbol, so that no Node built-in is needed. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

class ResolvedValue<T> implements Resolved<T> {
  readonly #parts: ResolvedParts<T>
  #redacted: JsonValue | undefined
  #references: readonly Used[] | undefined

  constructor(parts: ResolvedParts<T>) {
    this.#parts = parts
    Object.freeze(this)
  }

  expose<E = T>(): E {
    return this.#parts.value as unknown as E
  }

  get redacted(): JsonValue {
    this.#redacted ??= this.#parts.redacted()
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

  static grantsOf(resolved: Resolved<unknown>): readonly Grant[] | undefined {
    return typeof resolved === 'object' && resolved !== null && #parts in resolved
      ? resolved.#parts.grants()
      : undefined
  }
}

/** A result over its parts. */
export function createResolved<T>(parts: ResolvedParts<T>): Resolved<T> {
  return new ResolvedValue(parts)
}

/** What each resolved reference of a result may do; undefined for anything that is no result of ours. */
export function grantsOf(resolved: Resolved<unknown>): readonly Grant[] | undefined {
  return ResolvedValue.grantsOf(resolved)
}
