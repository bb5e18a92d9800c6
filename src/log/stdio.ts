/**
 * Redaction for the output of a process: what it writes to stdout and stderr, and what is piped.
 *
 * Streams carry bytes and cut where they like, so text, bytes and any encoding pass one search that remembers what it
 * has seen.
 *
 * @module guillemet/log/stdio
 */

import { Transform } from 'node:stream'
import type { Redactor } from '../redact/redactor.ts'

/** What `redactStdio` gives back. */
export interface RedactedStdio {
  /**
   * Releases what is held back because it could be the beginning of a value, for a prompt that must be seen. A value
   * of which one part is written before and the other after is not found.
   */
  flush(): void
  /** Gives the streams their own `write` back, after a flush. */
  restore(): void
}

type Call = (...parts: unknown[]) => unknown

/**
 * Redacts all that is written to the given streams from now on.
 *
 * Opt in, once, where the process starts. The last characters of a write wait for the next one while they could begin
 * a value; a line feed ends the wait unless a value has one, and so does the end of the process. The streams receive
 * bytes, whatever was written. Not seen: what does not pass `write` of these streams, such as a child with
 * `stdio: 'inherit'`, `fs.writeSync(1, …)` (pino's own destination), and the last words of Node itself.
 *
 * @param redactor what it knows when something is written is masked
 * @param streams @default [process.stdout, process.stderr]
 */
export function redactStdio(
  redactor: Redactor,
  streams: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
): RedactedStdio {
  const guards = streams.map((stream) => guard(redactor, stream))
  const flush = (): void => {
    for (const each of guards) each.flush()
  }
  process.on('exit', flush)
  return {
    flush,
    restore() {
      process.off('exit', flush)
      for (const each of guards) each.restore()
    },
  }
}

function guard(redactor: Redactor, stream: NodeJS.WritableStream): RedactedStdio {
  const ownWrite = stream.write as Call
  const ownEnd = stream.end as Call
  let chunks = redactor.chunks<Uint8Array>()
  let isActive = true

  const flush = (): void => {
    const rest = chunks.end()
    chunks = redactor.chunks()
    if (rest !== undefined && stream.writable) ownWrite.call(stream, Buffer.from(rest))
  }
  const write = (chunk: unknown, ...more: unknown[]): unknown => {
    const bytes = isActive ? bytesOf(chunk, more[0]) : undefined
    if (bytes === undefined) return ownWrite.call(stream, chunk, ...more)
    // written even when nothing is left of it: the callback keeps its turn, and the answer is the stream's
    return ownWrite.call(stream, Buffer.from(chunks.push(bytes)), ...more.filter(isFunction))
  }
  const end = (...parts: unknown[]): unknown => {
    if (!isActive) return ownEnd.apply(stream, parts)
    if (!isFunction(parts[0]) && parts[0] !== undefined && parts[0] !== null) write(parts[0], parts[1])
    flush()
    return ownEnd.apply(stream, parts.filter(isFunction))
  }
  const restoreWrite = replace(stream, 'write', write)
  const restoreEnd = replace(stream, 'end', end)
  return {
    flush,
    restore() {
      flush()
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
function bytesOf(chunk: unknown, encoding: unknown): Uint8Array | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, isFunction(encoding) ? 'utf8' : (encoding as BufferEncoding))
  return chunk instanceof Uint8Array ? chunk : undefined
}

/** Puts a method on the object itself; the result takes it away, unless another stands there by then. */
function replace(stream: NodeJS.WritableStream, name: 'write' | 'end', method: Call): () => void {
  const before = Object.getOwnPropertyDescriptor(stream, name)
  const descriptor = { __proto__: null, value: method, writable: true, configurable: true }
  Object.defineProperty(stream, name, descriptor as PropertyDescriptor)
  return () => {
    if ((stream[name] as Call) !== method) return
    if (before === undefined) delete (stream as Partial<NodeJS.WritableStream>)[name]
    else Object.defineProperty(stream, name, before)
  }
}

/**
 * A transform that redacts what is piped through it, such as the output of a child process.
 *
 * It holds back what could become a value, and drops that when it is destroyed.
 *
 * @example
 * ```ts
 * child.stdout.pipe(redactPipe(redactor)).pipe(process.stdout)
 * ```
 */
export function redactPipe(redactor: Redactor): Transform {
  const chunks = redactor.chunks<Uint8Array>()
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const released = chunks.push(chunk)
      done(null, released.length > 0 ? released : undefined)
    },
    flush(done) {
      done(null, chunks.end())
    },
  })
}
