/**
 * A result that prints as redacted everywhere.
 *
 * The plaintext is in a private field: no property, prototype, symbol or clone leads to it, only `expose()`.
 */

import { GuillemetError } from '../errors.ts'
import { INSPECT } from '../plain-object.ts'
import type { Redactor } from '../redact/redactor.ts'
import type { CompiledTemplate } from '../template/compile.ts'
import type { JsonValue } from '../template/redacted.ts'
import type { Resolved, Used } from './api.ts'
import type { SecretSet } from './secret-set.ts'
import type { UsedText } from './used-texts.ts'
import type { View } from './view.ts'

/** A template that was resolved, and with what. */
export interface UsedTemplate {
  readonly view: View
  readonly compiled: CompiledTemplate
  readonly secrets: SecretSet
}

/** What a result knows of what it used: to mask it, and to name it. */
export interface ResultContext {
  /** Cleans what goes back to the caller: it knows what this result has used, and nothing else. */
  readonly redactor: Redactor
  /** What that is. */
  readonly texts: readonly UsedText[]
  /** Undefined where a value was revealed. */
  readonly used: UsedTemplate | undefined
}

/** What a result offers besides its value, each made when it is first asked for. */
export interface ResultParts {
  redacted(): JsonValue
  references(): readonly Used[]
  context(): ResultContext
}

/**
 * A symbol can neither be cloned nor written as a text, and loggers leave it out. A clone of a result (`postMessage`), or
 * a spread of one into an environment or into headers, would have neither its value nor its redacted form, and nobody
 * would be told. The error of the platform quotes what it says, where it quotes anything.
 */
const NOT_SENT_AS_IT_IS = Symbol(
  'A result is not cloned, spread or sent as it is: spread what expose() returns, send what redacted gives',
)

/** A result: its value, and what else can be asked of it. */
export class ResolvedValue<T> implements Resolved<T> {
  /** Enumerable, so that it is met by what clones and spreads. */
  readonly clone = NOT_SENT_AS_IT_IS
  readonly #value: T
  readonly #parts: () => ResultParts
  #redacted: JsonValue | undefined
  #references: readonly Used[] | undefined

  /** @param parts makes what most results are never asked for */
  constructor(value: T, parts: () => ResultParts) {
    this.#value = value
    this.#parts = parts
    Object.freeze(this)
  }

  expose<E = T>(): E {
    return this.#value as unknown as E
  }

  get redacted(): JsonValue {
    this.#redacted ??= frozen(this.#parts().redacted())
    return this.#redacted
  }

  get references(): readonly Used[] {
    this.#references ??= this.#parts().references()
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

  // `new Headers(resolved)` and `fetch(url, resolved)` would send a request without any header, and nobody would be told
  get [Symbol.iterator](): never {
    return notExposed()
  }

  get headers(): never {
    return notExposed()
  }

  static contextOf(resolved: Resolved<unknown>): ResultContext | undefined {
    return typeof resolved === 'object' && resolved !== null && #parts in resolved
      ? resolved.#parts().context()
      : undefined
  }
}

/** What a result knows of what it used; undefined for anything that is not a result of ours. */
export function resultContextOf(resolved: Resolved<unknown>): ResultContext | undefined {
  return ResolvedValue.contextOf(resolved)
}

function notExposed(): never {
  throw new GuillemetError('ERR_INVALID_INPUT', 'A client was given a result as it is; give it what expose() returns.')
}

/** What is printed cannot be changed by the one who printed it first. */
function frozen(value: JsonValue): JsonValue {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) frozen(child)
  }
  return value
}
