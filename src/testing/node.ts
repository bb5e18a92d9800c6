/**
 * The leak probe for programs in Node: it also captures what is printed while the function runs.
 *
 * @module guillemet/testing/node
 */

import { format } from 'node:util'
import { GuillemetError } from '../errors.ts'
import { readOptions } from '../read-options.ts'
import { type LeakProbe, type LeakReport, leakProbe as probe } from './leak-probe.ts'

export type { Leak, LeakProbe, LeakReport } from './leak-probe.ts'

/** What the probe can listen to. */
export type Captured = 'stdout' | 'stderr' | 'console' | 'performance'

/** Options of the leak probe. */
export interface LeakProbeOptions {
  /**
   * What is looked at besides the result, each under its own name: what is written to stdout and stderr, and what the
   * methods of the console are given, which is printed all the same; and what the performance timeline notes of requests
   * (`performance`), the URL of each fetch once its body was read, and the headers of `node:http`.
   *
   * @default []
   */
  readonly capture?: readonly Captured[] | undefined
}

const CAPTURED: readonly Captured[] = ['stdout', 'stderr', 'console', 'performance']

/** What the console prints to each stream. `assert` prints what follows a condition that does not hold. */
const CONSOLE_METHODS = {
  stdout: ['log', 'info', 'debug', 'dir', 'dirxml', 'table', 'group', 'groupCollapsed', 'count', 'timeLog', 'write'],
  stderr: ['error', 'warn', 'trace', 'assert'],
} as const

type Method = (...values: unknown[]) => unknown

/**
 * Runs a function and reports every form of every secret in its result, in what it throws, in the outputs handed in, and
 * in what is captured while it runs, by whoever prints then.
 *
 * @param secrets values by name; a value that no search can find is refused
 * @param run what is probed; it may be asynchronous
 * @throws ERR_INVALID_INPUT when a value is empty or too common to be found, a name is not a label, or an option is
 *   unknown
 * @example
 * ```ts
 * const { leaks } = await leakProbe({ key }, () => handle(request), { capture: ['stdout', 'stderr', 'console'] })
 * expect(leaks).toEqual([])
 * ```
 */
export async function leakProbe<T>(
  secrets: Readonly<Record<string, string>>,
  run: (probe: LeakProbe) => T | Promise<T>,
  options?: LeakProbeOptions,
): Promise<LeakReport<T>> {
  const { capture = [] } = readOptions(options, 'options of leakProbe', ['capture'])
  if (!Array.isArray(capture) || !capture.every((name) => CAPTURED.includes(name))) {
    throw new GuillemetError('ERR_INVALID_INPUT', `The option capture must be a list of ${CAPTURED.join(', ')}.`)
  }
  return probe(secrets, async (given) => {
    const captures = [...new Set(capture)].map((name) => start(name as Captured, given))
    try {
      return await run(given)
    } finally {
      for (const end of captures.reverse()) end()
    }
  })
}

/** Listens until what it gives back is called. */
function start(name: Captured, probe: LeakProbe): () => void {
  if (name === 'console') return captureConsole(probe)
  return name === 'performance' ? capturePerformance(probe) : captureStream(name, probe)
}

/** What is written is looked at as a whole, since a secret may be written in pieces. */
function captureStream(name: 'stdout' | 'stderr', probe: LeakProbe): () => void {
  const stream = process[name]
  const written: Uint8Array[] = []
  const restore = override(stream, 'write', (own, chunk, ...more) => {
    const [encoding] = more
    if (typeof chunk === 'string') {
      written.push(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'))
    } else if (ArrayBuffer.isView(chunk)) {
      written.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice())
    }
    return own.call(stream, chunk, ...more)
  })
  const restores = CONSOLE_METHODS[name].map((method) => captureUnwritten(method, written))
  return () => {
    for (const each of [restore, ...restores]) each()
    probe.output(Buffer.concat(written).toString(), name)
  }
}

/** The console of Bun, of Deno and of some test runners prints past the streams: that is captured where it is printed. */
function captureUnwritten(method: string, written: Uint8Array[]): () => void {
  const { console } = globalThis
  if (typeof Reflect.get(console, method) !== 'function') return () => undefined
  return override(console, method, (own, ...values) => {
    const before = written.length
    const result = own.apply(console, values)
    const isPrinted = method !== 'assert' || !values[0]
    if (written.length === before && isPrinted) written.push(Buffer.from(`${format(...values)}\n`))
    return result
  })
}

function captureConsole(probe: LeakProbe): () => void {
  const { console } = globalThis
  const names = Object.keys(console).filter((name) => typeof console[name as 'log'] === 'function')
  const restores = names.map((name) =>
    override(console, name, (own, ...values) => {
      for (const value of values) probe.output(value, 'console')
      return own.apply(console, values)
    }),
  )
  return () => {
    for (const restore of restores) restore()
  }
}

/** What is noted meanwhile, whether the timeline keeps it or only shows it to those who observe. */
function capturePerformance(probe: LeakProbe): () => void {
  const before = new Set(performance.getEntries())
  const seen: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => void seen.push(...list.getEntries()))
  observer.observe({ entryTypes: ['http', 'resource'] })
  return () => {
    seen.push(...observer.takeRecords())
    observer.disconnect()
    const kept = performance.getEntries().filter((entry) => !before.has(entry))
    const entries = [...new Set([...kept, ...seen])]
    probe.output(
      entries.map((entry) => ({ name: entry.name, type: entry.entryType, detail: Reflect.get(entry, 'detail') })),
      'performance',
    )
  }
}

/** Puts a method before the one that is there; the result takes it away, unless it was replaced in the meantime. */
function override(target: object, name: string, method: (own: Method, ...values: unknown[]) => unknown): () => void {
  const members = target as Record<string, Method>
  const own = members[name]!
  const isOwn = Object.hasOwn(target, name)
  const replaced: Method = (...values) => method(own, ...values)
  members[name] = replaced
  return () => {
    if (members[name] !== replaced) return
    if (isOwn) members[name] = own
    else delete members[name]
  }
}
