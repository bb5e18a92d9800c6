/**
 * Redaction for pino 9 and 10, at the last step before a line leaves: mixins, bindings, serializers, formatters and
 * children are all in it.
 *
 * @module guillemet/log/pino
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { defineOwn, ownValue } from '../plain-object.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { refuseCall, requireMethods, requireRedactor } from './require-arguments.ts'

/** The part of pino's options that redaction needs. */
export interface PinoHooks {
  /** The hooks of pino's options. */
  readonly hooks: {
    /** Redacts one line on its way into the stream. */
    streamWrite(line: string): string
  }
}

type StreamWrite = PinoHooks['hooks']['streamWrite']

const CALL = 'redactPino(redactor, options)'
// public symbols: the same in every version and copy of pino
const PINO_HOOKS = Symbol.for('pino.hooks')
const PINO_METADATA = Symbol.for('pino.metadata')

/**
 * Redacts every line of a logger; each stays valid JSON.
 *
 * Given options it gives back a copy with the hook in it; one of your own runs first. Given a logger it hooks that
 * logger and all its children, and masks what streams with `pino.metadata` read next to the line.
 *
 * What other tools read before the line leaves: see `redactPinoTracing`.
 *
 * @param redactor what it knows when a line is written is masked
 * @param target options for `pino()`, Fastify or pino-http, or a logger
 * @returns the options, copied, or that same logger
 * @throws ERR_INVALID_INPUT when the first is not a redactor, or the second neither options nor a logger
 * @example
 * ```ts
 * const logger = pino(redactPino(redactor, { level: 'info' }))
 * ```
 */
export function redactPino<T extends object>(redactor: ReadonlyRedactor, target: T): T
/** The hook alone, to spread into options. */
export function redactPino(redactor: ReadonlyRedactor): PinoHooks
export function redactPino(redactor: ReadonlyRedactor, target: object = {}): object {
  requireRedactor(redactor, CALL)
  requireMethods(target, [], CALL, 'The second argument is neither options nor a logger')
  if (!(PINO_HOOKS in target)) return { ...target, hooks: withRedaction(redactor, ownValue(target, 'hooks')) }
  const logger = target as Record<symbol, unknown>
  logger[PINO_HOOKS] = withRedaction(redactor, logger[PINO_HOOKS]) // a copy: without options all loggers share one object
  const stream = pinoStreamOf(logger)
  if (stream?.[PINO_METADATA] === true) hideMetadata(redactor, stream)
  return logger
}

function withRedaction(redactor: ReadonlyRedactor, hooks: unknown): object {
  const given = ownValue(hooks as { streamWrite?: StreamWrite } | undefined, 'streamWrite')
  if (given !== undefined && typeof given !== 'function') refuseCall(CALL, 'The hook streamWrite is not a function')
  const streamWrite: StreamWrite = given === undefined ? redactor.json : (line) => redactor.json(given(line))
  return { ...(hooks as object | undefined), streamWrite }
}

/** Where the logger writes; pino keeps it under a symbol of its own, here or on a parent. */
function pinoStreamOf(logger: object): Record<PropertyKey, unknown> | undefined {
  for (let level: object | null = logger; level !== null; level = Object.getPrototypeOf(level) as object | null) {
    const symbol = Object.getOwnPropertySymbols(level).find(({ description }) => description === 'pino.stream')
    if (symbol !== undefined) return (level as Record<symbol, Record<PropertyKey, unknown>>)[symbol]
  }
  return undefined
}

/** Pino hands these streams the logged object and message themselves; redacted when read, since most never are. */
function hideMetadata(redactor: ReadonlyRedactor, stream: object): void {
  for (const key of ['lastObj', 'lastMsg']) {
    // another redactor may have been given this stream before
    const before = Object.getOwnPropertyDescriptor(stream, key)
    let last: unknown
    const get = (): unknown => redactor.value(before?.get === undefined ? last : before.get.call(stream))
    const set = (value: unknown): void => {
      last = value
      before?.set?.call(stream, value)
    }
    defineOwn(stream, key, { get, set, configurable: true, enumerable: true })
  }
}

interface Trace {
  arguments: ArrayLike<unknown>
  result?: unknown
  error?: unknown
}

/**
 * Redacts what pino publishes on the diagnostics channel `tracing:pino_asJson`, for all loggers of this process.
 *
 * Monitoring agents read lines there, before any hook of a logger. Call it before they start: those who subscribed
 * earlier are called first. The property `instance` stays the logger itself, whose `bindings()` are not redacted.
 *
 * @param redactor what it knows when a line is published is masked
 * @returns ends the subscription
 * @throws ERR_INVALID_INPUT when it is not a redactor
 * @example
 * ```ts
 * redactPinoTracing(redactor) // at the start of the process, before a monitoring agent
 * ```
 */
export function redactPinoTracing(redactor: ReadonlyRedactor): () => void {
  requireRedactor(redactor, 'redactPinoTracing(redactor)')
  const start = (trace: Trace): void => {
    const given = Array.from(trace.arguments)
    // an accessor, since a logged request is large and few read it here
    defineOwn(trace, 'arguments', { get: () => redactor.value(given), configurable: true, enumerable: true })
  }
  const end = (trace: Trace): void => {
    if (typeof trace.result === 'string') trace.result = redactor.json(trace.result)
  }
  const error = (trace: Trace): void => {
    trace.error = redactor.value(trace.error)
  }
  const listeners = Object.entries({ start, end, error }).map(
    ([name, listen]) => [`tracing:pino_asJson:${name}`, (message: unknown) => listen(message as Trace)] as const,
  )
  for (const [name, listen] of listeners) subscribe(name, listen)
  return () => {
    for (const [name, listen] of listeners) unsubscribe(name, listen)
  }
}
