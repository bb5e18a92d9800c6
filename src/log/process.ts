/**
 * Redaction for a whole process in one line: console, stdout, stderr, and what is printed when it crashes.
 *
 * @module guillemet/log/process
 */

import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { codeOf } from '../errors.ts'
import type { ReadonlyRedactor } from '../redact/redactor.ts'
import { requireRedactor } from './require-arguments.ts'
import { type RedactedStdio, redactStdio, type StdioOptions } from './stdio.ts'

/** File descriptor of stderr, which takes a crash report at once. */
const STDERR = 2
/** How a process ends that nobody has caught the error of. */
const EXIT_CODE = 1
/** How long the report waits for somebody to read a pipe that is full, and how long between two tries. Milliseconds. */
const PATIENCE_MS = 2_000
const RETRY_MS = 10

type CrashEvent = 'uncaughtException' | 'unhandledRejection'

/** In Node a rejection that nobody handles is an uncaught exception; Bun prints it without asking the listeners of those. */
const CRASHES: readonly CrashEvent[] =
  'bun' in process.versions ? ['uncaughtException', 'unhandledRejection'] : ['uncaughtException']

/**
 * Redacts all that this process prints from now on: `console`, stdout and stderr as `redactStdio` does, and the report of
 * an uncaught error, which Node writes past both of them.
 *
 * Call it first, once. An error that nobody catches still ends the process with code 1; where the program listens to
 * `uncaughtException` itself, that listener decides, as without this. The report shows no line of source. In a worker
 * thread the redacted error goes to the parent instead. Not seen: what does not pass through `write`, such as a child with
 * `stdio: 'inherit'`, `fs.writeSync(1, …)`, warnings of Node, and diagnostic reports.
 *
 * @param redactor what it knows when something is printed is masked
 * @returns flushes what is held back, or gives everything back as it was
 * @throws ERR_INVALID_INPUT when the first is not a redactor, an option is unknown, or `holdMs` is not a time
 * @example
 * ```ts
 * redactProcess(createRedactor({ secrets: envSecrets(process.env) }))
 * ```
 */
export function redactProcess(redactor: ReadonlyRedactor, options?: StdioOptions): RedactedStdio {
  requireRedactor(redactor, 'redactProcess(redactor, options)')
  const stdio = redactStdio(redactor, [process.stdout, process.stderr], options)
  const restores = CRASHES.map((event) =>
    onCrash(event, (error) => {
      stdio.flush()
      // what a worker throws here is what its parent gets: it has the event `error`, and reports what nobody listens to
      if (!isMainThread) throw redactor.value(error)
      writeReport(crashReport(redactor, error))
      process.exit(EXIT_CODE)
    }),
  )
  return {
    flush: stdio.flush,
    restore() {
      for (const restore of restores) restore()
      stdio.restore()
    },
  }
}

/** Calls it when the process is about to end, unless a listener of the program's own decides what becomes of it. */
function onCrash(event: CrashEvent, end: (error: unknown) => void): () => void {
  const listener = (error: unknown): void => {
    if (process.listeners(event as 'uncaughtException').every((each) => each === listener)) end(error)
  }
  process.on(event, listener)
  return () => void process.off(event, listener)
}

/**
 * Writes the report, in pieces where a pipe takes no more at once. Where nobody reads, or the pipe is closed, it is lost, as that
 * of Node would be: an error here would be printed in its place, and change how the process ends.
 */
function writeReport(report: string): void {
  const bytes = Buffer.from(report)
  const end = performance.now() + PATIENCE_MS
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(STDERR, bytes, at)
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN' || performance.now() >= end) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}

/** What Node prints, redacted: first as a structure, then as the text that is made of it. */
function crashReport(redactor: ReadonlyRedactor, error: unknown): string {
  let report: string
  try {
    report = redactor.text(inspect(redactor.value(error)))
  } catch {
    report = '[Unreadable]' // an error that defends itself must not be printed as it is
  }
  return `Uncaught ${report}\n\nNode.js ${process.version}\n`
}
