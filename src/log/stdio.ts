/**
 * Redaction for the output of a process: what it writes to stdout and stderr, and what is piped.
 *
 * Streams carry bytes and are cut anywhere, so text, bytes and any encoding pass one search that remembers what it has
 * seen.
 *
 * @module guillemet/log/stdio
 */

import { Transform } from 'node:stream'
import { GuillemetError } from '../errors.ts'
import { defineOwn } from '../plain-object.ts'
import { readOptions } from '../read-options.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { LONGEST_TIMER_MS } from '../waiting.ts'
import { refuseCall, requireMethods, requireRedactor } from './require-arguments.ts'
import { createHold, redactPrinted } from './stdio/hold.ts'
import { type ConsoleSink, redactPlatformConsole, sinkOf } from './stdio/platform-console.ts'

/** What `redactStdio` and `redactPipe` take. */
export interface StdioOptions {
  /**
   * Milliseconds to hold back output that may be the start of a secret, 0 to 2,147,483,647; `Infinity` holds it until the
   * next write. A secret whose parts are written further apart is not masked.
   *
   * @default 1000
   */
  readonly holdMs?: number | undefined
}

/** What `redactStdio` gives back. */
export interface RedactedStdio {
  /** Releases what is held back at once, for a prompt that must be seen whole. */
  flush(): void
  /** Gives the streams their own `write` back, after a flush. */
  restore(): void
}

type AnyCall = (...parts: unknown[]) => unknown

const STDIO_CALL = 'redactStdio(redactor, streams, options)'
const DEFAULT_HOLD_MS = 1000

/**
 * Redacts all that is written to the given streams from now on.
 *
 * Opt in, once, where the process starts. The end of a write that may be the start of a value is held back for the next one,
 * for `holdMs`, or until the process exits. The streams receive bytes, whatever was written. Where the console does not
 * write through the streams, as on Bun and Deno, its methods are redacted themselves. Not seen: what does not
 * pass through `write` of these streams, such as a child with `stdio: 'inherit'`, `fs.writeSync(1, …)` (pino's own
 * destination), and what Node prints as it crashes.
 *
 * @param redactor what it knows when something is written is masked
 * @param streams their `write` and `end` are replaced. @default [process.stdout, process.stderr]
 * @throws ERR_INVALID_INPUT when the first is not a redactor, an option is unknown, or `holdMs` is not a time
 * @example
 * ```ts
 * redactStdio(redactor) // first of all, in the file where the process starts
 * ```
 */
export function redactStdio(
  redactor: ReadonlyRedactor,
  streams: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
  options?: StdioOptions,
): RedactedStdio {
  requireRedactor(redactor, STDIO_CALL)
  if (!Array.isArray(streams)) refuseCall(STDIO_CALL, 'The second argument is not a list of streams')
  for (const stream of streams)
    requireMethods(stream, ['write', 'end'], STDIO_CALL, 'One of the streams has no write() or end()')
  const holdMs = readHold(options)
  const sinks = streams.map(sinkOf)
  const guards = streams.map((stream, index) => guard(redactor, stream, holdMs, sinks[index]))
  const restoreConsoles = sinks.flatMap((sink) =>
    sink === undefined ? [] : [redactPlatformConsole(redactor, (text) => redactPrinted(redactor, text), sink)],
  )
  const flush = (): void => {
    for (const each of guards) each.flush()
  }
  process.on('exit', flush)
  return {
    flush,
    restore() {
      process.off('exit', flush)
      for (const restoreConsole of restoreConsoles) restoreConsole()
      for (const each of guards) each.restore()
    },
  }
}

/**
 * A transform that redacts what is piped through it, such as the output of a child process.
 *
 * What it holds back is released after `holdMs` and at the end, and dropped when it is destroyed.
 *
 * @throws ERR_INVALID_INPUT when the first is not a redactor, an option is unknown, or `holdMs` is not a time
 * @example
 * ```ts
 * child.stdout.pipe(redactPipe(redactor)).pipe(process.stdout)
 * ```
 */
export function redactPipe(redactor: ReadonlyRedactor, options?: StdioOptions): Transform {
  requireRedactor(redactor, 'redactPipe(redactor, options)')
  const hold = createHold(redactor, readHold(options), (rest) => pipe.push(rest))
  const pipe = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const released = hold.push(chunk)
      done(null, released.length > 0 ? released : undefined)
    },
    flush(done) {
      hold.end()
      done()
    },
    destroy(error, done) {
      hold.drop()
      done(error)
    },
  })
  return pipe
}

function readHold(options: StdioOptions | undefined): number {
  const { holdMs = DEFAULT_HOLD_MS } = readOptions(options, 'options', ['holdMs'])
  if (typeof holdMs === 'number' && (holdMs === Infinity || (holdMs >= 0 && holdMs <= LONGEST_TIMER_MS))) return holdMs
  throw new GuillemetError(
    'ERR_INVALID_INPUT',
    'The option holdMs must be a number of milliseconds from 0 to 2147483647, or Infinity.',
  )
}

function guard(
  redactor: ReadonlyRedactor,
  stream: NodeJS.WritableStream,
  holdMs: number,
  sink: ConsoleSink | undefined,
): RedactedStdio {
  const ownWrite = stream.write as AnyCall
  const ownEnd = stream.end as AnyCall
  let isActive = true
  const hold = createHold(redactor, holdMs, (rest) => {
    if (stream.writable) ownWrite.call(stream, Buffer.from(rest))
  })
  const write = (chunk: unknown, ...more: unknown[]): unknown => {
    sink?.onWrite?.(chunk)
    const bytes = isActive ? chunkBytes(chunk, more[0]) : undefined
    if (bytes === undefined) return ownWrite.call(stream, chunk, ...more)
    // written even when nothing is left of it: the callback keeps its turn, and the answer is the stream's
    return ownWrite.call(stream, Buffer.from(hold.push(bytes)), ...more.filter(isFunction))
  }
  const end = (...parts: unknown[]): unknown => {
    if (!isActive) return ownEnd.apply(stream, parts)
    const [chunk, encoding] = parts
    // a callback is for the end
    if (!isFunction(chunk) && chunk !== undefined && chunk !== null)
      write(chunk, isFunction(encoding) ? 'utf8' : encoding)
    hold.end()
    return ownEnd.apply(stream, parts.filter(isFunction))
  }
  const restoreWrite = overrideMethod(stream, 'write', write)
  const restoreEnd = overrideMethod(stream, 'end', end)
  return {
    flush: hold.end,
    restore() {
      hold.end()
      hold.drop()
      isActive = false // somebody who wrapped the stream after us still calls us
      restoreWrite()
      restoreEnd()
    },
  }
}

function isFunction(part: unknown): boolean {
  return typeof part === 'function'
}

/** The bytes that the stream would make of it; undefined for what it refuses. */
function chunkBytes(chunk: unknown, encoding: unknown): Uint8Array | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, isFunction(encoding) ? 'utf8' : (encoding as BufferEncoding))
  // Node takes a view of any kind
  return ArrayBuffer.isView(chunk) ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined
}

/** Puts a method on the object itself; the result takes it away, unless it was replaced in the meantime. */
function overrideMethod(stream: NodeJS.WritableStream, name: 'write' | 'end', method: AnyCall): () => void {
  const before = Object.getOwnPropertyDescriptor(stream, name)
  defineOwn(stream, name, { value: method, writable: true, configurable: true })
  return () => {
    if ((stream[name] as AnyCall) !== method) return
    if (before === undefined) delete (stream as Partial<NodeJS.WritableStream>)[name]
    else Object.defineProperty(stream, name, before)
  }
}
