/**
 * The console of a platform that prints past its streams, as that of Bun and of Deno does.
 *
 * No call tells in silence where a console prints. So its methods are given redacted text, until a line of it arrives at
 * the stream that is redacted; from then on they are given what the caller gave, as ever in Node.
 */

import { formatWithOptions } from 'node:util'
import { defineOwn } from '../../plain-object.ts'
import type { ReadonlyRedactor } from '../../redact/redactor.ts'

type PrintMethod = (...values: unknown[]) => unknown

/** A stream that is redacted, where a console may print to. */
export interface ConsoleSink {
  readonly name: 'stdout' | 'stderr'
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean; hasColors?(): boolean }
  /** Told what is written, as it was given; only while a line is printed. */
  onWrite: ((chunk: unknown) => void) | undefined
}

/** The streams of the process by what a console calls them. */
export function sinkOf(stream: NodeJS.WritableStream): ConsoleSink | undefined {
  const name = (['stdout', 'stderr'] as const).find((each) => process[each] === stream)
  return name && { name, stream, onWrite: undefined }
}

/** Methods that print to stderr; the others print to stdout, or not at all. */
const STDERR_METHODS: ReadonlySet<string> = new Set(['error', 'warn', 'trace', 'assert'])
/** Those that print their arguments as `format` of `node:util` writes them. */
const TEXT_METHODS: ReadonlySet<string> = new Set(['log', 'info', 'debug', 'error', 'warn'])

/**
 * Redacts what the global console prints to one of the streams, if it does not do so through the stream.
 *
 * @param redactText how a text that is printed is redacted
 * @returns gives the console its own methods back
 */
export function redactPlatformConsole(
  redactor: ReadonlyRedactor,
  redactText: (text: string) => string,
  sink: ConsoleSink,
): () => void {
  const { console } = globalThis
  let isThroughStream = false
  const print = (own: PrintMethod, values: readonly unknown[]): unknown => {
    const colors = sink.stream.isTTY === true && sink.stream.hasColors?.() === true
    const text = redactText(formatWithOptions({ __proto__: null, colors } as object, ...values))
    // the very line and nothing else: a console that writes a time there first may print the line elsewhere
    sink.onWrite = (chunk) => {
      isThroughStream = text !== '' && chunk === `${text}\n`
    }
    try {
      return own.call(console, '%s', text)
    } finally {
      sink.onWrite = undefined
    }
  }
  const restores = consoleMethods(console)
    .filter((name) => STDERR_METHODS.has(name) === (sink.name === 'stderr'))
    .map((name) =>
      overridden(console, name, (own, values) => {
        if (isThroughStream) return own.call(console, ...values)
        if (TEXT_METHODS.has(name)) return print(own, values)
        return own.call(console, ...values.map((value) => redactor.value(value)))
      }),
    )
  return () => {
    isThroughStream = true // somebody who wrapped the console after us still calls us
    for (const restore of restores) restore()
  }
}

/** The methods that the console has of its own: those that print. `Console` is a class. */
function consoleMethods(console: Console): string[] {
  return Object.keys(console).filter((name) => {
    const member = Object.getOwnPropertyDescriptor(console, name)!
    return /^[a-z]/.test(name) && typeof member.value === 'function' && member.configurable === true
  })
}

/** Puts a method in place of the console's own; the result takes it away, unless it was replaced in the meantime. */
function overridden(
  console: Console,
  name: string,
  call: (own: PrintMethod, values: readonly unknown[]) => unknown,
): () => void {
  const before = Object.getOwnPropertyDescriptor(console, name)!
  const own = before.value as PrintMethod
  const value: PrintMethod = (...values) => call(own, values)
  defineOwn(console, name, { ...before, value })
  return () => {
    if ((console as unknown as Record<string, unknown>)[name] === value) Object.defineProperty(console, name, before)
  }
}
