/**
 * Redaction for winston 3: one format, the last of the logger's own.
 *
 * @module guillemet/log/winston
 */

import { INSPECT, isPlainObject, setOwn } from '../plain-object.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireRedactor } from './require-arguments.ts'

/** What winston calls a format. */
export interface WinstonFormat {
  /** The record, redacted: a copy. */
  transform<T extends object>(info: T): T
}

// winston routes by the one and prints the other (triple-beam)
const LEVEL = Symbol.for('level')
const MESSAGE = Symbol.for('message')

type Info = Record<PropertyKey, unknown>

/**
 * A format that hands on a redacted copy of the record, its symbols included.
 *
 * Put it last in `combine`: transports that print get a redacted line, which stays valid JSON, and transports that read
 * the record, or format it themselves, get redacted fields. Those are made when somebody first looks at them: most
 * transports only print.
 *
 * @param redactor what it knows when a record is logged is masked
 * @throws ERR_INVALID_INPUT when it is not a redactor
 * @example
 * ```ts
 * createLogger({ format: format.combine(format.errors({ stack: true }), format.json(), redactWinston(redactor)) })
 * ```
 */
export function redactWinston(redactor: ReadonlyRedactor): WinstonFormat {
  requireRedactor(redactor, 'redactWinston(redactor)')
  return {
    transform<T extends object>(info: T): T {
      const { [LEVEL]: level, [MESSAGE]: line } = info as Info
      const shell: Info = {}
      if (level !== undefined) shell[LEVEL] = level
      if (line !== undefined) shell[MESSAGE] = typeof line === 'string' ? redactor.json(line) : redactor.value(line)
      if (!isPlainObject(info)) return Object.assign(redactor.value(info), shell)
      return new Proxy(shell, new LateCopy(redactor, info, shell)) as T
    },
  }
}

/** Fills the copy before anything but the level and the line is read of it, or anything is changed. */
class LateCopy implements ProxyHandler<Info> {
  readonly #redactor: ReadonlyRedactor
  #info: Info | undefined

  constructor(redactor: ReadonlyRedactor, info: Info, shell: Info) {
    this.#redactor = redactor
    this.#info = info
    // util.inspect looks past the traps
    shell[INSPECT] = () => this.#filled(shell)
  }

  #filled(shell: Info): Info {
    if (this.#info === undefined) return shell
    const fields = this.#redactor.value(this.#info)
    this.#info = undefined
    delete shell[INSPECT]
    for (const key of Reflect.ownKeys(fields)) {
      if (key !== LEVEL && key !== MESSAGE) setOwn(shell, key, fields[key])
    }
    return shell
  }

  get(shell: Info, key: PropertyKey): unknown {
    const isKnown = key === LEVEL || key === MESSAGE || this.#info?.[key] === undefined
    return isKnown ? shell[key] : this.#filled(shell)[key]
  }

  has(shell: Info, key: PropertyKey): boolean {
    return Reflect.has(this.#filled(shell), key)
  }

  ownKeys(shell: Info): ArrayLike<string | symbol> {
    return Reflect.ownKeys(this.#filled(shell))
  }

  getOwnPropertyDescriptor(shell: Info, key: PropertyKey): PropertyDescriptor | undefined {
    return Reflect.getOwnPropertyDescriptor(this.#filled(shell), key)
  }

  defineProperty(shell: Info, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    return Reflect.defineProperty(this.#filled(shell), key, descriptor)
  }

  preventExtensions(shell: Info): boolean {
    return Reflect.preventExtensions(this.#filled(shell))
  }

  deleteProperty(shell: Info, key: PropertyKey): boolean {
    return Reflect.deleteProperty(this.#filled(shell), key)
  }
}
