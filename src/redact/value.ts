/**
 * Redaction of structures: an iterative walk that builds a redacted copy.
 *
 * It fails closed: what cannot be read or copied safely becomes a placeholder. The input is never changed, shared and
 * cyclic references stay shared and cyclic, and any depth is walked without recursion.
 */

import { define, isPlainObject } from '../plain-object.ts'
import { builtinCopy, type Copy } from './builtins.ts'
import { errorShell, isError } from './error-shell.ts'

/** What the walk asks of its redactor. */
export interface ValueRules {
  text(text: string): string
  /** Lower-case property names whose value is masked whatever it is. */
  readonly keys: ReadonlySet<string>
  mask(label: string): string
}

/** More objects than this become a placeholder: a structure that makes new parts as it is read would never end. */
const MAX_OBJECTS = 1_000_000
const UNREADABLE = '[Unreadable]'
const TOO_LARGE = '[Too large]'
const MIN_BYTES = 4

/** A redacted copy of anything. */
export function redactValue<T>(value: T, rules: ValueRules): T {
  return new Walk(rules).run(value) as T
}

class Walk implements Copy {
  readonly #rules: ValueRules
  readonly #copies = new Map<object, unknown>()
  readonly #pending: (() => void)[] = []

  constructor(rules: ValueRules) {
    this.#rules = rules
  }

  run(value: unknown): unknown {
    const copy = this.any(value)
    for (let fill = this.#pending.pop(); fill !== undefined; fill = this.#pending.pop()) fill()
    return copy
  }

  text(text: string): string {
    return this.#rules.text(text)
  }

  /** The copy of a value; of an object, a shell that is filled later. */
  any(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        return this.text(value)
      case 'number':
      case 'bigint': {
        const written = String(value)
        const redacted = this.text(written)
        return redacted === written ? value : redacted
      }
      case 'symbol':
        return this.#symbol(value)
      case 'function':
        return this.text(`[Function ${nameOf(value)}]`)
      case 'object':
        return value === null ? null : this.#object(value)
      default:
        return value
    }
  }

  /** The copy of a value under a name; a sensitive name masks it whatever it is. */
  named(name: unknown, value: unknown): unknown {
    const isSensitive = typeof name === 'string' && this.#rules.keys.has(name.toLowerCase())
    return isSensitive && value !== undefined && value !== null ? this.#rules.mask('') : this.any(value)
  }

  /** Runs after the shells above are made, so that depth costs no stack. */
  later(fill: () => void): void {
    this.#pending.push(fill)
  }

  #symbol(symbol: symbol): symbol {
    const { description } = symbol
    if (description === undefined) return symbol
    const redacted = this.text(description)
    return redacted === description ? symbol : Symbol(redacted)
  }

  #object(source: object): unknown {
    const known = this.#copies.get(source)
    if (known !== undefined) return known
    if (this.#copies.size >= MAX_OBJECTS) return TOO_LARGE
    this.#copies.set(source, UNREADABLE)
    let copy: unknown
    try {
      copy = this.#shell(source)
    } catch {
      copy = UNREADABLE // a proxy or accessor that throws
    }
    this.#copies.set(source, copy)
    return copy
  }

  #shell(source: object): unknown {
    if (Array.isArray(source)) return this.#array(source)
    if (isError(source)) {
      const shell = errorShell(source, (value) => this.any(value))
      this.later(() => this.#own(source, shell))
      return shell
    }
    const builtin = builtinCopy(source, this)
    if (builtin !== undefined) {
      if (builtin.copy instanceof Map || builtin.copy instanceof Set) {
        const shell = builtin.copy
        this.later(() => this.#own(source, shell))
      }
      return builtin.copy
    }
    if (isPlainObject(source)) {
      const shell: object = Object.getPrototypeOf(source) === null ? Object.create(null) : {}
      this.later(() => this.#own(source, shell))
      return shell
    }
    return this.#instance(source)
  }

  #array(source: readonly unknown[]): unknown {
    if (source.length >= MIN_BYTES && source.every(isByte)) {
      const written = String.fromCharCode(...source.slice(0, 65_536))
      const redacted = this.text(written)
      if (redacted !== written) return redacted
    }
    const shell: unknown[] = []
    shell.length = source.length
    const isFlat = source.length % 2 === 0 && source.every((item) => typeof item === 'string')
    this.later(() => {
      this.#own(source, shell)
      // ['authorization', '…'] and flat header lists
      if (isFlat) {
        for (let index = 0; index < source.length; index += 2)
          shell[index + 1] = this.named(source[index], source[index + 1])
      }
    })
    return shell
  }

  /** An instance of a class keeps the name of its class, not its prototype: methods and getters could hold a value. */
  #instance(source: object): unknown {
    const { toJSON } = source as { toJSON?: unknown }
    if (typeof toJSON === 'function') {
      const data: unknown = toJSON.call(source)
      if (data !== source) return this.any(data)
    }
    const name = this.text(nameOf(source.constructor))
    const shadow = { [name]: class {} }[name]!
    const shell = Object.create(shadow.prototype) as object
    this.later(() => this.#own(source, shell))
    return shell
  }

  /** Copies the own properties, whatever kind they are; keys are redacted too. */
  #own(source: object, shell: object): void {
    let keys: PropertyKey[] = []
    try {
      keys = Reflect.ownKeys(source)
    } catch {
      define(shell, UNREADABLE, UNREADABLE)
    }
    const pair = pairName(source)
    for (const key of keys) {
      if (key === 'length' && Array.isArray(shell)) continue
      let copy: unknown
      let enumerable: boolean | undefined = true
      try {
        enumerable = Reflect.getOwnPropertyDescriptor(source, key)?.enumerable
        const value: unknown = Reflect.get(source, key)
        copy = this.named(pair !== undefined && key === 'value' ? pair : key, value)
      } catch {
        copy = UNREADABLE
      }
      const name = typeof key === 'symbol' ? this.#symbol(key) : this.#freeKey(shell, key as string)
      Object.defineProperty(shell, name, {
        value: copy,
        writable: true,
        enumerable: enumerable ?? true,
        configurable: true,
      })
    }
  }

  /** The redacted key, made different where two keys have the same mask, so that no entry is lost. */
  #freeKey(shell: object, key: string): string {
    const redacted = this.text(key)
    if (redacted === key) return key
    let free = redacted
    for (let count = 2; Object.hasOwn(shell, free); count++) free = `${redacted}#${count}`
    return free
  }
}

function isByte(item: unknown): item is number {
  return typeof item === 'number' && item >= 0 && item <= 255 && Number.isInteger(item)
}

function nameOf(type: unknown): string {
  try {
    const { name } = type as { name?: unknown }
    return typeof name === 'string' && name !== '' ? name : 'anonymous'
  } catch {
    return 'anonymous'
  }
}

/** The name of `{ name, value }` and `{ key, value }`, the shapes of headers and parameters. */
function pairName(source: object): unknown {
  try {
    const { name, key, value } = source as { name?: unknown; key?: unknown; value?: unknown }
    return value === undefined ? undefined : (name ?? key)
  } catch {
    return undefined
  }
}
